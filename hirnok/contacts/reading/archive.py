"""ZIP files, looked at before anything is unpacked: XLSX, ODS, or an archive with one CSV.

Sizes come from the directory of the archive and are held while unpacking too, because a hostile
archive lies about them.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, NoReturn

from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.reading.table import Limits

_TEXTS = (".csv", ".tsv", ".txt")
_SMALL = 10 << 20  # below this a high ratio is harmless (a sheet of equal rows)


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """The archive after the checks; errors of the ZIP format inside the block become Problems."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive, limits)
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise Problem("broken_archive") from error


def inner_kind(archive: zipfile.ZipFile) -> str:
    """`xlsx`, `ods` or `archive`; Problem for a document, a binary workbook or a password."""
    names = set(archive.namelist())
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        raise Problem("wrong_kind", found="XLSB workbook")
    if "word/document.xml" in names:
        raise Problem("wrong_kind", found="Word document")
    if "ppt/presentation.xml" in names:
        raise Problem("wrong_kind", found="presentation")
    if "mimetype" in names and "content.xml" in names:
        return _open_document(archive)
    if "[Content_Types].xml" in names:
        return _xlsx_elsewhere(names)
    return "archive"


def only_table(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one CSV in an archive such as Mailchimp or listmonk make."""
    found = [
        info
        for info in archive.infolist()
        if info.filename.lower().endswith(_TEXTS) and not _is_hidden(info.filename)
    ]
    if not found:
        raise Problem("no_table_in_archive")
    if len(found) > 1:
        raise Problem("many_tables_in_archive", count=len(found))
    return found[0]


def part(archive: zipfile.ZipFile, name: str, limits: Limits) -> Bounded:
    """A file of the archive as a stream that stops at the promised size."""
    return Bounded(archive.open(name), limits.unpacked_bytes)


def count(archive: zipfile.ZipFile, name: str, mark: bytes, limits: Limits) -> int:
    """How often a mark stands in a file of the archive."""
    found, tail = 0, b""
    with closing(part(archive, name, limits)) as stream:
        while chunk := stream.read(1 << 20):
            window = tail + chunk
            found += window.count(mark)
            tail = window[-len(mark) + 1 :]
    return found


class Bounded:
    """Reads from a stream and refuses to go on beyond a number of bytes.

    `stretch` counts since it was last set to 0: how much XML one row has taken so far.
    """

    def __init__(self, stream: IO[bytes], left: int) -> None:
        self._stream = stream
        self._left = left
        self.stretch = 0
        self.longest_stretch: int | None = None

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(1 << 16 if size < 0 else size)
        self._left -= len(data)
        self.stretch += len(data)
        if self._left < 0 or (self.longest_stretch and self.stretch > self.longest_stretch):
            _refuse_bomb()
        return data

    def close(self) -> None:
        self._stream.close()


def _check(archive: zipfile.ZipFile, limits: Limits) -> None:
    if any(info.flag_bits & 1 for info in archive.infolist()):
        raise Problem("password")
    packed = sum(info.compress_size for info in archive.infolist())
    unpacked = sum(info.file_size for info in archive.infolist())
    if unpacked > limits.unpacked_bytes or len(archive.infolist()) > 10_000:
        _refuse_bomb()
    if unpacked > _SMALL and unpacked > packed * limits.ratio:
        _refuse_bomb()


def _refuse_bomb() -> NoReturn:
    raise Problem("zip_bomb")


def _open_document(archive: zipfile.ZipFile) -> str:
    with archive.open("mimetype") as file:
        mime = file.read(200).strip()
    if not mime.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        raise Problem("wrong_kind", found="OpenDocument text or picture")
    try:
        with archive.open("META-INF/manifest.xml") as file:
            if b"encryption-data" in file.read(1 << 20):
                raise Problem("password")
    except KeyError:
        pass
    return "ods"


def _xlsx_elsewhere(names: set[str]) -> str:
    """Some programs put the workbook elsewhere; its relations say where."""
    if any(name.endswith(".bin") and "workbook" in name for name in names):
        raise Problem("wrong_kind", found="XLSB workbook")
    if any(name.lower().endswith("workbook.xml") for name in names):
        return "xlsx"
    raise Problem("broken_workbook", where="workbook.xml")


def _is_hidden(name: str) -> bool:
    return name.startswith(("__MACOSX/", ".")) or "/." in name
