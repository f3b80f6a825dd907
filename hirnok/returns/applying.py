"""Sorting what was stored, and making it so: the state of the delivery, failures, complaints, leaving.

Each thing is applied in one transaction that holds its row, so two workers apply it once; and what it changes can be
changed only once a delivery (`failed_once`, `complained_once`), so the same report by two roads counts once. What cannot
be told, or is about nobody we know, stays as unknown for a person.
"""

import json
import logging
from datetime import datetime
from typing import Final

from django.db import OperationalError, transaction

from hirnok.consent import leaving
from hirnok.contacts.models import Contact
from hirnok.mail import notices, sort
from hirnok.mail.replies import ReplyClass
from hirnok.mail.sort import Kind, Sorted
from hirnok.mail.verdicts import Permanence, Verdict, of_notice
from hirnok.outbox import returned
from hirnok.outbox.models import Delivery
from hirnok.returns import forwarding, matching, rules
from hirnok.returns.forwarding import MAIL_ROADS
from hirnok.returns.models import Complaint, Failure, Returned
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

logger = logging.getLogger(__name__)

ACTOR: Final = "job:returns"
# Reports of these types are no complaints of a reader (RFC 5965 §7.3, RFC 6591, RFC 6430).
_NO_COMPLAINT: Final = frozenset({"auth-failure", "not-spam", "virus", "fraud"})
State = Returned.State


def apply_new(tenant: Tenant, *, at: datetime, most: int = 500) -> int:
    """Sort and apply what waits, oldest first, each in a transaction of its own; return how many."""
    with acting_for(tenant):
        new = Returned.objects.of(tenant).filter(state=State.NEW).order_by("pk")
        ids = list(new.values_list("pk", flat=True)[:most])
    for pk in ids:
        try:
            with acting_for(tenant):
                apply_one(tenant, pk, at=at)
        except OperationalError:
            raise  # the database is away: the next run goes on
        except Exception:
            logger.exception("what came back as %s could not be applied; it waits for a person", pk)
            with acting_for(tenant):
                Returned.objects.of(tenant).filter(pk=pk, state=State.NEW).update(
                    state=State.UNKNOWN, sorted_at=at
                )
    return len(ids)


@transaction.atomic
def apply_one(tenant: Tenant, pk: int, *, at: datetime) -> None:
    """Apply one thing that waits; nothing when somebody else has it or did it."""
    row = (
        Returned.objects.of(tenant)
        .select_for_update(skip_locked=True)
        .filter(pk=pk, state=State.NEW)
        .first()
    )
    if row is None:
        return
    if row.road in MAIL_ROADS and forwarding.is_of_a_copy(bytes(row.raw)):
        _settle(row, State.APPLIED, Kind.NONE, at)  # says nothing of a reader
        return
    if row.purpose == Returned.Purpose.LEAVE:
        _leave(row, at)
        return
    found, message_ids = read(row)
    verdicts = found.verdicts
    if found.kind is Kind.COMPLAINT and row.delivery_id is not None:
        verdicts = verdicts or (Verdict(""),)  # the signed address says who
    matched = [_applied(tenant, row, found, one, message_ids, at) for one in verdicts]
    told = (matched and all(matched)) or found.kind in {Kind.AUTOREPLY, Kind.DELIVERED}
    _settle(row, State.APPLIED if told else State.UNKNOWN, found.kind, at)
    if told:
        _forward(tenant, row, found, at)


@transaction.atomic
def apply_by_hand(
    tenant: Tenant, row: Returned, *, kind: str, recipient: str, actor: str, at: datetime
) -> bool:
    """Make of an unknown thing what a person says it is (`permanent`, `transient`, `complaint`, `nothing`); whether the
    recipient was found."""
    if kind == "nothing":
        _settle(row, State.DISMISSED, row.kind, at)
        audit.record(tenant, "returns.dismiss", actor=actor, at=at, about=row)
        return True
    found = _said(row, kind, recipient)
    if not all(_applied(tenant, row, found, one, read(row)[1], at) for one in found.verdicts):
        return False
    _settle(row, State.APPLIED, found.kind, at)
    _forward(tenant, row, found, at)
    audit.record(tenant, "returns.sort", actor=actor, at=at, about=row, kind=kind)
    return True


def read(row: Returned) -> tuple[Sorted, str]:
    """Return what a stored thing means, and the text in which a Message-ID of ours may stand."""
    raw = bytes(row.raw)
    if row.road in MAIL_ROADS:
        found = sort.sort(raw)
        return (
            found,
            f"{found.original.get('message-id')} {found.original.get('x-original-message-id')}",
        )
    event = notices.load(json.loads(raw))
    kinds = {notices.BOUNCED: Kind.BOUNCE, notices.COMPLAINED: Kind.COMPLAINT}
    kind = kinds.get(event.event, Kind.DELIVERED)
    return Sorted(kind, (of_notice(event),), event.feedback), event.message_id


def _said(row: Returned, kind: str, recipient: str) -> Sorted:
    """What a person said, with the words of the mail where it has some."""
    read_, _ids = read(row)
    known = next((one for one in read_.verdicts if one.recipient == recipient), None)
    words = known.reply if known else ""
    if kind == "complaint":
        return Sorted(Kind.COMPLAINT, (Verdict(recipient),), "abuse")
    permanence = Permanence(kind)
    reply_class = ReplyClass.ADDRESS if kind == "permanent" else ReplyClass.NETWORK
    if known and known.reply_class in rules.COUNTABLE:
        reply_class = known.reply_class
    return Sorted(
        Kind.BOUNCE, (Verdict(recipient, permanence, reply_class, reply=words, action="failed"),)
    )


