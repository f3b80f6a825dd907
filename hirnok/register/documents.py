"""The document of a privacy notice: headings with texts, facts, lists and tables, made from the register and nothing else.

Pages and PDF only draw it. Fixed words are translated here, the tenant's own come from the register's rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hirnok.register import categories, consistency, describing, law
from hirnok.register.answers import (
    ARTICLES,
    BASES,
    FORMER_GUARANTEES,
    GUARANTEES,
    RECIPIENTS,
    name_of,
)
from hirnok.register.describing import Ground, Rule, in_language
from hirnok.register.models import (
    Activity,
    Balancing,
    Controller,
    LegalBasis,
    Notice,
    Recipient,
)
from hirnok.register.readymade import NEWSLETTER, RECORDINGS
from hirnok.tenants.models import Tenant

Section = dict[str, Any]


@dataclass(frozen=True)
class _Facts:
    """What a document is made from."""

    controller: Controller
    activities: list[Activity]
    recipients: list[Recipient]
    balancings: dict[str, Balancing]
    language: str
    on: date
    codes: list[str] = field(default_factory=list)


def compose(
    tenant: Tenant, notice: Notice, language: str, on: date, *, number: int = 0
) -> dict[str, Any]:
    """Return the notice's document in a language, as the register is on a day. `number` 0: a draft."""
    controller = Controller.objects.of(tenant).get()
    rows = Activity.objects.of(tenant).order_by("pk")
    wanted = set(notice.activities)
    activities = [one for one in rows if (one.code in wanted if wanted else one.active)]
    codes = [one.code for one in activities]
    facts = _Facts(
        controller=controller,
        activities=activities,
        recipients=consistency.in_force(tenant, on, codes),
        balancings={one.code: one for one in Balancing.objects.of(tenant)},
        language=language,
        on=on,
        codes=codes,
    )
    with translation.override(language):
        return {
            "title": in_language(notice.title, language) or _("Privacy notice"),
            "language": language,
            "number": number,
            "effective_from": on.isoformat(),
            "sections": [section for section in _sections(facts, notice) if section["blocks"]],
        }


def _sections(facts: _Facts, notice: Notice) -> list[Section]:
    audience = in_language(notice.audience, facts.language)
    return [
        *(
            [_section(_("Whom this is for"), {"kind": "text", "text": audience})]
            if audience
            else []
        ),
        _who(facts),
        *(_activity(facts, activity) for activity in facts.activities),
        _recipients(facts),
        _transfers(facts),
        _joint(facts),
        _decisions(facts),
        _security(facts),
        _rights(facts),
        remedies(facts.controller.jurisdiction, facts.on, facts.language),
    ]


def controller_rows(one: Controller) -> list[tuple[str, str]]:
    """Return who answers for the data, and the privacy officer: (label, text)."""
    rows = [
        (_("Name"), one.name),
        (_("Seat"), one.postal_address),
        (_("Site"), one.site_address),
        (_("Registration number"), one.registration_number),
        (_("E-mail"), one.email),
        (_("Phone"), one.phone),
        (_("Web site"), one.web_site),
        (_("Representative in the EU"), one.representative),
        (_("Security questions"), one.security_email),
    ]
    officer = ", ".join(filter(None, (one.officer_name, one.officer_email, one.officer_phone)))
    kept = [(label, value) for label, value in rows if value.strip()]
    kept.append((_("Privacy officer"), officer or _("none")))
    return kept


def _who(facts: _Facts) -> Section:
    rows = controller_rows(facts.controller)
    return _section(_("The controller"), {"kind": "facts", "rows": rows})


