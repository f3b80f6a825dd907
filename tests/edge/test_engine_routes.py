"""Several relays: routes by provider, failover, the circuit breaker, and what is uncertain stays where it was."""

from pathlib import Path

import pytest

from hirnok.lib import clock
from hirnok.outbox.models import Batch, Delivery, Message, Relay, Route, State
from hirnok.sandbox import server
from hirnok.sandbox.rules import Rule
from tests.edge.sending import (
    Sending,
    accepted,
    addresses,
    expire_leases,
    finished,
    make_due,
    states,
    wait_until,
)
from tests.edge.test_engine_pace import of, received


def routed(sending: Sending, emails: list[str]) -> Message:
    """Launch a message that takes the routes."""
    message = sending.launch(emails)
    Message.objects.filter(pk=message.pk).update(is_routed=True)
    return message


def route(sending: Sending, position: int, relay: Relay, **given: object) -> Route:
    return Route.objects.create(tenant=sending.world.alma, position=position, relay=relay, **given)


def received_by(sandbox: server.Sandbox) -> set[str]:
    return {recipient for _, recipient in accepted(sandbox)}


def test_a_provider_has_its_own_way_and_the_rest_goes_to_the_default(
    sending: Sending, sandbox: server.Sandbox, tmp_path: Path
) -> None:
    sending.point_to(sandbox)
    with server.start(tmp_path / "second") as second:
        other = sending.other_relay(port=second.port)
        route(sending, 1, other, to="gmail")
        message = routed(sending, [*of("gmail.com", 100), *of("kisceg.hu", 100)])
        with sending.engine():
            wait_until(finished(message))
        assert received(second) == {"gmail.com": 100}
        assert received(sandbox) == {"kisceg.hu": 100}


@pytest.mark.parametrize("first_is_default", [True, False])
def test_a_relay_that_refuses_connections_is_passed_over(
    sending: Sending, sandbox: server.Sandbox, *, first_is_default: bool
) -> None:
    dead = sending.other_relay(port=1)
    sending.point_to(sandbox)
    if first_is_default:
        Relay.objects.filter(pk=dead.pk).update(name="dead")
        sending.relay, live = dead, sending.relay
        route(sending, 1, dead)
        route(sending, 2, live)
    else:
        route(sending, 1, dead)
    message = routed(sending, addresses(300))
    with sending.engine():
        wait_until(lambda: make_due(message) == 0 and finished(message)())
    assert states(message) == {State.SENT: 300}
    assert len(accepted(sandbox)) == 300
    dead.refresh_from_db()
    assert dead.failing_since is not None


def test_a_relay_that_turns_everybody_away_is_left_alone(
    sending: Sending, sandbox: server.Sandbox, tmp_path: Path
) -> None:
    rules = [Rule("*", reply="421 4.3.2 Service shutting down")]
    with server.start(tmp_path / "away", rules=rules) as away:
        sending.point_to(sandbox)
        route(sending, 1, sending.other_relay(port=away.port))
        message = routed(sending, addresses(400))
        with sending.engine():
            wait_until(lambda: make_due(message) == 0 and finished(message)())
        assert states(message) == {State.SENT: 400}
        assert len(accepted(sandbox)) == 400


def test_a_relay_taken_out_of_use_by_hand_gets_nothing_until_it_is_back(
    sending: Sending, sandbox: server.Sandbox, tmp_path: Path
) -> None:
    sending.point_to(sandbox, held_at=clock.now())
    message = sending.launch(addresses(20))
    with server.start(tmp_path / "second") as second:
        other = sending.other_relay(port=second.port)
        route(sending, 1, sending.relay)
        route(sending, 2, other)
        over = routed(sending, of("kisceg.hu", 20))
        with sending.engine():
            wait_until(finished(over))
            assert received(second) == {"kisceg.hu": 20}
            assert accepted(sandbox) == []
            assert states(message) == {State.QUEUED: 20}
            sending.point_to(sandbox, held_at=None)
            wait_until(finished(message))


def test_what_is_uncertain_waits_for_the_relay_that_may_have_it(
    sending: Sending, sandbox: server.Sandbox, tmp_path: Path
) -> None:
    """The engine is killed with windows open; its relay is then out of use: what may have been sent waits for it."""
    sending.point_to(sandbox)
    with server.start(tmp_path / "first", rules=[Rule("*", at="stored", delay=0.05)]) as first:
        one = sending.other_relay(port=first.port, connections=2)
        route(sending, 1, one)
        message = routed(sending, addresses(400))
        engine = sending.start_engine("--lanes", "1", "--window", "32")
        wait_until(lambda: len(first.store.entries) > 40)
        engine.kill()
        engine.wait()
        Relay.objects.filter(pk=one.pk).update(held_at=clock.now())
        expire_leases()
        with sending.engine("--lanes", "1", "--window", "32"):
            wait_until(lambda: not Batch.objects.filter(message=message, done=False).exists())
            pinned = Delivery.objects.filter(message=message, pinned_relay_id=one.pk)
            assert 0 < pinned.count() <= 32
            assert not received_by(first) & received_by(sandbox)
            Relay.objects.filter(pk=one.pk).update(held_at=None, probe_at=clock.now())
            wait_until(lambda: make_due(message) == 0 and finished(message)())
        assert not received_by(first) & received_by(sandbox)
        assert received_by(first) | received_by(sandbox) == set(addresses(400))
    assert states(message) == {State.SENT: 400}


def test_what_is_tied_to_a_relay_that_was_removed_is_reported_as_unknown(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox)
    message = routed(sending, addresses(10))
    tied = Delivery.objects.filter(message=message).order_by("id")[:2]
    Delivery.objects.filter(pk__in=[one.pk for one in tied]).update(pinned_relay_id=999_999)
    with sending.engine():
        wait_until(finished(message))
    assert states(message) == {State.SENT: 8, State.UNKNOWN: 2}


def test_routes_that_come_while_it_sends_are_taken(
    sending: Sending, sandbox: server.Sandbox, tmp_path: Path
) -> None:
    sending.point_to(sandbox, messages_per_second=100)
    message = routed(sending, of("gmail.com", 600))
    with server.start(tmp_path / "second") as second, sending.engine("--window", "16"):
        wait_until(lambda: len(accepted(sandbox)) > 20)
        route(sending, 1, sending.other_relay(port=second.port), to="gmail")
        wait_until(finished(message))
        assert received(second)["gmail.com"] > 0
        assert received(second)["gmail.com"] + received(sandbox)["gmail.com"] == 600
    assert states(message) == {State.SENT: 600}
