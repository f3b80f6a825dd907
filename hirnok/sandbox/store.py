"""What the sandbox accepted, in append-only files that survive a restart.

Layout of the folder: `<n>.mail` holds messages end to end, `<n>.index` one JSON line for each (written after
the message, so every line has its message); the oldest pair is dropped when all together are larger than
the limit. `accepted.log` has one line per message and recipient, tab-separated: instant, Message-ID,
recipient, size, number. It is never shortened.

One process writes (a lock file says so); reading is safe from any thread.
"""

import fcntl
import json
import os
import re
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_SEGMENTS = 8
_MESSAGE_ID = re.compile(rb"^message-id:[ \t\r\n]*([^\r\n]+)", re.IGNORECASE | re.MULTILINE)
_SUBJECT = re.compile(
    rb"^subject:[ \t]*([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE
)
_HEADER_LIMIT = 16_384


class FolderInUse(Exception):
    """Another sandbox writes to this folder."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted message: its envelope and where it lies."""

    id: int
    at: str
    sender: str
    recipients: tuple[str, ...]
    size: int
    message_id: str
    subject: str
    segment: int
    offset: int


class Store:
    """The accepted messages of one folder."""

    def __init__(self, folder: Path, limit: int) -> None:
        """Open the folder (making it), read its index and be ready to append; `limit` in bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.limit = folder, limit
        self._lock_file = _locked(folder / "lock")
        self._mutex = threading.Lock()
        self.entries: deque[Entry] = deque()
        numbers = sorted(int(path.stem) for path in folder.glob("*.index"))
        for number in numbers:
            self.entries.extend(_read_index(folder / f"{number}.index", number))
        self._next_id = self.entries[-1].id + 1 if self.entries else 1
        self._log = _append_to(folder / "accepted.log")
        self._open(numbers[-1] if numbers else 1)

    def append(
        self, sender: str, recipients: Sequence[str], message: bytes, *, at: datetime
    ) -> Entry:
        """Keep a message; when this returns it is in the file. Returns its entry."""
        if self._size + len(message) > self.limit // _SEGMENTS and self._size:
            self._turn_over()
        head = message[:_HEADER_LIMIT]
        head = head[: head.find(b"\r\n\r\n") + 2 or None]
        entry = Entry(
            id=self._next_id,
            at=at.isoformat(timespec="milliseconds"),
            sender=sender,
            recipients=tuple(recipients),
            size=len(message),
            message_id=_found(_MESSAGE_ID, head),
            subject=_found(_SUBJECT, head),
            segment=self._segment,
            offset=self._size,
        )
        _write(self._mail, message)
        _write(self._index, _line(entry))
        lines = (
            f"{entry.at}\t{entry.message_id}\t{one}\t{entry.size}\t{entry.id}\n"
            for one in recipients
        )
        _write(self._log, "".join(lines).encode("utf-8", "replace"))
        self._size += len(message)
        self._next_id += 1
        with self._mutex:
            self.entries.append(entry)
        return entry

    def read(self, entry: Entry) -> bytes:
        """Return the message as it came; FileNotFoundError when it has been dropped meanwhile."""
        with (self.folder / f"{entry.segment}.mail").open("rb") as file:
            return os.pread(file.fileno(), entry.size, entry.offset)

    def find(self, number: int) -> Entry | None:
        """Return the entry with this number, or None."""
        with self._mutex:
            first = self.entries[0].id if self.entries else 0
            if 0 <= number - first < len(self.entries):
                return self.entries[number - first]
        return None

    def newest(self) -> list[Entry]:
        """Return all entries, the newest first."""
        with self._mutex:
            return list(reversed(self.entries))

    def close(self) -> None:
        """Close the files and give the folder free."""
        for descriptor in (self._mail, self._index, self._log, self._lock_file):
            os.close(descriptor)

    def _open(self, segment: int) -> None:
        self._segment = segment
        self._mail = _append_to(self.folder / f"{segment}.mail")
        self._index = _append_to(self.folder / f"{segment}.index")
        self._size = os.fstat(self._mail).st_size

    def _turn_over(self) -> None:
        os.close(self._mail)
        os.close(self._index)
        self._open(self._segment + 1)
        segments = sorted(int(path.stem) for path in self.folder.glob("*.mail"))
        for number in segments[:-_SEGMENTS]:
            with self._mutex:
                while self.entries and self.entries[0].segment <= number:
                    self.entries.popleft()
            (self.folder / f"{number}.index").unlink(missing_ok=True)
            (self.folder / f"{number}.mail").unlink(missing_ok=True)


def accepted(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (Message-ID, recipient) of every line of a folder's `accepted.log`."""
    path = folder / "accepted.log"
    if path.exists():
        for line in path.read_text("utf-8").splitlines():
            columns = line.split("\t")
            yield columns[1], columns[2]


def _read_index(path: Path, segment: int) -> Iterator[Entry]:
    text = path.read_bytes()
    whole = text[: text.rfind(b"\n") + 1]
    if len(whole) < len(text):  # torn by a kill in the middle of the line: never acknowledged
        os.truncate(path, len(whole))
    for line in whole.splitlines():
        fields = json.loads(line)
        yield Entry(**{**fields, "recipients": tuple(fields["recipients"]), "segment": segment})


def _line(entry: Entry) -> bytes:
    fields = {name: getattr(entry, name) for name in Entry.__slots__}
    return json.dumps(fields, ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n"


def _locked(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise FolderInUse(str(path.parent)) from error
    return descriptor


def _append_to(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _found(pattern: re.Pattern[bytes], head: bytes) -> str:
    match = pattern.search(head)
    return match[1].decode("utf-8", "replace").strip().replace("\t", " ") if match else ""