def _activity(facts: _Facts, activity: Activity) -> Section:
    language = facts.language
    table = [
        [
            ", ".join(data_words(item, language) for item in purpose.items),
            in_language(purpose.text, language),
            _grounds(facts, purpose.grounds),
        ]
        for purpose in describing.purposes(activity)
    ]
    head = [_("Data"), _("Purpose"), _("Legal basis")]
    refused = list(
        dict.fromkeys(
            f"{_word(item, language)}: {in_language(item.if_refused, language)}"
            for purpose in describing.purposes(activity)
            for item in purpose.items
            if item.obligatory and item.if_refused
        )
    )
    rows = [
        (_("Whose data"), in_language(activity.subjects, language)),
        (_("Source"), in_language(activity.origin, language)),
        (_("How long"), how_long(activity, language)),
        (_("Who may see them"), in_language(activity.seen_by, language)),
    ]
    blocks: list[dict[str, Any]] = [
        {"kind": "text", "text": in_language(activity.description, language)},
        {"kind": "table", "head": head, "rows": table},
    ]
    if refused:
        blocks.append({"kind": "list", "title": _("What must be given"), "items": refused})
    blocks.append({"kind": "facts", "rows": [(label, text) for label, text in rows if text]})
    return _section(name_of(activity, language), *blocks)


def _word(item: describing.Item, language: str) -> str:
    return in_language(item.words, language) if item.words else categories.words(item.category)


def data_words(item: describing.Item, language: str) -> str:
    """Return a kind of data, and whether it must be given."""
    word = _word(item, language)
    return _("%(data)s (must be given)") % {"data": word} if item.obligatory else word


def _grounds(facts: _Facts, grounds: tuple[Ground, ...]) -> str:
    return "; ".join(ground_words(one, facts.balancings, facts.language) for one in grounds)


def ground_words(ground: Ground, balancings: Mapping[str, Balancing], language: str) -> str:
    """Return a legal basis with its article, law and interest, in the language that is active."""
    text = str(BASES[ground.basis])
    when = in_language(ground.when, language) if ground.when else ""
    article = ARTICLES[LegalBasis(ground.basis)]
    parts = [f"{when}: {text}" if when else text, f"GDPR 6 (1) {article}"]
    if ground.law:
        parts.append(ground.law)
    if ground.condition:
        parts.append(f"GDPR 9 (2) {ground.condition}")
    balancing = balancings.get(ground.balancing)
    if balancing is not None:
        return f"{', '.join(parts)} – {in_language(balancing.interest, language).rstrip('.')}"
    return ", ".join(parts)


def how_long(activity: Activity, language: str) -> str:
    """Return how long an activity keeps its data, in the language that is active."""
    main, *further = describing.rules(activity)
    texts = [_rule(main)]
    texts += [f"{BASES[one.basis]}: {_rule(one)}" for one in further]
    words = in_language(activity.retention_words, language)
    return " ".join(filter(None, (*(f"{text}." for text in texts), words)))


def _rule(rule: Rule) -> str:
    start = _starts().get(rule.start, rule.start)
    if not rule.period:
        return _("until %(event)s") % {"event": start}
    text = _("%(period)s from %(event)s") % {"period": period_words(rule.period), "event": start}
    if rule.action == Activity.Action.ANONYMISE:
        return _("%(period)s, then without persons") % {"period": text}
    return text


def period_from(told: str) -> str:
    """Return a period as a difference names it, "withdrawal P1Y", in words."""
    start, _sep, period = told.partition(" ")
    return _rule(Rule("", start, period))


def period_words(period: str) -> str:
    """Return an ISO 8601 duration in words, in the language that is active."""
    number, unit = int(period[1:-1]), period[-1]
    words = {
        "Y": ngettext("%(number)s year", "%(number)s years", number),
        "M": ngettext("%(number)s month", "%(number)s months", number),
        "W": ngettext("%(number)s week", "%(number)s weeks", number),
        "D": ngettext("%(number)s day", "%(number)s days", number),
    }
    return words[unit] % {"number": number}


