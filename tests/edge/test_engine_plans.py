"""The engine's statements on the migrated database, as the role edge: their plans use indexes, with and without
statistics. Only the shape of plans is looked at, never estimates or times.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, LiteralString

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from hirnok.engine import statements
from hirnok.engine.database import numbered
from hirnok.engine.outcomes import Outcomes, Verdict
from hirnok.lib import clock
from hirnok.outbox.models import Batch, Message
from tests.edge.sending import Sending, addresses
from tests.world import NOON

TABLES = (
    "outbox_delivery",
    "outbox_batch",
    "contacts_contact",
    "register_person",
    "register_holding",
    "register_suppression",
)
BIG = {"outbox_delivery", "contacts_contact", "register_person"}
COUNT = 4000


@pytest.fixture
def edge(
    sending: Sending, database_url: Callable[[str], str]
) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    with psycopg.connect(database_url("edge"), autocommit=True) as opened:
        opened.execute("SET jit = off")
        yield opened


@pytest.fixture(params=["analysed", "not analysed"])
def message(request: pytest.FixtureRequest, sending: Sending) -> Message:
    """Return a launched message of 4,000 in tables of 8,000, with statistics or with none at all."""
    sending.launch(addresses(COUNT, 100_000))
    made = sending.launch(addresses(COUNT))
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
            if request.param == "analysed":
                cursor.execute(f"ANALYZE {table}")
            else:
                forget(table)
    return made


def forget(table: str) -> None:
    """Remove a table's statistics, as if it had never been analysed; skips where we may not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, usesuper FROM pg_user WHERE usename = user"
        )
        row = cursor.fetchone()
        assert row is not None
        if row[0] >= 180000:
            cursor.execute(
                "SELECT pg_clear_attribute_stats('public', %s, attname, false) FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
                [table, table],
            )
        elif row[1]:
            cursor.execute("DELETE FROM pg_statistic WHERE starelid = %s::regclass", [table])
        else:
            pytest.skip("this role may not remove statistics")


def window_values(message: Message, batch: Batch, **changes: Any) -> dict[str, Any]:
    done = Outcomes({batch.first_delivery_id + number: Verdict(1, 250) for number in range(64)})
    low = batch.first_delivery_id + 64
    values = {
        "tenant": message.tenant_id,
        "batch": batch.pk,
        "message": message.pk,
        "brand": message.brand_id,
        "fence": batch.fence,
        "lease": 30.0,
        "window_from": low,
        "window_to": low + 63,
        "done": False,
        "leave": False,
        "relays": None,
        "lists": [1, 2],
        "lo": low,
        "hi": low + 63,
        "first_contact": batch.first_contact_id,
        "last_contact": batch.last_contact_id,
        "at": clock.now(),
    }
    return values | done.values() | changes


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def plan_of(
    edge: "psycopg.Connection[tuple[Any, ...]]",
    statement: LiteralString,
    values: dict[str, Any],
    *,
    is_generic: bool = False,
) -> list[dict[str, Any]]:
    """Run a statement in a transaction that is rolled back; returns the nodes of its plan.

    `is_generic`: with the plan that the engine's connections make once for all values.
    """
    explain = "EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) "
    with edge.transaction(force_rollback=True):
        if is_generic:
            text, names = numbered(statement)
            edge.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            edge.execute("DEALLOCATE ALL")
            edge.execute(b"PREPARE one AS " + text)
            given = sql.SQL(", ").join(sql.Literal(values[name]) for name in names)
            row = edge.execute(sql.SQL(explain + "EXECUTE one({})").format(given)).fetchone()
        else:
            row = edge.execute(explain + statement, values).fetchone()
    assert row is not None
    plan = row[0] if isinstance(row[0], list) else json.loads(row[0])
    return list(nodes(plan[0]["Plan"]))


