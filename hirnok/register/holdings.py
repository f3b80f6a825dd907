"""Opening holdings one by one: forms, users, letters. Imports do it by sets (`contacts.loading`)."""

from contextlib import suppress
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from hirnok.lib import keys
from hirnok.mail.addresses import Indexer
from hirnok.register.models import Activity, Holding, Person, Source
from hirnok.register.retention import expiry
from hirnok.tenants.models import Brand, Tenant

ATTEMPTS = 3
_KNOWN = "SELECT 1 FROM register_person WHERE tenant_id = %s AND blind_index = %s"
_NEW_PERSON = """
INSERT INTO register_person (tenant_id, blind_index, key_version) VALUES (%s, %s, 1)
ON CONFLICT DO NOTHING RETURNING id
"""


class NotInRegister(Exception):
    """The tenant's register has no active activity of this code: such data may not be held."""


def person_for(tenant: Tenant, address: str) -> Person:
    """Return the person with this (normalised) address, made if needed."""
    person, _ = _person(tenant, index_of(tenant.pk, address))
    return person


def is_known(tenant: Tenant, index: bytes) -> bool:
    """Whether anything is held of the person of this blind index."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [tenant.pk, index])
        return cursor.fetchone() is not None


def index_of(tenant_id: int, address: str) -> bytes:
    """Return the blind index of a normalised address: 16 bytes, the same whatever its case."""
    return Indexer(keys.blind_index_key(tenant_id)).of_key(address.lower())


def activity_of(tenant: Tenant, code: str) -> Activity:
    """Return the tenant's active activity; NotInRegister when it has none."""
    activity: Activity | None = Activity.objects.of(tenant).filter(code=code, active=True).first()
    if activity is None:
        raise NotInRegister(code)
    return activity


@transaction.atomic(savepoint=False)
def open_holding(
    tenant: Tenant,
    *,
    address: str,
    activity: str | Activity,
    legal_basis: str,
    at: datetime,
    brand: Brand | None = None,
    source: Source | None = None,
) -> Holding:
    """Begin to hold data about the person with this address, for an activity of the register.

    A clean-up may delete a person between our look and our holding; the database refuses, we begin again.
    """

    def begin(person: Person) -> Holding:
        return open_for(
            person, activity=activity, legal_basis=legal_basis, at=at, brand=brand, source=source
        )

    index = index_of(tenant.pk, address)
    for _ in range(ATTEMPTS - 1):
        person, is_new = _person(tenant, index)
        if is_new:  # nobody else sees it before we have committed
            return begin(person)
        with suppress(IntegrityError), transaction.atomic():
            return begin(person)
    return begin(_person(tenant, index)[0])


def open_for(
    person: Person,
    *,
    activity: str | Activity,
    legal_basis: str,
    at: datetime,
    brand: Brand | None = None,
    source: Source | None = None,
) -> Holding:
    """Begin to hold data about a person that there is already, for another activity."""
    registered = (
        activity if isinstance(activity, Activity) else activity_of(person.tenant, activity)
    )
    return Holding.objects.create(
        tenant_id=person.tenant_id,
        brand=brand,
        person=person,
        activity=registered,
        source=source,
        legal_basis=legal_basis,
        held_since=at,
        expires_at=expiry(registered, at, legal_basis),
    )


def hand_to(holding: Holding, person: Person) -> None:
    """Hold the same under another address of the same human being from now on."""
    Holding.objects.filter(tenant_id=holding.tenant_id, pk=holding.pk).update(person=person)
    holding.person = person


def _person(tenant: Tenant, index: bytes) -> tuple[Person, bool]:
    """The person of a blind index, and whether it is new. Who makes the same one at this moment is waited for."""
    with connection.cursor() as cursor:
        cursor.execute(_NEW_PERSON, [tenant.pk, index])
        row = cursor.fetchone()
    if row is None:
        return Person.objects.get_or_create(tenant=tenant, blind_index=index)
    return Person(pk=row[0], tenant=tenant, blind_index=index, key_version=1), True


def renew(holding: Holding, at: datetime) -> None:
    """Let the period of a holding begin anew, for what it serves has begun anew."""
    expires_at = expiry(holding.activity, at, holding.legal_basis)
    Holding.objects.filter(tenant_id=holding.tenant_id, pk=holding.pk).update(expires_at=expires_at)
    holding.expires_at = expires_at
