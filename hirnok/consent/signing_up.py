"""Signing up by a form, and confirming it: nobody becomes a contact but by the own second step (double opt-in).

Promises: until then only `PendingSignUp` holds what was typed, under a period of days; whether an address is
known is never told; at most one mail a day and three in all ask for confirmation; refused submissions leave
nothing but a count. Who left comes back by this road only, and not where an objection in writing stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction

from hirnok.consent import proofs, stamps, throttling, transferring, writing
from hirnok.consent.models import ConsentEntry, ConsentText, Form, PendingSignUp, Throttle
from hirnok.contacts import joining
from hirnok.contacts.editing import Values
from hirnok.contacts.models import Contact, Subscription
from hirnok.lib import keys
from hirnok.mail.addresses import Address
from hirnok.register import closing, holdings, suppression
from hirnok.register.models import Activity, Holding, LegalBasis, Person
from hirnok.register.readymade import NEWSLETTER, SENDING_LOG, SIGN_UP
from hirnok.tenants import audit
from hirnok.tenants.models import Tenant

BY_READER = "person"
HOSTED = "form"


class Outcome(StrEnum):
    """How a submission ended. The sender learns only whether it is one of `REFUSED`."""

    ASKED = "asked"  # a mail asks for confirmation
    QUIET = "quiet"  # enough such mails have been sent
    SUBSCRIBED = "subscribed"  # already
    BARRED = "barred"  # the address must not be written to
    TRAPPED = "trapped"  # the field that no person sees was filled
    UNSTAMPED = "unstamped"  # comes from no form of ours: the snippet, or a machine
    TOO_SOON = "too_soon"
    TOO_OLD = "too_old"
    TOO_MANY = "too_many"
    CLOSED = "closed"
    CONFIRMED = "confirmed"


REFUSED = frozenset(
    {
        Outcome.TRAPPED,
        Outcome.UNSTAMPED,
        Outcome.TOO_SOON,
        Outcome.TOO_OLD,
        Outcome.TOO_MANY,
        Outcome.CLOSED,
    }
)

_SERVED = (SIGN_UP, NEWSLETTER, SENDING_LOG)
_OUTCOMES: dict[type[Exception], Outcome] = {
    stamps.BadStamp: Outcome.UNSTAMPED,
    stamps.TooSoon: Outcome.TOO_SOON,
    stamps.TooOld: Outcome.TOO_OLD,
}


class NothingToConfirm(Exception):
    """The sign-up is confirmed already, has expired, or may not be confirmed any more."""


@dataclass(frozen=True)
class Arrival:
    """How a submission came: the stamp of the form, the trap's content, the client's IP address, the proof of work."""

    stamp: str
    trap: str
    network: str
    proof: str = ""


@dataclass(frozen=True)
class Admission:
    """A submission that is taken: the words that stood beside the box, the form's activities by code."""

    text: ConsentText
    served: Mapping[str, Activity]


@dataclass(frozen=True)
class Given:
    """What was filled in, valid already."""

    address: Address
    first_name: str = ""
    last_name: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    transfers: tuple[int, ...] = ()  # of ConsentText.pk: further boxes that were ticked


def is_open(form: Form) -> bool:
    """Whether a form takes sign-ups: not closed, its list in use, and the register allows what it does."""
    return bool(activities(form))


def activities(form: Form) -> dict[str, Activity]:
    """Return the activities that a form serves, by code; empty where it takes no sign-ups."""
    if form.closed_at is not None or form.list.archived_at is not None:
        return {}
    active = Activity.objects.filter(tenant_id=form.tenant_id, active=True, code__in=_SERVED)
    found = {one.code: one for one in active}
    return found if len(found) == len(_SERVED) else {}


def admit(form: Form, arrival: Arrival, *, at: datetime) -> Admission | Outcome:
    """Return with which words a submission is taken, or why it is not; that is counted."""
    found = _judge(form, arrival, at)
    if isinstance(found, Outcome):
        throttling.count(form, at.date(), found)
    return found