def scanned(plan: list[dict[str, Any]]) -> set[str]:
    """Return the big tables that are read from end to end."""
    return BIG & {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"}


def most_rows(plan: list[dict[str, Any]]) -> float:
    """Return the most rows that any node touched, those it threw away included."""
    return max(
        (node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0))
        * node.get("Actual Loops", 1)
        for node in plan
    )


@pytest.mark.parametrize("is_generic", [False, True])
def test_a_window_reads_only_its_rows(
    edge: "psycopg.Connection[tuple[Any, ...]]", message: Message, is_generic: bool
) -> None:
    batch = Batch.objects.filter(message=message).order_by("id")[0]
    plan = plan_of(edge, statements.WINDOW, window_values(message, batch), is_generic=is_generic)
    assert not scanned(plan)
    assert most_rows(plan) <= 2000 + 64


@pytest.mark.parametrize("is_generic", [False, True])
def test_retries_are_found_by_their_index(
    edge: "psycopg.Connection[tuple[Any, ...]]", message: Message, is_generic: bool
) -> None:
    plan = plan_of(edge, statements.REOPEN, {"at": clock.now()}, is_generic=is_generic)
    assert not scanned(plan)


@pytest.mark.parametrize("is_generic", [False, True])
def test_a_lease_reads_no_deliveries(
    edge: "psycopg.Connection[tuple[Any, ...]]", message: Message, is_generic: bool
) -> None:
    values = {
        "owner": "x", "lease": 30.0, "tenant": message.tenant_id, "relay": message.relay_id, "after": 0, "routed": False,
    }  # fmt: skip
    plan = plan_of(edge, statements.LEASE, values, is_generic=is_generic)
    read = {node.get("Relation Name") for node in plan}
    assert "outbox_delivery" not in read


def test_the_window_statement_knows_its_fence(
    edge: "psycopg.Connection[tuple[Any, ...]]", sending: Sending
) -> None:
    message = sending.launch(addresses(100))
    batch = Batch.objects.get(message=message)
    rows = edge.execute(statements.WINDOW, window_values(message, batch, fence=7)).fetchall()
    assert rows == []
    assert not message_sent(message)
    rows = edge.execute(statements.WINDOW, window_values(message, batch)).fetchall()
    assert len(rows) == 36
    assert message_sent(message) == 64


def test_saying_the_window_statement_again_changes_nothing(
    edge: "psycopg.Connection[tuple[Any, ...]]", sending: Sending
) -> None:
    message = sending.launch(addresses(100))
    batch = Batch.objects.get(message=message)
    first = batch.first_delivery_id
    outcomes = Outcomes(
        {
            first: Verdict(1, 250),
            first + 1: Verdict(2, 451, next_at=NOON, kind="greylisting", text="later"),
            first + 2: Verdict(3, 550, kind="address", text="nobody"),
        },
    )
    values = window_values(message, batch) | outcomes.values()
    edge.execute(statements.WINDOW, values)
    before = everything(edge, message)
    edge.execute(statements.WINDOW, values)
    assert everything(edge, message) == before
    assert before == ([(0, 97, 0), (1, 1, 1), (2, 1, 1), (3, 1, 1)], 2, 1)


def everything(
    edge: "psycopg.Connection[tuple[Any, ...]]", message: Message
) -> tuple[list[tuple[Any, ...]], int, int]:
    states = edge.execute(
        "SELECT state, count(*), sum(attempts) FROM outbox_delivery"
        " WHERE tenant_id = %s AND message_id = %s GROUP BY state ORDER BY state",
        [message.tenant_id, message.pk],
    ).fetchall()
    replies = edge.execute("SELECT count(*) FROM outbox_deliveryreply").fetchone()
    dead = edge.execute("SELECT count(*) FROM returns_failure WHERE NOT is_judged").fetchone()
    assert replies is not None
    assert dead is not None
    return [(int(a), int(b), int(c)) for a, b, c in states], int(replies[0]), int(dead[0])


def message_sent(message: Message) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM outbox_delivery WHERE message_id = %s AND state = 1", [message.pk]
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0
