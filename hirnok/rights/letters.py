"""Letters on a request, in the person's language: as PDF, and by mail where there is an address.

Promises: what is told comes from the rows (outcomes, decisions, dates), never from a draft beside them; a letter
that was sent is kept as it was, with its hash. A mail carries the letter and the link to the request's page, and
never the copy of the data. Leaves to others: when a letter is due.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hirnok.lib import keys, tokens
from hirnok.outbox import letters as outbox
from hirnok.privacy import printing
from hirnok.register import backups, documents, portals
from hirnok.register.answers import name_of
from hirnok.register.models import Activity, Controller
from hirnok.rights import mails, receiving, refusing, scans, wording
from hirnok.rights.models import (
    Correspondence,
    Document,
    Outcome,
    Paper,
    Request,
    Right,
    Task,
    TaskWords,
)
from hirnok.tenants.models import Tenant
from hirnok.ui import words as ui_words

Block = dict[str, Any]
Section = dict[str, Any]
TO_RECIPIENTS = ("recipient_rectification", "recipient_erasure", "recipient_restriction")
TO_PARTIES = ("passing_on", *TO_RECIPIENTS)  # not written to the person


class NoLetters(Exception):
    """Name and address of the request have been deleted: their period is over."""


@dataclass(frozen=True)
class Party:
    """To whom a request is passed on."""

    name: str
    postal_address: str = ""
    email: str = ""


@dataclass(frozen=True)
class _Facts:
    request: Request
    correspondence: Correspondence
    tenant: Tenant
    controller: Controller
    on: date
    party: Party | None


def status_url(request: Request) -> str:
    """Return the secret address of a request's page."""
    base = portals.url(request.tenant, request.brand)
    return f"{base}s/{status_token(request)}/"


def status_token(request: Request) -> str:
    """Return the secret of that address."""
    return tokens.recipient(keys.derive("rights-status"), request.pk)


def compose(request: Request, kind: str, *, at: datetime, party: Party | None = None) -> Section:
    """Return a letter in the language of the request, ready for page and PDF; NoLetters."""
    correspondence = receiving.letters_of(request)
    if correspondence is None:
        raise NoLetters
    tenant = Tenant.objects.get(pk=request.tenant_id)
    facts = _Facts(
        request,
        correspondence,
        tenant,
        Controller.objects.of(tenant).get(),
        receiving.day_of(tenant, at),
        party,
    )
    with translation.override(request.language), timezone.override(tenant.time_zone):
        title, sections = _LETTERS[kind](facts)
        return {
            "title": title,
            "language": request.language,
            "stand": _("%(day)s · reference: %(reference)s")
            % {"day": ui_words.day(facts.on), "reference": request.reference},
            "recipient": _recipient(facts, kind),
            "sender": _sender(facts.controller),
            "greeting": _greeting(facts, kind),
            "sections": [one for one in sections if one["blocks"]],
            "signature": [_("Yours sincerely,"), facts.controller.name],
        }


@transaction.atomic
def send(
    request: Request, kind: str, *, actor: str, at: datetime, party: Party | None = None
) -> Document:
    """Make a letter, keep it, and mail it where there is an address; else it waits to be printed. NoLetters."""
    told = compose(request, kind, at=at, party=party)
    correspondence = receiving.letters_of(request)
    assert correspondence is not None
    data = printing.pdf(told, template="letter")
    document: Document = Document.objects.create(
        tenant_id=request.tenant_id,
        request=request,
        kind=kind,
        language=request.language,
        digest=scans.digest(data),
        made_at=at,
        made_by=actor,
    )
    Paper.objects.create(
        tenant_id=request.tenant_id, document=document, correspondence=correspondence, data=data
    )
    to_party = kind in TO_PARTIES
    address = party.email if to_party and party else correspondence.email
    sender = _from(request)
    if address and sender[1]:
        mail = _mail(request, told, data, (address, sender), at=at, with_link=not to_party)
        outbox.post(
            request.tenant,
            correspondence.holding,
            recipient=address,
            return_path=sender[1],
            data=outbox.seven_bit(mail),
            at=at,
        )
        document.delivery, document.delivered_at = Document.Delivery.MAIL, at
        document.save(update_fields=["delivery", "delivered_at"])
    return document


