"""How many deliveries are in which state and how many readers opened and clicked: counted once, and exact at any moment.

States: triggers write each statement's changes beside the deliveries (`outbox_statechange`), so their sum is the count;
`roll` only adds rows together. Hits: what `roll` has counted up to a hit's number lies in `outbox_tally`, and `reactions`
adds the hits after it, counted by the same statement: a reader who is in the tally already is not new. A number is only
taken as an end when no hit below it can still come (`outbox_settled_hits`). The tracker knows nothing of all this.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from hirnok.outbox.models import Hit, Message, Tally

SLICE = 200_000  # hits that one transaction counts
_LAST = (1 << 63) - 1

# All that is counted of a message's hits in ]%(lo)s, %(hi)s], as one JSON. `seen`: readers who did the same before.
_COUNT = """
WITH h AS MATERIALIZED (
    SELECT delivery_id, kind, class, link_id, country, date_trunc('hour', at, 'UTC') AS hour FROM outbox_hit
    WHERE message_id = %(message)s AND tenant_id = %(tenant)s AND id > %(lo)s AND id <= %(hi)s),
readers AS MATERIALIZED (
    SELECT kind, delivery_id, bool_or(class = 0) AS human FROM h WHERE delivery_id IS NOT NULL GROUP BY 1, 2),
met AS (
    SELECT r.kind, r.human, s.seen, s.seen_human FROM readers r CROSS JOIN LATERAL (
        SELECT count(*) > 0 AS seen, coalesce(bool_or(e.class = 0), false) AS seen_human FROM outbox_hit e
        WHERE e.delivery_id = r.delivery_id AND e.kind = r.kind AND e.id <= %(lo)s) s),
clickers AS (
    SELECT DISTINCT link_id, delivery_id FROM h
    WHERE kind = 2 AND class = 0 AND delivery_id IS NOT NULL AND link_id IS NOT NULL)
SELECT jsonb_build_object(
    'kinds', (SELECT jsonb_object_agg(kind, n) FROM (
        SELECT kind, jsonb_build_array(count(*), count(*) FILTER (WHERE class = 0)) AS n FROM h GROUP BY kind) x),
    'readers', (SELECT jsonb_object_agg(kind, n) FROM (
        SELECT kind, jsonb_build_array(count(*) FILTER (WHERE NOT seen),
                                       count(*) FILTER (WHERE human AND NOT seen_human)) AS n
        FROM met GROUP BY kind) x),
    'links', (SELECT jsonb_object_agg(link_id, n) FROM (
        SELECT link_id, jsonb_build_array(count(*), count(*) FILTER (WHERE class = 0)) AS n
        FROM h WHERE kind = 2 AND link_id IS NOT NULL GROUP BY link_id) x),
    'link_readers', (SELECT jsonb_object_agg(link_id, n) FROM (
        SELECT link_id, jsonb_build_array(count(*)) AS n FROM clickers c WHERE NOT EXISTS (
            SELECT FROM outbox_hit e WHERE e.delivery_id = c.delivery_id AND e.link_id = c.link_id AND e.kind = 2
            AND e.class = 0 AND e.id <= %(lo)s) GROUP BY link_id) x),
    'countries', (SELECT jsonb_object_agg(country, n) FROM (
        SELECT country, jsonb_build_array(count(*) FILTER (WHERE kind = 1), count(*) FILTER (WHERE kind = 2)) AS n
        FROM h WHERE class IN (0, 1) GROUP BY country) x),
    'hours', (SELECT jsonb_object_agg(extract(epoch FROM hour)::bigint, n) FROM (
        SELECT hour, jsonb_build_array(count(*) FILTER (WHERE kind = 1), count(*) FILTER (WHERE kind = 2)) AS n
        FROM h WHERE class = 0 GROUP BY hour) x))::text
