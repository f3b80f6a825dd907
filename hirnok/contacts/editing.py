"""What a user does with one contact: add by hand, change, erase."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from hirnok.contacts.models import Contact, ContactTag, List, Subscription, Tag
from hirnok.mail.addresses import Address
from hirnok.register import closing, holdings, sources, suppression
from hirnok.register.models import Activity, Holding, Person, Source, Suppression
from hirnok.register.readymade import NEWSLETTER
from hirnok.tenants import audit
from hirnok.tenants.models import Brand, Tenant


class AlreadyThere(Exception):
    """The brand has a contact with this address."""

    def __init__(self, contact: Contact) -> None:
        self.contact = contact
        super().__init__()


class IsSuppressed(Exception):
    """This person left or must not be written to."""


class IsRestricted(Exception):
    """The person's data are restricted: they may be kept, not changed."""


@dataclass(frozen=True)
class Values:
    """What is held of a contact beside the address."""

    first_name: str = ""
    last_name: str = ""
    language: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    lists: tuple[List, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Declared:
    """How somebody came to be typed in, and on what basis."""

    legal_basis: str
    how: str


@transaction.atomic
def add(
    tenant: Tenant,
    brand: Brand,
    address: Address,
    values: Values,
    declared: Declared,
    *,
    actor: str,
    at: datetime,
) -> Contact:
    """Add somebody by hand. AlreadyThere, IsSuppressed, NotInRegister."""
    index = holdings.index_of(tenant.pk, address.text)
    _refuse_suppressed(tenant, brand, address, index, values.lists)
    activity = holdings.activity_of(tenant, NEWSLETTER)
    known = _known(tenant, brand, activity, index)
    if (contact := known.first()) is not None:
        raise AlreadyThere(contact)
    holding = _hold(tenant, brand, address, declared, actor, at)
    made = Contact(
        holding=holding,
        tenant=tenant,
        brand=brand,
        activity=activity,
        person_id=holding.person_id,
        email=address.text,
        first_name=values.first_name,
        last_name=values.last_name,
        language=values.language,
        fields=values.fields,
        created_at=at,
        updated_at=at,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        # Somebody else was quicker by an instant; what was written here is undone with the transaction.
        if (contact := known.first()) is not None:
            raise AlreadyThere(contact) from error
        raise
    _set_lists(made, values.lists, at)
    _set_tags(made, values.tags)
    audit.record(tenant, "contact.add", actor=actor, at=at, about=made)
    return made


@transaction.atomic
def change(contact: Contact, values: Values, *, actor: str, at: datetime) -> None:
    """Rectify what is held of a contact, its lists and its tags. IsRestricted, IsSuppressed."""
    if contact.holding.restricted_at is not None:
        raise IsRestricted
    tenant = Tenant.objects.get(pk=contact.tenant_id)
    person = Person.objects.get(tenant_id=contact.tenant_id, pk=contact.person_id)
    joined = {one.pk for one in values.lists} - set(_lists_of(contact))
    if _left_lists(tenant, joined, bytes(person.blind_index)):
        raise IsSuppressed
    contact.first_name, contact.last_name = values.first_name, values.last_name
    contact.language, contact.fields = values.language, values.fields
    contact.updated_at = at
    contact.save(update_fields=["first_name", "last_name", "language", "fields", "updated_at"])
    _set_lists(contact, values.lists, at)
    _set_tags(contact, values.tags)
    audit.record(tenant, "contact.change", actor=actor, at=at, about=contact)


@transaction.atomic
def readdress(contact: Contact, address: Address, *, actor: str, at: datetime) -> None:
    """Correct a contact's address: what is held goes on under the keyed hash of the new one. AlreadyThere, IsRestricted,
    IsSuppressed.

    The old address is forgotten; if it is on the suppression list, its hash stays there.
    """
    if contact.holding.restricted_at is not None:
        raise IsRestricted
    tenant = Tenant.objects.get(pk=contact.tenant_id)
    index = holdings.index_of(tenant.pk, address.text)
    lists = List.objects.of(tenant).filter(pk__in=_lists_of(contact))
    _refuse_suppressed(tenant, contact.brand, address, index, lists)
    known = _known(tenant, contact.brand, contact.activity, index).exclude(pk=contact.pk)
    if (other := known.first()) is not None:
        raise AlreadyThere(other)
    before = Person.objects.get(tenant_id=contact.tenant_id, pk=contact.person_id)
    person = holdings.person_for(tenant, address.text)
    if person.pk != before.pk:
        # The way out is the only way by which a person goes: it leaves with a holding that ends at once.
        leaving = holdings.open_for(
            before, activity=NEWSLETTER, legal_basis=contact.holding.legal_basis, at=at
        )
        holdings.hand_to(contact.holding, person)
    contact.person = person
    contact.email, contact.updated_at = address.text, at
    contact.save(update_fields=["person", "email", "updated_at"])
    if person.pk != before.pk:
        closing.end(tenant, [leaving.pk], reason=closing.Reason.REPLACED, actor=actor, at=at)
    audit.record(tenant, "contact.readdress", actor=actor, at=at, about=contact)


@transaction.atomic
def erase(contact: Contact, *, suppress: bool, actor: str, at: datetime) -> bool:
    """Delete all that is held of a contact for the brand's newsletter; `suppress`: for good, in all brands.

    False when a legal hold stands against it: the data are restricted, and go when it is lifted.
    """
    if suppress:
        person = Person.objects.get(tenant_id=contact.tenant_id, pk=contact.person_id)
        suppression.suppress(
            contact.tenant_id,
            [bytes(person.blind_index)],
            reason=Suppression.Reason.STAFF,
            actor=actor,
            at=at,
        )
    ended = closing.end(
        contact.tenant_id, [contact.pk], reason=closing.Reason.ERASED, actor=actor, at=at
    )
    return not ended.held


def _known(tenant: Tenant, brand: Brand, activity: Activity, index: bytes) -> "QuerySet[Contact]":
    found: QuerySet[Contact] = Contact.objects.of(tenant).filter(
        brand=brand, activity=activity, person__blind_index=index
    )
    return found


def _hold(
    tenant: Tenant, brand: Brand, address: Address, declared: Declared, actor: str, at: datetime
) -> Holding:
    """Record the declaration, and begin to hold."""
    source = sources.record(
        tenant,
        Source.Kind.STAFF,
        declared.legal_basis,
        actor=actor,
        at=at,
        description=declared.how,
    )
    return holdings.open_holding(
        tenant,
        address=address.text,
        activity=NEWSLETTER,
        legal_basis=declared.legal_basis,
        at=at,
        brand=brand,
        source=source,
    )


def _refuse_suppressed(
    tenant: Tenant, brand: Brand, address: Address, index: bytes, lists: Iterable[List]
) -> None:
    if (
        suppression.suppressed(tenant, brand, [index])
        or suppression.suppressed_domains(tenant, brand, [address.domain])
        or suppression.opted_out([address.key])
        or _left_lists(tenant, {one.pk for one in lists}, index)
    ):
        raise IsSuppressed


def _left_lists(tenant: Tenant, lists: set[int], index: bytes) -> bool:
    """Whether the person left one of these lists."""
    rows = Suppression.objects.of(tenant).filter(
        scope=Suppression.Scope.LIST, scope_id__in=lists, key=index
    )
    return bool(lists) and bool(rows.exists())


def _lists_of(contact: Contact) -> list[int]:
    rows = Subscription.objects.filter(tenant_id=contact.tenant_id, contact_id=contact.pk)
    return list(rows.values_list("list_id", flat=True))


def _set_lists(contact: Contact, lists: Iterable[List], at: datetime) -> None:
    wanted, present = {one.pk for one in lists}, set(_lists_of(contact))
    mine = Subscription.objects.filter(tenant_id=contact.tenant_id, contact_id=contact.pk)
    mine.filter(list_id__in=present - wanted).delete()
    for number in sorted(wanted - present):
        Subscription.objects.create(
            tenant_id=contact.tenant_id, contact_id=contact.pk, list_id=number, since=at
        )


def _set_tags(contact: Contact, names: Iterable[str]) -> None:
    wanted = {
        Tag.objects.get_or_create(tenant_id=contact.tenant_id, name=name)[0].pk for name in names
    }
    mine = ContactTag.objects.filter(tenant_id=contact.tenant_id, contact_id=contact.pk)
    present = set(mine.values_list("tag_id", flat=True))
    mine.filter(tag_id__in=present - wanted).delete()
    for number in sorted(wanted - present):
        ContactTag.objects.create(tenant_id=contact.tenant_id, contact_id=contact.pk, tag_id=number)
