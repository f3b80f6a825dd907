"""Opening holdings one by one: forms, users, letters. Imports do it by sets (`contacts.loading`)."""

from datetime import datetime

from django.db import transaction

from hirnok.lib import keys
from hirnok.mail.addresses import blind_index
from hirnok.register.models import Activity, Holding, Person, Source
from hirnok.register.retention import expiry
from hirnok.tenants.models import Brand, Tenant


class NotInRegister(Exception):
    """The tenant's register has no active activity of this code: such data may not be held."""


def person_for(tenant: Tenant, address: str) -> Person:
    """Return the person with this (normalised) address, made if needed."""
    index = index_of(tenant.pk, address)
    person, _ = Person.objects.get_or_create(tenant=tenant, blind_index=index)
    return person


def index_of(tenant_id: int, address: str) -> bytes:
    """Return the blind index of a normalised address: 16 bytes."""
    return blind_index(keys.blind_index_key(tenant_id), address)


def activity_of(tenant: Tenant, code: str) -> Activity:
    """Return the tenant's active activity; NotInRegister when it has none."""
    activity = Activity.objects.of(tenant).filter(code=code, active=True).first()
    if activity is None:
        raise NotInRegister(code)
    return activity


@transaction.atomic
def open_holding(
    tenant: Tenant,
    *,
    address: str,
    activity: str,
    legal_basis: str,
    at: datetime,
    brand: Brand | None = None,
    source: Source | None = None,
) -> Holding:
    """Begin to hold data about a person for an activity of the register."""
    registered = activity_of(tenant, activity)
    return Holding.objects.create(
        tenant=tenant,
        brand=brand,
        person=person_for(tenant, address),
        activity=registered,
        source=source,
        legal_basis=legal_basis,
        held_since=at,
        expires_at=expiry(registered, at),
    )
