"""Pace through a real database, engines and relays: limits hold for all engines together, nothing waits behind what
waits, and everybody gets it in the end."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from hirnok.lib import clock
from hirnok.outbox.models import Batch, Delivery, DeliveryReply, Limit, Message, Queue, State
from hirnok.sandbox import server
from hirnok.sandbox.rules import Rule
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


def of(domain: str, count: int) -> list[str]:
    """Return addresses of one domain."""
    return [address.replace("example.hu", domain) for address in addresses(count)]


def received(sandbox: server.Sandbox) -> Counter[str]:
    """Count what was accepted, by domain."""
    return Counter(recipient.partition("@")[2] for _, recipient in accepted(sandbox))


def limit(sending: Sending, **given: Any) -> Limit:
    return Limit.objects.create(tenant=sending.world.alma, **given)


def resting(message: Message) -> bool:
    """Whether all batches have been looked at."""
    return not Batch.objects.filter(message=message, done=False).exists()


def test_a_limited_provider_waits_and_nobody_waits_behind_it(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox)
    limit(sending, provider="gmail", per_hour=100)
    message = sending.launch([*of("gmail.com", 300), *of("kisceg.hu", 200)])
    with sending.engine():
        wait_until(lambda: received(sandbox)["kisceg.hu"] == 200)
        wait_until(lambda: resting(message))
        waiting = Delivery.objects.filter(message=message, state=State.DEFERRED)
        assert 280 <= waiting.count() <= 290  # a tenth of the limit went at once
        assert set(waiting.values_list("provider", "code", "attempts")) == {("gmail", 0, 0)}
        assert waiting.filter(next_at__lte=clock.now() + timedelta(seconds=20)).count() <= 2
        assert not DeliveryReply.objects.exists()
        Limit.objects.all().delete()
        wait_until(lambda: make_due(message) == 0 and finished(message)())
    assert received(sandbox) == {"gmail.com": 300, "kisceg.hu": 200}
    assert repeated(sandbox) == 0


def test_two_engines_share_a_limit(sending: Sending, sandbox: server.Sandbox) -> None:
    sending.point_to(sandbox)
    limit(sending, provider="*", per_hour=300)
    message = sending.launch(of("gmail.com", 4500))
    with sending.engine(), sending.engine():
        wait_until(lambda: resting(message))
        assert received(sandbox)["gmail.com"] <= 34
        assert received(sandbox)["gmail.com"] >= 30
    row = Queue.objects.get(provider="gmail")
    assert row.version > 0
    assert row.relay_id == sending.relay.pk


def test_limits_of_relay_and_tenant_hold_over_all_providers(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox)
    limit(sending, provider="", relay=sending.relay, per_hour=200)
    limit(sending, provider="", per_day=100)
    message = sending.launch([*of("gmail.com", 60), *of("yahoo.ro", 60), *of("kisceg.hu", 60)])
    with sending.engine():
        wait_until(lambda: resting(message))
        assert received(sandbox).total() == 10
    assert states(message) == {State.SENT: 10, State.DEFERRED: 170}


def test_a_ramp_lets_the_first_day_go(sending: Sending, sandbox: server.Sandbox) -> None:
    sending.point_to(sandbox)
    limit(sending, provider="*", ramp=[50, 100], ramp_from=clock.now() - timedelta(minutes=1))
    message = sending.launch([*of("gmail.com", 100), *of("yahoo.com", 100)])
    with sending.engine():
        wait_until(lambda: resting(message))
        assert received(sandbox) == {"gmail.com": 5, "yahoo.com": 5}


def test_a_reply_suspends_a_provider_and_its_queue_holds_no_lease(
    sending: Sending, tmp_path: Path
) -> None:
    text = "421 4.7.0 Try again later, closing connection for olvaso000001@gmail.com"
    rules = [Rule("*@gmail.com", reply=text)]
    with server.start(tmp_path / "busy", rules=rules) as sandbox, sending.engine():
        sending.point_to(sandbox)
        message = sending.launch(of("gmail.com", 10_000))
        other = sending.launch(of("kisceg.hu", 500))
        wait_until(lambda: resting(message))
        wait_until(finished(other))
        rows = Delivery.objects.filter(message=message, state=State.DEFERRED)
        assert rows.count() == 10_000
        assert rows.filter(code=0).count() > 9_000
        queue = Queue.objects.get(provider="gmail")
        assert queue.condition["rule"] == "gmail-later"
        assert "@" not in queue.last_reply
        assert queue.normal_at is not None
        assert rows.filter(code=0, next_at__lt=clock.now() + timedelta(minutes=10)).count() == 0
        assert received(sandbox) == {"kisceg.hu": 500}


def test_it_comes_back_by_itself(sending: Sending, sandbox: server.Sandbox) -> None:
    sending.point_to(sandbox)
    past = clock.now().timestamp() - 50_000
    condition = {
        "suspended_until": past,
        "factor": 0.1,
        "slowed_at": past - 10,
        "step": 60.0,
        "strikes": 2,
        "rule": "x",
    }
    Queue.objects.create(
        tenant=sending.world.alma, relay=sending.relay, provider="gmail", condition=condition
    )
    message = sending.launch(of("gmail.com", 300))
    with sending.engine():
        wait_until(finished(message))
    assert states(message) == {State.SENT: 300}


def test_what_is_held_by_hand_waits(sending: Sending, sandbox: server.Sandbox) -> None:
    sending.point_to(sandbox)
    held = Queue.objects.create(
        tenant=sending.world.alma, relay=sending.relay, provider="gmail", held_at=clock.now()
    )
    message = sending.launch([*of("gmail.com", 50), *of("kisceg.hu", 50)])
    with sending.engine():
        wait_until(lambda: states(message) == {State.SENT: 50, State.DEFERRED: 50})
        held.held_at = None
        held.save()
        wait_until(lambda: make_due(message) == 0 and finished(message)())
    assert repeated(sandbox) == 0


def test_connections_of_a_provider_are_limited(sending: Sending, tmp_path: Path) -> None:
    limit(sending, provider="gmail", connections=2)
    rules = [Rule("*@gmail.com", at="end", delay=0.02)]
    with server.start(tmp_path / "slow", rules=rules) as sandbox, sending.engine():
        sending.point_to(sandbox)
        message = sending.launch([*of("gmail.com", 60), *of("kisceg.hu", 60)])
        wait_until(finished(message))
        assert received(sandbox) == {"gmail.com": 60, "kisceg.hu": 60}
        assert repeated(sandbox) == 0


def test_pace_and_a_kill_lose_nothing(sending: Sending, sandbox: server.Sandbox) -> None:
    sending.point_to(sandbox)
    limit(sending, provider="*", per_minute=6000)
    message = sending.launch([*of("gmail.com", 600), *of("yahoo.ro", 600)])
    first = sending.start_engine("--lease", "2")
    wait_until(lambda: len(accepted(sandbox)) > 200)
    first.kill()
    first.wait()
    with sending.engine("--lease", "2"):
        wait_until(finished(message))
    assert states(message) == {State.SENT: 1200}
    assert len(set(accepted(sandbox))) == 1200


def test_the_relays_schedule_says_when_it_is_tried_again(
    sending: Sending, sandbox: server.Sandbox
) -> None:
    sending.point_to(sandbox, retry_first_minutes=45)
    message = sending.launch(["mailbox-full@example.hu"])
    with sending.engine():
        wait_until(lambda: states(message) == {State.DEFERRED: 1})
    row = Delivery.objects.get(message=message)
    assert row.next_at is not None
    assert row.next_at > clock.now() + timedelta(minutes=40)
    assert row.provider == "other"
