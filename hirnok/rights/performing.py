"""Doing what a right asks for: the functions of each right over all modules, their outcomes written down.

Promises: a task is done only when every module that holds personal data has answered and none failed or waits for a
hand; what is missing counts as failed. Leaves to others: what the rights do (`copying`, `erasing` …), deciding.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from hirnok.rights import (
    copying,
    erasing,
    objecting,
    outcomes,
    portability,
    receiving,
    rectifying,
    restricting,
    telling,
    withdrawing,
)
from hirnok.rights.models import Outcome, Request, Right, Task, TaskWords
from hirnok.tenants import audit
from hirnok.tenants.models import Tenant

COPY_KEPT = timedelta(days=7)  # so long a copy can be downloaded after it was granted
MARKETING = "marketing"
SEND_TO = "send_to"  # another provider's address, for portability
COPIED = frozenset({Right.INFORMATION, Right.ACCESS, Right.PORTABILITY})
UNSETTLED = frozenset({"failed", "needs_human"})
NO_ANSWER = "no_answer"
# Whoever got the data is told of these (Art. 19).
_TOLD = frozenset({Right.RECTIFICATION, Right.ERASURE, Right.RESTRICTION})
_BY_HAND = frozenset({Right.REVIEW})  # nothing that a program could do


class NotIdentified(Exception):
    """Nothing is done for somebody who may be anybody."""


class NotSettled(Exception):
    """A module has not answered, has failed, or waits for a person; which ones is in `args`."""


@transaction.atomic
def perform(task: Task, *, actor: str, at: datetime) -> list[Outcome]:
    """Do what the right asks for and write down what each module answered; NotIdentified, receiving.NotOpen.

    Doing it again replaces what had been answered but for what a person settled by hand.
    """
    request = task.request
    receiving.lock(request)
    if request.identified_at is None:
        raise NotIdentified
    tenant, index = request.tenant, receiving.index_of(request)
    recipients = telling.recipients(tenant, index, request.brand) if task.right in _TOLD else []
    found = _DOING[Right(task.right)](task, actor, at)
    if recipients:
        found = telling.tell(request, task.right, recipients, found, actor=actor, at=at)
    rows = _write_down(task, found, at)
    task.done_at = None if unsettled(task) else at
    task.save(update_fields=["done_at"])
    receiving.note(request, "performed", actor=actor, at=at, code=task.right)
    audit.record(
        task.tenant_id, "request.perform", actor=actor, at=at, about=request, right=task.right
    )
    return rows


def _write_down(task: Task, found: list[outcomes.Outcome], at: datetime) -> list[Outcome]:
    """Keep what was answered, and that a module did not answer; what a person settled stays as it is."""
    rows = Outcome.objects.filter(tenant_id=task.tenant_id, task=task)
    rows.filter(settled_by="").delete()
    settled = set(rows.values_list("module", flat=True))
    answered = [
        Outcome(
            tenant_id=task.tenant_id,
            task=task,
            module=one.module,
            activity=one.activity,
            kind=str(one.kind),
            count=one.count,
            article=one.article,
            until=one.until,
            reason=one.reason,
            at=at,
        )
        for one in found
        if not (one.module in settled and str(one.kind) in UNSETTLED)
    ]
    silent = set() if task.right in _BY_HAND else outcomes.modules() - settled
    answered += [
        Outcome(
            tenant_id=task.tenant_id,
            task=task,
            module=module,
            kind="failed",
            reason=NO_ANSWER,
            at=at,
        )
        for module in sorted(silent - {one.module for one in answered})
    ]
    return list(Outcome.objects.bulk_create(answered))


def files(request: Request, kind: str, *, at: datetime) -> bytes:
    """Return the copy (`copy`) or what goes to another provider (`portability`) as a ZIP file, as the data are now."""
    tenant, index = request.tenant, receiving.index_of(request)
    if kind == "portability":
        return portability.package(tenant, index, request.language, at, brand=request.brand)
    copy = copying.copy_of(tenant, index, request.language, at, brand=request.brand)
    return copying.files(copy)


@transaction.atomic
def settle(outcome: Outcome, kind: str, *, actor: str, at: datetime, reason: str) -> None:
    """Say what a person has done by hand where a module failed or could not know; receiving.NotOpen."""
    request = outcome.task.request
    receiving.lock(request)
    outcome.kind, outcome.reason = kind, reason
    outcome.settled_by, outcome.at = actor, at
    outcome.save()
    task = outcome.task
    task.done_at = None if unsettled(task) else at
    task.save(update_fields=["done_at"])
    receiving.note(request, "settled", actor=actor, at=at, code=task.right)
    audit.record(request.tenant_id, "request.settle", actor=actor, at=at, about=request)


def unsettled(task: Task) -> list[str]:
    """Return the modules that have not answered, have failed, or wait for a person."""
    if task.right in _BY_HAND:
        return []
    rows = Outcome.objects.filter(tenant_id=task.tenant_id, task=task)
    kinds: dict[str, set[str]] = {}
    for module, kind in rows.values_list("module", "kind"):
        kinds.setdefault(module, set()).add(kind)
    return sorted(
        module
        for module in outcomes.modules() | set(kinds)
        if module not in kinds or kinds[module] & UNSETTLED
    )


def _tenant(task: Task) -> Tenant:
    return Tenant.objects.get(pk=task.tenant_id)


def _words(task: Task) -> TaskWords | None:
    return TaskWords.objects.filter(tenant_id=task.tenant_id, task=task).first()


def _copy(task: Task, _actor: str, at: datetime) -> list[outcomes.Outcome]:
    request = task.request
    return list(
        copying.copy_of(
            _tenant(task), receiving.index_of(request), request.language, at, brand=request.brand
        ).outcomes
    )


def _take_along(task: Task, actor: str, at: datetime) -> list[outcomes.Outcome]:
    """To the other provider whom the person named (Art. 20 (2)), once; the person can download it in any case."""
    request, tenant = task.request, _tenant(task)
    index, brand = receiving.index_of(request), request.brand
    to = task.details.get(SEND_TO)
    if not to or task.done_at is not None:
        return portability.answer(tenant, index, brand=brand)
    return portability.send_to(tenant, index, request.language, to, actor=actor, at=at, brand=brand)


def _rectify(task: Task, actor: str, at: datetime) -> list[outcomes.Outcome]:
    told = _words(task)
    return rectifying.rectify(
        _tenant(task),
        receiving.index_of(task.request),
        dict(told.changes) if told else {},
        actor=actor,
        at=at,
        brand=task.request.brand,
    )


def _erase(task: Task, actor: str, at: datetime) -> list[outcomes.Outcome]:
    return erasing.erase(
        _tenant(task),
        receiving.index_of(task.request),
        task.details.get("ground", "withdrawn"),
        actor=actor,
        at=at,
        brand=task.request.brand,
    )


def _restrict(task: Task, actor: str, at: datetime) -> list[outcomes.Outcome]:
    return restricting.restrict(
        _tenant(task),
        receiving.index_of(task.request),
        task.details.get("ground", "accuracy"),
        actor=actor,
        at=at,
        allowed_purposes=(),
        brand=task.request.brand,
    )


def _object(task: Task, actor: str, at: datetime) -> list[outcomes.Outcome]:
    wanted = MARKETING if task.details.get(MARKETING) else task.details.get("activities", [])
    return objecting.object_to(
        _tenant(task),
        receiving.index_of(task.request),
        wanted,
        actor=actor,
        at=at,
        brand=task.request.brand,
    )


def _withdraw(task: Task, actor: str, at: datetime) -> list[outcomes.Outcome]:
    return withdrawing.withdraw(
        _tenant(task),
        receiving.index_of(task.request),
        task.details.get("activities", []),
        actor=actor,
        at=at,
        brand=task.request.brand,
    )


def _nothing(_task: Task, _actor: str, _at: datetime) -> list[outcomes.Outcome]:
    return []


_DOING: dict[Right, Callable[[Task, str, datetime], list[outcomes.Outcome]]] = {
    Right.INFORMATION: _copy,
    Right.ACCESS: _copy,
    Right.PORTABILITY: _take_along,
    Right.RECTIFICATION: _rectify,
    Right.ERASURE: _erase,
    Right.RESTRICTION: _restrict,
    Right.OBJECTION: _object,
    Right.WITHDRAWAL: _withdraw,
    Right.REVIEW: _nothing,
}
