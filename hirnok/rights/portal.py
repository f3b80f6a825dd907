"""What a person does on the portal: asks, proves the address by a link, and what can be done at once is done.

Promises: the answer to a submission is the same whether the address is known or not; a link is signed, works once
and for a day; nothing happens by opening it. Submissions are limited by network and by address and counted by how
they ended. Erasure, withdrawal, objection to advertising and copies need no colleague (C8, X6, X17); what a
module could not do goes to one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from hirnok.consent import throttling
from hirnok.consent.models import Throttle
from hirnok.lib import keys, tokens
from hirnok.mail.addresses import Address
from hirnok.outbox import letters as outbox
from hirnok.register import holdings, portals
from hirnok.register.models import Holding, LegalBasis
from hirnok.register.readymade import RIGHTS, RIGHTS_LETTERS, SENDING_LOG
from hirnok.rights import answering, deciding, letters, mails, performing, receiving
from hirnok.rights.models import Claim, Request, Right, Task
from hirnok.rights.receiving import Arrival, Asked, Asker
from hirnok.tenants.models import Brand, Tenant

BY_PERSON = "person"
LINK_LIVES = timedelta(hours=24)
NETWORK = Throttle.Kind.RIGHTS_NETWORK
MAIL = Throttle.Kind.RIGHTS_MAIL
NETWORK_MOST = 30  # submissions of one network in an hour
MAIL_MOST = 6  # links to one address in a day
MAIL_MEMORY = timedelta(days=1)
AT_ONCE = frozenset(
    {
        Right.INFORMATION,
        Right.ACCESS,
        Right.PORTABILITY,
        Right.ERASURE,
        Right.WITHDRAWAL,
    }
)
# What stays after every erasure, for the person's own good: it makes none an erasure in part.
ALWAYS_KEPT = ("proof_of_rights", "never_again")
_COUNT = """
INSERT INTO rights_portalcount AS c (tenant_id, day, outcome, count)
VALUES (%s, %s, %s, 1)
ON CONFLICT (tenant_id, day, outcome) DO UPDATE SET count = c.count + 1
"""


class Answer(StrEnum):
    """How a submission ended; the person is told the same by all but the first three of the refusals."""

    LINK_SENT = "link_sent"
    TOO_MANY = "too_many"  # from this network
    CLOSED = "closed"  # the register has struck the activity
    INVALID = "invalid"  # not filled in
    TRAPPED = "trapped"  # filled in by a program
    ADDRESS_RESTS = "address_rests"  # had enough links for today
    BAD_LINK = "bad_link"  # forged, of another portal
    LINK_OVER = "link_over"  # used or expired
    CONFIRMED = "confirmed"


REFUSED = frozenset(Answer) - {Answer.LINK_SENT, Answer.CONFIRMED}


class NoClaim(Exception):
    """There is no such link, or its time is over."""


class LinkUsed(NoClaim):
    """The link has been used."""


@dataclass(frozen=True)
class Said:
    """What was filled in beside the address: codes, words, corrections."""

    details: Mapping[str, Any] = field(default_factory=dict)
    words: str = ""
    changes: Mapping[str, str] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        return {
            "details": dict(self.details),
            "words": self.words,
            "changes": dict(self.changes),
        }


def is_open(tenant: Tenant) -> bool:
    """Whether the register allows to take requests here."""
    try:
        for code in (RIGHTS, RIGHTS_LETTERS, SENDING_LOG):
            holdings.activity_of(tenant, code)
    except holdings.NotInRegister:
        return False
    return True


def admit(tenant: Tenant, network: str, *, at: datetime) -> Answer | None:
    """Count a submission from a network address; say why it is not taken, None when it is."""
    if not throttling.network_is_quiet(tenant.pk, network, at, most=NETWORK_MOST, kind=NETWORK):
        return refused(tenant, Answer.TOO_MANY, at=at)
    if not is_open(tenant):
        return refused(tenant, Answer.CLOSED, at=at)
    return None


def refused(tenant: Tenant, answer: Answer, *, at: datetime) -> Answer:
    """Count a submission that comes to nothing."""
    count(tenant, answer, at=at)
    return answer


@transaction.atomic
def ask(
    tenant: Tenant,
    brand: Brand | None,
    right: Right,
    address: Address,
    said: Said,
    *,
    language: str,
    at: datetime,
) -> Answer:
    """Send a link to an address that was given with a request; what is told is the same, whatever comes of it."""
    index = holdings.index_of(tenant.pk, address.text)
    if not throttling.may_mail(
        tenant.pk, MAIL, index, at, most=MAIL_MOST, pause=timedelta(0), memory=MAIL_MEMORY
    ):
        return refused(tenant, Answer.ADDRESS_RESTS, at=at)
    claim = Claim.objects.create(
        tenant=tenant,
        brand=brand,
        key=index,
        email=address.text,
        right=right,
        language=language,
        said=said.stored(),
        made_at=at,
        expires_at=at + LINK_LIVES,
    )
    _send_link(tenant, brand, claim, at)
    count(tenant, Answer.LINK_SENT, at=at)
    return Answer.LINK_SENT


def waiting(tenant: Tenant, token: str, *, at: datetime, lock: bool = False) -> Claim:
    """Return what a link stands for; tokens.BadToken, NoClaim, LinkUsed."""
    number = tokens.read_recipient(keys.derive("rights-claim"), token)
    rows = Claim.objects.filter(tenant_id=tenant.pk, pk=number)
    claim: Claim | None = (rows.select_for_update() if lock else rows).first()
    if claim is None or claim.expires_at <= at:
        raise NoClaim
    if claim.used_at is not None:
        raise LinkUsed
    return claim


@transaction.atomic
def confirm(tenant: Tenant, token: str, chosen: Mapping[str, Any], *, at: datetime) -> Request:
    """Make a request of what the owner of the address confirms, and do at once what can be done at once.

    `chosen` adds to the details what could only be chosen once it was clear who asks: the activities.
    """
    claim = waiting(tenant, token, at=at, lock=True)
    said = Said(**claim.said)
    asked = Asked(
        Right(claim.right), {**said.details, **chosen}, words=said.words, changes=said.changes
    )
    request = receiving.receive(
        tenant,
        Asker(email=claim.email, words=said.words),
        [asked],
        Arrival(Request.Channel.PORTAL, claim.language, claim.made_at, claim.brand),
        actor=BY_PERSON,
        at=at,
    )
    receiving.identify(request, Request.Identified.LINK, actor=BY_PERSON, at=at)
    claim.used_at, claim.request = at, request
    claim.save(update_fields=["used_at", "request"])
    count(tenant, Answer.CONFIRMED, at=at)
    task = Task.objects.get(tenant_id=tenant.pk, request=request)
    if is_at_once(task, asked):
        _do_at_once(request, task, at)
    if request.is_open:
        letters.send(request, "receipt", actor=BY_PERSON, at=at)
    return request


def is_at_once(task: Task, asked: Asked) -> bool:
    """Whether a right needs no colleague: the person's own word is enough."""
    if task.right in AT_ONCE:
        return True
    if task.right == Right.OBJECTION:
        return bool(task.details.get(performing.MARKETING))
    # corrections of a name or language; what is said in words, and another address, is looked at
    return (
        task.right == Right.RECTIFICATION
        and bool(asked.changes)
        and not asked.words
        and "address" not in asked.changes
    )


