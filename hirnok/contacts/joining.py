"""What a person does with the own entry: join a list after confirming, leave one of several."""

from datetime import datetime

from django.db import transaction

from hirnok.contacts.editing import Values
from hirnok.contacts.models import Contact, List, Subscription
from hirnok.register import holdings
from hirnok.register.models import Holding, LegalBasis, Source
from hirnok.register.readymade import NEWSLETTER
from hirnok.tenants.models import Brand, Tenant


@transaction.atomic
def join(
    joined: List, address: str, values: Values, *, source: Source, at: datetime
) -> tuple[Contact, bool]:
    """Put the person with this normalised address on a list, by consent; return the contact and whether it is new.

    What is given replaces what was held, what is left empty stays. Whether there is consent is the caller's to know.
    """
    tenant, brand = Tenant.objects.get(pk=joined.tenant_id), joined.brand
    known = of_address(tenant, brand, address)
    contact = known or _begin(tenant, brand, address, source, at)
    contact.first_name = values.first_name or contact.first_name
    contact.last_name = values.last_name or contact.last_name
    contact.language = values.language or contact.language
    contact.fields = {**contact.fields, **values.fields}
    contact.updated_at = at
    contact.save(update_fields=["first_name", "last_name", "language", "fields", "updated_at"])
    Subscription.objects.get_or_create(
        tenant=tenant, contact=contact, list=joined, defaults={"since": at}
    )
    return contact, known is None


def of_address(tenant: Tenant, brand: Brand, address: str) -> Contact | None:
    """Return the brand's newsletter contact with this address."""
    found: Contact | None = (
        Contact.objects.of(tenant)
        .filter(
            brand=brand,
            activity__code=NEWSLETTER,
            person__blind_index=holdings.index_of(tenant.pk, address),
        )
        .select_related("holding")
        .first()
    )
    return found


def leave_list(contact: Contact, left: List) -> int:
    """Take a contact off one list; return on how many it still is."""
    mine = Subscription.objects.filter(tenant_id=contact.tenant_id, contact_id=contact.pk)
    mine.filter(list_id=left.pk).delete()
    return int(mine.count())


def _begin(tenant: Tenant, brand: Brand, address: str, source: Source, at: datetime) -> Contact:
    holding: Holding = holdings.open_holding(
        tenant,
        address=address,
        activity=NEWSLETTER,
        legal_basis=LegalBasis.CONSENT,
        at=at,
        brand=brand,
        source=source,
    )
    made: Contact = Contact.objects.create(
        holding=holding,
        tenant=tenant,
        brand=brand,
        activity_id=holding.activity_id,
        person_id=holding.person_id,
        email=address,
        created_at=at,
        updated_at=at,
    )
    return made