def _starts() -> dict[str, str]:
    """The events that periods count from, so that they read after "from" and "until"."""
    return {
        "withdrawal": _("the withdrawal of consent"),
        "sign_up": _("the sign-up"),
        "sending": _("the sending"),
        "upload": _("the upload"),
        "end_of_contract": _("the end of the contract"),
        "last_message": _("the last message"),
        "recording": _("the recording"),
        "decision": _("the decision on the position"),
        "consent": _("the consent"),
        "visit": _("the visit"),
        "answer": _("the answer to the request"),
        "end_of_year": _("the end of the business year"),
        "collection": _("the day on which they were given"),
    }


def _recipients(facts: _Facts) -> Section:
    rows = [
        [
            one.name,
            one.address,
            str(RECIPIENTS[one.kind]),
            in_language(one.task, facts.language),
        ]
        for one in facts.recipients
        if one.kind != Recipient.Kind.JOINT
    ]
    if not rows:
        text = _("Nobody else gets the data, unless a court or an authority lawfully orders it.")
        return _section(_("Recipients and processors"), {"kind": "text", "text": text})
    head = [_("Name"), _("Address"), _("Role"), _("Task")]
    text = _("Authorities get data only on a lawful order; that is recorded.")
    return _section(
        _("Recipients and processors"),
        {"kind": "table", "head": head, "rows": rows},
        {"kind": "text", "text": text},
    )


def _transfers(facts: _Facts) -> Section:
    rows = [
        [
            one.name,
            country,
            guarantee_words(one),
            in_language(one.transfer_reason, facts.language),
        ]
        for one in facts.recipients
        for country in one.countries
        if not law.is_in_eea(country, facts.on)
    ]
    if not rows:
        text = _("The data do not leave the European Economic Area.")
        return _section(_("Third countries"), {"kind": "text", "text": text})
    head = [_("Through whom"), _("Where to"), _("Guarantee"), _("Reason")]
    return _section(_("Third countries"), {"kind": "table", "head": head, "rows": rows})


def guarantee_words(recipient: Recipient) -> str:
    """Return what makes a transfer lawful, with its details; "" where nothing is named."""
    known = GUARANTEES | FORMER_GUARANTEES
    kind = str(known.get(recipient.guarantee, recipient.guarantee))
    return " ".join(filter(None, (kind, recipient.guarantee_details)))


def _joint(facts: _Facts) -> Section:
    rows = [
        (one.name, ", ".join(filter(None, (one.address, in_language(one.task, facts.language)))))
        for one in facts.recipients
        if one.kind == Recipient.Kind.JOINT
    ]
    if not rows:
        return _section(
            _("Joint controllers"), {"kind": "text", "text": _("There are no joint controllers.")}
        )
    return _section(_("Joint controllers"), {"kind": "facts", "rows": rows})


def _decisions(facts: _Facts) -> Section:
    language = facts.language
    told = [
        (label, text)
        for one in facts.activities
        for label, text in (
            (_("Profiling"), in_language(one.profiling, language)),
            (_("Automated decisions"), in_language(one.automated_decisions, language)),
        )
        if text
    ]
    if told:
        review = _("Whom an automated decision concerns may ask that a person looks at it again.")
        return _section(
            _("Profiling and automated decisions"),
            {"kind": "facts", "rows": told},
            {"kind": "text", "text": review},
        )
    text = _("There is no profiling, and no decision is made by a program alone.")
    return _section(_("Profiling and automated decisions"), {"kind": "text", "text": text})


def _security(facts: _Facts) -> Section:
    items = security_words(facts.activities, facts.language)
    return _section(_("How the data are protected"), {"kind": "list", "title": "", "items": items})


def security_words(activities: Iterable[Activity], language: str) -> list[str]:
    """Return the measures that activities name, else those of the program, in the active language."""
    told = [in_language(one.security_measures, language) for one in activities]
    return list(dict.fromkeys(text for text in told if text)) or [
        _(
            "Only those see data whose task it is; every access needs a password, and a second factor where demanded."
        ),
        _(
            "Connections and stored passwords are encrypted; people are known to the register by keyed hashes only."
        ),
        _(
            "What was done is recorded in a log that cannot be changed unseen; backups are made and restoring is tested."
        ),
    ]


