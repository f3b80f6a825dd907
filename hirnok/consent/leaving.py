"""Leaving by a newsletter: at once, for good, without a trace of the address (X6, A6, C9).

What was held for the brand's newsletter is ended with all its lists; what stays is the suppression and, where
consent had been given, a proof without an address under a period of its own. Asking twice is no error.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import connection, transaction

from hirnok.consent.models import ConsentEntry, Departure, Proof
from hirnok.contacts import joining
from hirnok.contacts.models import Contact, Evidence, List
from hirnok.outbox.models import Delivery
from hirnok.register import closing, holdings, suppression
from hirnok.register.models import Holding, LegalBasis, Person
from hirnok.register.readymade import MEASUREMENT, NEWSLETTER, SIGN_UP, SIGN_UP_PROOF
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

BY_READER = "person"


class Surface(StrEnum):
    """Where somebody left."""

    ONE_CLICK = "one_click"  # the mail program's button, RFC 8058
    PAGE = "page"
    PREFERENCES = "preferences"  # the reader's own page
    MAIL = "mail"  # a mail to the address in List-Unsubscribe
    COMPLAINT = "complaint"  # the "this is spam" button, which the provider reports


@dataclass(frozen=True)
class Left:
    """What leaving did: `already` when there was nothing left to end."""

    already: bool
    proof: bool = False
    held: bool = False


def tenant_of_delivery(delivery_id: int) -> int | None:
    """Return whose delivery this is, None when it is gone; the token has been verified before."""
    return _ask("SELECT consent_tenant_of_delivery(%s)", delivery_id)


def contact_of_delivery(delivery_id: int) -> int | None:
    """Return the contact of a delivery, None when either is gone; the token has been verified before."""
    tenant = tenant_of_delivery(delivery_id)
    if tenant is None:
        return None
    with acting_for(tenant):
        found = Delivery.objects.filter(tenant_id=tenant, pk=delivery_id)
        return found.values_list("contact_id", flat=True).first()


def tenant_of_image(token: str) -> int | None:
    """Return whose picture this is."""
    return _ask("SELECT consent_tenant_of_image(%s)", token)


def tenant_of_form(token: str) -> int | None:
    """Return whose sign-up form this is."""
    return _ask("SELECT consent_tenant_of_form(%s)", token)


def tenant_of_sign_up(pending_id: int) -> int | None:
    """Return whose sign-up this is, None when it waits no more; the token has been verified before."""
    return _ask("SELECT consent_tenant_of_sign_up(%s)", pending_id)


def tenant_of_contact(contact_id: int) -> int | None:
    """Return whose contact this is, None when it is gone; the token has been verified before."""
    return _ask("SELECT consent_tenant_of_contact(%s)", contact_id)


@transaction.atomic
def unsubscribe(delivery: Delivery, *, surface: Surface, at: datetime) -> Left:
    """End what is held of the delivery's recipient for the brand's newsletter, and never write again.

    A complaint is no less than leaving, and is remembered as the reason.
    """
    contact = _locked(delivery.tenant_id, delivery.contact_id)
    if contact is None:
        return Left(already=True)
    left = _leave(contact, surface, at)
    Departure.objects.create(
        tenant_id=delivery.tenant_id, message_id=delivery.message_id, at=at, surface=surface
    )
    audit.record(
        delivery.tenant_id,
        "contact.unsubscribe",
        actor=BY_READER,
        at=at,
        about=delivery,
        surface=str(surface),
    )
    return left


@transaction.atomic
def leave_all(contact_id: int, *, tenant: int, at: datetime) -> Left:
    """Leave everything of the brand by the own page: the same end as by a newsletter."""
    contact = _locked(tenant, contact_id)
    if contact is None:
        return Left(already=True)
    left = _leave(contact, Surface.PREFERENCES, at)
    audit.record(
        tenant,
        "contact.unsubscribe",
        actor=BY_READER,
        at=at,
        surface=str(Surface.PREFERENCES),
    )
    return left


@transaction.atomic
def leave_list(contact_id: int, left: List, *, tenant: int, at: datetime) -> Left:
    """Leave one list; whoever leaves the last one has left everything."""
    contact = _locked(tenant, contact_id)
    if contact is None:
        return Left(already=True)
    if joining.leave_list(contact, left) == 0:
        return leave_all(contact_id, tenant=tenant, at=at)
    person = Person.objects.get(tenant_id=tenant, pk=contact.person_id)
    suppression.suppress_in_list(
        Tenant.objects.get(pk=tenant),
        left.pk,
        bytes(person.blind_index),
        reason=suppression.Reason.UNSUBSCRIBED,
        actor=BY_READER,
        at=at,
    )
    ConsentEntry.objects.create(
        tenant_id=tenant,
        contact=contact,
        event=ConsentEntry.Event.LIST_LEFT,
        list=left,
        surface=Surface.PREFERENCES,
        at=at,
    )
    audit.record(tenant, "contact.leave_list", actor=BY_READER, at=at, about=left)
    return Left(already=False)


def has_left(contact: Contact) -> bool:
    """Whether somebody left whose data are kept all the same, restricted."""
    return contact.holding.restricted_at is not None and suppression.has_left(
        contact.tenant_id, contact.brand_id, bytes(contact.person.blind_index)
    )


def _leave(contact: Contact, surface: Surface, at: datetime) -> Left:
    """Suppress, keep the proof where there was consent, and end what is held; restricted data stay as they are.

    Where the tenant never adds again who left (A6), leaving one brand is leaving all of them.
    """
    person = Person.objects.get(tenant_id=contact.tenant_id, pk=contact.person_id)
    everywhere = suppression.is_never_again(contact.tenant_id)
    leaving = _contacts(person) if everywhere else [contact]
    ending = _held_for_newsletter(person, None if everywhere else contact.brand_id)
    suppression.suppress(
        contact.tenant_id,
        [bytes(person.blind_index)],
        brand=None if everywhere else contact.brand_id,
        reason=suppression.Reason.COMPLAINT
        if surface is Surface.COMPLAINT
        else suppression.Reason.UNSUBSCRIBED,
        actor=BY_READER,
        at=at,
    )
    proofs = [_proof_of(one, person, surface, at) for one in leaving]
    restricted = {one.pk for one in leaving if one.holding.restricted_at is not None}
    ended = closing.end(
        contact.tenant_id,
        [holding for holding in ending if holding not in restricted],
        reason=closing.Reason.WITHDRAWN,
        actor=BY_READER,
        at=at,
    )
    return Left(already=False, proof=any(proofs), held=bool(ended.held or restricted))


def _proof_of(contact: Contact, person: Person, surface: Surface, at: datetime) -> Proof | None:
    """Keep the proof that this contact had consented; None where it had not."""
    given = (
        ConsentEntry.objects.filter(
            tenant_id=contact.tenant_id, contact=contact, event=ConsentEntry.Event.GIVEN
        )
        .order_by("-pk")
        .first()
    )
    consented = given is not None or contact.holding.legal_basis == LegalBasis.CONSENT
    return _keep_proof(contact, person, given, surface, at) if consented else None


def _locked(tenant: int, contact_id: int | None) -> Contact | None:
    """The contact, if it has not left; all that is held of the person is locked, in one order, so that two clicks
    at the same time leave once."""
    rows = Holding.objects.filter(tenant_id=tenant)
    person = rows.filter(pk=contact_id).values("person_id")
    held = rows.filter(person_id__in=person).order_by("pk").select_for_update()
    if contact_id not in set(held.values_list("pk", flat=True)):
        return None
    contact: Contact = Contact.objects.get(tenant_id=tenant, pk=contact_id)
    return None if has_left(contact) else contact


def _contacts(person: Person) -> list[Contact]:
    """The person's contacts in every brand."""
    found = Contact.objects.filter(tenant_id=person.tenant_id, person_id=person.pk)
    return list(found.select_related("holding__brand").order_by("pk"))


