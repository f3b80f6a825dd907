"""What each queue (relay and provider) waits for, and why: the questions of the page "Queue" and of `hirnok queue`.

A delivery that waits is deferred: by us until a place in the line (code 0), or by a refusal for now. What no engine has
looked at yet is counted by relay, from batches, without reading their rows.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F

from hirnok.engine import plans, queue_statements
from hirnok.engine.plans import Plan, Setting
from hirnok.mail.pacing import providers, ramps, routes
from hirnok.mail.pacing.conditions import Condition
from hirnok.mail.pacing.limits import Limits, Rate
from hirnok.outbox import probing
from hirnok.outbox.models import Queue, Relay
from hirnok.tenants.models import Tenant

_WAITING = """
SELECT m.relay_id, m.is_routed, m.brand_id, coalesce(d.provider, ''), d.pinned_relay_id,
       count(*) FILTER (WHERE d.code = 0), count(*) FILTER (WHERE d.code IS DISTINCT FROM 0),
       min(d.next_at), min(m.launched_at)
FROM outbox_delivery d JOIN outbox_message m ON m.tenant_id = d.tenant_id AND m.id = d.message_id
WHERE d.tenant_id = %s AND d.next_at IS NOT NULL AND m.finished_at IS NULL
GROUP BY 1, 2, 3, 4, 5
"""
_FRESH = """
SELECT m.relay_id, m.paused_at IS NOT NULL, min(m.launched_at),
       sum(b.last_delivery_id - greatest(b.first_delivery_id, coalesce(b.window_from, 0)) + 1)::bigint
FROM outbox_batch b JOIN outbox_message m ON m.tenant_id = b.tenant_id AND m.id = b.message_id
WHERE b.tenant_id = %s AND NOT b.done AND m.launched_at IS NOT NULL AND m.finished_at IS NULL AND m.cancelled_at IS NULL
GROUP BY 1, 2
"""
_TOTALS = "SELECT tenant_id, slug, name, waiting, deferred, fresh, failing, slowed FROM outbox_queue_totals()"

Key = tuple[int, str]


@dataclass(frozen=True)
class Reason:
    """Why a queue waits: a code (held, relay_held, failing, suspended, slowed, rate_minute, rate_hour, rate_day, rate_ramp, deferred, paused, ready, turn),
    until when, and what belongs to it."""

    code: str
    until: datetime | None = None
    detail: str = ""
    is_common: bool = False  # a limit of the operator's


@dataclass
class Line:
    """One queue. Without a provider it is everything of the relay that no engine has looked at."""

    relay: Relay
    provider: str
    waiting: int = 0
    deferred: int = 0
    oldest: datetime | None = None
    next_at: datetime | None = None
    reasons: list[Reason] = field(default_factory=list)
    reply: str = ""
    replied_at: datetime | None = None
    ends_at: datetime | None = None
    is_held: bool = False

    @property
    def name(self) -> str:
        """What the provider is called; "" for all and "other" are put into words by the page."""
        return providers.shipped().name_of(self.provider)

    @property
    def total(self) -> int:
        """How many recipients it holds."""
        return self.waiting + self.deferred

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        moments = {"oldest": self.oldest, "next_at": self.next_at, "ends_at": self.ends_at}
        return {
            "relay": self.relay.name,
            "provider": self.provider,
            "waiting": self.waiting,
            "deferred": self.deferred,
            "last_reply": self.reply,
            "reasons": [
                {
                    "code": one.code,
                    "until": one.until.isoformat() if one.until else None,
                    "detail": one.detail,
                    "is_common": one.is_common,
                }
                for one in self.reasons
            ],
        } | {name: at.isoformat() if at else None for name, at in moments.items()}


@dataclass(frozen=True)
class Total:
    """How much of a tenant waits, for the operator."""

    tenant_id: int
    slug: str
    name: str
    waiting: int
    deferred: int
    fresh: int
    failing: int
    slowed: int


def of_tenant(tenant: Tenant, at: datetime) -> list[Line]:
    """Return the tenant's queues, the longest first. Everything is in them that is not sent yet, and what providers
    have said, even where nothing waits."""
    relays = {relay.pk: relay for relay in Relay.objects.of(tenant)}
    plan = plan_of(tenant)
    lines = _Lines(relays)
    _count_waiting(lines, plan, tenant)
    paused = _count_fresh(lines, tenant)
    states = _states(tenant, relays)
    for key, state in states.items():
        if state.held_at or plan.condition(*key).normal_from > at.timestamp():
            lines.of(*key)
    for relay in relays.values():
        if relay.failing_since or relay.held_at:
            lines.of(relay.pk, "")
    for key, one in lines.found.items():
        _explain(one, plan, states.get(key), at, is_paused=one.relay.pk in paused)
    return sorted(lines.found.values(), key=lambda one: (-one.total, one.relay.name, one.provider))


@dataclass
class _Lines:
    relays: Mapping[int, Relay]
    found: dict[Key, Line] = field(default_factory=dict)

    def of(self, relay: int, provider: str) -> Line:
        return self.found.setdefault((relay, provider), Line(self.relays[relay], provider))


def _count_waiting(lines: _Lines, plan: Plan, tenant: Tenant) -> None:
    for relay, is_routed, brand, provider, pinned, waiting, deferred, next_at, since in _rows(
        _WAITING, tenant
    ):
        there = pinned or _way(plan, lines.relays, relay, brand if is_routed else None, provider)
        if there in lines.relays:
            one = lines.of(there, provider or providers.OTHER)
            one.waiting += waiting
            one.deferred += deferred
            one.next_at = min(one.next_at or next_at, next_at)
            one.oldest = min(one.oldest or since, since)


def _count_fresh(lines: _Lines, tenant: Tenant) -> set[int]:
    """Count what no engine has looked at; returns the relays with a paused campaign."""
    paused = set()
    for relay, is_paused, since, fresh in _rows(_FRESH, tenant):
        one = lines.of(relay, "")
        one.waiting += max(0, fresh)
        one.oldest = min(one.oldest or since, since)
        if is_paused:
            paused.add(relay)
    return paused


def totals() -> list[Total]:
    """Return how much waits in each tenant; only the operator's transactions get an answer."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS)
        return [Total(*row) for row in cursor.fetchall()]


