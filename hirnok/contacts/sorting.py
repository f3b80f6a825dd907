"""From outcomes of a file to chunks: each person once, hashed, and written as the database copies it. Knows no Django.

A process of its own may do this beside the loading (`feeding`), so chunks are plain values.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring

from hirnok.contacts.counting import Counts
from hirnok.contacts.reading.rows import Outcome, Rejected, Row, Suppress
from hirnok.contacts.reading.values import Value
from hirnok.lib import keys
from hirnok.mail.addresses import Address, Indexer, normalise

# Widths of the columns that the rows go to.
NAME, TAG = 100, 60
# What another system said of people who left, as a reason of ours (`register.Suppression.Reason`).
REASONS = {
    "unsubscribed": "unsubscribed",
    "complained": "complaint",
    "blocklisted": "imported",
    "dead": "dead_address",
}
_NULL = "\0N"  # no value holds NUL, so it may stand for the backslash of null until the others are doubled
_BREAKING = {ord(char): " " for char in "\t\n\r"} | {0: None}


@dataclass
class Chunk:
    """Some rows of a file, each person once: what is to be loaded, stopped, rejected.

    `rows` are lines of `statements.COPY_ROWS` (text format), by blind index and in its order.
    """

    rows: dict[bytes, bytes] = field(default_factory=dict)
    stops: dict[bytes, str] = field(default_factory=dict)
    rejections: list[tuple[Rejected, bytes | None]] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    has_tags: bool = False


class Sorter:
    """Sorts outcomes into chunks. Remembers 8 bytes of each person seen, for duplicates in the file."""

    def __init__(self, tenant_id: int, *, address_at: int | None = None) -> None:
        self.index_of = Indexer(keys.blind_index_key(tenant_id)).of_key
        self.address_at = address_at
        self.seen: set[bytes] = set()
        self.stopped: set[bytes] = set()

    def sort(self, outcomes: Iterable[Outcome]) -> Chunk:
        """Return the chunk that these outcomes make; their order in the file matters."""
        chunk = Chunk()
        for outcome in outcomes:
            chunk.counts.rows += 1
            if isinstance(outcome, Row):
                self._take(chunk, outcome)
            elif isinstance(outcome, Suppress):
                self._stop(chunk, outcome)
            else:
                self._reject(chunk, outcome)
        # So that the indexes of the database are walked in one direction.
        chunk.rows = dict(sorted(chunk.rows.items()))
        return chunk

    def _take(self, chunk: Chunk, row: Row) -> None:
        text = row.address.text
        index = self.index_of(text.lower())
        mark = index[:8]
        if mark in self.seen:
            self._reject(chunk, Rejected(row.number, (text,), "duplicate", {}))
            return
        self.seen.add(mark)
        chunk.rows[index] = line(index, row)
        if row.tags:
            chunk.has_tags = True
        for warning in row.warnings:
            chunk.counts.warn(warning.column, warning.code)

    def _stop(self, chunk: Chunk, outcome: Suppress) -> None:
        index = self.index_of(outcome.address.key)
        if index[:8] in self.stopped:
            self._reject(chunk, Rejected(outcome.number, (outcome.address.text,), "duplicate", {}))
            return
        self.stopped.add(index[:8])
        self.seen.add(index[:8])
        chunk.stops[index] = REASONS[outcome.reason]
        chunk.counts.suppressions += 1

    def _reject(self, chunk: Chunk, outcome: Rejected) -> None:
        chunk.counts.reject(outcome.code)
        chunk.rejections.append((outcome, self._index_in(outcome)))

    def _index_in(self, outcome: Rejected) -> bytes | None:
        """Find the person in a rejected row, so that erasing the person erases the row."""
        cells = outcome.cells
        at = 0 if len(cells) == 1 else self.address_at
        if at is None or at >= len(cells):
            return None
        found = normalise(cells[at])
        return self.index_of(found.key) if isinstance(found, Address) else None


def line(index: bytes, row: Row) -> bytes:
    r"""Write a row as COPY's text format has it: tabs between, \N for null, backslashes doubled."""
    parts = [
        row.address.text,
        row.first_name[:NAME],
        row.last_name[:NAME],
        row.language or "",
        _json(row.fields) if row.fields else "{}",
        _array(tuple(tag[:TAG] for tag in row.tags)) if row.tags else _NULL,
        _instant(row.consent_at) if row.consent_at else _NULL,
        row.consent_source,
        row.consent_ip or "",
    ]
    text = "\t".join(parts)
    nulls = (not row.tags) + (not row.consent_at)
    if text.count("\t") > 8 or text.count("\0") > nulls or "\n" in text or "\r" in text:
        text = "\t".join(part if part == _NULL else _one_line(part) for part in parts)
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    return f"\\\\x{index.hex()}\t{text}\n".replace("\0", "\\").encode()


def _one_line(text: str) -> str:
    """`reading` lets no such character through; a cell must not break a line all the same."""
    return text.translate(_BREAKING)


def address_in(line: bytes) -> str:
    """Return the key of the address in a line that `line` wrote."""
    return line.split(b"\t", 2)[1].decode().lower()


def _json(fields: dict[str, Value]) -> str:
    values = [f"{_quoted(key)}: {_value(value)}" for key, value in fields.items()]
    return "{" + ", ".join(values) + "}"


def _value(value: Value) -> str:
    return encode_basestring(value) if isinstance(value, str) else json.dumps(value)


@lru_cache(maxsize=1024)
def _quoted(key: str) -> str:
    return encode_basestring(key)


@lru_cache(maxsize=8192)
def _array(words: tuple[str, ...]) -> str:
    """Write an array of text; words have no control characters."""
    escaped = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "{" + ",".join(f'"{word}"' for word in escaped) + "}"


@lru_cache(maxsize=8192)
def _instant(at: datetime) -> str:
    return at.isoformat()
