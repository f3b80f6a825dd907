"""Telling a person that a restriction will be lifted, before it is (GDPR Art. 18 (3); X14)."""

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from hirnok.contacts.models import Contact
from hirnok.outbox import letters as outbox
from hirnok.register import holding_back
from hirnok.register.models import Controller, Hold
from hirnok.rights import mails
from hirnok.tenants.models import Brand, Tenant


@transaction.atomic
def tell(tenant: Tenant, hold: Hold, *, actor: str, at: datetime) -> bool:
    """Mail the person, in the person's language, and write down that it was told; whether there was an address."""
    contact = Contact.objects.of(tenant).filter(pk=hold.holding_id).first()
    sent = contact is not None and _mail(tenant, hold, contact, at)
    holding_back.mark_told(tenant, [hold.pk], actor=actor, at=at)
    return sent


def _mail(tenant: Tenant, hold: Hold, contact: Contact, at: datetime) -> bool:
    brand = Brand.objects.of(tenant).filter(pk=contact.brand_id).first()
    controller = Controller.objects.of(tenant).get()
    with translation.override(contact.language or tenant.language):
        subject = _("The restriction of your data will be lifted")
        text = _(
            "At your request we restricted the processing of your personal data on %(day)s. The reason for it has ended,"
            " and we will lift the restriction: from then on we process your data again as our privacy notice says.\n\n"
            "If you do not agree, please answer this mail. You may also complain to the supervisory authority or go to"
            " court.\n\n%(controller)s"
        ) % {"day": hold.since.date().isoformat(), "controller": controller.name}
    letter, sender = mails.mail_of(tenant, brand, contact.email, subject, text, at=at)
    if not sender:
        return False
    outbox.post(
        tenant,
        hold.holding,
        recipient=contact.email,
        return_path=sender,
        data=outbox.seven_bit(letter.as_bytes()),
        at=at,
    )
    return True
