"""Two transactions that are in each other's way: the page tries again instead of failing.

The engine, or a reader who leaves, is a second connection whose statements are those that meet ours.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from django.db import connection

from hirnok.campaigns import launch
from hirnok.campaigns.models import Campaign
from hirnok.campaigns.tests.drafts import draft
from hirnok.contacts.models import Contact
from hirnok.outbox.models import Delivery, State
from hirnok.register import closing
from hirnok.register.closing import Reason
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World

pytestmark = pytest.mark.django_db(transaction=True)
ACTOR = "user:1"
PATIENCE = 60.0
Other = "psycopg.Connection[tuple[Any, ...]]"


@pytest.fixture
def other(world: World, database_url: Callable[[str], str]) -> Iterator[Other]:
    with psycopg.connect(database_url("owner")) as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def until_it_waits(
    world: World, database_url: Callable[[str], str]
) -> Iterator[Callable[[], None]]:
    """Return a function that returns when a statement of this database waits for another's lock."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with psycopg.connect(database_url("owner"), autocommit=True) as opened:

        def wait() -> None:
            end = time.monotonic() + PATIENCE
            while opened.execute(waiting).fetchone() == (0,):
                assert time.monotonic() < end, "nobody waits"
                time.sleep(0.02)

        yield wait


def aside(what: Callable[[], Any]) -> "Future[Any]":
    """Do it in a thread, with a connection of its own."""

    def run() -> Any:
        try:
            return what()
        finally:
            connection.close()

    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(run)
    finally:
        pool.shutdown(wait=False)


def lose_or_win(other: Other, statement: str, *values: Any) -> None:
    """Say what closes the circle; the database lets one of the two fail, then the other one is free."""
    with suppress(psycopg.errors.DeadlockDetected):
        other.execute(statement, values)  # type: ignore[arg-type]
    other.rollback()


def test_a_campaign_is_cancelled_while_the_engine_writes_a_window(
    world: World, other: Other, until_it_waits: Callable[[], None]
) -> None:
    campaign = launch.launch(world.alma, draft(world).pk, actor=ACTOR, at=NOON)
    first, second = Delivery.objects.order_by("pk").values_list("pk", flat=True)
    other.execute("UPDATE outbox_delivery SET code = 250 WHERE id = %s", [second])

    def cancel() -> Campaign:
        with acting_for(world.alma):
            return launch.cancel(world.alma, campaign.pk, actor=ACTOR, at=NOON)

    cancelled = aside(cancel)
    until_it_waits()
    lose_or_win(other, "UPDATE outbox_delivery SET code = 250 WHERE id = %s", first)

    assert cancelled.result(PATIENCE).status == "cancelled"
    assert Delivery.objects.filter(state=State.CANCELLED).count() == 2


def test_a_contact_is_erased_while_the_engine_writes_a_reply(
    world: World, other: Other, until_it_waits: Callable[[], None]
) -> None:
    launch.launch(world.alma, draft(world).pk, actor=ACTOR, at=NOON)
    dora = world.dora.pk
    other.execute("UPDATE outbox_delivery SET code = 451 WHERE contact_id = %s", [dora])

    erased = aside(
        lambda: closing.end(world.alma, [dora], reason=Reason.ERASED, actor=ACTOR, at=NOON)
    )
    until_it_waits()
    lose_or_win(other, "SELECT id FROM contacts_contact WHERE id = %s FOR KEY SHARE", dora)

    assert erased.result(PATIENCE).holdings == 1
    assert not Contact.objects.filter(pk=dora).exists()


def test_a_campaign_is_launched_while_somebody_leaves(
    world: World, other: Other, until_it_waits: Callable[[], None]
) -> None:
    campaign = draft(world)
    other.execute("DELETE FROM register_holding WHERE id = %s", [world.dora.pk])

    launched = aside(lambda: launch.launch(world.alma, campaign.pk, actor=ACTOR, at=NOON))
    until_it_waits()
    other.commit()

    assert launched.result(PATIENCE).audience_size == 1
    assert Delivery.objects.get().contact_id == world.emil.pk
