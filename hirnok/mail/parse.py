"""A mail that came in, taken apart. Pure, total and bounded: any bytes give a `Mail`, in time linear in their length.

What mail systems send back is often broken: no content type, boundaries that never come, unknown charsets, fields of a
delivery status in the middle of prose. So this reads what is there rather than what should be there, and never refuses.
Only the first `LARGEST` bytes are looked at; nesting deeper than `DEEPEST` is taken as text.

Sources: RFC 5322, RFC 2045–2047, RFC 3462 and 6522 (multipart/report), RFC 3464 and 6533 (delivery status).
"""

import binascii
import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

LARGEST: Final = 2 * 1024 * 1024
DEEPEST: Final = 8
MOST_PARTS: Final = 60
MOST_FIELDS: Final = 1000
LONGEST_TEXT: Final = 100_000
LONGEST_FIELD: Final = 20_000

_FIELD: Final = re.compile(r"([!-9;-~]{1,100})[ \t]{0,20}:[ \t]*(.*)", re.S)
_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\s]{0,2000})\?=(?:[ \t]{1,5}(?==\?))?")
_PARAMETER: Final = re.compile(
    r';\s{0,20}([\w*-]{1,40})\s{0,5}=\s{0,5}(?:"([^"]{0,500})"|([^;\s]{1,500}))'
)
_UNUSABLE: Final = frozenset(
    {"idna", "punycode", "unicode_escape", "unicode-escape", "raw_unicode_escape", "raw-unicode-escape", "undefined"}
)  # fmt: skip
_HEADERS_ONLY: Final = ("message/rfc822", "message/global", "headers", "message/partial")
_TAG: Final = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]{0,20})(?:[\s/][^<>]{0,1500})?>")
_BREAKS: Final = frozenset({"br", "p", "div", "tr", "li", "table", "h1", "h2", "h3", "h4", "pre", "hr", "td", "title", "blockquote"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in their order: lower-case names, unfolded and decoded values."""

    fields: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """The first field of this name; empty when there is none."""
        return next((value for found, value in self.fields if found == name), "")

    def all(self, name: str) -> list[str]:
        """Every field of this name."""
        return [value for found, value in self.fields if found == name]

    def __contains__(self, name: str) -> bool:
        return any(found == name for found, _ in self.fields)


EMPTY: Final = Headers()


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of the mail. `text` is decoded, with line feeds; `inner` are the header fields of an enclosed message."""

    type: str
    text: str
    headers: Headers = EMPTY
    inner: Headers | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """The header fields, the content type of the whole with its parameters, and the leaves in their order."""

    headers: Headers
    type: str
    parameters: dict[str, str]
    parts: tuple[Part, ...]


def parse(raw: bytes) -> Mail:
    """Take apart any bytes."""
    raw = raw[:LARGEST].replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\0", b"")
    raw = raw.lstrip(b"\n")
    if raw.startswith((b"From ", b">From ")):  # mbox
        raw = raw.partition(b"\n")[2]
    headers, body = _split(raw)
    kind, parameters = content_type(headers)
    for _ in range(DEEPEST):
        inside = _only_report(headers, body)
        if inside is None:
            break
        headers, body = inside
        kind, parameters = content_type(headers)
    parts: list[Part] = []
    for part in _leaves(headers, body, 0):
        parts.append(part)
        if len(parts) >= MOST_PARTS:
            break
    return Mail(headers, kind, parameters, tuple(parts))


def _only_report(headers: Headers, body: bytes) -> tuple[Headers, bytes] | None:
    """A report that was forwarded as the only part of a mail, or wrapped under the same From by a gateway that adds words of
    its own (a person who forwards one is not meant)."""
    sender = headers.get("from")
    kind, parameters = content_type(headers)
    pieces = [body]
    if kind.startswith("multipart/") and (boundary := parameters.get("boundary", "").strip()):
        pieces = _pieces(body, boundary)[1:4]
        if not pieces or kind == "multipart/report":
            return None
        headers, body = _split(pieces[0])
        kind = content_type(headers)[0]
    if kind not in _HEADERS_ONLY[:2]:
        return None
    inside = _split(_transferred(body, headers).lstrip(b"\n"))
    if content_type(inside[0])[0] != "multipart/report":
        return None
    return inside if len(pieces) == 1 or inside[0].get("from") == sender else None


def content_type(headers: Headers) -> tuple[str, dict[str, str]]:
    """The content type in lower case (`text/plain` when missing or broken) and its parameters (RFC 2045 §5)."""
    value = headers.get("content-type")[:4000]
    kind = value.partition(";")[0].strip().lower()
    found = {
        m[1].lower().rstrip("*"): m[2] if m[2] is not None else m[3]
        for m in _PARAMETER.finditer(value)
    }
    return (kind if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) else "text/plain"), found


def fields(text: str) -> Headers:
    """Read header fields from the beginning of a text, up to the first line that is none."""
    return _headers(text.split("\n", MOST_FIELDS)[:MOST_FIELDS])[0]


def blocks(text: str) -> list[Headers]:
    """The groups of fields of a delivery status (RFC 3464 §2.1), kept apart by blank lines or a second recipient."""
    done: list[Headers] = []
    current: list[str] = []
    seen = False
    for line in [*text.split("\n")[:MOST_FIELDS], ""]:
        recipient = line.lower().startswith("final-recipient")
        if not line.strip() or (recipient and seen):
            found = _headers(current)[0]
            if found.fields:
                done.append(found)
            current, seen = [], False
        seen = seen or recipient
        if line.strip():
            current.append(line)
    return done


def plain(markup: str) -> str:
    """The words of an HTML page, a line for each block; addresses in angle brackets are kept."""
    markup = _without(
        _without(_without(markup[: 4 * LONGEST_TEXT], "<!--", "-->"), "<style", "</style>"),
        "<script",
        "</script>",
    )
    text = _TAG.sub(lambda tag: "\n" if tag[1].lower() in _BREAKS else "", markup)
    return html.unescape(text).replace("\xa0", " ")


def decoded(data: bytes, charset: str = "") -> str:
    """Text in the named charset; when that is unknown or wrong, what the bytes look like. Never fails."""
    charset = charset.strip().strip("'\"").lower()
    if b"\x1b$" in data or b"\x1b(" in data:
        charset = charset if "2022" in charset else "iso-2022-jp"
    for name in (charset, "utf-8"):
        if name and name not in _UNUSABLE:
            try:
                return data.decode(name).replace("\0", "")
            except (LookupError, UnicodeError, ValueError):
                continue
    return _closest(data, charset)


def _closest(data: bytes, charset: str) -> str:
    if charset and charset not in _UNUSABLE | {"us-ascii", "ascii", "utf-8", "utf8"}:
        try:
            return data.decode(charset, "replace").replace("\0", "")
        except (LookupError, UnicodeError, ValueError):
            pass
    return data.decode("cp1252", "replace").replace("\0", "")


def _leaves(headers: Headers, body: bytes, depth: int) -> Iterator[Part]:
    kind, parameters = content_type(headers)
    boundary = parameters.get("boundary", "").strip()
    if kind.startswith("multipart/") and boundary and depth < DEEPEST:
        pieces = _pieces(body, boundary)
        if len(pieces) > 1:
            for number, piece in enumerate(pieces):
                if number == 0:
                    if piece.strip():
                        yield Part("preamble", _text(piece, "")[:LONGEST_TEXT], headers)
                else:
                    yield from _leaves(*_split(piece), depth + 1)
            return
        kind = "text/plain"
    if kind.startswith(("text/", "message/", "multipart/")) or kind.endswith("headers"):
        yield _leaf(kind, headers, _transferred(body, headers), parameters)
    else:
        yield Part(kind, "", headers)


def _leaf(kind: str, headers: Headers, data: bytes, parameters: dict[str, str]) -> Part:
    if (kind.startswith(_HEADERS_ONLY[:2]) and "status" not in kind) or kind.endswith(
        _HEADERS_ONLY[2:]
    ):
        inner, rest = _split(data.lstrip(b"\n"))
        return Part(kind, _text(rest, "")[:LONGEST_TEXT], headers, inner)
    text = _text(data[: 4 * LONGEST_TEXT], parameters.get("charset", ""))
    return Part(kind, (plain(text) if kind == "text/html" else text)[:LONGEST_TEXT], headers)


def _text(data: bytes, charset: str) -> str:
    return decoded(data, charset).replace("\r\n", "\n").replace("\r", "\n")


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    """The preamble and the parts of a multipart body (RFC 2046 §5.1); what follows the closing line is dropped."""
    found: list[bytes] = []
    start = 0
    line = re.compile(
        rb"^--" + re.escape(boundary.encode("utf-8", "surrogateescape")) + rb"(--)?[ \t]*$", re.M
    )
    for match in line.finditer(body):
        found.append(body[start : match.start()])
        start = match.end() + 1
        if match[1] or len(found) > MOST_PARTS:
            return found
    return [*found, body[start:]]


def _transferred(body: bytes, headers: Headers) -> bytes:
    """The octets behind a content transfer encoding (RFC 2045 §6), as far as they can be read."""
    encoding = headers.get("content-transfer-encoding").strip().lower()
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    if encoding == "base64":
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
        return binascii.a2b_base64(letters[: len(letters) // 4 * 4])
    return body


def _split(raw: bytes) -> tuple[Headers, bytes]:
    """The header fields of an entity and its body."""
    if raw.startswith(b"\n"):
        return Headers(), raw[1:]
    head, _, body = raw.partition(b"\n\n")
    lines = decoded(head).split("\n")
    headers, used = _headers(lines)
    if used < len(lines):  # text where the blank line should be
        body = "\n".join(lines[used:]).encode() + b"\n\n" + body
    return headers, body


def _headers(lines: Iterable[str]) -> tuple[Headers, int]:
    found: list[tuple[str, list[str]]] = []
    used = 0
    for line in lines:
        if line[:1] in {" ", "\t"} and found and line.strip():
            found[-1][1].append(line.strip())
        elif (match := _FIELD.match(line)) and len(found) < MOST_FIELDS:
            found.append((match[1].lower(), [match[2].strip()]))
        else:
            break
        used += 1
    return Headers(
        tuple((name, words(" ".join(values)[:LONGEST_FIELD])) for name, values in found)
    ), used


def words(value: str) -> str:
    """A field's value with its encoded words (RFC 2047) read."""
    if "=?" not in value:
        return value
    return _WORD.sub(_word, value)


def _word(match: re.Match[str]) -> str:
    data = match[3].encode("ascii", "ignore")
    if match[2] in "qQ":
        data = binascii.a2b_qp(data, header=True)
    else:
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        data = (
            binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
            if len(letters) % 4 != 1
            else b""
        )
    return decoded(data, match[1].partition("*")[0])


def _without(text: str, begin: str, end: str) -> str:
    """A text without what stands between two marks, in linear time."""
    low, kept, at = text.lower(), [], 0
    if len(low) != len(text):
        low = text
    while (start := low.find(begin, at)) >= 0:
        kept.append(text[at:start])
        stop = low.find(end, start + len(begin))
        if stop < 0:
            return "".join(kept)
        at = stop + len(end)
    return "".join([*kept, text[at:]])
