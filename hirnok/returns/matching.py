"""Which delivery something that came back is about.

The surest sign first: the signed address it was sent to; a signed return path or Message-ID of ours within it; a
Message-ID without a signature only together with the recipient it names; at last the recipient alone, and then only the
newest delivery of the last weeks. Never a delivery of another tenant.
"""

import re
from datetime import datetime, timedelta
from typing import Final

from hirnok.contacts.models import Contact
from hirnok.lib import keys, tokens
from hirnok.mail import verp
from hirnok.mail.addresses import Address, Indexer, normalise
from hirnok.outbox.models import Delivery
from hirnok.tenants.models import Tenant

RECENT: Final = timedelta(days=30)
_MESSAGE_ID: Final = re.compile(r"<?([A-Za-z0-9_-]{1,24})\.m\d{1,18}@[\w.-]{1,253}>?")


def index_of(tenant: Tenant, address: str) -> bytes | None:
    """Return the blind index of an address; None when it is none that could be held."""
    found = normalise(address)
    if not isinstance(found, Address):
        return None
    return Indexer(keys.blind_index_key(tenant.pk))(found)


def by_signed_address(tenant: Tenant, text: str) -> Delivery | None:
    """Return the delivery of the first signed return path in a text."""
    route = verp.within(text)
    return _delivery(tenant, route.delivery_id) if route else None


def by_message_id(tenant: Tenant, text: str, recipient: str) -> Delivery | None:
    """Return the delivery that a Message-ID of ours names."""
    for match in _MESSAGE_ID.finditer(text[:20_000]):
        found = _named(tenant, match[1], recipient)
        if found is not None:
            return found
    return None


def by_recipient(tenant: Tenant, address: str, *, at: datetime) -> Delivery | None:
    """Return the newest recent delivery to an address."""
    key = index_of(tenant, address)
    if key is None:
        return None
    contacts = Contact.objects.of(tenant).filter(person__blind_index=key).values("pk")
    sent = Delivery.objects.of(tenant).filter(contact__in=contacts, sent_at__gt=at - RECENT)
    found: Delivery | None = sent.order_by("-sent_at", "-pk").first()
    return found


def _named(tenant: Tenant, name: str, recipient: str) -> Delivery | None:
    try:
        return _delivery(tenant, tokens.read_recipient(keys.derive("track"), name))
    except tokens.BadToken:
        if not name.isdecimal() or len(name) > 15:
            return None
    found = _delivery(tenant, int(name))  # of a brand that does not measure: no signature
    key = index_of(tenant, recipient)
    if found is None or found.contact_id is None or key is None:
        return None
    contact = (
        Contact.objects.of(tenant).filter(pk=found.contact_id).select_related("person").first()
    )
    return found if contact and bytes(contact.person.blind_index) == key else None


def _delivery(tenant: Tenant, pk: int) -> Delivery | None:
    found: Delivery | None = Delivery.objects.of(tenant).filter(pk=pk).first()
    return found