def _applied(tenant: Tenant, row: Returned, found: Sorted, one: Verdict, message_ids: str, at: datetime) -> bool:  # fmt: skip
    """Apply one verdict; whether it was about somebody we know."""
    delivery = _delivery_of(tenant, row, one, message_ids, at)
    if delivery is None:
        return False
    _remember(tenant, row, delivery)
    if found.kind is Kind.COMPLAINT:
        _complain(delivery, found.feedback, at)
    elif found.kind is Kind.BOUNCE and one.action == "delayed":
        returned.note(delivery, one, at=at)
    elif found.kind is Kind.BOUNCE:
        _fail(tenant, delivery, one, at)
    elif found.kind is Kind.DELIVERED and delivery.contact_id is not None:
        contact = _contact(delivery)
        if contact is not None:
            rules.revive(tenant, bytes(contact.person.blind_index), actor=ACTOR, at=at)
    return True


def _delivery_of(tenant: Tenant, row: Returned, one: Verdict, message_ids: str, at: datetime) -> Delivery | None:  # fmt: skip
    if row.delivery_id is not None:
        signed: Delivery | None = Delivery.objects.of(tenant).filter(pk=row.delivery_id).first()
        return signed
    text = ""
    if row.road in MAIL_ROADS:
        text = bytes(row.raw)[:100_000].decode("latin-1")
    return (
        (matching.by_signed_address(tenant, text) if text else None)
        or matching.by_message_id(tenant, message_ids, one.recipient)
        or next(
            (
                found
                for address in (one.original, one.recipient)
                if address and (found := matching.by_recipient(tenant, address, at=at))
            ),
            None,
        )
    )


def _fail(tenant: Tenant, delivery: Delivery, one: Verdict, at: datetime) -> None:
    """Account the failure and let the rules judge; a delivery fails once."""
    returned.fail(delivery, one, at=at)
    contact = _contact(delivery)
    if contact is None:
        return
    _row, is_new = Failure.objects.get_or_create(
        tenant=tenant,
        delivery=delivery,
        defaults={
            "contact": contact,
            "at": at,
            "kind": one.reply_class,
            "permanence": one.permanence or Permanence.TRANSIENT,
        },
    )
    if is_new and one.reply_class in rules.COUNTABLE:
        rules.judge(tenant, contact, at=at)


def _complain(delivery: Delivery, feedback: str, at: datetime) -> None:
    """Count the complaint and let the person leave; opting out by the provider's button is leaving alone."""
    if feedback in _NO_COMPLAINT:
        return
    if feedback.startswith("opt-out"):
        leaving.unsubscribe(delivery, surface=leaving.Surface.MAIL, at=at)
        return
    _row, is_new = Complaint.objects.get_or_create(
        tenant_id=delivery.tenant_id,
        delivery=delivery,
        defaults={
            "message_id": delivery.message_id,
            "at": at,
            "feedback": feedback[:20] or "abuse",
        },
    )
    if is_new:
        leaving.unsubscribe(delivery, surface=leaving.Surface.COMPLAINT, at=at)


def _forward(tenant: Tenant, row: Returned, found: Sorted, at: datetime) -> None:
    """Forward what came back, unless it went with who has just left."""
    if not Returned.objects.of(tenant).filter(pk=row.pk).exists():
        return
    if row.person_key is None and row.delivery_id is not None:  # an automatic answer names nobody
        delivery = Delivery.objects.of(tenant).filter(pk=row.delivery_id).first()
        if delivery is not None:
            _remember(tenant, row, delivery)
    forwarding.forward(tenant, row, found, at=at)


def _leave(row: Returned, at: datetime) -> None:
    """A mail to the address of leaving: whatever stands in it. A report that such a mail came back is none."""
    found = sort.sort(bytes(row.raw))
    delivery = Delivery.objects.filter(tenant_id=row.tenant_id, pk=row.delivery_id or 0).first()
    wants = found.kind in {Kind.NONE, Kind.COMPLAINT} or found.feedback == "opt-out"
    if delivery is not None and wants:
        leaving.unsubscribe(delivery, surface=leaving.Surface.MAIL, at=at)
    _settle(row, State.APPLIED, found.kind, at)


def _contact(delivery: Delivery) -> Contact | None:
    if delivery.contact_id is None:
        return None
    found: Contact | None = (
        Contact.objects.filter(tenant_id=delivery.tenant_id, pk=delivery.contact_id)
        .select_related("person")
        .first()
    )
    return found


def _remember(tenant: Tenant, row: Returned, delivery: Delivery) -> None:
    """Note whom the mail is about, so that it goes when they do."""
    contact = _contact(delivery)
    if contact is not None and row.person_key is None:
        row.person_key = bytes(contact.person.blind_index)
        Returned.objects.of(tenant).filter(pk=row.pk).update(person_key=row.person_key)


def _settle(row: Returned, state: str, kind: str, at: datetime) -> None:
    """Say what became of it; it may have gone meanwhile with the person it was about."""
    Returned.objects.filter(tenant_id=row.tenant_id, pk=row.pk).update(
        state=state, kind=kind, sorted_at=at
    )
