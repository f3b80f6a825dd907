"""Who got a campaign and who did not, one by one: for members only, never part of a shared report."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext as _

from hirnok.campaigns.models import Campaign
from hirnok.campaigns.reports import STATE_KEYS
from hirnok.contacts.models import Contact
from hirnok.outbox.models import Delivery, DeliveryReply, Hit, HitClass, HitKind, Repetition
from hirnok.tenants.models import Tenant
from hirnok.ui.downloads import Cell
from hirnok.ui.states import state as state_of

GOT_IT = ("sent",)
KEYS = {key: state for state, key in STATE_KEYS.items()}


@dataclass(frozen=True)
class Outcome:
    """One line of the list: an address (none when it was erased or is restricted), a state, what the relay said."""

    delivery_id: int
    contact_id: int | None
    email: str
    state: str
    attempts: int
    code: int | None
    at: datetime | None
    reply: str
    opened: bool
    clicked: bool
    repeated: bool


def deliveries(campaign: Campaign, *, state: str = "", query: str = "") -> "QuerySet[Delivery]":
    """Return the campaign's deliveries, of one state or of all, by part of an address.

    Beside the states there are "not_sent" and "repeated" (perhaps received twice).
    """
    rows: QuerySet[Delivery] = Delivery.objects.filter(
        tenant_id=campaign.tenant_id, message=campaign.message
    )
    if state in KEYS:
        rows = rows.filter(state=KEYS[state])
    elif state == "not_sent":
        rows = rows.exclude(state__in=[KEYS[key] for key in GOT_IT])
    elif state == "repeated":
        rows = rows.filter(Exists(_repetitions()))
    if query:
        rows = rows.filter(
            contact__email__icontains=query, contact__holding__restricted_at__isnull=True
        )
    return rows


def in_doubt(campaign: Campaign) -> dict[str, list[str | None]]:
    """Return who may have got it twice and of whom it is not known whether they got it; None for an erased address."""
    return {
        f"{state}_recipients": list(
            deliveries(campaign, state=state)
            .order_by("pk")
            .values_list("contact__email", flat=True)
        )
        for state in ("repeated", "unknown")
    }


def of_contact(contact: Contact) -> "QuerySet[Delivery]":
    """Return what was written to a contact."""
    rows: QuerySet[Delivery] = Delivery.objects.filter(
        tenant_id=contact.tenant_id, contact_id=contact.pk
    )
    return rows


def campaigns_of(tenant: Tenant, rows: list[Delivery]) -> dict[int, Campaign]:
    """Return the campaigns of a page of deliveries, by message."""
    found = Campaign.objects.of(tenant).filter(message__in={row.message_id for row in rows})
    return {campaign.message_id: campaign for campaign in found}


def outcomes(tenant: Tenant, rows: list[Delivery]) -> list[Outcome]:
    """Return the lines of a page of deliveries."""
    ids = [row.pk for row in rows]
    emails = dict(
        Delivery.objects.filter(
            tenant=tenant, pk__in=ids, contact__holding__restricted_at__isnull=True
        ).values_list("pk", "contact__email")
    )
    replies = dict(
        DeliveryReply.objects.filter(tenant=tenant, delivery_id__in=ids)
        .order_by("at")
        .values_list("delivery_id", "text")
    )
    hits = Hit.objects.filter(tenant=tenant, delivery_id__in=ids, klass=HitClass.HUMAN)
    opened = set(hits.filter(kind=HitKind.OPEN).values_list("delivery_id", flat=True))
    clicked = set(hits.filter(kind=HitKind.CLICK).values_list("delivery_id", flat=True))
    repeated = set(
        Repetition.objects.filter(tenant=tenant, delivery_id__in=ids).values_list(
            "delivery_id", flat=True
        )
    )
    return [
        Outcome(
            delivery_id=row.pk,
            contact_id=row.contact_id,
            email=emails.get(row.pk) or "",
            state=STATE_KEYS[row.state],
            attempts=row.attempts,
            code=row.code,
            at=row.sent_at,
            reply=replies.get(row.pk, "") if row.pk in emails else "",
            opened=row.pk in opened,
            clicked=row.pk in clicked,
            repeated=row.pk in repeated,
        )
        for row in rows
    ]


def table(campaign: Campaign, *, state: str = "") -> Iterator[list[Cell]]:
    """Yield the head and the rows of the download, in the active language."""
    yield [
        _("E-mail"),
        _("State"),
        _("Attempts"),
        _("Sent"),
        _("Code"),
        _("Reply of the server"),
        _("Opened"),
        _("Clicked"),
        _("Perhaps got it twice"),
    ]
    humans = Hit.objects.filter(
        tenant_id=campaign.tenant_id, delivery_id=OuterRef("pk"), klass=HitClass.HUMAN
    )
    last = DeliveryReply.objects.filter(
        tenant_id=campaign.tenant_id, delivery_id=OuterRef("pk")
    ).order_by("-at")
    rows = (
        deliveries(campaign, state=state)
        .annotate(
            email=F("contact__email"),
            opened=Exists(humans.filter(kind=HitKind.OPEN)),
            clicked=Exists(humans.filter(kind=HitKind.CLICK)),
            reply=last.values("text")[:1],
            repeated=Exists(_repetitions()),
        )
        .order_by("pk")
    )
    for row in rows.iterator(chunk_size=2000):
        yield [
            row.email,
            str(state_of("delivery", STATE_KEYS[row.state]).label),
            row.attempts,
            row.sent_at,
            row.code,
            row.reply,
            row.opened,
            row.clicked,
            row.repeated,
        ]


def _repetitions() -> "QuerySet[Repetition]":
    rows: QuerySet[Repetition] = Repetition.objects.filter(
        tenant_id=OuterRef("tenant_id"),
        message_id=OuterRef("message_id"),
        delivery_id=OuterRef("pk"),
    )
    return rows
