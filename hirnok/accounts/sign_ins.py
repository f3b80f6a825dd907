"""Sign-ins and failed ones in the audit log: in the operator's tenant and in those of the user, ids only (N7).

Attempts at addresses that nobody has are only counted (rate limits); they concern no tenant.
"""

from datetime import datetime

from django.db import transaction

from hirnok.accounts.models import Membership, User
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for, set_user


@transaction.atomic
def succeeded(user: User, *, by: str, at: datetime) -> None:
    """Record a sign-in; `by` says with what: "password,totp"."""
    for tenant in _tenants(user):
        with acting_for(tenant):
            audit.record(tenant, "user.sign_in", actor=f"user:{user.pk}", at=at, about=user, by=by)


@transaction.atomic
def failed(user: User, *, at: datetime) -> None:
    """Record a wrong password, or a wrong code after it."""
    for tenant in _tenants(user):
        with acting_for(tenant):
            audit.record(tenant, "user.sign_in_failed", actor="visitor", at=at, about=user)


def _tenants(user: User) -> list[int]:
    set_user(user.pk)
    own = Membership.objects.filter(user=user).values_list("tenant_id", flat=True)
    return sorted({user.tenant_id, *own})
