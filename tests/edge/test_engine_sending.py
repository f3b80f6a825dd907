"""The engine with a real database and a real relay: everybody gets it once, and every answer is accounted."""

import socket
from collections import Counter
from pathlib import Path

import dkim
import pytest
from django.db import connection

from hirnok.contacts.models import Contact
from hirnok.lib import clock
from hirnok.outbox import queue
from hirnok.outbox.models import Batch, Delivery, DeliveryReply, State
from hirnok.register import holdings, suppression
from hirnok.register.models import Holding, Suppression
from hirnok.returns import rules
from hirnok.sandbox import server
from hirnok.sandbox.rules import Rule
from hirnok.tenants import signing
from tests.edge.sending import (
    Sending,
    accepted,
    addresses,
    finished,
    make_due,
    repeated,
    states,
    wait_until,
)
from tests.world import NOON


def test_it_sends_to_everybody_once(sending: Sending, sandbox: server.Sandbox) -> None:
    sending.point_to(sandbox)
    message = sending.launch(addresses(500))
    with sending.engine():
        wait_until(finished(message))
    got = accepted(sandbox)
    assert Counter(recipient for _, recipient in got) == Counter(addresses(500))
    assert len({identity for identity, _ in got}) == 500
    assert states(message) == {State.SENT: 500}
    row = Delivery.objects.filter(message=message)[0]
    assert (row.attempts, row.code) == (1, 250)
    assert row.sent_at is not None
    kept = sandbox.store.read(sandbox.store.newest()[0])
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in kept


def test_it_defers_tries_again_and_delivers(sending: Sending, sandbox: server.Sandbox) -> None:
    sending.point_to(sandbox)
    message = sending.launch([*addresses(20), "greylist-1@example.hu", "busy-1@example.hu"])
    with sending.engine():
        wait_until(lambda: states(message) == {State.SENT: 20, State.DEFERRED: 2})
        waiting = Delivery.objects.filter(message=message, state=State.DEFERRED)
        assert all(row.next_at is not None and row.attempts == 1 for row in waiting)
        assert not finished(message)()
        assert set(DeliveryReply.objects.values_list("code", flat=True)) == {451, 421}
        wait_until(lambda: not Batch.objects.filter(message=message, done=False).exists())
        make_due(message)
        wait_until(finished(message))
    assert states(message) == {State.SENT: 22}
    assert repeated(sandbox) == 0
    again = Delivery.objects.get(contact__email="greylist-1@example.hu")
    assert again.attempts == 2
    assert again.next_at is None


def test_it_gives_up_what_is_deferred_for_too_long(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox)
    message = sending.launch(["mailbox-full@example.hu"])
    message.launched_at = NOON.replace(year=2025)
    message.save()
    with sending.engine():
        wait_until(finished(message))
    assert states(message) == {State.FAILED: 1}


def test_it_suppresses_dead_addresses_and_only_those(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox)
    people = ["no-such-1@example.hu", "blocked-1@example.hu", "anna@example.hu"]
    message = sending.launch(people)
    with sending.engine():
        wait_until(finished(message))
        assert states(message) == {State.BOUNCED: 1, State.FAILED: 1, State.SENT: 1}
        assert not Suppression.objects.exists()  # the rules of the tenant say, not the engine
        assert rules.judge_new(sending.world.alma, at=clock.now()) == 1
        row = Suppression.objects.get()
        assert bytes(row.key) == holdings.index_of(sending.world.alma.pk, people[0])
        assert (row.scope, row.applies_to, row.reason) == ("tenant", "all", "dead_address")
        kinds = dict(DeliveryReply.objects.values_list("code", "kind"))
        assert kinds == {550: "policy"} or "address" in set(
            DeliveryReply.objects.values_list("kind", flat=True)
        )
        assert DeliveryReply.objects.filter(text__contains="5.1.1").exists()
        again = sending.launch([])
        queue.enqueue(again, Contact.objects.filter(email__in=people))
        again.finished_at = None
        again.save(update_fields=["finished_at"])
        wait_until(lambda: states(again) == {State.SUPPRESSED: 1, State.FAILED: 1, State.SENT: 1})