@transaction.atomic(savepoint=False)
def submit(form: Form, given: Given, admitted: Admission, *, at: datetime) -> Outcome:
    """Take a submission that was admitted; whatever comes of it, the sender is told the same."""
    tenant: Tenant = form.tenant
    index = holdings.index_of(tenant.pk, given.address.text)
    throttling.lock(tenant.pk, index)
    outcome = _take(tenant, form, given, admitted, index, at)
    throttling.count(form, at.date(), outcome)
    return outcome


@transaction.atomic
def confirm(pending_id: int, *, tenant: int, at: datetime) -> tuple[Contact, PendingSignUp]:
    """Make the person who confirms a subscriber: contact, ledger, and no longer suppressed. NothingToConfirm."""
    person = Person.objects.get(
        tenant_id=tenant, pk=waiting(pending_id, tenant=tenant, at=at).holding.person_id
    )
    index = bytes(person.blind_index)
    throttling.lock(tenant, index)
    pending = waiting(pending_id, tenant=tenant, at=at, lock=True)
    form = pending.form
    owner = Tenant.objects.get(pk=tenant)
    brand = form.list.brand
    known = joining.of_address(owner, brand, pending.email)
    if not is_open(form) or _is_barred(form, pending.email, index, known):
        raise NothingToConfirm
    suppression.lift_by_confirmed_sign_up(
        owner, brand, index, actor=BY_READER, at=at, list_id=form.list_id
    )
    contact, _ = joining.join(
        form.list,
        pending.email,
        Values(pending.first_name, pending.last_name, pending.language, pending.fields),
        source=form.source,
        at=at,
    )
    _write_down(contact, pending, at)
    throttling.forget_mails(tenant, index)
    # Its purpose is fulfilled: this is the end of its period, not an erasure.
    closing.end(tenant, [pending.pk], reason=closing.Reason.EXPIRED, actor=BY_READER, at=at)
    throttling.count(form, at.date(), Outcome.CONFIRMED)
    audit.record(tenant, "sign_up.confirm", actor=BY_READER, at=at, about=form)
    if pending.text.covers_welcome:
        writing.welcome(form, contact, pending.language, at=at)
    return contact, pending


def waiting(pending_id: int, *, tenant: int, at: datetime, lock: bool = False) -> PendingSignUp:
    """Return a sign-up that can be confirmed now; NothingToConfirm."""
    rows = Holding.objects.filter(tenant_id=tenant, pk=pending_id)
    holding = (rows.select_for_update() if lock else rows).first()
    if (
        holding is None
        or holding.restricted_at
        or (holding.expires_at and holding.expires_at <= at)
    ):
        raise NothingToConfirm
    found: PendingSignUp | None = (
        PendingSignUp.objects.filter(tenant_id=tenant, pk=pending_id)
        .select_related(
            "holding", "form__list__brand__logo", "form__source", "form__tenant", "text"
        )
        .first()
    )
    if found is None:
        raise NothingToConfirm
    return found


def _judge(form: Form, arrival: Arrival, at: datetime) -> Admission | Outcome:
    served = activities(form)
    if not served:
        return Outcome.CLOSED
    if arrival.trap:
        return Outcome.TRAPPED
    try:
        shown = stamps.read(keys.derive("sign-up-form"), form.token, arrival.stamp, at)
    except (stamps.BadStamp, stamps.TooSoon, stamps.TooOld) as fact:
        return _OUTCOMES[type(fact)]
    is_proved = not form.proof_of_work or proofs.is_valid(arrival.stamp, arrival.proof)
    most = throttling.NETWORK_MOST if is_proved else throttling.NETWORK_MOST_UNPROVED
    if not throttling.network_is_quiet(form.tenant_id, arrival.network, at, most=most):
        return Outcome.TOO_MANY
    text: ConsentText = ConsentText.objects.get(
        tenant_id=form.tenant_id, form_id=form.pk, pk=shown.text_id
    )
    return Admission(text, served)