def _rights(facts: _Facts) -> Section:
    bases = {
        ground.basis
        for activity in facts.activities
        for purpose in describing.purposes(activity)
        for ground in purpose.grounds
    }
    automated = any(one.automated_decisions for one in facts.activities)
    objects = bool(bases & {LegalBasis.LEGITIMATE_INTEREST, LegalBasis.PUBLIC_TASK})
    rectify = _(
        "You may have wrong data corrected and incomplete data completed, without undue delay."
    )
    if RECORDINGS in facts.codes:
        rectify += " " + _(
            "A recorded call cannot be corrected; you may listen to it and ask for a copy."
        )
    erase = _(
        "You may have data erased that are no longer needed, that you withdrew the consent to, or that are held unlawfully; what a law wants kept, or a claim needs, stays until then."
    )
    limit = law.rule(facts.controller.jurisdiction, "answer", facts.on).value
    extension = law.rule(facts.controller.jurisdiction, "extension", facts.on).value
    rows = [
        (_("Information"), _("You may ask at any time whether and how your data are used."), True),
        (_("Access"), _("You may ask for a copy of your data; electronically if you ask electronically."), True),
        (_("Rectification"), rectify, True),
        (_("Erasure"), erase, True),
        (_("Restriction"), _("You may have the use of your data stopped while it is disputed or needed for a claim; you are told before it goes on."), True),
        (_("Withdrawal of consent"), _("You may withdraw a consent at any time, as easily as it was given; what was done before stays lawful."), LegalBasis.CONSENT in bases),
        (_("Objection"), _("You may object to what rests on an interest of ours or of the public; to direct marketing without giving reasons, and at once."), objects or NEWSLETTER in facts.codes),
        (_("Portability"), _("You may get what you gave us in a machine-readable form, or have it handed to another controller."), bool(bases & {LegalBasis.CONSENT, LegalBasis.CONTRACT})),
        (_("Review by a person"), _("You may have a decision that a program made looked at again by a person."), automated),
    ]  # fmt: skip
    table = [[_("yes") if applies else _("no"), name, text] for name, text, applies in rows]
    promise = _(
        "We answer within %(days)s days, at the latest within %(limit)s. In difficult cases this may be extended by %(extension)s, of which we tell you in time with the reasons. Answers are free of charge, unless requests are manifestly unfounded or excessive."
    ) % {
        "days": facts.controller.answer_days,
        "limit": period_words(limit),
        "extension": period_words(extension),
    }
    corrected = _("Whoever got the data is told of rectification, erasure and restriction.")
    return _section(
        _("Your rights"),
        {"kind": "table", "head": [_("Applies"), _("Right"), _("What it means")], "rows": table},
        {"kind": "text", "text": promise},
        {"kind": "text", "text": corrected},
    )


def remedies(jurisdiction: str, on: date, language: str) -> Section:
    """Return where a person may complain and sue (X19), with the authority's data of a day, in the active language."""
    found = law.authority(jurisdiction, on)
    rows = []
    if found is not None:
        rows = [
            (_("Authority"), in_language(found.name, language)),
            (_("Address"), found.address),
            (_("E-mail"), found.email),
            (_("Phone"), found.phone),
            (_("Web site"), found.web_site),
        ]
    items = [
        _(
            "You may complain to the supervisory authority where you live, where you work, or where the law was broken."
        ),
        _(
            "You may go to court against us, at our seat or where you live, and claim damages and compensation for the injury."
        ),
        _(
            "You may go to court against the authority as well, against its decision or when it says nothing for three months."
        ),
    ]
    return _section(
        _("Complaint and court"),
        {"kind": "list", "title": "", "items": items},
        {"kind": "facts", "rows": rows},
    )


def _section(heading: str, *blocks: dict[str, Any]) -> Section:
    return {"heading": heading, "blocks": list(blocks)}