def _mail(
    request: Request,
    told: Section,
    pdf: bytes,
    way: tuple[str, tuple[str, str]],
    *,
    at: datetime,
    with_link: bool,
) -> bytes:
    address, _sender_and_path = way
    with translation.override(request.language):
        parts = [told["greeting"], *_as_text(told["sections"])]
        if with_link:
            parts.append(
                _("How your request stands, and what can be downloaded:")
                + "\n"
                + status_url(request)
            )
        parts.append("\n".join(told["signature"]))
        subject = f"{told['title']} ({request.reference})"
    message, _path = mails.mail_of(
        request.tenant, request.brand, address, subject, "\n\n".join(parts) + "\n", at=at
    )
    message.add_attachment(
        pdf, maintype="application", subtype="pdf", filename=f"{request.reference}.pdf"
    )
    return bytes(message)


def _as_text(sections: list[Section]) -> list[str]:
    """The letter's parts as lines of a plain mail."""
    parts: list[str] = []
    for section in sections:
        if section["heading"]:
            parts.append(f"{section['heading']}\n{'-' * len(section['heading'])}")
        for block in section["blocks"]:
            if block["kind"] == "text":
                parts.append(block["text"])
            elif block["kind"] == "list":
                lines = [block["title"]] if block["title"] else []
                parts.append("\n".join([*lines, *(f"- {item}" for item in block["items"])]))
            elif block["kind"] == "facts":
                parts.append("\n".join(f"{row[0]}: {row[1]}" for row in block["rows"]))
            elif block["kind"] == "table":
                parts.append(
                    "\n".join(f"- {' – '.join(filter(None, row))}" for row in block["rows"])
                )
    return parts


def _from(request: Request) -> tuple[str, str]:
    controller = Controller.objects.filter(tenant_id=request.tenant_id).get()
    return mails.sender_of(request.tenant, request.brand, controller)


def _recipient(facts: _Facts, kind: str) -> list[str]:
    if kind in TO_PARTIES and facts.party is not None:
        party = facts.party
        lines = [party.name, *party.postal_address.splitlines(), party.email]
    else:
        one = facts.correspondence
        lines = [one.name, *one.postal_address.splitlines(), one.email]
    return [line.strip() for line in lines if line.strip()]


def _sender(controller: Controller) -> list[str]:
    lines = [controller.name, *controller.postal_address.splitlines(), controller.email]
    return [line.strip() for line in lines if line.strip()]


def _greeting(facts: _Facts, kind: str) -> str:
    name = facts.correspondence.name if kind not in TO_PARTIES else ""
    if name:
        return _("Dear %(name)s,") % {"name": name}
    return _("Dear Sir or Madam,")


def _opening(facts: _Facts, text: str) -> Section:
    received = receiving.day_of(facts.tenant, facts.request.received_at)
    return _section(
        "", _text(text % {"day": ui_words.day(received), "reference": facts.request.reference})
    )


def _receipt(facts: _Facts) -> tuple[str, list[Section]]:
    rights = [wording.right(one.right) for one in _tasks(facts.request)]
    request = facts.request
    return _("We have received your request"), [
        _opening(facts, _("On %(day)s we received your request. Its reference is %(reference)s.")),
        _section("", {"kind": "list", "title": _("You ask for:"), "items": rights}),
        _section(
            "",
            _text(
                _("We answer by %(target)s; by law we have to answer by %(legal)s.")
                % {
                    "target": ui_words.day(request.target_due),
                    "legal": ui_words.day(request.legal_due),
                }
            ),
        ),
    ]


