"""Handing data to somebody else, each recipient by a consent of its own (C4): asked in a box that is not ticked
beforehand, kept with its exact words, taken back alone. Nobody is handed over without it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import translation
from django.utils.translation import gettext as _

from hirnok.consent.models import ConsentEntry, ConsentText, Form, FormTransfer
from hirnok.contacts.models import Contact
from hirnok.register import consistency
from hirnok.register.describing import in_language
from hirnok.register.models import Recipient
from hirnok.register.readymade import NEWSLETTER
from hirnok.tenants import audit
from hirnok.tenants.models import Brand, Tenant

Event = ConsentEntry.Event
_GIVEN_OR_NOT = (Event.TRANSFER_GIVEN, Event.TRANSFER_WITHDRAWN)


@dataclass(frozen=True)
class Transfer:
    """What a contact said last about one recipient."""

    recipient: Recipient
    entry: ConsentEntry

    @property
    def is_given(self) -> bool:
        """Whether the consent stands."""
        return bool(self.entry.event == Event.TRANSFER_GIVEN)


def candidates(tenant: Tenant, on: date) -> list[Recipient]:
    """Return whom data can be handed to with consent: controllers of their own that the register names."""
    rows = consistency.in_force(tenant, on, [NEWSLETTER])
    return [one for one in rows if one.kind == Recipient.Kind.CONTROLLER]


def default_words(brand: Brand, recipient: Recipient, language: str) -> str:
    """Return what stands beside the box until the tenant writes its own."""
    with translation.override(language):
        who = ", ".join(filter(None, (recipient.name, recipient.address)))
        task = in_language(recipient.task, language)
        said = {"brand": brand.name, "who": who, "task": task}
        if task:
            return (
                _(
                    "%(brand)s may hand my name and e-mail address to %(who)s, for this only: %(task)s."
                    " I can take this back at any time."
                )
                % said
            )
        return (
            _(
                "%(brand)s may hand my name and e-mail address to %(who)s. I can take this back at any time."
            )
            % said
        )


def asked(form: Form) -> list[Recipient]:
    """Return the recipients that a form asks about."""
    rows = FormTransfer.objects.filter(tenant_id=form.tenant_id, form_id=form.pk)
    return [one.recipient for one in rows.select_related("recipient").order_by("pk")]


def texts(form: Form, language: str, on: date) -> list[ConsentText]:
    """Return the words beside the further boxes of a form; none for a recipient that gets nothing on the day."""
    known = {one.pk for one in candidates(form.tenant, on)}
    found = (latest(form, one, language) for one in asked(form) if one.pk in known)
    return [one for one in found if one is not None]


def latest(form: Form, recipient: Recipient, language: str) -> ConsentText | None:
    """Return the latest version of the words about a recipient."""
    found: ConsentText | None = (
        ConsentText.objects.filter(
            tenant_id=form.tenant_id, form_id=form.pk, recipient=recipient, language=language
        )
        .order_by("-version")
        .first()
    )
    return found


def write_down(
    contact: Contact,
    form: Form,
    ids: list[int],
    *,
    surface: str,
    agreed_at: datetime,
    at: datetime,
) -> None:
    """Record the boxes that were ticked, by the texts that stood beside them."""
    rows = ConsentText.objects.filter(
        tenant_id=contact.tenant_id, form_id=form.pk, pk__in=ids, recipient__isnull=False
    )
    ConsentEntry.objects.bulk_create(
        ConsentEntry(
            tenant_id=contact.tenant_id,
            contact=contact,
            event=Event.TRANSFER_GIVEN,
            text=text,
            text_hash=text.hash,
            language=text.language,
            surface=surface,
            agreed_at=agreed_at,
            at=at,
        )
        for text in rows.order_by("pk")
    )


def of_contact(contact: Contact) -> list[Transfer]:
    """Return what a contact said last about each recipient, in the order of the recipients' names."""
    rows = ConsentEntry.objects.filter(
        tenant_id=contact.tenant_id, contact=contact, event__in=_GIVEN_OR_NOT
    )
    last = {
        entry.text.recipient_id: Transfer(entry.text.recipient, entry)
        for entry in rows.select_related("text__recipient").order_by("pk")
    }
    return sorted(last.values(), key=lambda one: (one.recipient.name.casefold(), one.recipient.pk))


@transaction.atomic
def take_back(
    contact: Contact, recipient_id: int, *, surface: str, actor: str, at: datetime
) -> bool:
    """End the consent for one recipient; False where none stands."""
    Contact.objects.select_for_update().filter(tenant_id=contact.tenant_id, pk=contact.pk).first()
    for one in of_contact(contact):
        if one.recipient.pk == recipient_id and one.is_given:
            ConsentEntry.objects.create(
                tenant_id=contact.tenant_id,
                contact=contact,
                event=Event.TRANSFER_WITHDRAWN,
                text=one.entry.text,
                text_hash=one.entry.text_hash,
                language=one.entry.language,
                surface=surface,
                at=at,
            )
            audit.record(
                contact.tenant_id,
                "consent.transfer_withdraw",
                actor=actor,
                at=at,
                about=one.recipient,
            )
            return True
    return False


def agreed(tenant: Tenant, recipient: Recipient) -> QuerySet[Contact]:
    """Return the contacts that may be handed to a recipient: their last word is yes, and nothing restricts them."""
    last = (
        ConsentEntry.objects.filter(
            tenant_id=tenant.pk,
            contact_id=OuterRef("pk"),
            event__in=_GIVEN_OR_NOT,
            text__recipient_id=recipient.pk,
        )
        .order_by("-pk")
        .values("event")[:1]
    )
    rows: QuerySet[Contact] = Contact.objects.of(tenant).filter(holding__restricted_at__isnull=True)
    return rows.annotate(said=Subquery(last)).filter(said=Event.TRANSFER_GIVEN).order_by("pk")


def handed_over(
    tenant: Tenant, recipient: Recipient, *, actor: str, at: datetime
) -> Iterator[list[str]]:
    """Yield a header and a row for each contact that agreed to this recipient; the audit log knows of it."""
    found = agreed(tenant, recipient)
    audit.record(
        tenant, "consent.hand_over", actor=actor, at=at, about=recipient, count=found.count()
    )
    yield [_("E-mail"), _("First name"), _("Last name")]
    for one in found.iterator(chunk_size=2000):
        yield [one.email, one.first_name, one.last_name]
