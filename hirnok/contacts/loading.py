"""Loads checked rows into the database by sets: one chunk, one transaction.

Promises: a chunk is loaded whole or not at all; loading it again changes nothing (rows are matched by the
person's blind index); only contacts that differ are rewritten; filled cells replace what was held, empty
ones leave it; nobody who left comes back, and nobody whose data are restricted is touched. Runs as the role
edge. Leaves reading to `reading` and the order of chunks, progress and cancelling to `running`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from hirnok.contacts import staging, statements
from hirnok.contacts.counting import Counts
from hirnok.contacts.sorting import TAG, Chunk
from hirnok.register import closing, suppression

MATCH_SECONDS = 120
FORECAST_SECONDS = 10


@dataclass(frozen=True)
class Destination:
    """Where rows go: the brand's contacts (and a list), held for this activity, from this source.

    `whole_tenant`: rows of people who left are suppressed in all brands, not only in this one.
    """

    tenant: int
    brand: int
    activity: int
    list: int | None
    source: int | None
    legal_basis: str
    actor: str
    at: datetime
    expires_at: datetime | None = None
    tags: tuple[str, ...] = ()
    whole_tenant: bool = False

    def arguments(self) -> dict[str, Any]:
        """Return what the statements name."""
        return {
            "tenant": self.tenant,
            "brand": self.brand,
            "activity": self.activity,
            "list": self.list,
            "source": self.source,
            "basis": self.legal_basis,
            "at": self.at,
            "expires_at": self.expires_at,
            "whole_tenant": self.whole_tenant,
            "tags": [tag[:TAG] for tag in self.tags],
            "numbered": False,
        }


@transaction.atomic
def load(destination: Destination, chunk: Chunk, *, run_id: int | None = None) -> Counts:
    """Load a chunk; return what became of its rows. Rejected rows are kept under `run_id`.

    One import of a tenant at a time passes here, until its transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(statements.LOCK, destination.arguments())
    counts = _match(destination, chunk, numbered=True, seconds=MATCH_SECONDS)
    counts.removed = _stop(destination, chunk)
    arguments = destination.arguments()
    with connection.cursor() as cursor:
        cursor.execute(statements.REWRITE, arguments)
        for statement in statements.INSERT_NEW:
            cursor.execute(statement, arguments)
        if destination.tags or chunk.has_tags:
            for statement in statements.INSERT_TAGS:
                cursor.execute(statement, arguments)
        cursor.execute(statements.INSERT_EVIDENCE, arguments)
    if run_id is not None:
        staging.keep_rejections(destination.tenant, run_id, chunk)
    return counts


def weigh(destination: Destination, chunk: Chunk, *, seconds: int = MATCH_SECONDS) -> Counts:
    """Match a chunk with what is held; return what would become of its rows.

    Writes temporary tables only, which the end of a transaction that is rolled back removes.
    """
    return _match(destination, chunk, numbered=False, seconds=seconds)


def analyse() -> None:
    """Tell the planner of the rows that have come (docs: see the head of `statements`)."""
    with connection.cursor() as cursor:
        for statement in statements.ANALYSE:
            cursor.execute(statement)


def _match(destination: Destination, chunk: Chunk, *, numbered: bool, seconds: int) -> Counts:
    """Stage and match a chunk; `numbered`: the new ones get their ids."""
    counts = Counts()
    counts.add(chunk.counts)
    arguments = destination.arguments() | {"numbered": numbered}
    with connection.cursor() as cursor:
        out = staging.kept_out(destination.tenant, destination.brand, chunk)
        staging.stage(chunk, without=out)
        cursor.execute(statements.GUARD_THE_MATCH.format(seconds=seconds))
        cursor.execute(statements.MATCH, arguments)
        cursor.execute(statements.UNGUARD)
        cursor.execute(statements.COUNT)
        staged, counts.new, counts.changed, counts.unchanged = cursor.fetchone()
    counts.suppressed += len(out) + staged - counts.new - counts.changed - counts.unchanged
    return counts


def _stop(destination: Destination, chunk: Chunk) -> int:
    """Suppress who left elsewhere, and end what the brand holds of them; return how many contacts ended."""
    if not chunk.stops:
        return 0
    brand = None if destination.whole_tenant else destination.brand
    for reason in sorted(set(chunk.stops.values())):
        indexes = [index for index, why in chunk.stops.items() if why == reason]
        suppression.suppress(
            destination.tenant,
            indexes,
            reason=reason,
            brand=brand,
            actor=destination.actor,
            at=destination.at,
        )
    with connection.cursor() as cursor:
        cursor.execute(statements.STOPPED_CONTACTS, destination.arguments())
        holdings: Iterable[int] = [number for (number,) in cursor.fetchall()]
    return closing.end(
        destination.tenant,
        holdings,
        reason=closing.Reason.WITHDRAWN,
        actor=destination.actor,
        at=destination.at,
    ).holdings
