"""The retention run: what has passed its period is ended, tenant by tenant, in small transactions.

Holdings are ended by `closing`, where the tenant wants it only after somebody has agreed (`disposals`); rows with an instant of their own (letters, files and rejected rows of imports,
sessions) go as their packages declare. A legal hold with an end is lifted first. It can be stopped and begun
again at any point; two runs at the same time pass each other by. What cannot be ended is left, told in the report of the
run, and tried again; everything else goes its way. Runs as edge: web may not delete letters.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DatabaseError, models, transaction
from django.db.models import Q, QuerySet

from hirnok.register import closing, declarations, disposals, holding_back
from hirnok.register.closing import BATCH, Reason
from hirnok.register.models import Hold, Holding
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

ACTOR = "job:retention"
Say = Callable[[str, int], None]


@dataclass
class Expired:
    """What a run has ended: holdings, persons that went with their last one, rows with an end of their own; how
    many holdings wait for somebody's word, and what could not be ended."""

    holdings: int = 0
    persons: int = 0
    rows: int = 0
    waiting: int = 0
    failures: list[str] = field(default_factory=list)


@dataclass
class _Run:
    """The run of one tenant: what came of it, and what it does not try twice."""

    tenant: Tenant
    at: datetime
    total: Expired
    counted: list[declarations.Declaration] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    failed: dict[int, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


def expire(
    at: datetime,
    *,
    say: Say = lambda tenant, holdings: None,
    now: Callable[[], datetime] | None = None,
) -> Expired:
    """End all that is due in every tenant; `say(tenant's slug, holdings so far)` after each batch.

    `now` tells when a run has ended; without it at its beginning.
    """
    total = Expired()
    for tenant in Tenant.objects.order_by("pk"):
        run = _Run(tenant, at, total)
        _lift_holds(tenant, at)
        with acting_for(tenant):
            due = disposals.allowed(tenant, at)
            run.counted = disposals.counted_models(tenant) if due.exists() else []
        while _expire_batch(run, due):
            say(tenant.slug, total.holdings)
        for model, path in declarations.expiring():
            if declarations.has_tenant(model):
                _delete_passed(run, model, path)
        _report(run, now() if now else at)
    for model, path in declarations.expiring():
        if not declarations.has_tenant(model):
            total.rows += _delete_batches(model, {f"{path}__lte": at})
    return total


def _report(run: _Run, ended_at: datetime) -> None:
    with acting_for(run.tenant):
        waiting = disposals.due(run.tenant, run.at).exclude(pk__in=list(run.failed)).count()
        failures = [*run.failures, *sorted(set(run.failed.values()))]
        run.total.waiting += waiting
        run.total.failures += failures
        disposals.report(
            run.tenant,
            started_at=run.at,
            ended_at=ended_at,
            counts=run.counts,
            waiting=waiting,
            failures=failures,
        )


def _lift_holds(tenant: Tenant, at: datetime) -> None:
    with acting_for(tenant):
        over = Hold.objects.of(tenant).filter(until__lte=at)
        untold = Q(kind=Hold.Kind.RESTRICTION, told_at=None)  # which is not lifted in silence
        holding_back.released(tenant, list(over.exclude(untold)), actor=ACTOR, at=at)
        holding_back.freeze_due(tenant, at)


def _expire_batch(run: _Run, due: "QuerySet[Holding]") -> bool:
    """End up to a batch of due holdings; whether there may be more."""
    with acting_for(run.tenant):
        rows = list(
            due.exclude(pk__in=list(run.failed))
            .order_by("expires_at", "pk")
            .select_for_update(of=("self",), skip_locked=True)
            .values_list("pk", "restricted_at")[:BATCH]
        )
        before = run.total.holdings + len(run.failed)
        for reason, ids in (
            (Reason.EXPIRED, [pk for pk, restricted_at in rows if restricted_at is None]),
            (Reason.RELEASED, [pk for pk, restricted_at in rows if restricted_at is not None]),
        ):
            _end(run, ids, reason)
        return len(rows) == BATCH and run.total.holdings + len(run.failed) > before


def _end(run: _Run, ids: list[int], reason: Reason) -> None:
    """End these; where the database refuses, halve until it is known which ones it refuses."""
    if not ids:
        return
    try:
        with transaction.atomic():
            counts = disposals.count_rows(run.tenant, ids, run.counted)
            ended = closing.end(run.tenant, ids, reason=reason, actor=ACTOR, at=run.at)
    except DatabaseError as error:
        if len(ids) == 1:
            run.failed[ids[0]] = " ".join(str(error).split())[:300]
            return
        for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :]):
            _end(run, half, reason)
        return
    run.counts += counts
    run.total.holdings += ended.holdings
    run.total.persons += ended.persons


def _delete_passed(run: _Run, model: type[models.Model], path: str) -> None:
    """Delete a tenant's rows of a model whose instant has passed."""
    with acting_for(run.tenant):
        try:
            deleted = _delete_batches(model, {"tenant_id": run.tenant.pk, f"{path}__lte": run.at})
        except DatabaseError as error:
            run.failures.append(f"{model._meta.label}: {' '.join(str(error).split())[:300]}")
            return
    if deleted:
        run.counts[model._meta.label, str(disposals.Outcome.REMOVED)] += deleted
        run.total.rows += deleted


def _delete_batches(model: type[models.Model], due: dict[str, object]) -> int:
    deleted = 0
    rows = model._default_manager.filter(**due).order_by("pk")
    while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            count, _ = model._default_manager.filter(pk__in=keys, **due).delete()
        deleted += count
        if not count:
            break
    return deleted