"""
_NEWS = """
SELECT m.tenant_id, m.id FROM outbox_message m LEFT JOIN outbox_tally t ON t.message_id = m.id
WHERE EXISTS (SELECT FROM outbox_hit h WHERE h.message_id = m.id AND h.id > coalesce(t.upto, 0) AND h.id <= %s)
ORDER BY m.id
"""
_CHANGED = "SELECT message_id FROM outbox_statechange GROUP BY message_id HAVING count(*) > 64"
_BEGIN = """
INSERT INTO outbox_tally (tenant_id, message_id, upto, counts) VALUES (%(tenant)s, %(message)s, 0, '{}')
ON CONFLICT DO NOTHING
"""
_END = """
SELECT id FROM outbox_hit WHERE message_id = %(message)s AND tenant_id = %(tenant)s AND id > %(lo)s AND id <= %(hi)s
ORDER BY id OFFSET %(slice)s LIMIT 1
"""
_COMPACT = """
WITH gone AS (DELETE FROM outbox_statechange WHERE message_id = %(message)s RETURNING tenant_id, state, change)
INSERT INTO outbox_statechange (tenant_id, message_id, state, change)
SELECT tenant_id, %(message)s, state, sum(change) FROM gone GROUP BY tenant_id, state HAVING sum(change) <> 0
"""


@dataclass
class Reactions:
    """What readers did: pairs and triples by kind (1 open, 2 click), link, country, hour.

    `kinds`: all hits, hits by people; `readers`: recipients with one, with one by a person; `links`: clicks, clicks by
    people; `link_readers`: recipients who clicked, people only; `countries` and `hours`: opens, clicks.
    """

    kinds: dict[int, list[int]] = field(default_factory=dict)
    readers: dict[int, list[int]] = field(default_factory=dict)
    links: dict[int, list[int]] = field(default_factory=dict)
    link_readers: dict[int, list[int]] = field(default_factory=dict)
    countries: dict[str, list[int]] = field(default_factory=dict)
    hours: dict[int, list[int]] = field(default_factory=dict)  # seconds since 1970

    def add(self, counted: dict[str, Any]) -> None:
        """Add what `_COUNT` or a stored tally says."""
        for name in _PARTS:
            mine: dict[Any, list[int]] = getattr(self, name)
            for key, numbers in (counted.get(name) or {}).items():
                kept = key if name == "countries" else int(key)
                before = mine.get(kept, [0] * len(numbers))
                mine[kept] = [a + b for a, b in zip(before, numbers, strict=True)]

    def as_json(self) -> dict[str, Any]:
        """Return what is stored."""
        return {name: dict(getattr(self, name)) for name in _PARTS}


_PARTS = ("kinds", "readers", "links", "link_readers", "countries", "hours")


def states(message: Message) -> dict[int, int]:
    """Return how many deliveries of a message are in each state; states without any may be missing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, sum(change)::bigint FROM outbox_statechange"
            " WHERE tenant_id = %s AND message_id = %s GROUP BY state",
            [message.tenant_id, message.pk],
        )
        return dict(cursor.fetchall())


def reactions(tenant_id: int, message_id: int) -> Reactions:
    """Return what the readers of a message did up to now."""
    found = Reactions()
    stored = Tally.objects.filter(tenant_id=tenant_id, message_id=message_id).first()
    if stored is not None:
        found.add(stored.counts)
    # Hits after the tally, whatever `roll` does meanwhile: those before it are all there already, and stay.
    after = stored.upto if stored else 0
    later = Hit.objects.filter(tenant_id=tenant_id, message_id=message_id, pk__gt=after)
    if later.exists():
        found.add(_counted(tenant_id, message_id, after, _LAST))
    return found


def roll() -> int:
    """Count what has come since the last time, of every tenant; returns how many messages that were.

    Safe to run twice at a time, to kill and to run again: each step is one transaction that locks its tally.
    """
    end = _settled()
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED)
        changed = [message for (message,) in cursor.fetchall()]
        for message in changed:
            cursor.execute(_COMPACT, {"message": message})
        if end is None:
            return 0
        cursor.execute(_NEWS, [end])
        news = cursor.fetchall()
    for tenant_id, message_id in news:
        while _roll_some(tenant_id, message_id, end):
            pass
    return len(news)


def _roll_some(tenant_id: int, message_id: int, end: int, size: int = SLICE) -> bool:
    """Count some hits of a message; returns whether there are more."""
    given = {"tenant": tenant_id, "message": message_id, "slice": size}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_BEGIN, given)
            tally = Tally.objects.select_for_update().get(
                tenant_id=tenant_id, message_id=message_id
            )
            if tally.upto >= end:
                return False
            cursor.execute(_END, given | {"lo": tally.upto, "hi": end})
            row = cursor.fetchone()
        until = row[0] if row else end
        sums = Reactions()
        sums.add(tally.counts)
        sums.add(_counted(tenant_id, message_id, tally.upto, until))
        tally.counts, tally.upto = sums.as_json(), until
        tally.save(update_fields=["counts", "upto"])
    return until < end


def _counted(tenant_id: int, message_id: int, lo: int, hi: int) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"tenant": tenant_id, "message": message_id, "lo": lo, "hi": hi})
        (text,) = cursor.fetchone() or ("{}",)
    found: dict[str, Any] = json.loads(text)
    return found


def _settled() -> int | None:
    """Return a number up to which no hit can come any more; None while a long transaction writes hits."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT outbox_settled_hits()")
            (number,) = cursor.fetchone() or (None,)
            return number
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return None
        raise