def test_it_leaves_out_whose_data_were_restricted_after_the_launch(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox)
    message = sending.launch(addresses(3))
    restricted = Contact.objects.get(email=addresses(3)[1])
    Holding.objects.filter(pk=restricted.pk).update(restricted_at=NOON)
    with sending.engine():
        wait_until(finished(message))
    assert states(message) == {State.SUPPRESSED: 1, State.SENT: 2}
    assert {to for _, to in accepted(sandbox)} == {addresses(3)[0], addresses(3)[2]}


def test_it_leaves_out_who_was_suppressed_after_the_launch(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox)
    world = sending.world
    message = sending.launch(["a@example.hu", "b@example.hu", "c@rossz.example", "d@example.hu"])
    key = holdings.index_of(world.alma.pk, "a@example.hu")
    here = {"actor": "person", "at": NOON}
    suppression.suppress(
        world.alma, [key], reason=Suppression.Reason.UNSUBSCRIBED, brand=world.alma_brand, **here
    )
    suppression.suppress(
        world.alma,
        [suppression.domain_index(world.alma.pk, "rossz.example")],
        reason=Suppression.Reason.STAFF,
        kind=Suppression.Kind.DOMAIN,
        **here,
    )
    other_brand_only = holdings.index_of(world.alma.pk, "d@example.hu")
    Suppression.objects.create(
        tenant=world.alma, scope="brand", scope_id=world.alma_brand.pk + 1000, key=other_brand_only,
        applies_to="marketing", reason="unsubscribed", since=NOON,
    )  # fmt: skip
    with sending.engine():
        wait_until(finished(message))
    assert states(message) == {State.SUPPRESSED: 2, State.SENT: 2}
    assert {to for _, to in accepted(sandbox)} == {"b@example.hu", "d@example.hu"}


def test_it_forgets_who_was_erased(sending: Sending, sandbox: server.Sandbox) -> None:
    sending.point_to(sandbox)
    message = sending.launch(addresses(10))
    gone = Contact.objects.get(email=addresses(1)[0])
    Holding.objects.filter(pk=gone.pk).delete()
    with sending.engine():
        wait_until(finished(message))
    assert states(message) == {State.SENT: 9, State.ERASED: 1}


def test_it_pauses_goes_on_and_stops_for_good(sending: Sending, sandbox: server.Sandbox) -> None:
    sending.point_to(sandbox, messages_per_second=200)
    message = sending.launch(addresses(3000))
    with sending.engine("--window", "16"):
        wait_until(lambda: len(sandbox.store.entries) > 50)
        queue.hold(message, at=NOON)
        wait_until(lambda: not Batch.objects.filter(lease_owner__isnull=False).exists())
        sent = states(message)[State.SENT]
        assert sent == len(sandbox.store.entries) < 3000
        assert states(message)[State.QUEUED] == 3000 - sent
        queue.release(message)
        wait_until(lambda: len(sandbox.store.entries) > sent + 50)
        queue.withdraw(message, at=NOON)
        wait_until(finished(message))
    after = states(message)
    assert set(after) == {State.SENT, State.CANCELLED}
    assert after[State.SENT] == len(sandbox.store.entries) < 3000
    assert sum(after.values()) == 3000
    assert repeated(sandbox) == 0


def test_it_cancels_what_nobody_has_begun(sending: Sending, sandbox: server.Sandbox) -> None:
    sending.point_to(sandbox)
    message = sending.launch(addresses(10))
    message.cancelled_at = NOON
    message.save()
    with sending.engine():
        wait_until(finished(message))
    assert states(message) == {State.CANCELLED: 10}
    assert not accepted(sandbox)


