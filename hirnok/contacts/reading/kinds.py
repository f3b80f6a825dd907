"""What kind of file this is, by its content and never by its name."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from hirnok.contacts.reading.marking import gettext_noop
from hirnok.contacts.reading.problems import Problem

HEAD = 4096

_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BOOKS = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
_PICTURE = gettext_noop("a picture")
_PROGRAM = gettext_noop("a program")
_ARCHIVE = gettext_noop("a packed archive")
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF"),
    (b"\x89PNG\r\n", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"RIFF", gettext_noop("a picture, sound or film")),
    (b"II*\0", _PICTURE),
    (b"MM\0*", _PICTURE),
    (b"MZ", _PROGRAM),
    (b"\x7fELF", _PROGRAM),
    (b"\x1f\x8b", _ARCHIVE),
    (b"BZh", _ARCHIVE),
    (b"\xfd7zXZ", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"Rar!", _ARCHIVE),
    (b"SQLite format 3\0", gettext_noop("a database")),
    (b"{\\rtf", gettext_noop("a text document")),
    (b"BEGIN:VCARD", "vCard"),
)
_HTML = re.compile(rb"\s*(<!doctype html|<html|<head|<meta|<table|<style|<body)", re.IGNORECASE)
_JSON = re.compile(rb"\s*(\{\s*\"|\[\s*[{\[])")
_XML = re.compile(rb"\s*<\?xml\b")


def kind_of(path: Path) -> str:
    """`zip` (XLSX, ODS or an archive), `xls` or `text`. Raises Problem for all else.

    Looks at the first 4 KB; for an OLE file at its directory too, to tell a workbook from a
    document and from a workbook with a password.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise Problem("empty_file")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "zip"
    if head.startswith(_OLE):
        return _kind_of_ole(path)
    _refuse_known(head)
    return "text"


def _kind_of_ole(path: Path) -> str:
    found_book = False
    with path.open("rb") as file:
        tail = b""
        while chunk := file.read(1 << 20):
            window = tail + chunk
            if _ENCRYPTED in window:
                raise Problem("password")
            found_book = found_book or any(name in window for name in _BOOKS)
            tail = chunk[-64:]
    if not found_book:
        raise Problem("wrong_kind", found=gettext_noop("a Word document or another Office file"))
    return "xls"


def _refuse_known(head: bytes) -> None:
    for magic, found in _MAGIC:
        if head.startswith(magic) and not _is_plain_text(magic, head):
            raise Problem("wrong_kind", found=found)
    plain = head.replace(b"\0", b"") if head.startswith(_BOMS) else head
    plain = plain.lstrip(b"\xef\xbb\xbf\xff\xfe")
    if _HTML.match(plain):
        raise Problem("html_as_table")
    if _JSON.match(plain):
        raise Problem("wrong_kind", found="JSON")
    if _XML.match(plain):
        found = "HTML" if re.search(rb"<html\b", plain, re.IGNORECASE) else "XML"
        raise Problem("html_as_table") if found == "HTML" else Problem("wrong_kind", found=found)


def _is_plain_text(magic: bytes, head: bytes) -> bool:
    """Two-letter marks such as MZ also begin ordinary words; a program has NUL bytes."""
    return magic in {b"MZ", b"RIFF", b"GIF8", b"BZh", b"Rar!"} and b"\0" not in head[:256]
