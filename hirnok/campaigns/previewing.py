"""A message as people can look at it: parsed back, by the standard library, from the bytes that are sent."""

from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from django.db.models import QuerySet

from hirnok.campaigns import audience, composing
from hirnok.campaigns.models import Campaign
from hirnok.contacts.models import Contact
from hirnok.register import holding_back
from hirnok.tenants.models import Tenant

CHOICES = 20
# The upper end of a range of texts that begin alike; `LIKE` cannot use an index under row-level security.
_LAST = "\U0010ffff"


@dataclass(frozen=True)
class Preview:
    """A message, taken apart."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    html: str = ""
    text: str = ""
    source: str = ""

    @property
    def subject(self) -> str:
        """Return the subject as mail programs show it."""
        return next((value for name, value in self.headers if name == "Subject"), "")

    @property
    def size(self) -> int:
        """Return the length of the whole message in bytes."""
        return len(self.source.encode())


def parse(data: bytes) -> Preview:
    """Take a message apart."""
    message = message_from_bytes(data, policy=policy.default)
    return Preview(
        headers=[(name, str(value)) for name, value in message.items()],
        html=_content(message, "html"),
        text=_content(message, "plain"),
        source=data.decode("utf-8", "replace").replace("\r\n", "\n"),
    )


def reader(tenant: Tenant, campaign: Campaign, pk: int | None) -> Contact | None:
    """Return the contact asked for, else the first one who gets the campaign, None when nobody does."""
    if pk is not None:
        asked: Contact | None = Contact.objects.of(tenant).filter(pk=pk).first()
        if asked is not None:
            return asked
    return audience.recipients(campaign).order_by("pk").first()


def values(tenant: Tenant, campaign: Campaign, contact: Contact | None) -> dict[str, Any]:
    """Return what templates see of a contact, or of somebody made up."""
    if contact is not None:
        return composing.values_of(contact)
    return composing.sample(tenant, composing.brand_of(campaign))


def search(tenant: Tenant, campaign: Campaign, query: str) -> list[Contact]:
    """Return some contacts of the brand whose address or name begins so."""
    rows: QuerySet[Contact] = Contact.objects.of(tenant).select_related("brand")
    of_brand = rows.filter(~holding_back.frozen(tenant), brand_id=campaign.brand_id)
    asked = query.strip()
    if not asked:
        return list(of_brand.order_by("pk")[:CHOICES])
    begins = of_brand.filter(email__gte=asked.lower(), email__lt=asked.lower() + _LAST)
    found = list(begins.order_by("email")[:CHOICES])
    if len(found) < CHOICES:
        names = of_brand.filter(last_name__istartswith=asked) | of_brand.filter(
            first_name__istartswith=asked
        )
        others = names.exclude(pk__in=[one.pk for one in found]).order_by("pk")
        found += others[: CHOICES - len(found)]
    return found


def _content(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