def request_of(tenant: Tenant, token: str) -> Request | None:
    """Return the request of a secret link; tokens.BadToken. None when its period is over."""
    number = tokens.read_recipient(keys.derive("rights-status"), token)
    found: Request | None = (
        Request.objects.filter(tenant_id=tenant.pk, pk=number)
        .select_related("holding__person", "brand__logo", "tenant")
        .first()
    )
    return found


def choices(tenant: Tenant, claim: Claim) -> list[Holding]:
    """Return what is held of the person who opened a link, without requests themselves."""
    rows = Holding.objects.filter(
        tenant_id=tenant.pk, person__blind_index=bytes(claim.key)
    ).exclude(activity__code__in=[RIGHTS, RIGHTS_LETTERS])
    if claim.brand_id is not None:
        rows = rows.filter(brand_id=claim.brand_id)
    if claim.right == Right.WITHDRAWAL:
        rows = rows.filter(legal_basis=LegalBasis.CONSENT)
    return list(rows.select_related("activity").order_by("held_since", "pk"))


def count(tenant: Tenant, answer: Answer, *, at: datetime) -> None:
    """Count how a submission ended."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [tenant.pk, _day(at), str(answer)])


def _day(at: datetime) -> date:
    return at.date()


def _do_at_once(request: Request, task: Task, at: datetime) -> None:
    """Do it, and answer if every module could; else a colleague goes on where it stopped."""
    performing.perform(task, actor=BY_PERSON, at=at)
    task.refresh_from_db()
    request.refresh_from_db()
    if performing.unsettled(task):
        return
    kept = task.outcomes.filter(tenant_id=task.tenant_id, kind="retained")
    partly = task.right == Right.ERASURE and kept.exclude(reason__in=ALWAYS_KEPT).exists()
    with translation.override(request.language):
        reasons = _("What a law wants kept, or a claim needs, stays until the day named below.")
    deciding.grant(task, actor=BY_PERSON, at=at, partly=partly, reasons=reasons if partly else "")
    answering.answer(request, actor=BY_PERSON, at=at)


def _send_link(tenant: Tenant, brand: Brand | None, claim: Claim, at: datetime) -> None:
    token = tokens.recipient(keys.derive("rights-claim"), claim.pk)
    url = f"{portals.url(tenant, brand)}c/{token}/"
    with translation.override(claim.language):
        text = "\n\n".join(
            (
                _("Somebody, most likely you, has asked us this for your e-mail address: %(right)s")
                % {"right": Right(claim.right).label},
                _("Please open this page and confirm there that it was you:") + "\n" + url,
                _("The link works once, and for 24 hours."),
                _("If it was not you, do nothing: nothing happens, and the link expires."),
            )
        )
        subject = _("Please confirm your request")
    message, sender = mails.mail_of(tenant, brand, claim.email, subject, text + "\n", at=at)
    holding = holdings.open_holding(
        tenant,
        address=claim.email,
        activity=SENDING_LOG,
        legal_basis=LegalBasis.LEGITIMATE_INTEREST,
        at=at,
        brand=brand,
    )
    outbox.post(
        tenant,
        holding,
        recipient=claim.email,
        return_path=sender,
        data=outbox.seven_bit(bytes(message)),
        at=at,
    )
