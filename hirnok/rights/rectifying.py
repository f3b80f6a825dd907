"""Rectification and completion (GDPR Art. 16; X12): what the person says is right is taken over wherever it is held."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from hirnok.accounts import profile
from hirnok.accounts.models import User
from hirnok.consent import preferring
from hirnok.contacts import editing
from hirnok.contacts.models import Contact, Field
from hirnok.mail.addresses import Address, normalise
from hirnok.register.models import Disclosure
from hirnok.register.readymade import ACCOUNTS, NEWSLETTER
from hirnok.rights import outcomes
from hirnok.rights.outcomes import Kind, Outcome
from hirnok.tenants.models import Brand, Tenant

ADDRESS, FIRST, LAST, LANGUAGE = "address", "first_name", "last_name", "language"


@transaction.atomic
def rectify(
    tenant: Tenant,
    index: bytes,
    changes: Mapping[str, str],
    *,
    actor: str,
    at: datetime,
    brand: Brand | None = None,
) -> list[Outcome]:
    """Take over corrected values: `address`, `first_name`, `last_name`, `language`, keys of further fields.

    "needs a person" where somebody else has the address, it may not be written to, or the data are frozen.
    """
    held = list(outcomes.held_of(tenant, index, brand))
    ids = [one.pk for one in held]
    contacts = Contact.objects.of(tenant).filter(pk__in=ids).select_related("holding", "brand")
    found = [_contact(tenant, one, changes, actor, at) for one in contacts]
    users = User.objects.filter(tenant_id=tenant.pk, holding_id__in=ids)
    found += [_user(one, changes, at) for one in users]
    told = Disclosure.objects.of(tenant).filter(holding_id__in=ids)
    found += [
        Outcome(outcomes.MODULE, Kind.NEEDS_HUMAN, count=1, article="19", reason=f"tell: {name}")
        for name in sorted(set(told.values_list("recipient", flat=True)))
    ]
    return outcomes.complete(found)


def _contact(
    tenant: Tenant, contact: Contact, changes: Mapping[str, str], actor: str, at: datetime
) -> Outcome:
    known = set(Field.objects.of(tenant).values_list("key", flat=True))
    fields = dict(contact.fields) | {key: value for key, value in changes.items() if key in known}
    address = normalise(changes[ADDRESS]) if changes.get(ADDRESS) else None
    if address is not None and not isinstance(address, Address):
        return Outcome("contacts", Kind.NEEDS_HUMAN, NEWSLETTER, 1, reason="no_address")
    try:
        with transaction.atomic():
            preferring.correct(
                contact,
                first_name=changes.get(FIRST, contact.first_name),
                last_name=changes.get(LAST, contact.last_name),
                language=changes.get(LANGUAGE, contact.language),
                fields={key: value for key, value in fields.items() if value != ""},
                at=at,
            )
            if isinstance(address, Address):
                editing.readdress(contact, address, actor=actor, at=at)
    except editing.IsRestricted:
        return Outcome("contacts", Kind.NEEDS_HUMAN, NEWSLETTER, 1, "18(2)", reason="restricted")
    except editing.AlreadyThere:
        return Outcome("contacts", Kind.NEEDS_HUMAN, NEWSLETTER, 1, reason="address_taken")
    except editing.IsSuppressed:
        return Outcome("contacts", Kind.NEEDS_HUMAN, NEWSLETTER, 1, reason="address_suppressed")
    return Outcome("contacts", Kind.RECTIFIED, NEWSLETTER, 1, "16")


def _user(user: User, changes: Mapping[str, str], at: datetime) -> Outcome:
    """A name is taken over; another address the user confirms on the own profile page."""
    if ADDRESS in changes:
        return Outcome("accounts", Kind.NEEDS_HUMAN, ACCOUNTS, 1, reason="own_profile")
    first, _, last = user.name.partition(" ")
    name = f"{changes.get(FIRST, first)} {changes.get(LAST, last)}".strip()
    language = changes.get(LANGUAGE, user.language)
    if (name, language) == (user.name, user.language):
        return Outcome("accounts", Kind.NONE_FOUND, ACCOUNTS)
    profile.change(user, name=name or user.name, language=language, at=at)
    return Outcome("accounts", Kind.RECTIFIED, ACCOUNTS, 1, "16")
