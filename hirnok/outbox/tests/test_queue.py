"""Queueing a message: dense ids, batches with contact bounds, one statement, under the roles that launch."""

from typing import TYPE_CHECKING

import pytest
from django.db import connection

from hirnok.contacts.models import Contact
from hirnok.lib import sql
from hirnok.outbox import queue
from hirnok.outbox.models import Batch, Delivery, Message, Relay, State
from hirnok.tenants.acting import acting_for
from tests.world import NOON, contact

if TYPE_CHECKING:
    from tests.world import World


def message_of(world: "World") -> Message:
    relay, _ = Relay.objects.get_or_create(
        tenant=world.alma, name="sandbox", host="localhost", is_default=True
    )
    return Message.objects.create(
        tenant=world.alma,
        brand=world.alma_brand,
        relay=relay,
        return_path="hirlevel@alma.example",
        compiled=b"",
        measurement="individual",
        created_at=NOON,
    )


def test_it_queues_each_contact_once_in_a_dense_block(world: "World") -> None:
    for number in range(5):
        contact(world.alma_list, f"reader{number}@example.hu")
    first, second = message_of(world), message_of(world)
    everybody = Contact.objects.of(world.alma)
    assert queue.enqueue(first, everybody) == 7
    assert queue.enqueue(second, everybody) == 7
    ids = list(Delivery.objects.order_by("id").values_list("id", flat=True))
    assert ids == list(range(ids[0], ids[0] + 14))
    rows = Delivery.objects.filter(message=first).order_by("id")
    assert [row.contact_id for row in rows] == sorted(everybody.values_list("pk", flat=True))
    assert {row.state for row in rows} == {State.QUEUED}
    first.refresh_from_db()
    assert first.recipients == 7


def test_it_cuts_batches_that_cover_the_block_with_contact_bounds(
    world: "World", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "BATCH_SIZE", 3)
    for number in range(5):
        contact(world.alma_list, f"reader{number}@example.hu")
    message = message_of(world)
    queue.enqueue(message, Contact.objects.of(world.alma))
    batches = list(Batch.objects.filter(message=message).order_by("id"))
    assert [b.last_delivery_id - b.first_delivery_id + 1 for b in batches] == [3, 3, 1]
    for batch in batches:
        inside = Delivery.objects.filter(
            id__gte=batch.first_delivery_id, id__lte=batch.last_delivery_id
        )
        contacts = sorted(inside.values_list("contact_id", flat=True))
        assert (contacts[0], contacts[-1]) == (batch.first_contact_id, batch.last_contact_id)
        assert not batch.done


def test_it_takes_nobody_of_another_tenant(world: "World") -> None:
    message = message_of(world)
    assert queue.enqueue(message, Contact.objects.all()) == 2
    assert queue.enqueue(message_of(world), Contact.objects.none()) == 0
    assert not Delivery.objects.filter(contact=world.barack_dora).exists()


@pytest.mark.parametrize("role", sql.ROLES)
def test_it_runs_for_the_roles_that_launch(
    world: "World", role: str, django_capture_on_commit_callbacks: object
) -> None:
    message = message_of(world)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        cursor.execute(f'SET ROLE "{sql.role_name(cursor.fetchone()[0], role)}"')
    try:
        with (
            acting_for(world.alma),
            django_capture_on_commit_callbacks(execute=True),  # type: ignore[operator]
        ):
            assert queue.enqueue(message, Contact.objects.of(world.alma)) == 2
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


def test_it_withdraws_what_was_not_sent(world: "World") -> None:
    message = message_of(world)
    queue.enqueue(message, Contact.objects.of(world.alma))
    Delivery.objects.filter(contact=world.dora).update(state=State.SENT)
    assert queue.withdraw(message, at=NOON) == 1
    states = {d.contact_id: d.state for d in Delivery.objects.filter(message=message)}
    assert states == {world.dora.pk: State.SENT, world.emil.pk: State.CANCELLED}
    assert message.cancelled_at == NOON


def test_it_holds_and_releases(world: "World") -> None:
    message = message_of(world)
    queue.hold(message, at=NOON)
    assert Message.objects.get(pk=message.pk).paused_at == NOON
    queue.release(message)
    assert Message.objects.get(pk=message.pk).paused_at is None
