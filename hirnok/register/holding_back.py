"""Holding back: legal holds and restrictions, set and lifted; while one stands nothing changes and nothing ends (X5, X14).

Promises: a restriction freezes at once (`Holding.restricted_at`), of which every list, audience and engine knows; a legal
hold freezes from the day on which the data would have ended, for until then they serve their own purpose. What was to
end meanwhile ends as soon as the last hold is gone. Leaves to others: telling people.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from hirnok.register.models import Hold, Holding
from hirnok.tenants import audit
from hirnok.tenants.models import Tenant


class NotTold(Exception):
    """The person must be told before a restriction is lifted (GDPR Art. 18 (3))."""


class NotApproved(Exception):
    """A second person has to agree, not the one who ordered it."""


@dataclass(frozen=True)
class Order:
    """What is held back, for whom and why; `allowed`: of Hold.Purpose; `document`: PDF or picture that shows the interest."""

    kind: str
    reason: str
    ground: str = ""
    requester: str = ""
    allowed: Collection[str] = ()
    until: datetime | None = None
    document_name: str = ""
    document: bytes = b""


@transaction.atomic
def hold(
    tenant: Tenant, holdings: Iterable[int], order: Order, *, actor: str, at: datetime
) -> list[Hold]:
    """Hold these holdings back; those that are gone count as nothing."""
    locked = list(
        Holding.objects.of(tenant)
        .filter(pk__in=list(holdings))
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    made = [
        Hold.objects.create(
            tenant=tenant,
            holding=one,
            kind=order.kind,
            ground=order.ground,
            reason=order.reason,
            requester=order.requester,
            allowed=sorted(order.allowed),
            ordered_by=actor,
            since=at,
            until=order.until,
            document_name=order.document_name,
            document=order.document or None,
        )
        for one in locked
    ]
    if order.kind == Hold.Kind.RESTRICTION:
        free = [one.pk for one in locked if one.restricted_at is None]
        Holding.objects.of(tenant).filter(pk__in=free).update(restricted_at=at)
    if made:
        audit.record(
            tenant, "hold.set", actor=actor, at=at, kind=str(order.kind), holdings=len(made)
        )
    return made


@transaction.atomic
def approve(tenant: Tenant, hold_id: int, *, actor: str, at: datetime) -> None:
    """Agree to a hold as the second person: NotApproved for the one who ordered it; Hold.DoesNotExist."""
    found = Hold.objects.of(tenant).select_for_update(of=("self",)).get(pk=hold_id)
    if found.ordered_by == actor:
        raise NotApproved
    found.approved_by = actor
    found.save(update_fields=["approved_by"])
    audit.record(tenant, "hold.approve", actor=actor, at=at, about=found)


@transaction.atomic
def mark_told(tenant: Tenant, holds: Iterable[int], *, actor: str, at: datetime) -> int:
    """Write down that the person was told that these will be lifted; returns how many."""
    rows = Hold.objects.of(tenant).filter(pk__in=list(holds), told_at=None)
    told = int(rows.update(told_at=at))
    if told:
        audit.record(tenant, "hold.tell", actor=actor, at=at, count=told)
    return told


@transaction.atomic
def lift(tenant: Tenant, holds: Iterable[int], *, actor: str, at: datetime) -> list[int]:
    """Lift holds by id; returns the holdings that are free again: NotTold for a restriction whose person was not told.

    What was to end meanwhile stays frozen until the retention run ends it, which is at its next turn.
    """
    rows = list(Hold.objects.of(tenant).filter(pk__in=list(holds)).select_for_update(of=("self",)))
    if any(one.kind == Hold.Kind.RESTRICTION and one.told_at is None for one in rows):
        raise NotTold
    return released(tenant, rows, actor=actor, at=at)


def released(tenant: Tenant, rows: Collection[Hold], *, actor: str, at: datetime) -> list[int]:
    """Remove these holds, thaw what no other holds, and return its ids."""
    touched = {one.holding_id for one in rows}
    Hold.objects.of(tenant).filter(pk__in=[one.pk for one in rows]).delete()
    still = set(
        Hold.objects.of(tenant).filter(holding_id__in=touched).values_list("holding_id", flat=True)
    )
    free = sorted(touched - still)
    Holding.objects.of(tenant).filter(pk__in=free).exclude(expires_at__lte=at).update(
        restricted_at=None
    )
    if rows:
        audit.record(tenant, "hold.lift", actor=actor, at=at, count=len(rows))
    return free


def frozen(tenant: Tenant | int, contact: str = "pk") -> "Exists":
    """Return the condition that the holding (by the name of its column in the asking query) is frozen."""
    number = tenant if isinstance(tenant, int) else tenant.pk
    return Exists(
        Holding.objects.filter(tenant_id=number, pk=OuterRef(contact), restricted_at__isnull=False)
    )


def freeze_due(tenant: Tenant, at: datetime) -> int:
    """Freeze what is held past its time, so that it serves nothing but what it is held for; returns how much."""
    held = Hold.objects.filter(tenant_id=tenant.pk, holding_id=OuterRef("pk"))
    due = Holding.objects.of(tenant).filter(expires_at__lte=at, restricted_at=None)
    return int(due.filter(Exists(held)).update(restricted_at=at))
