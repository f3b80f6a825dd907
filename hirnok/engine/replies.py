"""SMTP replies out of a stream of bytes (RFC 5321 §4.2). Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)
_LONGEST = 64 * 1024
_MOST_KNOWN = 500


class BadReply(Exception):
    """What the server says is no SMTP."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete reply: its code and the text of its lines, without the code, joined by line breaks."""

    code: int
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines of the text."""
        return self.text.split("\n")


# Servers say the same few lines all the time: replies of one line by that line.
_KNOWN: dict[bytes, Reply] = {}


@dataclass(slots=True)
class Reader:
    """Collects bytes and yields replies."""

    _buffer: bytes = b""
    _lines: list[str] = field(default_factory=list)
    _length: int = 0

    def feed(self, data: bytes) -> Iterator[Reply]:
        """Yield the replies that are complete now; BadReply where it ceases to be SMTP."""
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        self._length += len(data)
        if self._length > _LONGEST:
            raise BadReply("too long")
        for line in lines:
            if not self._lines and (known := _KNOWN.get(line)) is not None:
                self._length = len(self._buffer)
                yield known
                continue
            match = _LINE.fullmatch(line.rstrip(b"\r"))
            if match is None:
                raise BadReply(line[:80].decode("ascii", "replace"))
            self._lines.append((match[3] or b"").decode("utf-8", "replace"))
            if match[2] != b"-":
                reply = Reply(int(match[1]), "\n".join(self._lines))
                if len(self._lines) == 1 and len(_KNOWN) < _MOST_KNOWN and len(line) < 80:
                    _KNOWN[line] = reply
                self._lines = []
                self._length = len(self._buffer)
                yield reply
