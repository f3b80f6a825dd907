"""A chunk in the temporary tables of a transaction, and who of it is kept out.

Also finds which addresses of the chunk a global opt-out or a suppressed domain keeps out.
"""

import json
from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection

from hirnok.contacts import statements
from hirnok.contacts.sorting import Chunk, Sorter, address_in
from hirnok.register import suppression
from hirnok.register.models import Suppression


def kept_out(tenant_id: int, brand_id: int, chunk: Chunk) -> set[bytes]:
    """Return who of the chunk opted out of everything here (A7) or is at a suppressed domain."""
    out = suppression.opted_out(address_in(line) for line in chunk.rows.values())
    stopped: set[str] = set()
    if _has_suppressed_domains(tenant_id):
        domains = {_domain_in(line) for line in chunk.rows.values()}
        stopped = suppression.suppressed_domains(tenant_id, brand_id, domains)
    if not out and not stopped:
        return set()
    return {
        index
        for index, line in chunk.rows.items()
        if address_in(line) in out or _domain_in(line) in stopped
    }


def stage(chunk: Chunk, *, without: Collection[bytes] = ()) -> None:
    """Fill the temporary tables of this transaction with the chunk."""
    lines = chunk.rows
    if without:
        lines = {index: line for index, line in chunk.rows.items() if index not in without}
    with connection.cursor() as cursor:
        cursor.execute(statements.STAGE)
        with cursor.copy(statements.COPY_ROWS) as copy:
            copy.write(b"".join(lines.values()))
        dead = Suppression.Reason.DEAD_ADDRESS
        stops = ((index, reason != dead) for index, reason in chunk.stops.items())
        _copy(cursor, statements.COPY_STOPS, stops)
        cursor.execute(statements.ANALYSE_STAGED)


def keep_rejections(tenant_id: int, run_id: int, chunk: Chunk) -> None:
    """Write the rows that were not taken, for the file of rejected rows."""
    if not chunk.rejections:
        return
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


def _copy(cursor: Any, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _domain_in(line: bytes) -> str:
    return address_in(line).rpartition("@")[2]


def _has_suppressed_domains(tenant_id: int) -> bool:
    kind = Suppression.Kind.DOMAIN
    return bool(Suppression.objects.filter(tenant_id=tenant_id, kind=kind).exists())


__all__ = ["Chunk", "Sorter", "keep_rejections", "kept_out", "stage"]