def _take(
    tenant: Tenant, form: Form, given: Given, admitted: Admission, index: bytes, at: datetime
) -> Outcome:
    """The rest of `submit`, under the lock of the address."""
    text, served = admitted.text, admitted.served
    is_known = holdings.is_known(tenant, index)
    contact = joining.of_address(tenant, form.list.brand, given.address.text) if is_known else None
    if _is_barred(form, given.address.text, index, contact):
        return Outcome.BARRED
    if contact is not None and _is_on(contact, form):
        if throttling.may_mail(tenant.pk, Throttle.Kind.NOTICE, index, at):
            writing.say_already_subscribed(form, contact, text.language, at=at)
        return Outcome.SUBSCRIBED
    waits = _waiting_of(form, index) if is_known else None
    pending = waits or _begin(form, given, served[SIGN_UP], at)
    _take_over(pending, given, text, at)
    if not throttling.may_mail(tenant.pk, Throttle.Kind.CONFIRMATION, index, at):
        return Outcome.QUIET
    if pending.holding.held_since != at:
        holdings.renew(pending.holding, at)
    writing.ask_to_confirm(form, pending, log=served[SENDING_LOG], at=at)
    return Outcome.ASKED


def _is_barred(form: Form, address: str, index: bytes, contact: Contact | None) -> bool:
    """Whether this address cannot be signed up; also while a legal hold keeps what was held before."""
    tenant, brand = form.tenant, form.list.brand
    return bool(
        (contact is not None and contact.holding.restricted_at is not None)
        or suppression.barred(tenant, brand, index, address, list_id=form.list_id)
    )


def _is_on(contact: Contact, form: Form) -> bool:
    rows = Subscription.objects.filter(tenant_id=form.tenant_id, list_id=form.list_id)
    return bool(rows.filter(contact_id=contact.pk).exists())


def _waiting_of(form: Form, index: bytes) -> PendingSignUp | None:
    """The one that waits already: one row for a person and a form."""
    found: PendingSignUp | None = (
        PendingSignUp.objects.filter(
            tenant_id=form.tenant_id, form_id=form.pk, holding__person__blind_index=index
        )
        .select_related("holding__activity")
        .first()
    )
    return found


def _begin(form: Form, given: Given, served: Activity, at: datetime) -> PendingSignUp:
    holding = holdings.open_holding(
        form.tenant,
        address=given.address.text,
        activity=served,
        legal_basis=LegalBasis.CONSENT,
        at=at,
        brand=form.list.brand,
        source=form.source,
    )
    return PendingSignUp(tenant=form.tenant, form=form, holding=holding, surface=HOSTED)


def _take_over(pending: PendingSignUp, given: Given, text: ConsentText, at: datetime) -> None:
    """What was typed last counts; the page on which it is confirmed shows it."""
    is_new = pending._state.adding
    pending.email, pending.text, pending.language = given.address.text, text, text.language
    pending.first_name, pending.last_name = given.first_name, given.last_name
    pending.fields, pending.agreed_at = dict(given.fields), at
    pending.transfers = list(given.transfers)
    pending.save(force_insert=is_new)


def _write_down(contact: Contact, pending: PendingSignUp, at: datetime) -> None:
    ConsentEntry.objects.create(
        tenant_id=contact.tenant_id,
        contact=contact,
        event=ConsentEntry.Event.GIVEN,
        list_id=pending.form.list_id,
        text=pending.text,
        text_hash=pending.text.hash,
        language=pending.language,
        surface=pending.surface,
        agreed_at=pending.agreed_at,
        at=at,
    )
    transferring.write_down(
        contact,
        pending.form,
        pending.transfers,
        surface=pending.surface,
        agreed_at=pending.agreed_at,
        at=at,
    )
