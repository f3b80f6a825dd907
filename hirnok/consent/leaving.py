"""Leaving by a newsletter: at once, for good, without a trace of the address (X6, A6, C9).

What was held for the brand's newsletter is ended with all its lists; what stays is the suppression and, where
consent had been given, a proof without an address under a period of its own. Asking twice is no error.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import connection, transaction

from hirnok.consent import transferring
from hirnok.consent.models import ConsentEntry, Departure, Proof, Withdrawal
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
    STAFF = "staff"  # a user wrote down what the person said or sent
    LAPSED = "lapsed"  # a consent that had to be renewed was not


@dataclass(frozen=True)
class Told:
    """What staff write down of a withdrawal: the `way` it came (`Withdrawal.Way`), when, and what shows it."""

    way: str
    received_at: datetime
    note: str = ""
    document_name: str = ""
    document: bytes = b""


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
def leave_at_the_persons_word(
    contact_id: int, told: Told, *, tenant: int, actor: str, at: datetime
) -> Left:
    """Leave everything of the brand because the person said so to staff, who keep what shows it (Art. 7 (3)).

    The evidence stands under the proof's holding and has its period; no address is in it.
    """
    contact = _locked(tenant, contact_id)
    if contact is None:
        return Left(already=True)
    person = Person.objects.get(tenant_id=tenant, pk=contact.person_id)
    holding = _under_the_proof(contact, person, at)
    left = _leave(contact, Surface.STAFF, at, actor=actor, under=holding)
    if holding is not None:
        Withdrawal.objects.create(
            tenant_id=tenant,
            holding=holding,
            way=told.way,
            note=told.note,
            document_name=told.document_name,
            document=told.document or None,
            received_at=told.received_at,
            taken_by=actor,
            at=at,
        )
    audit.record(
        tenant,
        "contact.unsubscribe",
        actor=actor,
        at=at,
        surface=str(Surface.STAFF),
        way=told.way,
        evidence=holding is not None,
    )
    return left


@transaction.atomic
def lapse(contact_id: int, *, tenant: int, actor: str, at: datetime) -> Left:
    """End a consent that was to be renewed and was not: the data go, the proof stays; nobody is suppressed."""
    contact = _locked(tenant, contact_id)
    if contact is None:
        return Left(already=True)
    person = Person.objects.get(tenant_id=tenant, pk=contact.person_id)
    kept = _proofs_of(contact, person, Surface.LAPSED, at)
    ended = closing.end(
        tenant,
        _held_for_newsletter(person, contact.brand_id),
        reason=closing.Reason.WITHDRAWN,
        actor=actor,
        at=at,
    )
    audit.record(tenant, "contact.unsubscribe", actor=actor, at=at, surface=str(Surface.LAPSED))
    return Left(already=False, proof=bool(kept), held=bool(ended.held))


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


def _leave(
    contact: Contact,
    surface: Surface,
    at: datetime,
    *,
    actor: str = BY_READER,
    under: Holding | None = None,
) -> Left:
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
        actor=actor,
        at=at,
    )
    proofs = [
        proof
        for one in leaving
        for proof in _proofs_of(one, person, surface, at, under if one.pk == contact.pk else None)
    ]
    restricted = {one.pk for one in leaving if one.holding.restricted_at is not None}
    ended = closing.end(
        contact.tenant_id,
        [holding for holding in ending if holding not in restricted],
        reason=closing.Reason.WITHDRAWN,
        actor=actor,
        at=at,
    )
    return Left(already=False, proof=bool(proofs), held=bool(ended.held or restricted))


def _proofs_of(
    contact: Contact,
    person: Person,
    surface: Surface,
    at: datetime,
    under: Holding | None = None,
) -> list[Proof]:
    """Keep the proofs that this contact had consented, to the newsletter and to each transfer; [] where it had not.

    That of the newsletter stands under the holding `under`, if there is one already.
    """
    events = [ConsentEntry.Event.GIVEN, ConsentEntry.Event.RENEWED]
    given = (
        ConsentEntry.objects.filter(tenant_id=contact.tenant_id, contact=contact, event__in=events)
        .order_by("-pk")
        .first()
    )
    wanted: list[tuple[ConsentEntry | None, datetime]] = []
    if given is not None or contact.holding.legal_basis == LegalBasis.CONSENT:
        wanted.append((given, at))
    for one in transferring.of_contact(contact):
        entry = one.entry if one.is_given else _given_before(one.entry)
        wanted.append((entry, at if one.is_given else one.entry.at))
    kept = []
    for number, (entry, ended) in enumerate(wanted):
        first = under if number == 0 and given is entry else None
        holding = first or _under_the_proof(contact, person, at)
        if holding is not None:
            kept.append(_keep_proof(contact, holding, entry, surface, ended))
    return kept


def _given_before(withdrawn: ConsentEntry) -> ConsentEntry | None:
    """The entry by which a transfer was agreed to that was taken back later."""
    found: ConsentEntry | None = (
        ConsentEntry.objects.filter(
            tenant_id=withdrawn.tenant_id,
            contact_id=withdrawn.contact_id,
            event=ConsentEntry.Event.TRANSFER_GIVEN,
            text_id=withdrawn.text_id,
            pk__lt=withdrawn.pk,
        )
        .order_by("-pk")
        .first()
    )
    return found


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


def _under_the_proof(contact: Contact, person: Person, at: datetime) -> Holding | None:
    """Begin to hold a proof; None where the tenant's register has struck that activity."""
    try:
        return holdings.open_for(
            person,
            activity=SIGN_UP_PROOF,
            legal_basis=LegalBasis.LEGITIMATE_INTEREST,
            at=at,
            brand=contact.holding.brand,
        )
    except holdings.NotInRegister:
        return None


def _keep_proof(
    contact: Contact,
    holding: Holding,
    given: ConsentEntry | None,
    surface: Surface,
    ended: datetime,
) -> Proof:
    """Keep the proof that there was consent until it `ended`."""
    evidence = (
        Evidence.objects.filter(tenant_id=contact.tenant_id, contact=contact).order_by("pk").first()
    )
    return Proof.objects.create(
        holding=holding,
        tenant_id=contact.tenant_id,
        text=_text_of(given),
        given_at=given.at if given else evidence.given_at if evidence else None,
        held_since=contact.holding.held_since,
        withdrawn_at=ended,
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
