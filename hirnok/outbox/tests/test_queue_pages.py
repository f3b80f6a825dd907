"""The page "Queue": what waits and why, in words, and what can be done about it."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from hirnok.lib import clock
from hirnok.outbox import jobs, pacing, queues
from hirnok.outbox.models import Delivery, Limit, Message, Queue, Relay, Route, State
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import AuditEntry
from tests.world import World


@pytest.fixture
def relay(world: World) -> Relay:
    return Relay.objects.create(
        tenant=world.alma, name="Küldő", host="localhost", port=1, security="none", is_default=True
    )


@pytest.fixture
def waiting(world: World, relay: Relay) -> list[Delivery]:
    """Return deliveries that wait: two of Google's for their place, one of Yahoo's for another attempt."""
    message = Message.objects.create(
        tenant=world.alma,
        brand=world.alma_brand,
        relay=relay,
        return_path="",
        compiled=b"",
        measurement="individual",
        created_at=clock.now(),
        launched_at=clock.now(),
    )
    soon = clock.now() + timedelta(hours=1)
    return [
        Delivery.objects.create(
            id=900_000 + number,
            tenant=world.alma,
            message=message,
            state=State.DEFERRED,
            code=code,
            next_at=soon,
            provider=provider,
        )
        for number, (provider, code) in enumerate([("gmail", 0), ("gmail", 0), ("yahoo", 421)])
    ]


@pytest.mark.usefixtures("waiting")
def test_it_says_what_waits_and_why(world: World, relay: Relay) -> None:
    Limit.objects.create(tenant=world.alma, provider="*", per_hour=60)
    at = clock.now().timestamp()
    Queue.objects.create(
        tenant=world.alma,
        relay=relay,
        provider="yahoo",
        last_reply="421 4.7.0 [TSS04] deferred",
        last_reply_at=clock.now(),
        condition={"suspended_until": at + 900, "factor": 0.25, "slowed_at": at, "step": 60, "strikes": 0, "rule": "yahoo-volume"},
    )  # fmt: skip
    page = world.client(world.anna).get("/alma/queue/").text
    for words in ("Google (Gmail, Workspace)", "2 wait", "60 an hour", "Yahoo, AOL", "1 refused for now",
                  "suspended by the provider", "[TSS04]", "likely to be done by", "3 messages wait"):  # fmt: skip
        assert words in page, words
    part = world.client(world.anna).get("/alma/queue/?part=lines").text
    assert "<html" not in part
    assert "Yahoo, AOL" in part


@pytest.mark.usefixtures("waiting")
def test_it_says_when_the_operators_limit_is_why(world: World, relay: Relay) -> None:
    Limit.objects.create(tenant=world.operator, provider="*", per_hour=30)
    Limit.objects.create(tenant=world.barack, provider="gmail", per_hour=7)
    elsewhere = Relay.objects.create(tenant=world.operator, name="o", host="localhost", port=1, security="none")  # fmt: skip
    Limit.objects.create(tenant=world.operator, relay=elsewhere, provider="gmail", per_hour=3)
    page = world.client(world.anna).get("/alma/queue/").text
    assert "30 an hour" in page and "set by the operator for everybody" in page
    assert not any(words in page for words in ("7 an hour", "3 an hour"))
    own = Limit.objects.create(tenant=world.alma, provider="gmail", per_hour=60)
    page = world.client(world.anna).get("/alma/queue/").text
    assert "60 an hour" in page and "set by the operator" not in page
    own.delete()
    Limit.objects.create(
        tenant=world.operator, per_day=24
    )  # all mail of a tenant: tighter than an hour's thirty
    with acting_for(world.alma):
        (line,) = [one for one in queues.of_tenant(world.alma, clock.now()) if one.provider == "gmail"]  # fmt: skip
    (limit,) = [one for one in line.reasons if one.code.startswith("rate_")]
    assert (limit.code, limit.detail, limit.is_common) == ("rate_day", "24", True)


def test_it_says_that_nothing_waits(world: World, relay: Relay) -> None:
    assert "Nothing waits" in world.client(world.anna).get("/alma/queue/").text


def test_by_hand_a_queue_is_suspended_resumed_and_tried(
    world: World, relay: Relay, waiting: list[Delivery]
) -> None:
    client = world.client(world.anna)
    client.post(f"/alma/queue/{relay.pk}/suspend/", {"provider": "gmail"})
    assert Queue.objects.get(provider="gmail").held_at is not None
    assert "suspended by hand" in client.get("/alma/queue/").text
    client.post(f"/alma/queue/{relay.pk}/resume/", {"provider": "gmail"})
    assert Queue.objects.get(provider="gmail").held_at is None
    soon = clock.now() + timedelta(minutes=1)
    assert Delivery.objects.filter(provider="gmail", next_at__lt=soon).count() == 2
    assert Delivery.objects.filter(provider="yahoo", next_at__lt=soon).count() == 0
    client.post(f"/alma/queue/{relay.pk}/try/", {"provider": "yahoo"})
    assert Delivery.objects.filter(provider="yahoo", next_at__lt=soon).count() == 1
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"queue.suspend", "queue.resume", "queue.try_now"} <= actions


@pytest.mark.usefixtures("waiting")
def test_the_worker_calls_back_what_a_request_has_no_time_for(
    world: World, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "PART", 1)
    client = world.client(world.anna)
    soon = clock.now() + timedelta(minutes=1)
    called = Delivery.objects.filter(next_at__lt=soon)
    page = client.post(f"/alma/queue/{relay.pk}/resume/", {"provider": ""}, follow=True).text
    assert "1 message is tried again in a moment, all others follow" in page
    assert called.count() == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo'",
            [pacing.TASK],
        )
        [(arguments,)] = cursor.fetchall()
    jobs.call_back(**json.loads(arguments))
    assert sorted(called.values_list("provider", flat=True)) == ["gmail", "gmail"]
    page = client.post(f"/alma/queue/{relay.pk}/try/", {"provider": "yahoo"}, follow=True).text
    assert "1 message is tried again in a moment." in page
    assert called.count() == 3


def test_a_relay_is_taken_out_of_use_and_back(world: World, relay: Relay) -> None:
    client = world.client(world.anna)
    client.post(f"/alma/settings/relays/{relay.pk}/hold/")
    assert "out of use" in client.get("/alma/queue/").text
    client.post(f"/alma/settings/relays/{relay.pk}/release/")
    relay.refresh_from_db()
    assert relay.held_at is None
    assert relay.probe_at is not None


def test_limits_rules_and_routes_are_set_and_removed(world: World, relay: Relay) -> None:
    client = world.client(world.anna)
    base = "/alma/settings/pace/"
    client.post(f"{base}limits/new/", {"provider": "gmail", "per_minute": "100", "ramp": "usual"})
    limit = Limit.objects.get()
    assert (limit.provider, limit.per_minute, limit.ramp[:2]) == ("gmail", 100, [200, 500])
    assert limit.ramp_from is not None
    started = limit.ramp_from
    client.post(
        f"{base}limits/{limit.pk}/",
        {"relay": relay.pk, "domain": "KisCeg.hu", "per_minute": "5", "ramp": "own", "ramp_days": "10, 20"},
    )  # fmt: skip
    limit = Limit.objects.get()
    assert (limit.relay_id, limit.provider, limit.ramp) == (relay.pk, "kisceg.hu", [10, 20])
    assert limit.ramp_from >= started
    client.post(
        f"{base}rules/new/",
        {"provider": "*", "contains": "421 * too many", "action": "slow", "percent": "50", "minutes": "15"},
    )  # fmt: skip
    client.post(f"{base}routes/new/", {"position": "1", "relay": relay.pk, "provider": "yahoo", "weight": "2"})  # fmt: skip
    page = client.get(base).text
    for words in ("kisceg.hu", "421 * too many", "Yahoo, AOL", "share 2", "microsoft"):
        assert words.lower() in page.lower(), words
    rule = queues.plan_of(world.alma).rules[0]
    assert rule.fits("gmail", "421 4.7.0 there are too many of you", "rate")
    route = Route.objects.get()
    client.post(f"{base}limits/{limit.pk}/remove/")
    client.post(f"{base}routes/{route.pk}/remove/")
    assert not Limit.objects.exists()
    assert not Route.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{}, {"per_minute": "0"}, {"ramp": "own", "ramp_days": "100, 50"}, {"domain": "not a domain", "per_day": "1"}],
)  # fmt: skip
def test_a_limit_that_limits_nothing_or_is_wrong_is_refused(
    world: World, wrong: dict[str, str]
) -> None:
    client = world.client(world.anna)
    answer = client.post("/alma/settings/pace/limits/new/", {"provider": "*"} | wrong)
    assert answer.status_code == 200
    assert not Limit.objects.exists()


@pytest.mark.usefixtures("waiting")
def test_the_operator_sees_how_much_waits_elsewhere(world: World) -> None:
    with acting_for(world.operator):
        found = {one.slug: (one.waiting, one.deferred) for one in queues.totals()}
    assert found["alma"] == (2, 1)
    with acting_for(world.alma):
        assert queues.totals() == []


@pytest.mark.usefixtures("waiting")
def test_the_command_tells_it_as_json(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("queue", "--tenant", "alma", "--json")
    told = json.loads(capsys.readouterr().out)
    assert {(row["provider"], row["waiting"], row["deferred"]) for row in told} == {
        ("gmail", 2, 0),
        ("yahoo", 0, 1),
    }
    call_command("queue")
    assert "gmail: 2 waiting" in capsys.readouterr().out
