"""The trail of suppressions: who must not be written to, beside the database, so that no restore forgets it.

Lines of JSON in `var/suppressions/`, keyed hashes only. A job adds what is new every minute, whoever wrote it (the
engine does so without Django); one that was lifted since comes back by a replay, which errs on the side of silence.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from hirnok.lib import durable, env
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

OVERLAP = 5000  # ids that may be committed after later ones
BATCH = 5000
TAIL = 4 << 20  # bytes of the newest file that are looked at for what is there already
_NEW = """
SELECT id, tenant_id, scope, scope_id, applies_to, kind, reason, encode(key, 'hex'), key_version, since
FROM register_suppression
WHERE id > CASE WHEN %(overlap)s = 0 THEN %(last)s
    ELSE least(%(last)s, (SELECT max(id) FROM register_suppression) - %(overlap)s) END
ORDER BY id LIMIT %(limit)s
"""


def folder() -> Path:
    """Return where the trail lies."""
    return env.var() / "suppressions"


def follow(at: datetime) -> int:
    """Add the suppressions that the trail does not have; how many."""
    known = [tuple(row) for row in _tail()]
    last, seen, added = max(0, known[-1][0] - OVERLAP) if known else 0, set(known), 0
    while True:
        with connection.cursor() as cursor:
            limit = BATCH + 2 * OVERLAP
            cursor.execute(
                _NEW,
                {"last": last, "overlap": 0 if added else OVERLAP, "limit": limit},
            )
            rows = [(*row[:9], row[9].isoformat()) for row in cursor.fetchall()]
        fresh = [row for row in rows if row not in seen]
        if fresh:
            lines = [json.dumps(row, separators=(",", ":")) for row in fresh]
            text = "\n" + "\n".join(lines) + "\n"
            durable.append(folder() / f"{at:%Y-%m}.jsonl", text.encode())
            seen.update(fresh)
            added += len(fresh)
        if len(rows) < limit:
            return added
        last = rows[-1][0]


def replay(since: datetime) -> int:
    """Suppress again whoever was suppressed after an instant; how many were forgotten. Repeatable."""
    tenants = set(Tenant.objects.values_list("pk", flat=True))
    back = 0
    for row in _lines():
        tenant, rest, suppressed_at = row[1], row[2:9], datetime.fromisoformat(row[9])
        if tenant in tenants and suppressed_at > since:
            with acting_for(tenant), connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO register_suppression"
                    " (tenant_id, scope, scope_id, applies_to, kind, reason, key, key_version, since)"
                    " VALUES (%s, %s, %s, %s, %s, %s, decode(%s, 'hex'), %s, %s) ON CONFLICT DO NOTHING",
                    [tenant, *rest, suppressed_at],
                )
                back += cursor.rowcount
    return back


def _tail() -> list[list[Any]]:
    """Return the end of the newest file."""
    newest = sorted(folder().glob("*.jsonl"))[-1:]
    return [row for path in newest for row in _read(path.read_bytes()[-TAIL:])]


def _lines() -> Iterator[list[Any]]:
    for path in sorted(folder().glob("*.jsonl")):
        yield from _read(path.read_bytes())


def _read(text: bytes) -> Iterator[list[Any]]:
    for line in text.splitlines():
        try:
            found = json.loads(line)
        except ValueError:  # empty, or cut off by a crash: it is written again
            continue
        if isinstance(found, list):
            yield found
