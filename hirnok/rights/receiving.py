"""Taking a request: by the portal, by mail, on the phone, on paper. From here the clock runs.

Promises: a request, its holding and its letters' holding come into being in one transaction with the first event;
who has no e-mail address is known by the keyed hash of name and postal address. Leaves to others: doing what is
asked (`performing`), deciding and answering (`deciding`, `answering`).
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from hirnok.register import holdings
from hirnok.register.models import Controller, Holding, LegalBasis
from hirnok.register.readymade import RIGHTS, RIGHTS_LETTERS
from hirnok.rights import clock, scans
from hirnok.rights.models import (
    Correspondence,
    Document,
    Paper,
    Request,
    RequestEvent,
    Right,
    Task,
    TaskWords,
)
from hirnok.tenants import audit
from hirnok.tenants.models import Brand, Tenant

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is mistaken for another
_ATTEMPTS = 5


class NobodyNamed(Exception):
    """Neither an e-mail address nor a name with a postal address: there is nobody to answer."""


class AlreadyIdentified(Exception):
    """Who asks has been identified before."""


class NotOpen(Exception):
    """The request has been answered, or has ended otherwise."""


@dataclass(frozen=True)
class Asker:
    """Who asks, and in what words. `email` is normalised."""

    email: str = ""
    name: str = ""
    postal_address: str = ""
    phone: str = ""
    words: str = ""
    representative: str = ""

    @property
    def key(self) -> str:
        """What the person is known by: the address, else name and postal address."""
        if self.email:
            return self.email
        if not self.name.strip() or not self.postal_address.strip():
            raise NobodyNamed
        return "post:" + " ".join(f"{self.name} {self.postal_address}".casefold().split())


@dataclass(frozen=True)
class Asked:
    """One right that is asked for, and what goes with it: codes in `details`, the person's words, corrections."""

    right: Right
    details: Mapping[str, Any] = field(default_factory=dict)
    words: str = ""
    changes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrival:
    """How and when a request came, for which brand, in which language it is answered."""

    channel: str
    language: str
    received_at: datetime
    brand: Brand | None = None


@transaction.atomic
def receive(
    tenant: Tenant,
    asker: Asker,
    asked: Iterable[Asked],
    arrival: Arrival,
    *,
    actor: str,
    at: datetime,
) -> Request:
    """Take a request and begin to count; NobodyNamed, holdings.NotInRegister."""
    controller = Controller.objects.of(tenant).get()
    received_on = day_of(tenant, arrival.received_at)
    due = clock.due(received_on, controller.jurisdiction, controller.answer_days)
    request: Request = Request.objects.create(
        holding=_hold(tenant, asker, arrival.brand, RIGHTS, at),
        tenant=tenant,
        brand=arrival.brand,
        reference=_reference(tenant),
        channel=arrival.channel,
        language=arrival.language,
        received_at=arrival.received_at,
        taken_by=actor,
        target_due=due.target,
        legal_due=due.legal,
        first_due=due.first,
    )
    correspondence = Correspondence.objects.create(
        holding=_hold(tenant, asker, arrival.brand, RIGHTS_LETTERS, at),
        tenant=tenant,
        request=request,
        name=asker.name,
        email=asker.email,
        postal_address=asker.postal_address,
        phone=asker.phone,
        words=asker.words,
        representative=asker.representative,
    )
    for one in asked:
        _add_task(request, correspondence, one)
    note(request, "received", actor=actor, at=at, code=arrival.channel)
    audit.record(tenant, "request.receive", actor=actor, at=at, about=request)
    return request


@transaction.atomic
def identify(request: Request, how: str, *, actor: str, at: datetime, reason: str = "") -> None:
    """Record how the person was identified, and why that was enough; the result only, never a copy of a document.

    Was it asked for, then the clock had stopped until now (Art. 12 (6)). AlreadyIdentified, NotOpen.
    """
    lock(request)
    if request.identified_at is not None:
        raise AlreadyIdentified
    request.identified_how, request.identified_at = how, at
    request.status = Request.Status.IN_PROGRESS
    if request.identity_asked_on is not None:
        waited = (day_of(request.tenant, at) - request.identity_asked_on).days
        _move_due(request, waited)
    request.save()
    if reason:
        Correspondence.objects.filter(tenant_id=request.tenant_id, request=request).update(
            identity_note=reason
        )
    note(request, "identified", actor=actor, at=at, code=how)
    audit.record(request.tenant_id, "request.identify", actor=actor, at=at, about=request, by=how)


