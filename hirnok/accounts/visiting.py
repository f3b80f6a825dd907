"""The operator's staff enter a customer's tenant for maintenance: for a short time, visible, recorded (N8).

A visit is a membership with an end. It is shown on every page of the tenant, any owner can end it, and entering,
leaving and all that is done between are in the tenant's audit log; entering and leaving also in the operator's.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from hirnok.accounts.models import Membership, Role, User
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

LENGTH = timedelta(hours=2)
ACTOR = "job:visits"


class WorksHere(Exception):
    """The user is a member of the tenant already."""


@transaction.atomic
def enter(user: User, tenant: Tenant, *, reason: str, actor: str, at: datetime) -> Membership:
    """Let a user of the operator in as an owner, for a while; WorksHere."""
    until = at + LENGTH
    with acting_for(tenant):
        visit, made = Membership.objects.get_or_create(
            tenant=tenant,
            user=user,
            defaults={"role": Role.OWNER, "since": at, "visit_until": until},
        )
        if not made and visit.visit_until is None:
            raise WorksHere
        visit.visit_until = until
        visit.save(update_fields=["visit_until"])
        audit.record(tenant, "maintenance.enter", actor=actor, at=at, about=user, reason=reason)
    with acting_for(user.tenant_id):
        audit.record(
            user.tenant_id, "maintenance.enter", actor=actor, at=at, about=tenant, reason=reason
        )
    found: Membership = visit
    return found


@transaction.atomic
def leave(visit: Membership, *, actor: str, at: datetime) -> None:
    """End a visit."""
    user: User = visit.user
    with acting_for(visit.tenant_id):
        audit.record(visit.tenant_id, "maintenance.leave", actor=actor, at=at, about=user)
        visit.delete()
    with acting_for(user.tenant_id):
        audit.record(user.tenant_id, "maintenance.leave", actor=actor, at=at, about=user)


def here(tenant: Tenant, at: datetime) -> QuerySet[Membership]:
    """Return who is in the tenant for maintenance."""
    rows: QuerySet[Membership] = Membership.objects.of(tenant)
    return rows.filter(visit_until__gt=at).select_related("user")


def end_due(at: datetime) -> int:
    """End the visits whose time is over; return how many. Runs as edge, which sees every tenant."""
    due = list(Membership.objects.filter(visit_until__lte=at).select_related("user"))
    for visit in due:
        leave(visit, actor=ACTOR, at=at)
    return len(due)
