"""What an engine makes of the settings: precedence, the operator's defaults, rules in order, shares, gates, domains."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from hirnok.engine import plans
from hirnok.engine.channel import Channel, Relay
from hirnok.engine.domains import Domains
from hirnok.engine.shaping import Gate, without_addresses
from hirnok.lib.dns import Resolver, Unanswered
from hirnok.mail.pacing.limits import Limits
from tests.name_server import name_server

ALMA, OPERATOR, RELAY, OTHER = 7, 1, 70, 71
AT = 1_790_000_000.0


def read(**given: list[Any]) -> plans.Plan:
    empty: dict[str, Any] = {"limits": [], "rules": [], "routes": [], "queues": []}
    return plans.read(json.dumps(empty | {"operator": OPERATOR} | given), [ALMA])[ALMA]


def limit(tenant: int, relay: int | None, provider: str, minute: int) -> list[Any]:
    return [tenant, relay, provider, minute, None, None, None, [], None]


def test_the_most_particular_setting_decides() -> None:
    plan = read(
        limits=[
            limit(OPERATOR, None, "*", 1),
            limit(OPERATOR, None, "yahoo", 2),
            limit(ALMA, None, "gmail", 3),
            limit(ALMA, RELAY, "*", 4),
            limit(ALMA, RELAY, "gmail", 5),
            limit(OPERATOR, 99, "gmail", 6),  # of the operator's own relay
        ]
    )
    asked = {
        (relay, provider): plan.of_provider(relay, provider, AT).per_minute
        for relay in (RELAY, OTHER)
        for provider in ("gmail", "yahoo", "kisceg.hu")
    }
    assert asked == {
        (RELAY, "gmail"): 5,
        (RELAY, "yahoo"): 4,
        (RELAY, "kisceg.hu"): 4,
        (OTHER, "gmail"): 3,
        (OTHER, "yahoo"): 2,
        (OTHER, "kisceg.hu"): 1,
    }
    assert not plan.is_free(OTHER, AT)


def test_nothing_set_is_free_and_what_concerns_another_relay_too() -> None:
    assert read().is_free(RELAY, AT)
    plan = read(
        limits=[limit(ALMA, OTHER, "*", 1)],
        queues=[[ALMA, OTHER, "gmail", {}, True]],
    )
    assert plan.is_free(RELAY, AT)
    assert not plan.is_free(OTHER, AT)
    assert plan.is_held(OTHER, "gmail")
    assert not plan.is_held(OTHER, "yahoo")


def test_all_other_providers_are_held_together() -> None:
    plan = read(queues=[[ALMA, RELAY, "other", {}, True]])
    assert plan.is_held(RELAY, "kisceg.hu")
    assert not plan.is_held(RELAY, "gmail")


def test_a_condition_slows_the_usual_rate_and_passes() -> None:
    slowed = {"suspended_until": 0, "factor": 0.5, "slowed_at": AT, "step": 60.0, "strikes": 0, "rule": "x"}  # fmt: skip
    plan = read(queues=[[ALMA, RELAY, "gmail", slowed, False]])
    assert plan.of_provider(RELAY, "gmail", AT) == Limits(per_minute=1200)
    assert not plan.is_free(RELAY, AT)
    assert plan.is_free(RELAY, AT + 61)


def test_own_rules_come_before_the_operators_and_those_before_the_programs() -> None:
    plan = read(
        rules=[
            [OPERATOR, 1, "*", "busy", "slow", 0.5, 10],
            [ALMA, 2, "*", "busy", "ignore", 1, 1],
            [ALMA, 3, "*", "a*b*c*d*e*f*g", "slow", 0.5, 10],  # cannot be used
        ]
    )
    assert [rule.id for rule in plan.rules[:3]] == ["own-2", "own-1", "gmail-mailbox-rate"]


def test_engines_divide_connections_and_messages_a_second() -> None:
    channel = Channel(
        Relay(ALMA, RELAY, "localhost", 25, connections=10, messages_per_second=100),
        "localhost",
        lambda: None,
    )
    channel.share(4, held=False, probe_at=None)
    assert channel.engines == 4
    assert channel._pace._gap == pytest.approx(4 / 100)
    channel.share(1, held=True, probe_at=None)
    assert not channel.is_trusted


def test_a_gate_lets_so_many_in_and_the_next_when_one_leaves() -> None:
    gate = Gate(2)
    jobs: list[Any] = [object(), object(), object()]
    assert [gate.enter(job) for job in jobs] == [True, True, False]
    assert gate.leave() is jobs[2]
    assert gate.leave() is None
    assert gate.busy == 0


def run(coroutine: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(coroutine())


def test_domains_are_looked_up_beside_the_sending() -> None:
    records = {
        ("kisceg.hu", "MX"): ["10 aspmx.l.google.com."],
        ("nagyceg.ro", "MX"): ["10 mx.nagyceg.ro."],
    }
    with name_server(records) as server:
        domains = Domains(Resolver(server.address).mail_servers)
        assert domains.provider("gmail.com") == "gmail"
        assert domains.provider("kisceg.hu") == "kisceg.hu"  # nobody waits for the answer
        assert domains.provider("nagyceg.ro") == "nagyceg.ro"
        run(domains.resolve)
        assert domains.provider("kisceg.hu") == "gmail"
        assert domains.provider("nagyceg.ro") == "nagyceg.ro"
        run(domains.resolve)
        assert server.asked.count(("kisceg.hu", "MX")) == 1
        domains.close()


def test_a_silent_name_server_changes_nothing() -> None:
    def silent(domain: str) -> list[tuple[int, str]]:
        raise Unanswered(domain)

    domains = Domains(silent)
    assert domains.provider("kisceg.hu") == "kisceg.hu"
    run(domains.resolve)
    assert domains.provider("kisceg.hu") == "kisceg.hu"
    domains.close()


def test_replies_are_kept_without_addresses() -> None:
    said = "451 4.7.1 <dora@example.hu>: rate of dora@example.hu exceeded\r\nsee https://x.example"
    assert without_addresses(said) == "451 4.7.1 …: rate of … exceeded see https://x.example"
