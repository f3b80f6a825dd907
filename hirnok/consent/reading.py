"""What a reader's page shows of a mail: who wrote it, to whom (masked), in which language."""

from dataclasses import dataclass

from django.conf import settings

from hirnok.consent import leaving
from hirnok.contacts.models import Contact
from hirnok.outbox.models import Delivery
from hirnok.register import suppression
from hirnok.tenants.models import Brand

MASK = "•••"


@dataclass(frozen=True)
class Sender:
    """A brand as public pages show it."""

    name: str
    accent: str
    logo_url: str
    postal_address: str


@dataclass(frozen=True)
class Invitation:
    """A delivery, its sender and the reader; `address` is masked, None when the reader has left.

    `held`: the reader has left, but a legal hold keeps the data. `final`: leaving is leaving every brand of
    the `tenant`, for good (A6).
    """

    delivery: Delivery
    sender: Sender
    address: str | None
    language: str
    held: bool
    final: bool
    tenant: str


def invitation(delivery_id: int) -> Invitation:
    """Return what the page of a delivery shows; the transaction acts for its tenant."""
    delivery = Delivery.objects.select_related("message__brand__logo", "tenant").get(pk=delivery_id)
    brand: Brand = delivery.message.brand
    contact: Contact | None = (
        Contact.objects.filter(tenant_id=delivery.tenant_id, pk=delivery.contact_id)
        .select_related("holding", "person")
        .first()
        if delivery.contact_id
        else None
    )
    held = contact is not None and leaving.has_left(contact)
    return Invitation(
        delivery=delivery,
        sender=sender(brand, delivery.tenant.accent),
        address=masked(contact.email) if contact and not held else None,
        language=_language(contact.language if contact else "", brand),
        held=held,
        final=suppression.is_never_again(delivery.tenant),
        tenant=delivery.tenant.name,
    )


def sender(brand: Brand, accent: str) -> Sender:
    """Return a brand as public pages show it."""
    return Sender(
        name=brand.name,
        accent=accent,
        logo_url=f"/m/{brand.logo.token}" if brand.logo else "",
        postal_address=brand.postal_address,
    )


def language_of(contact: Contact) -> str:
    """Return the language in which a reader is spoken to: the own one, else the brand's."""
    return _language(contact.language, contact.brand)


def masked(address: str) -> str:
    """Return enough of an address to recognise the own one: `d•••@example.hu`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{MASK}@{domain}"


def _language(own: str, brand: Brand) -> str:
    return _known(own) or _known(brand.language) or "en"


def _known(language: str) -> str:
    return language if language in dict(settings.LANGUAGES) else ""
