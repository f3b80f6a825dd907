"""Who else has to know at once: the tenants whom the operator's breach affects, and the operator of a tenant's (N35).

Every controller has an entry and a clock of its own; the same `incident` joins them.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from hirnok.breaches import letters, opening, story
from hirnok.breaches.models import Breach
from hirnok.register.models import Activity
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

HANDED_ON = (
    "title", "description", "happened_from", "happened_until", "confidentiality", "integrity", "availability",
    "categories", "special_categories", "consequences", "measures_taken", "measures_planned",
)  # fmt: skip
ACTOR = "operator"


class NotTheOperator(Exception):
    """Only the operator, whose breach it is, tells its tenants."""


@transaction.atomic
def tell_tenants(
    breach: Breach, tenants: Iterable[Tenant], *, actor: str, at: datetime
) -> list[Tenant]:
    """Open an entry at each tenant, or add the news to the one it has; return those told. NotTheOperator, NotOpen.

    A tenant knows from this moment, so its 72 hours begin now if the operator's breach is confirmed.
    """
    operator = Tenant.objects.get(pk=breach.tenant_id)
    if not operator.is_operator:
        raise NotTheOperator
    found = story.locked(breach)
    told = [tenant for tenant in tenants if not tenant.is_operator]
    for tenant in told:
        with acting_for(tenant):
            _tell(found, operator, tenant, at)
    story.tell(found, "tell_tenants", actor=actor, at=at, tenants=len(told))
    return told


@transaction.atomic
def tell_operator(breach: Breach, *, actor: str, at: datetime) -> None:
    """Let the operator know of a tenant's breach: it gets an entry of its own, as a suspicion; NotOpen."""
    tenant = Tenant.objects.get(pk=breach.tenant_id)
    operator = Tenant.objects.get(is_operator=True)
    found = story.locked(breach)
    with acting_for(operator):
        if not Breach.objects.of(operator).filter(incident=found.incident).exists():
            values = {
                "title": f"{tenant.name}: {found.title}"[:200],
                "known_by": Breach.Known.CONTROLLER,
                "told_at": at,
            }
            opening.open_breach(
                operator, values, actor=f"tenant:{tenant.pk}", at=at, incident=found.incident
            )
    story.tell(found, "tell_operator", actor=actor, at=at)


def affected(breach: Breach) -> list[tuple[Tenant, Breach]]:
    """Return the tenants that were told, each with its own entry."""
    found = []
    for tenant in Tenant.objects.filter(is_operator=False).order_by("name"):
        with acting_for(tenant):
            entry = Breach.objects.of(tenant).filter(incident=breach.incident).first()
        if entry is not None:
            found.append((tenant, entry))
    return found


def _tell(breach: Breach, operator: Tenant, tenant: Tenant, at: datetime) -> None:
    entry = Breach.objects.of(tenant).filter(incident=breach.incident).first()
    if entry is None:
        known = set(Activity.objects.of(tenant).values_list("code", flat=True))
        values = {name: getattr(breach, name) for name in HANDED_ON} | {
            "activities": [code for code in breach.activities if code in known],
            "known_by": Breach.Known.PROCESSOR,
            "processor": operator.name,
            "processor_knew_at": breach.aware_at or breach.suspected_at,
            "told_at": at,
        }
        opening.open_breach(
            tenant,
            values,
            actor=ACTOR,
            at=at,
            aware_at=at if breach.aware_at else None,
            incident=breach.incident,
        )
        return
    story.tell(entry, "news", actor=ACTOR, at=at, text=breach.description)
    if entry.is_open and entry.aware_at is None and breach.aware_at is not None:
        opening.confirm(entry, aware_at=at, actor=ACTOR, at=at)
    else:
        letters.to_officers(entry, "news", at=at)