@transaction.atomic
def pause_for_identity(request: Request, *, actor: str, at: datetime) -> None:
    """Note that the person was asked to prove who it is: the clock stands until then. AlreadyIdentified, NotOpen."""
    lock(request)
    if request.identified_at is not None:
        raise AlreadyIdentified
    if request.identity_asked_on is None:
        request.identity_asked_on = day_of(request.tenant, at)
    request.status = Request.Status.IDENTITY
    request.save()
    note(request, "identity_asked", actor=actor, at=at)
    audit.record(request.tenant_id, "request.ask_identity", actor=actor, at=at, about=request)


@transaction.atomic
def keep_scan(request: Request, data: bytes, *, actor: str, at: datetime) -> Document:
    """Keep the letter that came: PDF, JPEG or PNG by its content; scans.NotAScan."""
    kind = scans.kind_of(data)
    document: Document = Document.objects.create(
        tenant_id=request.tenant_id,
        request=request,
        kind="incoming",
        digest=scans.digest(data),
        made_at=at,
        made_by=actor,
        delivery=Document.Delivery.RECEIVED,
        delivered_at=at,
    )
    correspondence = letters_of(request)
    if correspondence is not None:
        Paper.objects.create(
            tenant_id=request.tenant_id,
            document=document,
            correspondence=correspondence,
            content_type=kind,
            data=data,
        )
    return document


def letters_of(request: Request) -> Correspondence | None:
    """Return name, address and letters of a request, None once their period is over."""
    found: Correspondence | None = (
        Correspondence.objects.filter(tenant_id=request.tenant_id, request=request)
        .select_related("holding")
        .first()
    )
    return found


def lock(request: Request) -> None:
    """Take the request for this transaction, as it is now; NotOpen."""
    request.refresh_from_db(
        from_queryset=Request.objects.filter(tenant_id=request.tenant_id).select_for_update()
    )
    if not request.is_open:
        raise NotOpen(request.status)


def note(request: Request, what: str, *, actor: str, at: datetime, code: str = "") -> None:
    """Add to what happened to a request."""
    RequestEvent.objects.create(
        tenant_id=request.tenant_id, request=request, at=at, actor=actor, what=what, code=code
    )


def day_of(tenant: Tenant, at: datetime) -> date:
    """Return the day that an instant falls on by the tenant's clock."""
    return at.astimezone(ZoneInfo(tenant.time_zone)).date()


def index_of(request: Request) -> bytes:
    """Return the blind index of the person who asks."""
    return bytes(request.holding.person.blind_index)


def _move_due(request: Request, days: int) -> None:
    controller = Controller.objects.filter(tenant_id=request.tenant_id).get()
    received_on = day_of(request.tenant, request.received_at)
    due = clock.due(received_on, controller.jurisdiction, controller.answer_days, paused_days=days)
    request.target_due, request.legal_due, request.first_due = due.target, due.legal, due.first


def _add_task(request: Request, correspondence: Correspondence, one: Asked) -> None:
    task = Task.objects.create(
        tenant_id=request.tenant_id, request=request, right=one.right, details=dict(one.details)
    )
    TaskWords.objects.create(
        tenant_id=request.tenant_id,
        task=task,
        correspondence=correspondence,
        changes=dict(one.changes),
        asked=one.words,
    )


def _hold(tenant: Tenant, asker: Asker, brand: Brand | None, code: str, at: datetime) -> Holding:
    return holdings.open_holding(
        tenant,
        address=asker.key,
        activity=code,
        legal_basis=LegalBasis.LEGAL_OBLIGATION,
        at=at,
        brand=brand,
    )


def _reference(tenant: Tenant) -> str:
    """A number that nobody has yet, short enough to be read out."""
    for _ in range(_ATTEMPTS):
        drawn = "".join(secrets.choice(_LETTERS) for _ in range(8))
        text = f"{drawn[:4]}-{drawn[4:]}"
        if not Request.objects.filter(tenant_id=tenant.pk, reference=text).exists():
            return text
    raise AssertionError("thirty to the eighth is more than enough")