def plan_of(tenant: Tenant) -> Plan:
    """Return limits, rules, routes and conditions as an engine reads them, those of the operator among them."""
    with connection.cursor() as cursor:
        cursor.execute(queue_statements.SHAPES, {"tenants": [tenant.pk]})
        row = cursor.fetchone()
        cursor.execute("SELECT outbox_common_shapes()::text")
        common = cursor.fetchone()
    assert row is not None
    assert common is not None
    given, shared = json.loads(row[1]), json.loads(common[0])
    given["operator"] = shared["operator"]
    for kind in ("limits", "rules"):  # a tenant's own transaction does not show the operator's rows
        given[kind] += [one for one in shared[kind] if one not in given[kind]]
    return plans.read(json.dumps(given), [tenant.pk])[tenant.pk]


def _rows(statement: str, tenant: Tenant) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [tenant.pk])
        return list(cursor.fetchall())


def _states(tenant: Tenant, relays: Mapping[int, Relay]) -> dict[Key, Queue]:
    rows = Queue.objects.of(tenant).filter(relay__isnull=False).annotate(number=F("relay_id"))
    return {(row.number, row.provider): row for row in rows if row.number in relays}


def _way(
    plan: Plan, relays: Mapping[int, Relay], default: int, brand: int | None, provider: str
) -> int:
    """Return the relay that would take it now."""
    if brand is None:
        return default
    usable = {pk for pk, relay in relays.items() if not (relay.failing_since or relay.held_at)}
    steps = routes.way(plan.routes, default, brand, provider, provider)
    return routes.relay_for(steps, usable, 0) or default


