"""Consents that have to be renewed, because what was agreed to has changed in substance.

Who agreed to the words before is asked by a mail with a button; until the answer, and for so many days as the
tenant's policy says, everything stays as it is; without an answer the consent ends as if it had been withdrawn, but
nobody is barred. Letters are written in small steps by the worker and sent at the pace of all mail.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hirnok.consent import leaving, lettering, reading
from hirnok.consent.lettering import Said
from hirnok.consent.models import ConsentEntry, ConsentText, Form, Renewal, RenewalPolicy
from hirnok.contacts.models import Contact
from hirnok.lib import keys, tokens
from hirnok.outbox import letters
from hirnok.register import suppression
from hirnok.register.models import LegalBasis
from hirnok.tenants import audit
from hirnok.tenants.models import Tenant
from hirnok.ui import words as ui_words

Event = ConsentEntry.Event
BATCH = 500  # letters of a tenant in one step
PURPOSE = "renew"  # of the key of the letters' tokens
ACTOR = "job:renewal"
_DEFAULT_DAYS = int(RenewalPolicy._meta.get_field("days").default)


def days(tenant: Tenant) -> int:
    """Return how long somebody is kept who is asked to renew."""
    policy = RenewalPolicy.objects.of(tenant).first()
    return policy.days if policy else _DEFAULT_DAYS


@transaction.atomic
def set_days(tenant: Tenant, number: int, *, actor: str, at: datetime) -> None:
    """Set that time; it holds for those who are asked from now on."""
    RenewalPolicy.objects.update_or_create(tenant=tenant, defaults={"days": number})
    audit.record(tenant, "renewal.policy", actor=actor, at=at, days=number)


@transaction.atomic
def begin(form: Form, language: str, *, actor: str, at: datetime) -> int:
    """Ask those who agreed to earlier words of a form in this language; return how many."""
    tenant: Tenant = form.tenant
    text = (
        ConsentText.objects.of(tenant)
        .filter(form=form, language=language, recipient=None)
        .order_by("-version")
        .first()
    )
    if text is None:
        return 0
    rows = _agreed(tenant).filter(said_by=form.pk, said_in=language, said_version__lt=text.version)
    count = _begin(tenant, rows, text, at)
    audit.record(tenant, "renewal.begin", actor=actor, at=at, about=form, count=count)
    return count


@transaction.atomic
def begin_for_notice(tenant: Tenant, *, actor: str, at: datetime) -> int:
    """Ask everybody whose newsletter rests on consent, for the notice has changed in substance; return how many."""
    rows = Contact.objects.of(tenant).filter(
        holding__legal_basis=LegalBasis.CONSENT, holding__restricted_at__isnull=True
    )
    count = _begin(tenant, rows, None, at)
    audit.record(tenant, "renewal.begin", actor=actor, at=at, count=count)
    return count


def write_letters(tenant: Tenant, *, at: datetime) -> int:
    """Write the next letters that ask; return how many contacts were dealt with, 0 when there is nothing to do."""
    rows = (
        Renewal.objects.of(tenant)
        .filter(asked_at=None)
        .select_related("contact__holding", "contact__person", "contact__brand__logo", "text")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("pk")[:BATCH]
    )
    found = list(rows)
    dead = suppression.dead(tenant, [bytes(one.contact.person.blind_index) for one in found])
    until = at + timedelta(days=days(tenant))
    for one in found:
        contact = one.contact
        if contact.holding.restricted_at is None and bytes(contact.person.blind_index) not in dead:
            _write_to(tenant, contact, one.text, until, at)
            _note(contact, Event.RENEWAL_ASKED, one.text, at, surface="mail")
    Renewal.objects.of(tenant).filter(pk__in=[one.pk for one in found]).update(
        asked_at=at, until=until
    )
    return len(found)


def of_contact(contact_id: int, *, tenant: int) -> Renewal | None:
    """Return what a contact is asked to renew."""
    found: Renewal | None = (
        Renewal.objects.filter(tenant_id=tenant, pk=contact_id)
        .select_related("contact__brand__logo", "contact__holding", "contact__person", "text")
        .first()
    )
    return found


@transaction.atomic
def renew(contact_id: int, *, tenant: int, at: datetime) -> bool:
    """Take down that the person agreed anew; False where nothing was asked any more."""
    found = (
        Renewal.objects.filter(tenant_id=tenant, pk=contact_id)
        .select_for_update(of=("self",))
        .select_related("contact", "text")
        .first()
    )
    if found is None:
        return False
    _note(found.contact, Event.RENEWED, found.text, at, surface="renewal", agreed_at=at)
    found.delete()
    audit.record(tenant, "renewal.renew", actor=leaving.BY_READER, at=at)
    return True


def end_due(tenant: Tenant, *, at: datetime) -> int:
    """End the consents that were not renewed in time; return how many. Restricted data stay as they are."""
    rows = Renewal.objects.of(tenant).filter(
        until__lte=at, contact__holding__restricted_at__isnull=True
    )
    ended = 0
    for pk in rows.order_by("until", "pk").values_list("pk", flat=True)[:BATCH]:
        leaving.lapse(pk, tenant=tenant.pk, actor=ACTOR, at=at)
        ended += 1
    return ended


def _agreed(tenant: Tenant) -> QuerySet[Any]:
    """Contacts with the words they agreed to last."""
    last = (
        ConsentEntry.objects.filter(
            tenant_id=tenant.pk,
            contact_id=OuterRef("pk"),
            event__in=[Event.GIVEN, Event.RENEWED],
            text__isnull=False,
        )
        .order_by("-pk")
        .values("text_id")[:1]
    )
    said = ConsentText.objects.filter(tenant_id=tenant.pk, pk=OuterRef("said"))
    rows: QuerySet[Any] = Contact.objects.of(tenant).filter(holding__restricted_at__isnull=True)
    rows = rows.annotate(said=Subquery(last)).annotate(
        said_by=Subquery(said.values("form_id")[:1]),
        said_in=Subquery(said.values("language")[:1]),
        said_version=Subquery(said.values("version")[:1]),
    )
    return rows


def _begin(
    tenant: Tenant, contacts: QuerySet[Contact], text: ConsentText | None, at: datetime
) -> int:
    """Ask these contacts; what was asked before and not answered is asked by the new words."""
    count = 0
    for ids in _batches(contacts.order_by("pk").values_list("pk", flat=True)):
        Renewal.objects.of(tenant).filter(pk__in=ids).delete()
        Renewal.objects.bulk_create(
            Renewal(tenant=tenant, contact_id=pk, text=text, begun_at=at) for pk in ids
        )
        count += len(ids)
    return count


def _batches(ids: "QuerySet[Contact, int]") -> Iterator[list[int]]:
    batch: list[int] = []
    for pk in list(ids):
        batch.append(pk)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _write_to(
    tenant: Tenant, contact: Contact, text: ConsentText | None, until: datetime, at: datetime
) -> None:
    language = text.language if text else reading.language_of(contact)
    with translation.override(language), timezone.override(tenant.time_zone):
        said = Said(
            subject=_("Do you still want the newsletter of %(brand)s?")
            % {"brand": contact.brand.name},
            opening=_(
                "What you agreed to when you signed up for the newsletter of %(brand)s has changed."
                " Please read the new words and tell us whether you agree."
            )
            % {"brand": contact.brand.name},
            lead=_("Please open this page and decide there:"),
            button=_("Read and decide"),
            page="k/renew",
            closing=_(
                "If you do nothing, you get no more newsletters from %(day)s on, and what is held about you for it is deleted then."
            ),
            otherwise=_("If the button does not work, open this address:"),
        )
        day = ui_words.day(timezone.localtime(until).date())
    data = lettering.written(
        lettering.look(contact.brand, tenant.accent, language),
        said,
        address=contact.email,
        token=tokens.recipient(keys.derive(PURPOSE), contact.pk),
        day=day,
        at=at,
    )
    letters.post(
        tenant,
        contact.holding,
        recipient=contact.email,
        return_path=contact.brand.from_address,
        data=data,
        at=at,
    )


def _note(
    contact: Contact,
    event: str,
    text: ConsentText | None,
    at: datetime,
    *,
    surface: str,
    agreed_at: datetime | None = None,
) -> None:
    ConsentEntry.objects.create(
        tenant_id=contact.tenant_id,
        contact=contact,
        event=event,
        text=text,
        text_hash=text.hash if text else "",
        language=text.language if text else reading.language_of(contact),
        surface=surface,
        agreed_at=agreed_at,
        at=at,
    )