def _held_for_newsletter(person: Person, brand: int | None) -> list[int]:
    """Holdings by id, of one brand or of all."""
    rows = Holding.objects.filter(
        tenant_id=person.tenant_id,
        person_id=person.pk,
        activity__code__in=[NEWSLETTER, MEASUREMENT, SIGN_UP],
    )
    rows = rows if brand is None else rows.filter(brand_id=brand)
    return list(rows.values_list("pk", flat=True))


def _keep_proof(
    contact: Contact,
    person: Person,
    given: ConsentEntry | None,
    surface: Surface,
    at: datetime,
) -> Proof | None:
    """Keep the proof that there was consent, unless the tenant's register has struck that activity."""
    try:
        holding = holdings.open_for(
            person,
            activity=SIGN_UP_PROOF,
            legal_basis=LegalBasis.LEGITIMATE_INTEREST,
            at=at,
            brand=contact.holding.brand,
        )
    except holdings.NotInRegister:
        return None
    evidence = (
        Evidence.objects.filter(tenant_id=contact.tenant_id, contact=contact).order_by("pk").first()
    )
    return Proof.objects.create(
        holding=holding,
        tenant_id=contact.tenant_id,
        text=_text_of(given),
        given_at=given.at if given else evidence.given_at if evidence else None,
        held_since=contact.holding.held_since,
        withdrawn_at=at,
        surface=surface,
    )


def _text_of(given: ConsentEntry | None) -> str:
    """Name the words that were agreed to: id and the beginning of their hash."""
    return f"{given.text_id} {given.text_hash[:32]}" if given and given.text_id else ""


def _ask(statement: str, argument: int | str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [argument])
        row = cursor.fetchone()
    return int(row[0]) if row and row[0] is not None else None
