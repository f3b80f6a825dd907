"""Proof of consent for one address (Art. 7 (1), N28): how it came, when, by which words, form or import, who declared
what, what was taken back, and what proof is left of somebody who is gone, found by the keyed hash alone.

Made as a document of headings, facts and texts, which page and PDF only draw; nothing is changed by looking.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hirnok.accounts import audit_words
from hirnok.accounts.models import User
from hirnok.consent import transferring
from hirnok.consent.models import (
    ConsentEntry,
    ConsentText,
    Form,
    PendingSignUp,
    Proof,
    Renewal,
    Withdrawal,
)
from hirnok.consent.withdrawal_forms import WAYS
from hirnok.contacts.models import Contact, Evidence, Import
from hirnok.register import holdings, notices
from hirnok.register.answers import BASES, SOURCES
from hirnok.register.models import Source, Suppression
from hirnok.register.readymade import NEWSLETTER
from hirnok.tenants.models import Tenant
from hirnok.ui import words

Section = dict[str, Any]
Rows = list[tuple[str, str]]
EVENTS: dict[str, Any] = {
    ConsentEntry.Event.GIVEN: gettext_lazy("Agreed and confirmed"),
    ConsentEntry.Event.LIST_LEFT: gettext_lazy("Left a list"),
    ConsentEntry.Event.MEASUREMENT_REFUSED: gettext_lazy(
        "Refused that opens and clicks are recorded"
    ),
    ConsentEntry.Event.MEASUREMENT_ALLOWED: gettext_lazy(
        "Allowed that opens and clicks are recorded"
    ),
    ConsentEntry.Event.TRANSFER_GIVEN: gettext_lazy("Agreed that data are handed over"),
    ConsentEntry.Event.TRANSFER_WITHDRAWN: gettext_lazy("Took back that data are handed over"),
    ConsentEntry.Event.RENEWAL_ASKED: gettext_lazy("Was asked to agree anew"),
    ConsentEntry.Event.RENEWED: gettext_lazy("Agreed anew"),
}
SURFACES: dict[str, Any] = {
    "form": gettext_lazy("sign-up form, confirmed by the link in a mail"),
    "renewal": gettext_lazy("the page of a mail that asked to agree anew"),
    "preferences": gettext_lazy("the person's own page"),
    "page": gettext_lazy("the link in a newsletter"),
    "one_click": gettext_lazy("the unsubscribe button of the mail program"),
    "mail": gettext_lazy("a mail to the address for unsubscribing"),
    "complaint": gettext_lazy("the “this is spam” button, which the provider reported"),
    "staff": gettext_lazy("told to a colleague"),
    "lapsed": gettext_lazy("asked to agree anew, without an answer"),
}
_REASONS: dict[str, Any] = {
    Suppression.Reason.UNSUBSCRIBED: gettext_lazy("unsubscribed"),
    Suppression.Reason.COMPLAINT: gettext_lazy("reported as spam"),
    Suppression.Reason.OBJECTION: gettext_lazy("objected"),
    Suppression.Reason.OPT_OUT: gettext_lazy("opted out of everything"),
    Suppression.Reason.DEAD_ADDRESS: gettext_lazy("mail to it came back"),
    Suppression.Reason.IMPORTED: gettext_lazy("taken over from a list of those who left"),
    Suppression.Reason.STAFF: gettext_lazy("added by a colleague"),
}


def evidence(
    tenant: Tenant, address: str, language: str, *, actor: str, at: datetime
) -> dict[str, Any]:
    """Return the document about a normalised address, in the language that is active."""
    index = holdings.index_of(tenant.pk, address)
    sections = [
        _section(
            _("The question"),
            _facts(
                [
                    (_("Address"), address),
                    (_("Keyed hash of the address"), index.hex()),
                    (_("Asked on"), words.moment(at)),
                    (_("Asked by"), who(actor)),
                ]
            ),
        )
    ]
    sections += _contacts(tenant, index)
    sections += _waiting(tenant, index)
    sections += _proofs(tenant, index)
    sections += _suppressions(tenant, index)
    if len(sections) == 1:
        text = _("Nothing is known of this address here, and nothing of it was kept.")
        sections.append(_section(_("The answer"), {"kind": "text", "text": text}))
    return {
        "title": _("Proof of consent"),
        "language": language,
        "stand": f"{tenant.name}, {words.moment(at)}",
        "sections": sections,
    }


def who(actor: str) -> str:
    """Return an actor of the audit log as a person reads it."""
    number = actor.removeprefix("user:")
    user = User.objects.filter(pk=int(number)).first() if number.isdecimal() else None
    return str(audit_words.actor(actor, {actor: user.name} if user else {}))


def _contacts(tenant: Tenant, index: bytes) -> Iterator[Section]:
    rows = Contact.objects.of(tenant).filter(person__blind_index=index)
    for contact in rows.select_related("holding__source", "brand").order_by("pk"):
        yield _section(
            _("Held for the newsletter of %(brand)s") % {"brand": contact.brand.name},
            _facts(_origin(tenant, contact)),
        )
        forms = Form.objects.of(tenant).select_related("list")
        entries = ConsentEntry.objects.of(tenant).filter(contact=contact)
        for entry in entries.select_related("text__recipient", "list").order_by("at", "pk"):
            yield _entry(tenant, entry, forms)
        for one in Evidence.objects.of(tenant).filter(contact=contact).order_by("pk"):
            yield _section(
                _("Recorded by another system"),
                _facts(
                    [
                        (_("Time"), words.moment(one.given_at) if one.given_at else ""),
                        (_("Where"), one.surface),
                        (_("IP address"), one.ip_address),
                        (_("Taken over on"), words.moment(one.recorded_at)),
                    ]
                ),
            )


def _origin(tenant: Tenant, contact: Contact) -> Rows:
    holding = contact.holding
    source: Source | None = holding.source
    rows: Rows = [
        (_("Legal basis"), str(BASES[holding.legal_basis])),
        (_("Held since"), words.moment(holding.held_since)),
    ]
    if source is not None:
        rows += [
            (_("Source"), str(SOURCES[source.kind])),
            (_("What was declared of it"), source.description),
            (_("Declared by"), who(source.declared_by)),
            (_("Declared on"), words.moment(source.declared_at)),
            (_("Balancing document"), source.document_name),
        ]
        runs = Import.objects.of(tenant).filter(source=source).order_by("pk")
        rows += [
            (_("Import"), f"{one.file_name or one.pk}, {words.moment(one.created_at)}")
            for one in runs
        ]
    given = [one.recipient.name for one in transferring.of_contact(contact) if one.is_given]
    rows.append((_("May be handed to"), ", ".join(given)))
    if holding.restricted_at:
        rows.append((_("Restricted since"), words.moment(holding.restricted_at)))
    renewal = Renewal.objects.of(tenant).filter(pk=contact.pk).first()
    if renewal is not None:
        until = words.day(renewal.until) if renewal.until else _("not asked yet")
        rows.append((_("Has to be renewed until"), until))
    return rows


def _entry(tenant: Tenant, entry: ConsentEntry, forms: QuerySet[Form]) -> Section:
    rows: Rows = [
        (_("Time"), words.moment(entry.at)),
        (_("Where"), str(SURFACES.get(entry.surface, entry.surface))),
        (_("List"), entry.list.name if entry.list else ""),
        (_("The form was sent"), words.moment(entry.agreed_at) if entry.agreed_at else ""),
    ]
    if entry.text is not None:
        form = forms.filter(pk=entry.text.form_id).first()
        rows.append((_("Form"), form.name if form else ""))
        rows += _words(entry.text, entry.text_hash)
        version = _notice_then(tenant, entry.agreed_at or entry.at)
        rows.append((_("Privacy notice in force then"), version))
    return _section(str(EVENTS[entry.event]), _facts(rows))


def _words(text: ConsentText, recorded: str) -> Rows:
    """The words of a consent, and whether they are still those whose hash was recorded."""
    same = hashlib.sha256(text.text.encode()).hexdigest().startswith(recorded)
    return [
        (_("Recipient"), text.recipient.name if text.recipient else ""),
        (_("Words"), text.text),
        (_("Version"), f"{text.version} ({text.language}), {words.day(text.written_at)}"),
        ("SHA-256", recorded),
        (
            _("Words and hash"),
            _("belong together") if same else _("do not belong together: the words were altered"),
        ),
    ]


def _notice_then(tenant: Tenant, at: datetime) -> str:
    notice = notices.covering(tenant, NEWSLETTER, at.date())
    version = notices.in_force(tenant, notice, at.date()) if notice else None
    if version is None:
        return ""
    return _("version %(number)s, SHA-256 %(digest)s") % {
        "number": version.number,
        "digest": bytes(version.digest).hex(),
    }


def _waiting(tenant: Tenant, index: bytes) -> Iterator[Section]:
    rows = PendingSignUp.objects.of(tenant).filter(holding__person__blind_index=index)
    for one in rows.select_related("holding", "form", "text").order_by("pk"):
        until = one.holding.expires_at
        yield _section(
            _("Signed up, not confirmed: no consent yet"),
            _facts(
                [
                    (_("Form"), one.form.name),
                    (_("The form was sent"), words.moment(one.agreed_at)),
                    *_words(one.text, one.text.hash),
                    (_("Deleted on"), words.moment(until) if until else ""),
                ]
            ),
        )


def _proofs(tenant: Tenant, index: bytes) -> Iterator[Section]:
    rows = Proof.objects.of(tenant).filter(holding__person__blind_index=index)
    shown = set()
    for proof in rows.select_related("holding__activity").order_by("withdrawn_at", "pk"):
        shown.add(proof.pk)
        text, recorded = _text_of(tenant, proof)
        facts: Rows = [
            (_("Agreed on"), words.moment(proof.given_at) if proof.given_at else ""),
            (_("Held from"), words.moment(proof.held_since)),
            *(_words(text, recorded) if text else []),
            (_("Ended on"), words.moment(proof.withdrawn_at)),
            (_("How it ended"), str(SURFACES.get(proof.surface, proof.surface))),
            *_kept(proof.holding),
        ]
        yield _section(_("Ended; only this proof is left, without an address"), _facts(facts))
        yield from _withdrawals(tenant, {"pk": proof.pk})
    left = Withdrawal.objects.of(tenant).filter(holding__person__blind_index=index)
    for one in left.exclude(pk__in=shown).order_by("pk"):
        yield from _withdrawals(tenant, {"pk": one.pk})


def _text_of(tenant: Tenant, proof: Proof) -> tuple[ConsentText | None, str]:
    """The words that a proof names, and the beginning of their hash as it was recorded."""
    number, _sep, recorded = proof.text.partition(" ")
    if not number.isdecimal():
        return None, ""
    found = ConsentText.objects.of(tenant).filter(pk=int(number)).select_related("recipient")
    return found.first(), recorded


def _kept(holding: Any) -> Rows:
    until = words.moment(holding.expires_at) if holding.expires_at else ""
    return [
        (_("Legal basis of keeping the proof"), str(BASES[holding.legal_basis])),
        (_("Kept until"), until),
    ]


def _withdrawals(tenant: Tenant, wanted: dict[str, Any]) -> Iterator[Section]:
    for one in Withdrawal.objects.of(tenant).filter(**wanted).select_related("holding"):
        document = bytes(one.document) if one.document else b""
        name = f"{one.document_name}, SHA-256 {hashlib.sha256(document).hexdigest()}"
        yield _section(
            _("Withdrawn at the person's word"),
            _facts(
                [
                    (_("How it came"), str(WAYS[one.way])),
                    (_("Received on"), words.moment(one.received_at)),
                    (_("Taken down by"), who(one.taken_by)),
                    (_("Taken down on"), words.moment(one.at)),
                    (_("What was said"), one.note),
                    (_("Document"), name if document else ""),
                    *_kept(one.holding),
                ]
            ),
        )


def _suppressions(tenant: Tenant, index: bytes) -> Iterator[Section]:
    rows = Suppression.objects.of(tenant).filter(key=index, kind=Suppression.Kind.ADDRESS)
    for one in rows.order_by("since", "pk"):
        yield _section(
            _("Not written to any more"),
            _facts(
                [
                    (_("Why"), str(_REASONS[one.reason])),
                    (_("Since"), words.moment(one.since)),
                ]
            ),
        )


def _facts(rows: Rows) -> dict[str, Any]:
    return {"kind": "facts", "rows": [(label, text) for label, text in rows if text]}


def _section(heading: str, *blocks: dict[str, Any]) -> Section:
    return {"heading": heading, "blocks": list(blocks)}
