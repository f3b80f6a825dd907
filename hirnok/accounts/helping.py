"""Helping people back in, and showing them out: what owners and the operator do for others (ASVS 6.4.4, 7.4.5).

A lost factor is taken away only by somebody who says how it was made sure who asks, and never in a tenant that
others share: an owner helps who works in that tenant alone, the operator anybody.
"""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from hirnok.accounts import sessions
from hirnok.accounts.models import Ended, Membership, User
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for, as_user
from hirnok.tenants.models import Tenant


class WorksElsewhere(Exception):
    """The person works for other tenants too: only the operator may take a factor away."""


@transaction.atomic
def forget_factors(tenant: Tenant, user: User, *, how: str, actor: str, at: datetime) -> None:
    """Take away somebody's second factors and recovery codes and end the sessions; the next sign-in leads to setting
    up another. `how` says how it was made sure that the person asked. WorksElsewhere."""
    if not tenant.is_operator and _tenants(user) != {tenant.pk}:
        raise WorksElsewhere
    Authenticator.objects.filter(user=user).delete()
    sessions.end_all(user, Ended.STAFF, at=at)
    for place in sorted({tenant.pk, user.tenant_id, *_tenants(user)}):
        with acting_for(place):
            audit.record(place, "user.forget_factors", actor=actor, at=at, about=user, how=how)


@transaction.atomic
def end_sessions(tenant: Tenant, user: User, *, actor: str, at: datetime) -> None:
    """End all sessions of somebody."""
    sessions.end_all(user, Ended.STAFF, at=at)
    with acting_for(tenant):
        audit.record(tenant, "user.end_sessions", actor=actor, at=at, about=user)


@transaction.atomic
def end_everybodys_sessions(tenant: Tenant, *, but: User, actor: str, at: datetime) -> int:
    """End the sessions of all who work in the tenant, in the operator's of everybody there is; return how many."""
    if tenant.is_operator:
        people = User.objects.all()
    else:
        members = Membership.objects.of(tenant)
        people = User.objects.filter(pk__in=members.values("user"))
    ended = sessions.end_of_members(people, but=but, at=at)
    audit.record(tenant, "tenant.end_sessions", actor=actor, at=at, sessions=ended)
    return ended


def _tenants(user: User) -> set[int]:
    with as_user(user.pk):
        return set(Membership.objects.filter(user=user).values_list("tenant_id", flat=True))
