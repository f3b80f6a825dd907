"""From checked rows to the temporary tables of a chunk: sorted, each person once, hashed.

Also finds which addresses of the chunk a global opt-out or a suppressed domain keeps out.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from hirnok.contacts import statements
from hirnok.contacts.counting import Counts
from hirnok.contacts.reading.rows import Outcome, Rejected, Row, Suppress
from hirnok.lib import keys
from hirnok.mail.addresses import Address, Indexer, normalise
from hirnok.register import suppression
from hirnok.register.models import Suppression

# Widths of the columns that the rows go to.
NAME, TAG = 100, 60
_REASONS = {
    "unsubscribed": Suppression.Reason.UNSUBSCRIBED,
    "complained": Suppression.Reason.COMPLAINT,
    "blocklisted": Suppression.Reason.IMPORTED,
    "dead": Suppression.Reason.DEAD_ADDRESS,
}


@dataclass
class Chunk:
    """Some rows of a file, each person once: what is to be loaded, stopped, rejected."""

    rows: dict[bytes, Row] = field(default_factory=dict)
    stops: dict[bytes, Suppression.Reason] = field(default_factory=dict)
    rejections: list[tuple[Rejected, bytes | None]] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)


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
        return chunk

    def _take(self, chunk: Chunk, row: Row) -> None:
        index = self.index_of(row.address.key)
        if index[:8] in self.seen:
            self._reject(chunk, Rejected(row.number, (row.address.text,), "duplicate", {}))
            return
        self.seen.add(index[:8])
        chunk.rows[index] = row
        for warning in row.warnings:
            chunk.counts.warn(warning.column, warning.code)

    def _stop(self, chunk: Chunk, outcome: Suppress) -> None:
        index = self.index_of(outcome.address.key)
        if index[:8] in self.stopped:
            self._reject(chunk, Rejected(outcome.number, (outcome.address.text,), "duplicate", {}))
            return
        self.stopped.add(index[:8])
        self.seen.add(index[:8])
        chunk.stops[index] = _REASONS[outcome.reason]
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


def kept_out(tenant_id: int, brand_id: int, chunk: Chunk) -> set[bytes]:
    """Return who of the chunk opted out of everything here (A7) or is at a suppressed domain."""
    by_address = {row.address.key: index for index, row in chunk.rows.items()}
    out = suppression.opted_out(by_address)
    if _has_suppressed_domains(tenant_id):
        domains = {row.address.domain for row in chunk.rows.values()}
        stopped = suppression.suppressed_domains(tenant_id, brand_id, domains)
        out |= {row.address.key for row in chunk.rows.values() if row.address.domain in stopped}
    return {by_address[address] for address in out}


def stage(chunk: Chunk, tags: Sequence[str] = (), *, without: Collection[bytes] = ()) -> None:
    """Fill the temporary tables of this transaction with the chunk; `tags` go to every row."""
    with connection.cursor() as cursor:
        cursor.execute(statements.STAGE)
        _copy(cursor, statements.COPY_ROWS, _staged_rows(chunk, tags, without))
        dead = Suppression.Reason.DEAD_ADDRESS
        stops = ((index, reason is not dead) for index, reason in chunk.stops.items())
        _copy(cursor, statements.COPY_STOPS, stops)
        cursor.execute(statements.ANALYSE_STAGED)


def keep_rejections(tenant_id: int, run_id: int, chunk: Chunk) -> None:
    """Write the rows that were not taken, for the file of rejected rows."""
    rows = (
        (
            rejected.number,
            rejected.code,
            json.dumps(rejected.details),
            json.dumps([cell.replace("\0", "") for cell in rejected.cells]),
            index,
        )
        for rejected, index in chunk.rejections
    )
    with connection.cursor() as cursor:
        cursor.execute(statements.STAGE_REJECTIONS)
        _copy(cursor, statements.COPY_REJECTIONS, rows)
        cursor.execute(statements.KEEP_REJECTIONS, {"tenant": tenant_id, "run": run_id})


def _staged_rows(
    chunk: Chunk, tags: Sequence[str], without: Collection[bytes]
) -> Iterator[tuple[Any, ...]]:
    """Sorted by blind index, so that the indexes are walked in one direction."""
    for index in sorted(chunk.rows.keys() - without):
        row = chunk.rows[index]
        words = [tag[:TAG] for tag in dict.fromkeys((*tags, *row.tags))] or None
        yield (
            index,
            row.address.text,
            row.first_name[:NAME],
            row.last_name[:NAME],
            row.language or "",
            json.dumps(row.fields) if row.fields else "{}",
            words,
            row.consent_at,
            row.consent_source,
            row.consent_ip or "",
        )


def _copy(cursor: Any, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _has_suppressed_domains(tenant_id: int) -> bool:
    kind = Suppression.Kind.DOMAIN
    return bool(Suppression.objects.filter(tenant_id=tenant_id, kind=kind).exists())
