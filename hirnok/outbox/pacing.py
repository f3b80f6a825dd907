"""Deciding by hand how fast mail goes and where: queues, relays, limits, rules for replies, routes.

Each is one transaction with its audit entry; engines take it up within about a second. Whatever lets more through calls
back what had got a place in the line under the old rule.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app

from hirnok.mail.pacing import conditions
from hirnok.outbox import queue as outbox_queue
from hirnok.outbox.models import Delivery, Limit, Queue, Relay, ReplyRule, Route, State
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Brand, Tenant

TASK = "hirnok.outbox.jobs.call_back"
PART = 2000  # rows that are moved in one transaction
_PACED = 0
_SOON = timedelta(seconds=2)  # engines know the new rule by then


@dataclass(frozen=True)
class Allowed:
    """What a limit allows; None or empty: nothing is limited."""

    connections: int | None = None
    per_minute: int | None = None
    per_hour: int | None = None
    per_day: int | None = None
    ramp: tuple[int, ...] = ()


@dataclass(frozen=True)
class Said:
    """A rule: when a provider ("*": any) says this, then that, with which part of the speed, for how many minutes."""

    provider: str
    contains: str
    action: str
    factor: float
    minutes: int


@dataclass(frozen=True)
class CalledBack:
    """How many were called back at once, and whether those are all: otherwise the worker goes on."""

    number: int
    is_all: bool


@transaction.atomic
def suspend(relay: Relay, provider: str, *, actor: str, at: datetime) -> None:
    """Let nothing more go to a provider through a relay until somebody says so."""
    row, _ = Queue.objects.get_or_create(tenant_id=relay.tenant_id, relay=relay, provider=provider)
    Queue.objects.filter(tenant_id=relay.tenant_id, pk=row.pk).update(held_at=at)
    _record(relay, "queue.suspend", provider, actor, at)
    outbox_queue.wake()


@transaction.atomic
def resume(relay: Relay, provider: str, *, actor: str, at: datetime) -> CalledBack:
    """Let a queue go on at full speed, whatever was decided or said before."""
    Queue.objects.filter(tenant_id=relay.tenant_id, relay=relay, provider=provider).update(
        held_at=None, condition={}, normal_at=None, promised=0
    )
    found = call_back(relay.tenant_id, provider, at=at)
    _record(relay, "queue.resume", provider, actor, at)
    return found


@transaction.atomic
def try_now(relay: Relay, provider: str, *, actor: str, at: datetime) -> CalledBack:
    """Let everything of a queue be tried at once, also what was refused for now."""
    Queue.objects.filter(tenant_id=relay.tenant_id, relay=relay, provider=provider).update(
        condition={}, normal_at=None, promised=0
    )
    found = call_back(relay.tenant_id, provider, at=at, refused=True)
    _record(relay, "queue.try_now", provider, actor, at)
    return found


def call_back(
    tenant_id: int, provider: str = "", *, at: datetime, refused: bool = False
) -> CalledBack:
    """Let those that wait for a place ask again in a moment; with `refused` also those refused for now.

    As many as a request has time for at once, in the order of their places; the worker does the others.
    """
    waiting = _waiting(tenant_id, provider, at=at, refused=refused).order_by("next_at", "pk")
    found = list(waiting.values_list("pk", flat=True)[: PART + 1])
    _bring_forward(tenant_id, found[:PART], at=at)
    is_all = len(found) <= PART
    if not is_all:
        job = app.configure_task(TASK, lock=f"{TASK}:{tenant_id}")
        job.defer(tenant_id=tenant_id, provider=provider, refused=refused)
    outbox_queue.wake()
    return CalledBack(len(found[:PART]), is_all)


def call_back_rest(tenant_id: int, provider: str, *, at: datetime, refused: bool) -> int:
    """Call back all that waits now, in parts, each in a transaction of its own; returns how many.

    Whoever gets another place meanwhile got it under the new rule, and keeps it if their part is done.
    """
    with acting_for(tenant_id):
        waiting = _waiting(tenant_id, provider, at=at, refused=refused)
        ids = sorted(waiting.values_list("pk", flat=True))
    found = 0
    for start in range(0, len(ids), PART):
        with acting_for(tenant_id):
            found += _bring_forward(tenant_id, ids[start : start + PART], at=at)
            outbox_queue.wake()
    return found


def _waiting(
    tenant_id: int, provider: str, *, at: datetime, refused: bool
) -> "QuerySet[Delivery, Delivery]":
    rows: QuerySet[Delivery, Delivery] = Delivery.objects.filter(
        tenant_id=tenant_id, state=State.DEFERRED, next_at__gt=at + _SOON
    )
    if not refused:
        rows = rows.filter(code=_PACED)
    return rows.filter(provider=provider) if provider else rows


def _bring_forward(tenant_id: int, ids: list[int], *, at: datetime) -> int:
    """Rows that an engine has taken or sent meanwhile are let alone."""
    rows = Delivery.objects.filter(
        tenant_id=tenant_id, pk__in=ids, state=State.DEFERRED, next_at__gt=at + _SOON
    )
    return int(rows.update(next_at=at + _SOON))


@transaction.atomic
def hold_relay(relay: Relay, *, actor: str, at: datetime) -> None:
    """Take a relay out of use: its circuit is open by hand. What has begun is finished."""
    Relay.objects.filter(tenant_id=relay.tenant_id, pk=relay.pk).update(held_at=at)
    audit.record(relay.tenant_id, "relay.hold", actor=actor, at=at, about=relay)
    outbox_queue.wake()


@transaction.atomic
def release_relay(relay: Relay, *, actor: str, at: datetime) -> None:
    """Use a relay again and try it at once."""
    Relay.objects.filter(tenant_id=relay.tenant_id, pk=relay.pk).update(held_at=None, probe_at=at)
    audit.record(relay.tenant_id, "relay.release", actor=actor, at=at, about=relay)
    outbox_queue.wake()


@transaction.atomic
def set_limit(
    tenant: Tenant,
    relay: Relay | None,
    provider: str,
    allowed: Allowed,
    *,
    actor: str,
    at: datetime,
) -> Limit:
    """Limit a provider ("*": each, "": all together) behind a relay, or (None) in the whole tenant."""
    limit: Limit | None = Limit.objects.of(tenant).filter(relay=relay, provider=provider).first()
    if limit is None:
        limit = Limit(tenant=tenant, relay=relay, provider=provider)
    if list(allowed.ramp) != list(limit.ramp):
        limit.ramp, limit.ramp_from = list(allowed.ramp), at if allowed.ramp else None
    limit.connections, limit.per_minute = allowed.connections, allowed.per_minute
    limit.per_hour, limit.per_day = allowed.per_hour, allowed.per_day
    limit.save()
    audit.record(tenant, "limit.set", actor=actor, at=at, about=limit, provider=provider)
    call_back(tenant.pk, at=at)
    return limit


@transaction.atomic
def remove_limit(limit: Limit, *, actor: str, at: datetime) -> None:
    """Limit it no more."""
    audit.record(limit.tenant_id, "limit.remove", actor=actor, at=at, provider=limit.provider)
    tenant_id = limit.tenant_id
    limit.delete()
    call_back(tenant_id, at=at)


@transaction.atomic
def add_rule(tenant: Tenant, said: Said, *, actor: str, at: datetime) -> ReplyRule:
    """Add a rule for replies, asked after the tenant's earlier ones; conditions.BadRule when it cannot be used."""
    conditions.made({"id": "new"} | asdict(said))
    last = ReplyRule.objects.of(tenant).order_by("-position").first()
    position = last.position + 1 if last else 1
    rule: ReplyRule = ReplyRule.objects.create(tenant=tenant, position=position, **asdict(said))
    audit.record(tenant, "reply_rule.add", actor=actor, at=at, about=rule, provider=said.provider)
    outbox_queue.wake()
    return rule