def _identity(facts: _Facts) -> tuple[str, list[Section]]:
    return _("Please tell us that it is you"), [
        _opening(
            facts,
            _(
                "On %(day)s we received your request %(reference)s, but we cannot tell yet who sent it."
            ),
        ),
        _section(
            "",
            _text(
                _(
                    "So that nobody else gets or loses your data, please answer from the address that we know, by the number of a customer or invoice, or by coming to us with a document, of which we make no copy. We ask for no more than we need."
                )
            ),
            _text(_("The time for our answer goes on as soon as we know (GDPR Art. 12 (6)).")),
        ),
    ]


def _extension(facts: _Facts) -> tuple[str, list[Section]]:
    return _("We need more time for your request"), [
        _opening(facts, _("On %(day)s we received your request %(reference)s.")),
        _section(
            "",
            _text(
                _("Its answer takes longer: we extend the time until %(day)s (GDPR Art. 12 (3)).")
                % {"day": ui_words.day(facts.request.legal_due)}
            ),
            _text(_("The reason: %(reason)s") % {"reason": facts.correspondence.extension_reasons}),
        ),
        documents.remedies(facts.controller.jurisdiction, facts.on, facts.request.language),
    ]


def _fee(facts: _Facts) -> tuple[str, list[Section]]:
    request = facts.request
    return _("A fee for your request"), [
        _opening(facts, _("On %(day)s we received your request %(reference)s.")),
        _section(
            "",
            _text(
                _("For its answer we ask for a fee of %(amount)s %(currency)s. %(ground)s")
                % {
                    "amount": ui_words.number(request.fee_amount or 0),
                    "currency": request.fee_currency,
                    "ground": wording.fee_ground(request.fee_ground),
                }
            ),
        ),
        documents.remedies(facts.controller.jurisdiction, facts.on, request.language),
    ]


def _answer(facts: _Facts) -> tuple[str, list[Section]]:
    request = facts.request
    sections = [
        _opening(
            facts,
            _("On %(day)s we received your request %(reference)s. This is what we have done."),
        )
    ]
    sections += [_right(facts, task) for task in _tasks(request)]
    sections.append(documents.remedies(facts.controller.jurisdiction, facts.on, request.language))
    return _("Answer to your request"), sections


def _passing_on(facts: _Facts) -> tuple[str, list[Section]]:
    one = facts.correspondence
    rows = [
        (_("Name"), one.name),
        (_("E-mail"), one.email),
        (_("Address"), one.postal_address),
        (_("Phone"), one.phone),
        (_("Asks for"), ", ".join(wording.right(task.right) for task in _tasks(facts.request))),
        (_("In the person's words"), one.words),
    ]
    return _("A request of a person, passed on to you"), [
        _opening(
            facts,
            _(
                "On %(day)s we received the request below. It concerns data of which you decide, so we pass it on to you at once."
            ),
        ),
        _section("", {"kind": "facts", "rows": [row for row in rows if row[1].strip()]}),
        _section("", _text(_("We have told the person. Please answer directly."))),
    ]


def _passed_on(facts: _Facts) -> tuple[str, list[Section]]:
    party = facts.party or Party("")
    rows = [
        (_("Name"), party.name),
        (_("Address"), party.postal_address),
        (_("E-mail"), party.email),
    ]
    return _("We have passed on your request"), [
        _opening(
            facts,
            _(
                "On %(day)s we received your request %(reference)s. We do not decide about the data that it concerns; we have passed it on to the party that does."
            ),
        ),
        _section("", {"kind": "facts", "rows": [row for row in rows if row[1].strip()]}),
        documents.remedies(facts.controller.jurisdiction, facts.on, facts.request.language),
    ]


def _rectified(facts: _Facts) -> tuple[str, list[Section]]:
    return _to_recipient(
        facts,
        _("they have been corrected. Please correct them as well, or ask the person."),
    )


def _erased(facts: _Facts) -> tuple[str, list[Section]]:
    return _to_recipient(
        facts, _("they have been erased. Please erase them as well, unless a law wants them kept.")
    )


def _restricted(facts: _Facts) -> tuple[str, list[Section]]:
    return _to_recipient(
        facts,
        _("their use has been restricted. Please do not use them either until you hear more."),
    )


