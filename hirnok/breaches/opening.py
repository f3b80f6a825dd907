"""A breach begins: suspected or known, confirmed or dismissed, or claimed by a person (N35)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from hirnok.breaches import letters, story
from hirnok.breaches.models import Breach, ViolationClaim
from hirnok.mail.addresses import Address, normalise
from hirnok.register import holdings
from hirnok.register.models import LegalBasis
from hirnok.register.readymade import BREACHES
from hirnok.tenants.models import Tenant


class InTheFuture(ValueError):
    """Nobody can know of something before it is known: the time given is yet to come."""


class NoReason(ValueError):
    """A decision of this kind needs a reason."""


class BadAddress(ValueError):
    """The claim has no address that could be answered."""


@dataclass(frozen=True)
class Told:
    """A claim as it came: by whom, in which words. `by_person`: the person concerned, else a third party."""

    address: str
    text: str
    name: str = ""
    language: str = "en"
    by_person: bool = True


@transaction.atomic
def open_breach(
    tenant: Tenant,
    values: Mapping[str, Any],
    *,
    actor: str,
    at: datetime,
    aware_at: datetime | None = None,
    incident: str = "",
) -> Breach:
    """Begin a breach: with `aware_at` a confirmed one whose clock runs from then, else a suspicion; InTheFuture.

    `values`: columns such as title, description, known_by. The members who answer for privacy are told at once.
    """
    suspected_at = values.get("told_at") or values.get("suspected_at") or at
    if max(suspected_at, aware_at or at) > at:
        raise InTheFuture
    breach: Breach = Breach.objects.create(
        tenant=tenant,
        number=_next_number(tenant),
        incident=incident or secrets.token_hex(12),
        state=Breach.State.CONFIRMED if aware_at else Breach.State.SUSPECTED,
        aware_at=aware_at,
        **{**values, "suspected_at": min(suspected_at, aware_at or at)},
    )
    story.tell(breach, "open", actor=actor, at=at, status=breach.state)
    letters.to_officers(breach, "opened", at=at)
    return breach


@transaction.atomic
def claim(tenant: Tenant, told: Told, *, actor: str, at: datetime) -> ViolationClaim:
    """Take down that somebody says rights were violated: it is a suspected breach (N35); BadAddress.

    Only a person's own words come here. A complaint that a mailbox provider reports (ARF, a spam report) is an
    objection to mail and is handled by `hirnok.returns`; nothing leads from there to here.
    """
    address = normalise(told.address)
    if not isinstance(address, Address):
        raise BadAddress(told.address)
    holding = holdings.open_holding(
        tenant,
        address=address.text,
        activity=BREACHES,
        legal_basis=LegalBasis.LEGAL_OBLIGATION,
        at=at,
    )
    with translation.override(tenant.language):
        title = _("Claim that rights were violated")
    known = Breach.Known.PERSON if told.by_person else Breach.Known.THIRD_PARTY
    breach = open_breach(
        tenant, {"title": title, "known_by": known, "told_at": at}, actor=actor, at=at
    )
    made: ViolationClaim = ViolationClaim.objects.create(
        tenant=tenant,
        breach=breach,
        holding=holding,
        address=address.text,
        name=told.name,
        language=told.language,
        text=told.text,
        at=at,
    )
    letters.claim_received(made)
    return made


@transaction.atomic
def confirm(breach: Breach, *, aware_at: datetime, actor: str, at: datetime) -> Breach:
    """Say that it is a breach, and since when that is known: the clock runs from then; InTheFuture, NotOpen."""
    if aware_at > at:
        raise InTheFuture
    found = story.locked(breach)
    found.state = Breach.State.CONFIRMED
    found.aware_at = aware_at
    found.suspected_at = min(found.suspected_at, aware_at)
    found.save()
    story.tell(found, "confirm", actor=actor, at=at)
    letters.to_officers(found, "confirmed", at=at)
    return found


@transaction.atomic
def dismiss(breach: Breach, *, reason: str, actor: str, at: datetime) -> Breach:
    """Say that it was none, with the reason, which stays in the register; NoReason, NotOpen."""
    if not reason.strip():
        raise NoReason
    found = story.locked(breach)
    found.state = Breach.State.DISMISSED
    found.closed_at = at
    found.save()
    story.tell(found, "dismiss", actor=actor, at=at, text=reason)
    return found


@transaction.atomic
def reopen(breach: Breach, *, reason: str, actor: str, at: datetime) -> Breach:
    """Take up a closed or dismissed one again, because more is known now; NoReason."""
    if not reason.strip():
        raise NoReason
    found: Breach = (
        Breach.objects.filter(tenant_id=breach.tenant_id).select_for_update().get(pk=breach.pk)
    )
    if found.is_open:
        return found
    found.state = Breach.State.CONFIRMED if found.aware_at else Breach.State.SUSPECTED
    found.closed_at = None
    found.save()
    story.tell(found, "reopen", actor=actor, at=at, text=reason)
    return found


def _next_number(tenant: Tenant) -> int:
    """Numbers have no gap: whoever opens another one at the same time waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('breaches.number'), %s)", [tenant.pk])
    last = Breach.objects.filter(tenant=tenant).aggregate(Max("number"))["number__max"]
    return (last or 0) + 1