@transaction.atomic
def remove_rule(rule: ReplyRule, *, actor: str, at: datetime) -> None:
    """Remove a rule for replies."""
    audit.record(rule.tenant_id, "reply_rule.remove", actor=actor, at=at, provider=rule.provider)
    rule.delete()
    outbox_queue.wake()


@transaction.atomic
def add_route(
    relay: Relay,
    *,
    position: int,
    brand: Brand | None,
    to: str,
    weight: int,
    actor: str,
    at: datetime,
) -> Route:
    """Lead mail of a brand (None: each) to a provider or domain ("": each) through a relay."""
    route: Route = Route.objects.create(
        tenant_id=relay.tenant_id,
        position=position,
        relay=relay,
        brand=brand,
        to=to,
        weight=weight,
    )
    audit.record(relay.tenant_id, "route.add", actor=actor, at=at, about=route, to=to)
    outbox_queue.wake()
    return route


@transaction.atomic
def remove_route(route: Route, *, actor: str, at: datetime) -> None:
    """Remove a route."""
    audit.record(route.tenant_id, "route.remove", actor=actor, at=at, to=route.to)
    route.delete()
    outbox_queue.wake()


def _record(relay: Relay, action: str, provider: str, actor: str, at: datetime) -> None:
    audit.record(relay.tenant_id, action, actor=actor, at=at, about=relay, provider=provider)
