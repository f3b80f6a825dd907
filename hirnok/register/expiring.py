"""The retention run: what has passed its period is ended, tenant by tenant, in small transactions.

Holdings are ended by `closing`; rows with an instant of their own (letters, files and rejected rows of imports,
sessions) go as their packages declare. A legal hold with an end is lifted first. It can be stopped and begun
again at any point; two runs at the same time pass each other by. Runs as edge: web may not delete letters.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from hirnok.register import closing, declarations, holding_back
from hirnok.register.closing import BATCH, Reason
from hirnok.register.models import Hold, Holding
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

ACTOR = "job:retention"
Say = Callable[[str, int], None]


@dataclass
class Expired:
    """What a run has ended: holdings, persons that went with their last one, rows with an end of their own."""

    holdings: int = 0
    persons: int = 0
    rows: int = 0


def expire(at: datetime, *, say: Say = lambda tenant, holdings: None) -> Expired:
    """End all that is due in every tenant; `say(tenant's slug, holdings so far)` after each batch."""
    total = Expired()
    for tenant in Tenant.objects.order_by("pk"):
        _lift_holds(tenant, at)
        while _expire_batch(tenant, at, total):
            say(tenant.slug, total.holdings)
    for model, path in declarations.expiring():
        total.rows += _delete_passed(model, path, at)
    return total


def _lift_holds(tenant: Tenant, at: datetime) -> None:
    with acting_for(tenant):
        over = Hold.objects.of(tenant).filter(until__lte=at)
        untold = Q(kind=Hold.Kind.RESTRICTION, told_at=None)  # which is not lifted in silence
        holding_back.released(tenant, list(over.exclude(untold)), actor=ACTOR, at=at)
        holding_back.freeze_due(tenant, at)


def _expire_batch(tenant: Tenant, at: datetime, total: Expired) -> bool:
    """End up to a batch of due holdings; whether there may be more."""
    with acting_for(tenant):
        held = Hold.objects.filter(tenant_id=tenant.pk, holding_id=OuterRef("pk"))
        due = list(
            Holding.objects.of(tenant)
            .filter(~Exists(held), expires_at__lte=at)
            .order_by("expires_at", "pk")
            .select_for_update(skip_locked=True)
            .values_list("pk", "restricted_at")[:BATCH]
        )
        before = total.holdings
        for reason, ids in (
            (Reason.EXPIRED, [pk for pk, restricted_at in due if restricted_at is None]),
            (Reason.RELEASED, [pk for pk, restricted_at in due if restricted_at is not None]),
        ):
            ended = closing.end(tenant, ids, reason=reason, actor=ACTOR, at=at)
            total.holdings += ended.holdings
            total.persons += ended.persons
        return len(due) == BATCH and total.holdings > before


def _delete_passed(model: type[models.Model], path: str, at: datetime) -> int:
    """Delete the rows of a model whose instant has passed, as every tenant in turn where it has tenants."""
    if not any(field.name == "tenant" for field in model._meta.fields):
        return _delete_batches(model, {f"{path}__lte": at})
    deleted = 0
    for tenant in Tenant.objects.order_by("pk"):
        with acting_for(tenant):
            deleted += _delete_batches(model, {"tenant_id": tenant.pk, f"{path}__lte": at})
    return deleted


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