def _to_recipient(facts: _Facts, what: str) -> tuple[str, list[Section]]:
    one = facts.correspondence
    rows = [(_("E-mail"), one.email), (_("Name"), one.name)]
    changes = [
        (wording.field(name), value)
        for told in one.told.filter(tenant_id=one.tenant_id)
        for name, value in told.changes.items()
    ]
    return _("Data that you got from us"), [
        _section(
            "",
            _text(
                _("We once gave you data of the person named below (GDPR Art. 19):") + " " + what
            ),
            {"kind": "facts", "rows": [row for row in (*rows, *changes) if row[1]]},
        )
    ]


def _right(facts: _Facts, task: Task) -> Section:
    """What became of one right: decision, what was done, what is kept and why."""
    told = TaskWords.objects.filter(tenant_id=task.tenant_id, task=task).first()
    blocks: list[Block] = [_text(wording.decision(task.right, task.decision))]
    if task.ground:
        found = refusing.GROUNDS[task.ground]
        blocks.append(_text(f"{found.words} ({found.article})"))
    if told and told.reasons:
        blocks.append(_text(told.reasons))
    blocks += _outcomes(facts, task)
    if facts.request.copy_until and task.right in {"access", "portability", "information"}:
        blocks.append(
            _text(
                _("The copy can be downloaded from your request's page until %(day)s.")
                % {"day": ui_words.day(receiving.day_of(facts.tenant, facts.request.copy_until))}
            )
        )
    if task.right == Right.ERASURE and task.decision != Task.Decision.REFUSED:
        told_of = backups.in_words(facts.tenant)
        blocks += [_text(told_of)] if told_of else []
    return _section(wording.right(task.right), *blocks)


def _outcomes(facts: _Facts, task: Task) -> list[Block]:
    rows = [
        one
        for one in Outcome.objects.filter(tenant_id=task.tenant_id, task=task).order_by("pk")
        if one.kind != "none_found"
    ]
    if task.decision == Task.Decision.REFUSED:
        return []
    if not rows:
        has_any = Outcome.objects.filter(tenant_id=task.tenant_id, task=task).exists()
        return [_text(_("We hold nothing about you that this concerns."))] if has_any else []
    names = {
        one.code: name_of(one, facts.request.language)
        for one in Activity.objects.filter(tenant_id=task.tenant_id)
    }
    merged: dict[tuple[str, str, str], int] = {}
    for one in rows:
        key = wording.place(one.module, names.get(one.activity, "")), one.kind, _why(facts, one)
        merged[key] = merged.get(key, 0) + one.count
    table = [
        [place, wording.outcome(kind, count), why] for (place, kind, why), count in merged.items()
    ]
    head = [_("Where"), _("What was done"), _("Why, and until when")]
    return [{"kind": "table", "head": head, "rows": table}]


def _why(facts: _Facts, one: Outcome) -> str:
    last = receiving.day_of(facts.tenant, one.until) if one.until else None
    until = _("until %(day)s") % {"day": ui_words.day(last)} if last else ""
    article = f"GDPR {one.article}" if one.article and one.article[0].isdigit() else one.article
    return ", ".join(filter(None, (wording.reason(one.reason), article, until)))


def _tasks(request: Request) -> list[Task]:
    return list(Task.objects.filter(tenant_id=request.tenant_id, request=request).order_by("pk"))


def _section(heading: str, *blocks: Block) -> Section:
    return {"heading": heading, "blocks": list(blocks)}


def _text(text: str) -> Block:
    return {"kind": "text", "text": text}


_LETTERS: dict[str, Callable[[_Facts], tuple[str, list[Section]]]] = {
    "receipt": _receipt,
    "identity": _identity,
    "extension": _extension,
    "fee": _fee,
    "answer": _answer,
    "passing_on": _passing_on,
    "passed_on": _passed_on,
    "recipient_rectification": _rectified,
    "recipient_erasure": _erased,
    "recipient_restriction": _restricted,
}