def _explain(line: Line, plan: Plan, state: Queue | None, at: datetime, *, is_paused: bool) -> None:
    now, relay = at.timestamp(), line.relay
    condition = plan.condition(relay.pk, line.provider)
    limits = _limits(plan, line, now)
    line.is_held = plan.is_held(relay.pk, line.provider)
    if state is not None:
        line.reply, line.replied_at = state.last_reply, state.last_reply_at
    told = [
        Reason("held") if line.is_held else None,
        Reason("relay_held", detail=relay.name) if relay.held_at else None,
        Reason("failing", detail=probing.failure(relay)) if relay.failing_since else None,
        _said(condition, now),
        Reason("paused") if is_paused and not line.provider else None,
        _limit(plan, line, now) if line.waiting and line.provider else None,
        Reason("deferred", until=line.next_at) if line.deferred else None,
    ]
    line.reasons = [reason for reason in told if reason is not None]
    if not line.reasons and line.total:
        line.reasons = [Reason("ready" if not line.provider else "turn", until=line.next_at)]
    line.ends_at = _end(line, limits.rates(condition.factor_at(now)), condition, at)


def _said(condition: Condition, now: float) -> Reason | None:
    if condition.is_suspended(now):
        return Reason("suspended", _moment(condition.suspended_until), condition.rule)
    if condition.factor_at(now) < 1:
        until = _moment(condition.normal_from)
        return Reason("slowed", until, f"{round(100 * condition.factor_at(now))} %")
    return None


def _limits(plan: Plan, line: Line, now: float) -> Limits:
    """Return what holds for a queue, all limits together."""
    found = plan.of_relay(line.relay.pk, now).tighter(plan.of_tenant(now))
    if line.provider:
        found = found.tighter(plan.of_provider(line.relay.pk, line.provider, now))
    return found


def _limit(plan: Plan, line: Line, now: float) -> Reason | None:
    """Return the limit that decides, and whether it would not be without the operator's."""
    relay, provider = line.relay.pk, line.provider
    found = _limit_of(_limits(plan, line, now), plan.setting(relay, provider), now)
    if found is None or not plan.common:
        return found
    own = replace(plan, common={})
    alone = _limit_of(_limits(own, line, now), own.setting(relay, provider), now)
    return replace(found, is_common=found != alone)


def _limit_of(limits: Limits, setting: Setting | None, now: float) -> Reason | None:
    """Return the limit that decides: that with the longest gap; whether it is a ramp's."""
    rates = [(rate.gap, rate) for rate in limits.rates() if rate is not None]
    if not rates:
        return None
    _, rate = max(rates, key=lambda pair: pair[0])
    unit = {60.0: "minute", 3600.0: "hour"}.get(rate.period, "day")
    ramp = setting.ramp if setting else ()
    started = setting.ramp_from if setting else None
    if unit == "day" and started is not None and ramps.allowed(ramp, started, now) == rate.count:
        unit = "ramp"
    return Reason(f"rate_{unit}", detail=str(rate.count))


def _end(
    line: Line, rates: Iterable[Rate | None], condition: Condition, at: datetime
) -> datetime | None:
    """Return when the last one is likely to have gone; None where nothing or nobody can tell."""
    if not line.total or line.is_held or line.relay.held_at or line.relay.failing_since:
        return None
    gaps = [rate.gap for rate in rates if rate is not None]
    if line.relay.messages_per_second:
        gaps.append(1 / line.relay.messages_per_second)
    if not gaps:
        return None
    start = max(at, _moment(condition.suspended_until)) if condition.suspended_until else at
    end = start + timedelta(seconds=line.total * max(gaps))
    return max(end, line.next_at) if line.next_at else end


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def by_relay(lines: Iterable[Line]) -> dict[Relay, list[Line]]:
    """Group lines for a page."""
    groups: dict[Relay, list[Line]] = defaultdict(list)
    for one in lines:
        groups[one.relay].append(one)
    return dict(groups)
