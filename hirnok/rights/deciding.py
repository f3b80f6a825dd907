"""Deciding on each right, extending the time, asking for a fee: within what the law allows."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from hirnok.register.models import Controller
from hirnok.rights import clock, letters, performing, receiving, refusing
from hirnok.rights.models import Correspondence, Request, Task, TaskWords
from hirnok.tenants import audit

Decision = Task.Decision


class TooLate(Exception):
    """An extension has to be told within the first month (Art. 12 (3))."""


class AlreadyExtended(Exception):
    """The time is extended once."""


class NoReasons(Exception):
    """The law wants reasons to be given."""


class NoFee(Exception):
    """A fee is lawful for manifestly unfounded or excessive requests and for further copies only."""


@transaction.atomic
def grant(task: Task, *, actor: str, at: datetime, partly: bool = False, reasons: str = "") -> None:
    """Decide that a right is granted: only once every module has answered; performing.NotSettled, NoReasons."""
    receiving.lock(task.request)
    if waiting := performing.unsettled(task):
        raise performing.NotSettled(*waiting)
    if partly and not reasons.strip():
        raise NoReasons
    task.decision = Decision.PARTLY if partly else Decision.GRANTED
    task.ground = ""
    if task.right in performing.COPIED:
        task.request.copy_until = at + performing.COPY_KEPT
        task.request.save(update_fields=["copy_until"])
    _decided(task, reasons, actor, at)


@transaction.atomic
def refuse(task: Task, ground: str, reasons: str, *, actor: str, at: datetime) -> None:
    """Decide that a right is refused, on one of the law's grounds and with reasons; refusing.NoLawfulGround, NoReasons."""
    receiving.lock(task.request)
    refusing.ground(ground, task.right, is_marketing=bool(task.details.get(performing.MARKETING)))
    if not reasons.strip():
        raise NoReasons
    task.decision, task.ground = Decision.REFUSED, ground
    _decided(task, reasons, actor, at)


@transaction.atomic
def extend(request: Request, reasons: str, *, actor: str, at: datetime) -> None:
    """Extend the time by what the law allows, once, and tell the person within its first period; TooLate, AlreadyExtended, NoReasons."""
    receiving.lock(request)
    if request.extended_at is not None:
        raise AlreadyExtended
    if receiving.day_of(request.tenant, at) > request.first_due:
        raise TooLate
    if not reasons.strip():
        raise NoReasons
    controller = Controller.objects.filter(tenant_id=request.tenant_id).get()
    received_on = receiving.day_of(request.tenant, request.received_at)
    paused = 0
    if request.identity_asked_on and request.identified_at:
        identified_on = receiving.day_of(request.tenant, request.identified_at)
        paused = (identified_on - request.identity_asked_on).days
    request.legal_due = clock.extended(received_on, controller.jurisdiction, paused_days=paused)
    request.target_due = request.legal_due
    request.extended_at, request.status = at, Request.Status.EXTENDED
    request.reminded = None
    request.save()
    Correspondence.objects.filter(tenant_id=request.tenant_id, request=request).update(
        extension_reasons=reasons
    )
    letters.send(request, "extension", actor=actor, at=at)
    receiving.note(request, "extended", actor=actor, at=at)
    audit.record(request.tenant_id, "request.extend", actor=actor, at=at, about=request)


@transaction.atomic
def ask_fee(
    request: Request, amount: Decimal, currency: str, ground: str, *, actor: str, at: datetime
) -> None:
    """Ask for a reasonable fee before the request is answered; NoFee where the law has none."""
    receiving.lock(request)
    found = refusing.GROUNDS.get(ground)
    if amount <= 0 or not (ground == refusing.FURTHER_COPIES or (found and found.asks_for_fee)):
        raise NoFee
    request.fee_amount, request.fee_currency, request.fee_ground = amount, currency, ground
    request.save(update_fields=["fee_amount", "fee_currency", "fee_ground"])
    letters.send(request, "fee", actor=actor, at=at)
    receiving.note(request, "fee", actor=actor, at=at, code=ground)
    audit.record(request.tenant_id, "request.fee", actor=actor, at=at, about=request)


def _decided(task: Task, reasons: str, actor: str, at: datetime) -> None:
    task.decided_at, task.decided_by = at, actor
    task.save()
    TaskWords.objects.filter(tenant_id=task.tenant_id, task=task).update(reasons=reasons)
    receiving.note(
        task.request, "decided", actor=actor, at=at, code=f"{task.right}.{task.decision}"
    )
    audit.record(
        task.tenant_id,
        "request.decide",
        actor=actor,
        at=at,
        about=task.request,
        right=task.right,
        decision=str(task.decision),
    )
