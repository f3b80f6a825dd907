"""Founding a tenant: itself, its controller data, its register."""

from datetime import datetime

from django.db import transaction

from hirnok.register import declarations
from hirnok.register.models import Activity, Controller
from hirnok.register.readymade import READYMADE
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

# First words of addresses that are no tenant's.
RESERVED = frozenset(
    {"account", "api", "c", "f", "gallery", "health", "k", "m", "o", "p", "r", "static", "u"}
)


class SlugReserved(Exception):
    """This short name is the beginning of other addresses."""


class SlugTaken(Exception):
    """Another tenant has this short name."""


@transaction.atomic
def found(
    *, slug: str, name: str, language: str, actor: str, at: datetime, is_operator: bool = False
) -> Tenant:
    """Make a tenant with a controller and the ready-made activities."""
    if slug in RESERVED:
        raise SlugReserved(slug)
    if Tenant.objects.filter(slug=slug).exists():
        raise SlugTaken(slug)
    tenant = Tenant.objects.create(
        slug=slug, name=name, language=language, is_operator=is_operator, created_at=at
    )
    with acting_for(tenant):
        Controller.objects.create(tenant=tenant, name=name)
        Activity.objects.bulk_create(
            Activity(
                tenant=tenant,
                code=ready.code,
                name=ready.names,
                legal_bases=[str(basis) for basis in ready.legal_bases],
                data_categories=_categories(ready.code),
                retention_start=ready.retention_start,
                retention_period=ready.retention_period,
                retention_action=ready.action,
            )
            for ready in READYMADE
        )
        audit.record(tenant, "tenant.found", actor=actor, at=at, about=tenant)
    return tenant


def _categories(code: str) -> list[dict[str, str | bool]]:
    """What the packages hold for an activity; without an address nobody can be written to."""
    return [
        {"category": category, "obligatory": category == declarations.ADDRESS.category}
        for category in sorted(declarations.categories().get(code, ()))
    ]
