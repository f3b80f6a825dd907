"""Quoted-printable and encoded words, made for messages that are put together from pieces.

Promises: every piece starts and ends at column 0 (in a hard line break or in a soft one, `=` CRLF), so pieces
may be joined in any order without encoding anything again; no line is longer than 76 characters, none
starts with a dot (no dot-stuffing is needed in SMTP), none ends in a blank, and line ends are CRLF only
(RFC 2045 §6.7, RFC 5321 §4.5.2). Headers never contain what came in as a line break (RFC 5322 §2.2,
RFC 2047). Leaves to others: which text stands where.
"""

import re
from functools import lru_cache
from typing import Final

_UNSAFE: Final = re.compile(r"[^\t -<>-~]+")
_UNSAFE_IN_TEMPLATE: Final = re.compile(r"[^\t -<>-z|~]+")
_NEWLINE: Final = re.compile(r"\r\n|\r|\n")
_PLAIN: Final = re.compile(r"(?!\.)[ -<>-~]{1,73}").fullmatch
_PLAIN_HTML: Final = re.compile(r"(?!\.)[ !#-%(-;?-~]{1,73}").fullmatch
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_HTML: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"}
_HTML_CHARACTERS: Final = re.compile(r"[&<>\"']")
_WORD_UNSAFE: Final = re.compile(r"[^A-Za-z0-9!*+\-/]+")
_ATOMS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?: [A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*"
).fullmatch
_PRINTABLE: Final = re.compile(r"[ -~]*").fullmatch

_HEX: Final = tuple(f"={byte:02X}" for byte in range(256))

LINE: Final = 76
_SHORT: Final = 120  # characters of what is kept encoded, and how many of each kind
_KEPT: Final = 2048
_WORD_OPEN: Final = "=?utf-8?q?"
_WORD_CLOSE: Final = "?="


def show(value: object) -> str:
    """A merge value as text: nothing for None, `true`/`false`, whole numbers without `.0`, the rest as it is."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2.0**63:
        return str(int(value))
    return str(value)


def escape(text: str) -> str:
    """HTML-escaped for text and for quoted attribute values."""
    return _HTML_CHARACTERS.sub(lambda match: _HTML[match[0]], text)


def piece(text: str, *, in_template: bool = False) -> bytes:
    """`text` in quoted-printable from column 0 to column 0. Empty text is an empty piece.

    With `in_template`, curly brackets are encoded too, so that no template engine sees a tag in it.
    """
    unsafe = _UNSAFE_IN_TEMPLATE if in_template else _UNSAFE
    if 0 < len(text) <= 40 and text[0] != "." and not _NEWLINE.search(text):
        short = unsafe.sub(_hex, text)
        if len(short) < LINE:
            return (short + "=\r\n").encode("ascii")
    *hard, last = _NEWLINE.split(text)
    lines = [_line(unsafe.sub(_hex, line), ends=True) for line in hard]
    if last:
        lines.append(_line(unsafe.sub(_hex, last), ends=False))
    return "".join(lines).encode("ascii")


def text_value(value: object) -> bytes:
    """A merge value as a piece of the text part."""
    text = value if type(value) is str else show(value)
    if _PLAIN(text):
        return b"%b=\r\n" % text.encode("ascii")
    return _known_piece(text) if len(text) <= _SHORT else piece(text)


def html_value(value: object) -> bytes:
    """A merge value, escaped, as a piece of the HTML part."""
    text = value if type(value) is str else show(value)
    if _PLAIN_HTML(text):
        return b"%b=\r\n" % text.encode("ascii")
    return _known_html_piece(text) if len(text) <= _SHORT else piece(escape(text))


def one_line(text: str) -> str:
    """`text` without control characters and line breaks, fit for a header."""
    return _CONTROL.sub(" ", text).strip()


def unstructured(name: str, text: str) -> bytes:
    """One header line (folded if need be, ends in CRLF) with free text, such as Subject."""
    return _known_header(name, text) if len(text) <= _SHORT else _header(name, text)


def mailbox(name: str, display: str, address: str) -> bytes:
    """One header line (ends in CRLF) with one mailbox, such as To. `address` must be ASCII and clean: see
    `hirnok.mail.addresses`."""
    if not display:
        return f"{name}: {address}\r\n".encode("ascii")
    room = LINE - len(name) - 2
    phrase = _known_phrase(display, room) if len(display) <= _SHORT else _phrase(display, room)
    if not phrase:
        return f"{name}: {address}\r\n".encode("ascii")
    fold = " " if len(phrase) + len(address) + 3 <= room and "\n" not in phrase else "\r\n "
    return f"{name}: {phrase}{fold}<{address}>\r\n".encode("ascii")


def _header(name: str, text: str) -> bytes:
    text = one_line(text)
    room = LINE - len(name) - 2
    if len(text) <= room and _PRINTABLE(text) and "=?" not in text:
        return f"{name}: {text}\r\n".encode("ascii")
    return f"{name}: {_words(text, room)}\r\n".encode("ascii")


def _phrase(display: str, room: int) -> str:
    """A name before an address (RFC 5322 §3.2.5): atoms, a quoted string or encoded words."""
    display = one_line(display)
    if _PRINTABLE(display) and "=?" not in display and len(display) < room - 2:
        quoted = display.replace("\\", "\\\\").replace('"', '\\"')
        return display if _ATOMS(display) or not display else f'"{quoted}"'
    return _words(display, room)


# The same names, towns and subjects come again and again: what was encoded for one recipient serves the next.
_known_piece = lru_cache(_KEPT)(piece)
_known_html_piece = lru_cache(_KEPT)(lambda text: piece(escape(text)))
_known_header = lru_cache(_KEPT)(_header)
_known_phrase = lru_cache(_KEPT)(_phrase)


def _line(encoded: str, *, ends: bool) -> str:
    if ends and encoded[-1:] in {" ", "\t"}:
        encoded = encoded[:-1] + f"={ord(encoded[-1]):02X}"
    rows = []
    while True:
        if encoded.startswith("."):
            encoded = "=2E" + encoded[1:]
        if len(encoded) <= LINE - 1:
            break
        cut = LINE - 1
        if encoded[cut - 1] == "=":
            cut -= 1
        elif encoded[cut - 2] == "=":
            cut -= 2
        rows.append(encoded[:cut] + "=\r\n")
        encoded = encoded[cut:]
    rows.append(encoded + ("\r\n" if ends else "=\r\n"))
    return "".join(rows)


def _hex(match: re.Match[str]) -> str:
    return "".join([_HEX[byte] for byte in match[0].encode("utf-8", "replace")])


def _words(text: str, room: int) -> str:
    """Encoded words of RFC 2047, cut between characters, each line of at most 76 characters."""
    words: list[str] = []
    word = ""
    room -= len(_WORD_OPEN) + len(_WORD_CLOSE)
    whole = _WORD_UNSAFE.sub(_hex, text).replace("=20", "_")
    if 0 < len(whole) <= room:
        return f"{_WORD_OPEN}{whole}{_WORD_CLOSE}"
    for character in text:
        encoded = "_" if character == " " else _WORD_UNSAFE.sub(_hex, character)
        if len(word) + len(encoded) > room:
            words.append(word)
            word = ""
            room = LINE - 1 - len(_WORD_OPEN) - len(_WORD_CLOSE)
        word += encoded
    words.append(word)
    return "\r\n ".join(f"{_WORD_OPEN}{word}{_WORD_CLOSE}" for word in words if word)
