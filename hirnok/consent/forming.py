"""Making and changing sign-up forms. What was once agreed to is never rewritten: a change makes a new version."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from hirnok.consent import transferring, wording
from hirnok.consent.models import ConsentText, Form, FormText, FormTransfer
from hirnok.contacts.models import List
from hirnok.register import sources
from hirnok.register.models import LegalBasis, Recipient, Source
from hirnok.tenants import audit
from hirnok.tenants.models import Brand, Tenant


class NameTaken(Exception):
    """There is already a form of this name."""


@dataclass(frozen=True)
class Asked:
    """What a form is called and asks for: the key of each field, and whether it is obligatory."""

    name: str
    fields: Mapping[str, bool]
    proof_of_work: bool = False
    recipients: tuple[int, ...] = ()  # of Recipient.pk: each gets a box of its own (C4)


@transaction.atomic
def create(
    tenant: Tenant,
    list: List,
    asked: Asked,
    *,
    languages: Iterable[str],
    actor: str,
    at: datetime,
) -> Form:
    """Make a form in some languages, with Hirnok's own words. NameTaken."""
    _refuse_taken(tenant.pk, asked.name)
    source = sources.record(
        tenant,
        Source.Kind.PERSON,
        LegalBasis.CONSENT,
        actor=actor,
        at=at,
        description=asked.name,
    )
    made: Form = Form.objects.create(
        tenant=tenant,
        list=list,
        source=source,
        token=secrets.token_urlsafe(12),
        name=asked.name,
        fields=dict(asked.fields),
        proof_of_work=asked.proof_of_work,
        created_at=at,
    )
    _ask_about(made, asked.recipients)
    for language in languages:
        add_language(made, language, actor=actor, at=at)
    audit.record(tenant, "form.create", actor=actor, at=at, about=made)
    return made


@transaction.atomic
def change(form: Form, asked: Asked, *, languages: Iterable[str], actor: str, at: datetime) -> None:
    """Change name, fields and languages; a language that goes loses its own words. NameTaken."""
    _refuse_taken(form.tenant_id, asked.name, but=form.pk)
    form.name, form.fields = asked.name, dict(asked.fields)
    form.proof_of_work = asked.proof_of_work
    form.save(update_fields=["name", "fields", "proof_of_work"])
    _ask_about(form, asked.recipients)
    wanted = set(languages)
    for language in wanted:
        add_language(form, language, actor=actor, at=at)
    gone = FormText.objects.filter(tenant_id=form.tenant_id, form_id=form.pk)
    gone.exclude(language__in=wanted).delete()
    audit.record(form.tenant_id, "form.change", actor=actor, at=at, about=form)


@transaction.atomic
def add_language(form: Form, language: str, *, actor: str, at: datetime) -> None:
    """Speak another language, in Hirnok's own words at first."""
    FormText.objects.get_or_create(tenant_id=form.tenant_id, form=form, language=language)
    if wording.consent_text(form, language) is None:
        text = wording.default_consent(_brand_of(form), language)
        _write_version(form, language, text, covers_welcome=True, actor=actor, at=at)
    for recipient in transferring.asked(form):
        if transferring.latest(form, recipient, language) is None:
            text = transferring.default_words(_brand_of(form), recipient, language)
            _write_version(form, language, text, recipient=recipient, actor=actor, at=at)


@transaction.atomic
def write(  # noqa: PLR0913 - what is written, each by its name
    form: Form,
    language: str,
    texts: Mapping[str, str],
    *,
    consent: str,
    covers_welcome: bool,
    actor: str,
    at: datetime,
    transfers: Mapping[int, str] | None = None,
) -> None:
    """Write the texts of one language (`wording.NAMES`); other words beside a box are a new version.

    `transfers`: the words beside the box of each recipient, by its id.
    """
    row = FormText.objects.get(tenant_id=form.tenant_id, form=form, language=language)
    for name in wording.NAMES:
        setattr(row, name, texts.get(name, ""))
    row.save()
    last = wording.consent_text(form, language)
    if last is None or (last.text, last.covers_welcome) != (consent, covers_welcome):
        _write_version(form, language, consent, covers_welcome=covers_welcome, actor=actor, at=at)
    for recipient in transferring.asked(form):
        words = (transfers or {}).get(recipient.pk, "")
        before = transferring.latest(form, recipient, language)
        if words and (before is None or before.text != words):
            _write_version(form, language, words, recipient=recipient, actor=actor, at=at)
    audit.record(form.tenant_id, "form.write", actor=actor, at=at, about=form, language=language)


@transaction.atomic
def close(form: Form, *, actor: str, at: datetime) -> None:
    """Take no more sign-ups."""
    _set_closed(form, at, "form.close", actor, at)


@transaction.atomic
def reopen(form: Form, *, actor: str, at: datetime) -> None:
    """Take sign-ups again."""
    _set_closed(form, None, "form.reopen", actor, at)


def hash_of(text: str) -> str:
    """Return the SHA-256 of a text, hexadecimal. Pure."""
    return hashlib.sha256(text.encode()).hexdigest()


def _ask_about(form: Form, recipients: Iterable[int]) -> None:
    """Ask about these recipients and no others; what was agreed to about the others stays agreed."""
    wanted = set(recipients)
    rows = FormTransfer.objects.filter(tenant_id=form.tenant_id, form=form)
    rows.exclude(recipient_id__in=wanted).delete()
    for number in sorted(wanted - set(rows.values_list("recipient_id", flat=True))):
        FormTransfer.objects.create(tenant_id=form.tenant_id, form=form, recipient_id=number)


def _write_version(
    form: Form,
    language: str,
    text: str,
    *,
    actor: str,
    at: datetime,
    covers_welcome: bool = False,
    recipient: Recipient | None = None,
) -> ConsentText:
    rows = ConsentText.objects.filter(
        tenant_id=form.tenant_id, form=form, language=language, recipient=recipient
    )
    last = rows.aggregate(last=Max("version"))["last"] or 0
    made: ConsentText = ConsentText.objects.create(
        tenant_id=form.tenant_id,
        form=form,
        recipient=recipient,
        language=language,
        version=last + 1,
        text=text,
        hash=hash_of(text),
        covers_welcome=covers_welcome,
        written_at=at,
        written_by=actor,
    )
    return made


def _brand_of(form: Form) -> Brand:
    brand: Brand = form.list.brand
    return brand


def _refuse_taken(tenant_id: int, name: str, but: int | None = None) -> None:
    if Form.objects.filter(tenant_id=tenant_id, name=name).exclude(pk=but).exists():
        raise NameTaken


def _set_closed(
    form: Form, closed_at: datetime | None, action: str, actor: str, at: datetime
) -> None:
    form.closed_at = closed_at
    form.save(update_fields=["closed_at"])
    audit.record(form.tenant_id, action, actor=actor, at=at, about=form)