def test_it_waits_for_a_relay_that_does_not_answer(sending: Sending, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    sending.relay.port = port
    sending.relay.save()
    message = sending.launch(addresses(40))

    def failing() -> bool:
        sending.relay.refresh_from_db()
        return sending.relay.failing_since is not None

    with sending.engine():
        wait_until(failing)
        assert "connect" in sending.relay.last_error
        assert states(message) == {State.QUEUED: 40}
        address = server.Address(smtp_port=port)
        with server.start(tmp_path / "late", address=address) as late:
            wait_until(finished(message))
            assert len(accepted(late)) == 40
            wait_until(lambda: not failing())
    assert states(message) == {State.SENT: 40}


def test_it_does_not_let_a_dead_relay_hold_up_others(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox)
    dead = sending.other_relay(port=9)
    stuck = sending.launch(addresses(50), relay=dead)
    message = sending.launch(addresses(50, 1000))
    with sending.engine():
        wait_until(finished(message))
    assert states(stuck) == {State.QUEUED: 50}
    assert states(message) == {State.SENT: 50}


def test_it_refuses_relays_in_private_networks(sending: Sending, sandbox: server.Sandbox) -> None:
    sending.point_to(sandbox)
    message = sending.launch(addresses(3))

    def told() -> bool:
        sending.relay.refresh_from_db()
        return "private address" in sending.relay.last_error

    with sending.engine(private="0"):
        wait_until(told)
    assert states(message) == {State.QUEUED: 3}
    assert not accepted(sandbox)


def test_it_survives_the_loss_of_its_database_connections(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox, messages_per_second=400)
    message = sending.launch(addresses(800))
    with sending.engine("--window", "32"):
        for part in (100, 300, 500):
            wait_until(lambda goal=part: len(sandbox.store.entries) > goal)
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'hirnok engine' AND datname = current_database()"
                )
        wait_until(finished(message))
    assert states(message) == {State.SENT: 800}
    assert repeated(sandbox) == 0


def test_it_shares_one_connection_fairly_between_messages(
    sending: Sending, sandbox: server.Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "BATCH_SIZE", 200)
    sending.point_to(sandbox, connections=1, messages_per_second=200)
    big = sending.launch(addresses(2000))
    small = sending.launch(addresses(100, 10_000))
    with sending.engine("--lanes", "1", "--window", "16"):
        wait_until(finished(small))
        assert not finished(big)()


def test_it_keeps_the_pace_of_a_slow_relay(sending: Sending, tmp_path: Path) -> None:
    slow = [Rule("olvaso00000[0-3]@*", at="end", delay=1.2)]
    with server.start(tmp_path / "slow", rules=slow) as sandbox:
        sending.point_to(sandbox, connections=2)
        message = sending.launch(addresses(30))
        with sending.engine("--lease", "1"):  # shorter than the answers take: renewed meanwhile
            wait_until(finished(message))
        assert states(message) == {State.SENT: 30}


def test_it_signs_the_mail_of_a_brand_that_wants_it(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    brand = sending.world.alma_brand
    brand.from_address = "hirlevel@alma.example"
    brand.save()
    signing.make_key(brand, actor="test", at=NOON)
    record = signing.published(brand)
    assert record is not None
    sending.point_to(sandbox)
    unsigned = sending.launch(addresses(3))
    with sending.engine():
        wait_until(finished(unsigned))
    assert b"DKIM-Signature" not in sandbox.store.read(sandbox.store.newest()[0])
    signing.start(brand, actor="test", at=NOON)
    message = sending.launch([*addresses(300, 3), "busy-1@example.hu"])
    with sending.engine():
        wait_until(lambda: states(message) == {State.SENT: 300, State.DEFERRED: 1})
        make_due(message)
        wait_until(finished(message))
    assert states(message) == {State.SENT: 301}
    kept = sandbox.store.newest()[:301]
    assert len({entry.id for entry in kept}) == 301

    def dns(name: bytes, timeout: int = 5) -> bytes:
        assert name.decode() == f"{record.name}."
        return record.text.encode()

    for entry in kept[:20]:
        data = sandbox.store.read(entry)
        assert data.startswith(b"DKIM-Signature: ")
        assert dkim.verify(data, dnsfunc=dns)
        assert not dkim.verify(data.replace(b"One-Click", b"Two-Click"), dnsfunc=dns)
