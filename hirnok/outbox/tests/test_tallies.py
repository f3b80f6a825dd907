"""What reports say is what a plain recount says, whatever was written, erased and counted before, in whatever order."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hirnok.lib import sql
from hirnok.outbox import queue, tallies
from hirnok.outbox.models import Delivery, Hit, Link, Message, State, StateChange, Tally
from hirnok.outbox.tallies import Reactions
from hirnok.outbox.tests.test_queue import message_of
from hirnok.register import closing
from tests.world import NOON, World, contact


def recount(message: Message) -> dict[str, Any]:
    """Count one by one, in Python."""
    found = Reactions()
    sets: dict[tuple[str, object, int], set[int]] = {}

    def count(name: str, key: object, *marks: bool) -> None:
        before = getattr(found, name).setdefault(key, [0] * len(marks))
        getattr(found, name)[key] = [a + b for a, b in zip(before, marks, strict=True)]

    for hit in Hit.objects.filter(message=message).order_by("pk"):
        human, people = hit.klass == 0, hit.klass in {0, 1}
        count("kinds", hit.kind, True, human)
        if hit.delivery_id is not None:
            sets.setdefault(("readers", hit.kind, 0), set()).add(hit.delivery_id)
            sets.setdefault(("readers", hit.kind, 1), set())
            if human:
                sets["readers", hit.kind, 1].add(hit.delivery_id)
            if human and hit.link_id:
                sets.setdefault(("link_readers", hit.link_id, 0), set()).add(hit.delivery_id)
        if hit.link_id:
            count("links", hit.link_id, True, human)
        if people:
            count("countries", hit.country, hit.kind == 1, hit.kind == 2)
        if human:
            hour = int(hit.at.timestamp()) // 3600 * 3600
            count("hours", hour, hit.kind == 1, hit.kind == 2)
    for (name, key, _at), who in sorted(sets.items(), key=str):
        getattr(found, name).setdefault(key, []).append(len(who))
    return plain(found)


def plain(found: Reactions) -> dict[str, Any]:
    """Without what is nothing."""
    return {
        name: {key: list(numbers) for key, numbers in part.items() if any(numbers)}
        for name, part in found.as_json().items()
    }


def states(message: Message) -> dict[int, int]:
    counted: dict[int, int] = {}
    for state in Delivery.objects.filter(message=message).values_list("state", flat=True):
        counted[state] = counted.get(state, 0) + 1
    return counted


READERS = 6
hits = st.tuples(
    st.just("hit"),
    st.integers(0, READERS - 1) | st.none(),  # none: measured in aggregate
    st.sampled_from([1, 2]),
    st.integers(0, 3),
    st.integers(0, 1),
    st.sampled_from(["", "HU", "RO"]),
    st.integers(0, 300),
)
others = st.one_of(
    st.tuples(st.just("roll"), st.integers(1, 3)),
    st.tuples(st.just("state"), st.integers(0, READERS - 1), st.sampled_from(list(State))),
    st.tuples(st.just("erase"), st.integers(0, READERS - 1)),
    st.tuples(st.just("withdraw")),
)


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.one_of(hits, hits, hits, others), max_size=40))
def test_the_report_is_what_a_recount_gives(steps: list[tuple[Any, ...]]) -> None:
    from django.db import transaction

    from tests.world import build

    with transaction.atomic():
        world = build()
        people = [contact(world.alma_list, f"o{number}@example.hu") for number in range(READERS)]
        message, other = message_of(world), message_of(world)
        for one in (message, other):
            queue.enqueue(one, type(people[0]).objects.filter(pk__in=[p.pk for p in people]))
        deliveries = list(Delivery.objects.filter(message=message).order_by("pk"))
        links = [
            Link.objects.create(
                tenant=world.alma, message=message, position=at, url="https://a.example"
            )
            for at in range(2)
        ]
        for step in steps:
            do(step, world, message, people, deliveries, links)
            assert plain(tallies.reactions(message.tenant_id, message.pk)) == recount(message)
            assert {s: n for s, n in tallies.states(message).items() if n} == states(message)
        assert sum(tallies.states(message).values()) == READERS
        assert tallies.states(other) == {State.QUEUED: READERS} or any(
            s[0] == "erase" for s in steps
        )
        transaction.set_rollback(True)


def do(
    step: tuple[Any, ...], world: World, message: Message, people: Any, deliveries: Any, links: Any
) -> None:
    what, *rest = step
    if what == "hit":
        who, kind, klass, link, country, minutes = rest
        Hit.objects.create(
            tenant=world.alma,
            message=message,
            delivery=None if who is None else deliveries[who],
            kind=kind,
            klass=klass,
            link=links[link] if kind == 2 else None,
            country=country,
            at=NOON + timedelta(minutes=minutes),
        )
    elif what == "roll":
        with connection.cursor() as cursor:
            cursor.execute(tallies._COMPACT, {"message": message.pk})
        end = tallies._settled()
        assert end is not None
        tallies._roll_some(message.tenant_id, message.pk, end, rest[0])
    elif what == "state":
        Delivery.objects.filter(pk=deliveries[rest[0]].pk).update(state=rest[1])
    elif what == "erase":
        who = people[rest[0]].pk
        closing.end(world.alma, [who], reason=closing.Reason.ERASED, actor="user:1", at=NOON)
    else:
        queue.withdraw(message, at=NOON)


def test_it_counts_what_is_new_of_every_message_and_only_once(world: World) -> None:
    message = message_of(world)
    queue.enqueue(message, type(world.dora).objects.of(world.alma))
    (first, _) = Delivery.objects.order_by("pk")
    for minutes in range(5):
        Hit.objects.create(
            tenant=world.alma,
            message=message,
            delivery=first,
            kind=1,
            klass=0,
            at=NOON + timedelta(minutes=minutes),
        )
    with connection.cursor() as cursor:  # as the worker
        cursor.execute("SELECT current_database()")
        cursor.execute(f'SET ROLE "{sql.role_name(cursor.fetchone()[0], "edge")}"')
        assert (tallies.roll(), tallies.roll()) == (1, 0)
        cursor.execute("RESET ROLE")
    tally = Tally.objects.get(message=message)
    assert tally.counts["kinds"] == {"1": [5, 5]}
    assert tally.counts["readers"] == {"1": [1, 1]}
    assert tally.upto == max(Hit.objects.values_list("pk", flat=True))


def test_many_changes_become_few_rows(world: World) -> None:
    message = message_of(world)
    queue.enqueue(message, type(world.dora).objects.of(world.alma))
    for number in range(80):
        Delivery.objects.update(state=number % 3)
    assert StateChange.objects.count() > 64
    before = tallies.states(message)
    tallies.roll()
    assert StateChange.objects.count() <= 3
    assert {s: n for s, n in tallies.states(message).items() if n} == {
        s: n for s, n in before.items() if n
    }


@pytest.mark.django_db(transaction=True)
def test_a_hit_that_is_committed_late_is_not_passed_over(
    database_url: Callable[[str], str],
) -> None:
    from tests.world import build

    world = build()
    message = message_of(world)
    insert = "INSERT INTO outbox_hit (tenant_id, message_id, kind, class, country, at) VALUES (%s, %s, 1, 0, '', now())"
    pair = [message.tenant_id, message.pk]
    with (
        psycopg.connect(database_url("edge")) as late,
        psycopg.connect(database_url("edge")) as early,
    ):
        late.execute(insert, pair)  # has the lower number, and is committed last
        early.execute(insert, pair)
        early.commit()
        assert tallies._settled() is None
        assert tallies.roll() == 0
        assert tallies.reactions(*pair).kinds == {1: [1, 1]}
        late.commit()
        assert tallies.roll() == 1
        assert tallies.reactions(*pair).kinds == {1: [2, 2]}


@pytest.mark.django_db(transaction=True)
def test_two_that_count_at_once_count_once(database_url: Callable[[str], str]) -> None:
    from django.db import connections

    from tests.world import build

    world = build()
    message = message_of(world)
    queue.enqueue(message, type(world.dora).objects.of(world.alma))
    for delivery in Delivery.objects.all():
        Hit.objects.create(
            tenant=world.alma, message=message, delivery=delivery, kind=2, klass=0, at=NOON
        )
    Delivery.objects.update(state=State.SENT)

    def roll() -> None:
        try:
            tallies.roll()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=roll) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert tallies.reactions(message.tenant_id, message.pk).readers == {2: [2, 2]}
    assert Tally.objects.get().counts["kinds"] == {"2": [2, 2]}
    assert tallies.states(message)[State.SENT] == 2
