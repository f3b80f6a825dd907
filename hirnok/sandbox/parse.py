"""A kept message, taken apart for reading: headers, text, HTML, attachments.

Pure. The message is hostile: whatever cannot be decoded is shown as well as it can be, nothing raises.
"""

import email
import email.errors
import email.header
import email.policy
from dataclasses import dataclass
from email.message import Message
from functools import lru_cache


@dataclass(frozen=True)
class Part:
    """A leaf of the message: its type, file name ("" if none), Content-ID ("" if none) and bytes."""

    kind: str
    name: str
    content_id: str
    content: bytes


@dataclass(frozen=True)
class Parsed:
    """What the pages show."""

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    parts: tuple[Part, ...]

    def header(self, name: str) -> str:
        """Return the first header of that name, or ""."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


def parse(message: bytes) -> Parsed:
    """Take a message apart."""
    tree = email.message_from_bytes(message, policy=email.policy.compat32)
    leaves = [part for part in tree.walk() if not part.is_multipart()]
    text = next((_text(part) for part in leaves if part.get_content_type() == "text/plain"), "")
    html = next((_text(part) for part in leaves if part.get_content_type() == "text/html"), "")
    return Parsed(
        headers=tuple((name, decoded(str(value))) for name, value in tree.items()),
        text=text,
        html=html,
        parts=tuple(_part(part) for part in leaves),
    )


@lru_cache(maxsize=4096)
def decoded(value: str) -> str:
    """Return a header's value with its encoded words (RFC 2047) read and its folding undone."""
    unfolded = " ".join(value.split())
    try:
        return str(email.header.make_header(email.header.decode_header(unfolded)))
    except (LookupError, ValueError, email.errors.HeaderParseError):
        return unfolded


def _text(part: Message) -> str:
    content = _content(part)
    try:
        return content.decode(str(part.get_content_charset("utf-8")), "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _part(part: Message) -> Part:
    return Part(
        kind=part.get_content_type(),
        name=decoded(part.get_filename() or ""),
        content_id=str(part.get("Content-ID", "")).strip("<> "),
        content=_content(part),
    )
