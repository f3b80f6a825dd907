"""How a tenant's people sign in: its policy, and the strictest of a user's tenants, which holds for the user (N7)."""

from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction

from hirnok.accounts.models import Membership, Policy, User
from hirnok.tenants import audit
from hirnok.tenants.acting import set_user
from hirnok.tenants.models import Tenant


@dataclass(frozen=True)
class Rules:
    """What holds for sign-in; a tenant that has set nothing has these (N7)."""

    one_session: bool = True
    idle_minutes: int = 24
    life_hours: int = 12
    second_factor: bool = field(default_factory=lambda: bool(settings.SECOND_FACTOR))
    owner_invites: bool = False


def of(tenant: Tenant) -> Rules:
    """Return the rules of a tenant."""
    row = Policy.objects.of(tenant).first()
    return _rules(row) if row else Rules()


def for_user(user: User) -> Rules:
    """Return what holds for a user: the strictest that one of the tenants asks for."""
    with transaction.atomic():
        set_user(user.pk)
        tenants = set(Membership.objects.filter(user=user).values_list("tenant_id", flat=True))
        rows = {row.tenant_id: _rules(row) for row in Policy.objects.filter(tenant__in=tenants)}
    asked = [rows.get(tenant, Rules()) for tenant in tenants]
    if not asked:  # who works nowhere sees nothing
        return Rules(second_factor=False)
    return Rules(
        one_session=any(one.one_session for one in asked),
        idle_minutes=min(one.idle_minutes for one in asked),
        life_hours=min(one.life_hours for one in asked),
        second_factor=any(one.second_factor for one in asked),
        owner_invites=False,
    )


@transaction.atomic
def change(tenant: Tenant, rules: Rules, *, actor: str, at: datetime) -> None:
    """Set a tenant's rules; they hold for a user within a minute, one session from the next sign-in on."""
    Policy.objects.update_or_create(tenant=tenant, defaults=asdict(rules))
    audit.record(tenant, "policy.change", actor=actor, at=at, **asdict(rules))


def _rules(row: Policy) -> Rules:
    return Rules(
        one_session=row.one_session,
        idle_minutes=row.idle_minutes,
        life_hours=row.life_hours,
        second_factor=row.second_factor,
        owner_invites=row.owner_invites,
    )
