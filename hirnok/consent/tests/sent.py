"""A newsletter that has been sent, for the tests of leaving."""

from hirnok.contacts.models import Contact
from hirnok.lib import keys, tokens
from hirnok.outbox.models import Delivery, Message, Relay, State
from hirnok.tenants.models import Brand
from tests.world import NOON


def message_of(brand: Brand) -> Message:
    """Make a newsletter of the brand that has been launched."""
    relay, _ = Relay.objects.get_or_create(
        tenant=brand.tenant, name="Relay", defaults={"host": "127.0.0.1"}
    )
    return Message.objects.create(
        tenant=brand.tenant,
        brand=brand,
        relay=relay,
        return_path=brand.from_address,
        compiled=b"",
        measurement="individual",
        created_at=NOON,
        launched_at=NOON,
        recipients=1,
    )


def delivery_to(contact: Contact, number: int = 1, state: int = State.SENT) -> Delivery:
    """Send the contact's brand's newsletter to the contact."""
    return Delivery.objects.create(
        id=number,
        tenant=contact.tenant,
        contact=contact,
        message=message_of(contact.brand),
        state=state,
        sent_at=NOON,
    )


def leave_token(delivery: Delivery) -> str:
    """Return the token in the mail's unsubscribe link."""
    return tokens.recipient(keys.derive("leave"), delivery.pk)
