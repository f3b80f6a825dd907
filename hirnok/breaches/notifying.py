"""Notifications leave and are kept as they left: to the authority in phases, to each person concerned by mail."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app

from hirnok.breaches import drafts, letters, reports, story
from hirnok.breaches.models import Breach, BreachNotification, ToldPerson
from hirnok.breaches.opening import NoReason
from hirnok.contacts.models import Contact
from hirnok.privacy import printing
from hirnok.register import holdings
from hirnok.register.models import LegalBasis
from hirnok.register.readymade import SENDING_LOG
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Brand, Tenant

TASK = "hirnok.breaches.jobs.tell_persons"
BATCH = 200


class NotYet(Exception):
    """The decision to notify has not been taken."""


class AlreadyComplete(Exception):
    """The authority has the last part already."""


class NothingWritten(Exception):
    """There is no complete letter in the tenant's language, so some persons could not be told."""


@dataclass(frozen=True)
class Sent:
    """How a notification to the authority is given in: by mail to `address`, or elsewhere, with what it answered."""

    channel: str  # mail, form, post
    address: str = ""
    reference: str = ""
    is_final: bool = False


@transaction.atomic
def notify_authority(breach: Breach, sent: Sent, *, actor: str, at: datetime) -> BreachNotification:
    """Keep the next phase as it leaves; with the channel "mail" it is sent too, as a PDF.

    NotYet, AlreadyComplete, NotOpen; NoReason when it is late and nobody has said why; letters.NoSender.
    """
    found = story.locked(breach)
    if found.notify_authority is not True or found.aware_at is None:
        raise NotYet
    earlier = list(reports.authority_notices(found).order_by("phase"))
    if any(one.is_final for one in earlier):
        raise AlreadyComplete
    if not earlier and reports.clock_of(found, at).is_late and not found.late_reason:
        raise NoReason
    document = drafts.to_authority(found, at, final=sent.is_final)
    made = _keep(
        found,
        BreachNotification.To.AUTHORITY,
        {document["language"]: document},
        actor=actor,
        at=at,
        phase=len(earlier) + 1,
        channel=sent.channel,
        address=sent.address,
        reference=sent.reference,
        is_final=sent.is_final,
    )
    if sent.channel == "mail":
        _mail_authority(found, document, made.phase, sent.address, at)
    story.tell(found, "notify_authority", actor=actor, at=at, phase=made.phase, final=sent.is_final)
    return made


@transaction.atomic
def write_letter(
    breach: Breach, letter: dict[str, dict[str, str]], *, actor: str, at: datetime
) -> Breach:
    """Write what persons are told: part of `drafts.PARTS` -> language -> text; NotOpen."""
    found = story.locked(breach)
    found.letter = letter
    found.save()
    story.tell(found, "write_letter", actor=actor, at=at)
    return found


@transaction.atomic
def notify_persons(breach: Breach, *, actor: str, at: datetime) -> BreachNotification:
    """Keep what persons are told, and let a job write to each of them; NotYet, NothingWritten, NotOpen."""
    found = story.locked(breach)
    tenant = Tenant.objects.get(pk=found.tenant_id)
    languages = drafts.languages_written(found)
    if found.notify_persons is not True:
        raise NotYet
    if tenant.language not in languages:
        raise NothingWritten
    if not Brand.objects.of(tenant).exists():
        raise letters.NoSender
    earlier = BreachNotification.objects.filter(
        tenant=tenant, breach=found, to=BreachNotification.To.PERSONS
    ).count()
    made = _keep(
        found,
        BreachNotification.To.PERSONS,
        {code: drafts.to_person(found, code, at) for code in languages},
        actor=actor,
        at=at,
        phase=earlier + 1,
        channel="mail",
        is_final=True,
    )
    story.tell(found, "notify_persons", actor=actor, at=at, phase=made.phase)
    job = app.configure_task(TASK, lock=f"breaches.persons:{made.pk}")
    job.defer(tenant_id=tenant.pk, notification_id=made.pk)
    return made


def concerned(tenant: Tenant, breach: Breach) -> Any:
    """Return the contacts to whom persons' letters go: one of each person, whatever was suppressed or restricted,
    for Art. 34 is a duty and no marketing."""
    return (
        Contact.objects.of(tenant)
        .filter(holding__activity__code__in=breach.activities, email__gt="")
        .order_by("person_id", "pk")
        .distinct("person_id")
    )


def tell_persons(tenant_id: int, notification_id: int, at: datetime) -> int:
    """Write to each person who has not been written to; return to how many. Runs again after a crash without repeating."""
    tenant = Tenant.objects.get(pk=tenant_id)
    with acting_for(tenant):
        notification = (
            BreachNotification.objects.of(tenant).select_related("breach").get(pk=notification_id)
        )
        after, told = 0, 0
    while True:
        with acting_for(tenant):
            page = list(
                concerned(tenant, notification.breach)
                .filter(person_id__gt=after)
                .select_related("holding", "brand")[:BATCH]
            )
            told += _tell(tenant, notification, page, at)
        if len(page) < BATCH:
            break
        after = page[-1].person_id
    with acting_for(tenant):
        story.tell(
            notification.breach, "told_persons", actor="job:breaches", at=at, recipients=told
        )
    return told


def _tell(
    tenant: Tenant, notification: BreachNotification, page: list[Contact], at: datetime
) -> int:
    done = set(
        ToldPerson.objects.of(tenant)
        .filter(notification=notification, holding__person_id__in=[one.person_id for one in page])
        .values_list("holding__person_id", flat=True)
    )
    waiting = [one for one in page if one.person_id not in done]
    for contact in waiting:
        language = next(
            code
            for code in (contact.language, contact.brand.language, tenant.language)
            if code in notification.documents
        )
        document = notification.documents[language]
        ToldPerson.objects.create(
            tenant=tenant,
            notification=notification,
            holding=contact.holding,
            language=language,
            told_at=at,
        )
        letters.post(
            tenant,
            contact.holding,
            to=contact.email,
            subject=document["title"],
            text=drafts.as_text(document),
            at=at,
        )
    return len(waiting)


def _keep(
    breach: Breach, to: str, documents: dict[str, Any], *, actor: str, at: datetime, **values: Any
) -> BreachNotification:
    canonical = json.dumps(documents, sort_keys=True, ensure_ascii=False).encode()
    made: BreachNotification = BreachNotification.objects.create(
        tenant_id=breach.tenant_id,
        breach=breach,
        to=to,
        documents=documents,
        digest=hashlib.sha256(canonical).digest(),
        actor=actor,
        at=at,
        **values,
    )
    return made


def _mail_authority(
    breach: Breach, document: drafts.Document, phase: int, address: str, at: datetime
) -> None:
    tenant = Tenant.objects.get(pk=breach.tenant_id)
    holding = holdings.open_holding(
        tenant,
        address=address,
        activity=SENDING_LOG,
        legal_basis=LegalBasis.LEGITIMATE_INTEREST,
        at=at,
    )
    letters.post(
        tenant,
        holding,
        to=address,
        subject=document["title"],
        text=drafts.as_text(document),
        at=at,
        attached=(f"{breach.number}-{phase}.pdf", printing.pdf(document)),
    )
