"""What a reader changes on the own page: language, data, whether opens and clicks are recorded (C8, C9, X18)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from hirnok.consent import leaving, reading, transferring
from hirnok.consent.models import ConsentEntry, Form, MeasurementRefusal
from hirnok.contacts import editing, finding
from hirnok.contacts.editing import Values
from hirnok.contacts.models import Contact, Evidence, Field, List, Subscription
from hirnok.register import export
from hirnok.register.readymade import MEASUREMENT, NEWSLETTER, SIGN_UP, SIGN_UP_PROOF
from hirnok.tenants.models import Measurement, Tenant

BY_READER = "person"
SURFACE = "preferences"


@dataclass(frozen=True)
class Own:
    """What the reader's page shows of a contact."""

    contact: Contact
    lists: list[List]
    fields: list[Field]  # those that hold something or that a form of the brand asks for
    measured: bool
    given: list[ConsentEntry]  # what was agreed to, the newest first
    evidence: list[Evidence]  # what another system recorded of the sign-up
    transfers: list[transferring.Transfer]  # to whom data may be handed, and to whom no more

    @property
    def restricted(self) -> bool:
        """Whether the data may only be kept: nothing but leaving is possible then."""
        return self.contact.holding.restricted_at is not None

    @property
    def is_measuring(self) -> bool:
        """Whether the brand records opens and clicks at all."""
        return bool(self.contact.brand.measurement != Measurement.OFF)


def own(contact_id: int, *, tenant: int) -> Own | None:
    """Return what a reader may see of the own entry; None when it is gone, or has left and is kept by a legal hold."""
    contact: Contact | None = (
        Contact.objects.filter(tenant_id=tenant, pk=contact_id)
        .select_related("holding", "person", "brand__logo")
        .first()
    )
    if contact is None or leaving.has_left(contact):
        return None
    entries = ConsentEntry.objects.filter(
        tenant_id=tenant,
        contact=contact,
        event__in=[ConsentEntry.Event.GIVEN, ConsentEntry.Event.RENEWED],
    )
    return Own(
        contact=contact,
        lists=_lists(contact),
        fields=_fields(contact),
        measured=not _refusal(contact).exists(),
        given=list(entries.select_related("text", "list").order_by("-pk")),
        evidence=list(Evidence.objects.filter(tenant_id=tenant, contact=contact).order_by("pk")),
        transfers=transferring.of_contact(contact),
    )


def held(own: Own) -> dict[str, list[export.Row]]:
    """Return what is held of the reader for this brand's newsletter, by kind, ready for JSON (C8).

    The address is masked as on the page, which a forwarded mail opens to others; what of the person stands under
    other purposes, an account here above all, is not among it, and no mail with its links is.
    """
    contact = own.contact
    activities = [NEWSLETTER, MEASUREMENT, SIGN_UP, SIGN_UP_PROOF]
    rows = export.about(
        Tenant.objects.get(pk=contact.tenant_id),
        contact.person_id,
        only=Q(brand_id=contact.brand_id, activity__code__in=activities),
        packages=("register", "contacts", "outbox", "consent"),
    )
    return {
        label: [_shown(row, contact.email) for row in found if row] for label, found in rows.items()
    }


def _shown(row: export.Row, address: str) -> export.Row:
    known = {address: reading.masked(address)}
    return {
        name: known.get(value, value) if isinstance(value, str) else value
        for name, value in row.items()
        if name != "data"  # of a mail, whose links are this page's
    }


def correct(
    contact: Contact,
    *,
    first_name: str,
    last_name: str,
    language: str,
    fields: Mapping[str, Any],
    at: datetime,
) -> None:
    """Take over what the reader corrected; what was emptied is deleted. IsRestricted."""
    tenant = Tenant.objects.get(pk=contact.tenant_id)
    values = Values(
        first_name=first_name,
        last_name=last_name,
        language=language,
        fields=dict(fields),
        lists=tuple(_lists(contact)),
        tags=tuple(finding.tags_by_contact(tenant, [contact]).get(contact.pk, [])),
    )
    editing.change(contact, values, actor=BY_READER, at=at)


@transaction.atomic
def set_measured(contact: Contact, *, measured: bool, at: datetime) -> None:
    """Refuse or allow that opens and clicks are recorded."""
    if measured == (not _refusal(contact).exists()):
        return
    if measured:
        _refusal(contact).delete()
        event = ConsentEntry.Event.MEASUREMENT_ALLOWED
    else:
        MeasurementRefusal.objects.create(tenant_id=contact.tenant_id, contact=contact, since=at)
        event = ConsentEntry.Event.MEASUREMENT_REFUSED
    ConsentEntry.objects.create(
        tenant_id=contact.tenant_id, contact=contact, event=event, surface=SURFACE, at=at
    )


def _lists(contact: Contact) -> list[List]:
    rows = Subscription.objects.filter(tenant_id=contact.tenant_id, contact_id=contact.pk)
    return [one.list for one in rows.select_related("list").order_by("list__name")]


def _fields(contact: Contact) -> list[Field]:
    forms = Form.objects.filter(tenant_id=contact.tenant_id, list__brand_id=contact.brand_id)
    asked = {key for fields in forms.values_list("fields", flat=True) for key in fields}
    rows = Field.objects.filter(tenant_id=contact.tenant_id).order_by("position", "pk")
    return [one for one in rows if one.key in asked or one.key in contact.fields]


def _refusal(contact: Contact) -> Any:
    return MeasurementRefusal.objects.filter(tenant_id=contact.tenant_id, pk=contact.pk)
