"""Drafts of the notifications, in the shape that pages and `privacy.printing` draw: to the authority, to persons.

The authority's follows the forms of NAIH and ANSPDCP, which ask for what Art. 33 (3) lists, in the authority's
language; the persons' follows Art. 34 (2): in plain words, what happened, what it may mean, what was done, what they
can do, whom they can ask.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hirnok.breaches import enisa, reports
from hirnok.breaches.models import Breach, BreachNotification
from hirnok.register import categories, describing, law
from hirnok.register.answers import name_of
from hirnok.register.models import Activity, Authority, Controller
from hirnok.tenants.models import Tenant
from hirnok.ui.words import moment, number

Document = dict[str, Any]
LANGUAGES = {"HU": "hu", "RO": "ro", "MD": "ro"}  # in which the authority is written to
TITLES: dict[str, Promise] = {
    "HU": gettext_lazy("Notification of a personal data breach to the NAIH"),
    "RO": gettext_lazy("Notification of a personal data breach to the ANSPDCP"),
    "MD": gettext_lazy("Notification of a personal data breach to the CNPDCP"),
}
LAWS = {
    "HU": gettext_lazy("Article 33 of Regulation (EU) 2016/679"),
    "RO": gettext_lazy(
        "Article 33 of Regulation (EU) 2016/679; Decision No 128/2018 of the ANSPDCP"
    ),
    "MD": gettext_lazy("Law No 195/2024 on the protection of personal data"),
}
PARTS: dict[str, Promise] = {
    "happened": gettext_lazy("What happened"),
    "consequences": gettext_lazy("What it may mean for you"),
    "measures": gettext_lazy("What we have done"),
    "advice": gettext_lazy("What you can do"),
}


class NoLetter(Exception):
    """What persons are to be told is not written in this language."""


def language_of_authority(tenant: Tenant) -> str:
    """Return the language in which the tenant's authority is written to."""
    return LANGUAGES.get(_controller(tenant).jurisdiction, "en")


def authority_of(tenant: Tenant, at: datetime) -> Authority | None:
    """Return the authority to which the tenant's breaches are notified, as it is on the day."""
    return law.authority(_controller(tenant).jurisdiction, at.date())


def to_authority(breach: Breach, at: datetime, *, final: bool) -> Document:
    """Return the notification to the authority of the controller's country, as the next phase (33 (3), (4))."""
    tenant = Tenant.objects.get(pk=breach.tenant_id)
    controller = _controller(tenant)
    language = language_of_authority(tenant)
    with translation.override(language), timezone.override(ZoneInfo(tenant.time_zone)):
        place = controller.jurisdiction
        return {
            "title": str(TITLES.get(place, gettext_lazy("Notification of a personal data breach"))),
            "language": language,
            "stand": f"{LAWS.get(place, LAWS['HU'])} · {moment(at)}",
            "sections": [
                _section(_("The notification"), _about(breach, at, final=final)),
                _section(_("The controller"), _who(controller)),
                _section(_("When"), _when(breach, at)),
                _section(_("The breach"), _nature(breach)),
                _section(_("The data and the persons"), _whose(tenant, breach, language)),
                _section(_("Likely consequences"), _severity(breach)),
                _section(_("Measures"), _measures(breach)),
                _section(_("Telling the persons concerned (Article 34)"), _persons(breach)),
            ],
        }


def to_person(breach: Breach, language: str, at: datetime) -> Document:
    """Return what persons are told, in one language; NoLetter when it is not written in it."""
    tenant = Tenant.objects.get(pk=breach.tenant_id)
    controller = _controller(tenant)
    told = {part: describing_in(breach.letter, part, language) for part in PARTS}
    if not all(told.values()):
        raise NoLetter(language)
    with translation.override(language), timezone.override(ZoneInfo(tenant.time_zone)):
        authority = authority_of(tenant, at)
        ask = [
            (
                _("Privacy officer"),
                ", ".join(
                    filter(
                        None,
                        (
                            controller.officer_name,
                            controller.officer_email,
                            controller.officer_phone,
                        ),
                    )
                ),
            ),
            (_("E-mail"), controller.email),
            (_("Phone"), controller.phone),
            (_("Seat"), controller.postal_address),
        ]
        sections = [_section(str(label), [], text=told[part]) for part, label in PARTS.items()]
        sections.append(_section(_("Whom you can ask"), ask, text=controller.name))
        if authority is not None:
            rights = _(
                "You can complain to the supervisory authority (%(authority)s, %(address)s, %(email)s), and go to court."
            ) % {
                "authority": describing.in_language(authority.name, language),
                "address": authority.address,
                "email": authority.email,
            }
            sections.append(_section(_("Your rights"), [], text=rights))
        opening = (
            _("Dear Sir or Madam,")
            + "\n\n"
            + _(
                "your personal data at %(controller)s are affected by a personal data breach. We tell you of it as"
                " Article 34 of the General Data Protection Regulation asks."
            )
            % {"controller": controller.name}
        )
        return {
            "title": _("A personal data breach concerns your data"),
            "language": language,
            "stand": f"{controller.name} · {moment(at)}",
            "sections": [_section(controller.name, [], text=opening), *sections],
        }


def as_text(document: Document) -> str:
    """Return a document as plain text, for a mail."""
    lines: list[str] = []
    for section in document["sections"]:
        lines += ["", section["heading"], ""]
        for block in section["blocks"]:
            if block["kind"] == "text":
                lines.append(block["text"])
            else:
                lines += [f"{label}: {value}" for label, value in block["rows"]]
    return "\n".join(lines).strip() + "\n"


def describing_in(letter: dict[str, dict[str, str]], part: str, language: str) -> str:
    """Return a part of the letter in exactly this language, "" where it is not written."""
    return letter.get(part, {}).get(language, "").strip()


def languages_written(breach: Breach) -> list[str]:
    """Return the languages in which persons can be told."""
    every = {code for texts in breach.letter.values() for code in texts}
    return sorted(
        code for code in every if all(describing_in(breach.letter, part, code) for part in PARTS)
    )


def _controller(tenant: Tenant) -> Controller:
    found: Controller = Controller.objects.of(tenant).get()
    return found


def _about(breach: Breach, at: datetime, *, final: bool) -> list[tuple[str, str]]:
    sent = list(reports.authority_notices(breach).order_by("phase"))
    if final:
        kind = _("complete") if not sent else _("last part, completing the earlier ones")
    else:
        kind = _("first part, to be completed") if not sent else _("further part, to be completed")
    earlier = "; ".join(_earlier(one) for one in sent)
    return [
        (_("Our number"), number(breach.number)),
        (_("Kind"), kind),
        (_("Earlier parts"), earlier),
        (_("Given in at"), moment(at)),
    ]


def _earlier(notice: BreachNotification) -> str:
    return " ".join(filter(None, (f"{notice.phase}.", moment(notice.at), notice.reference)))


def _who(controller: Controller) -> list[tuple[str, str]]:
    officer = ", ".join(
        filter(None, (controller.officer_name, controller.officer_email, controller.officer_phone))
    )
    return [
        (_("Name"), controller.name),
        (_("Seat"), controller.postal_address),
        (_("Registration number"), controller.registration_number),
        (_("E-mail"), controller.email),
        (_("Phone"), controller.phone),
        (_("Data protection officer or contact"), officer or controller.email),
    ]


def _when(breach: Breach, at: datetime) -> list[tuple[str, str]]:
    since = breach.aware_at or breach.suspected_at
    clock = reports.clock_of(breach, at)
    elapsed = _("%(hours)s hours %(minutes)s minutes") % {
        "hours": clock.hours,
        "minutes": clock.minutes,
    }
    return [
        (
            _("It began"),
            moment(breach.happened_from) if breach.happened_from else _("not known yet"),
        ),
        (
            _("It ended"),
            moment(breach.happened_until)
            if breach.happened_until
            else _("not known yet, or it goes on"),
        ),
        (_("First suspicion"), moment(breach.suspected_at)),
        (_("Became known"), moment(since)),
        (_("How it became known"), str(breach.get_known_by_display())),
        (_("Processor"), breach.processor),
        (
            _("The processor knew since"),
            moment(breach.processor_knew_at) if breach.processor_knew_at else "",
        ),
        (_("The notice arrived"), moment(breach.told_at) if breach.told_at else ""),
        (_("From knowledge to this notification"), elapsed),
        (_("Why it is later than 72 hours"), breach.late_reason if clock.is_late else ""),
    ]


def _nature(breach: Breach) -> list[tuple[str, str]]:
    return [
        (_("What was lost"), kinds(breach) or _("not known yet")),
        (_("What happened"), breach.description or _("not known yet")),
    ]


def kinds(breach: Breach) -> str:
    """Return what was lost, in words: confidentiality, integrity, availability."""
    words = (
        (breach.confidentiality, _("confidentiality")),
        (breach.integrity, _("integrity")),
        (breach.availability, _("availability")),
    )
    return ", ".join(word for lost, word in words if lost)


def _whose(tenant: Tenant, breach: Breach, language: str) -> list[tuple[str, str]]:
    rows = Activity.objects.of(tenant).filter(code__in=breach.activities).order_by("pk")
    unknown = _("not known yet")
    return [
        (_("Processing concerned"), ", ".join(name_of(one, language) for one in rows)),
        (
            _("Persons concerned"),
            "; ".join(
                filter(None, (describing.in_language(one.subjects, language) for one in rows))
            ),
        ),
        (
            _("Categories of data"),
            ", ".join(categories.words(one) for one in breach.categories) or unknown,
        ),
        (_("Special categories of data"), _("yes") if breach.special_categories else _("no")),
        (
            _("Number of persons, approximately"),
            number(breach.persons) if breach.persons is not None else unknown,
        ),
        (
            _("Number of records, approximately"),
            number(breach.records) if breach.records is not None else unknown,
        ),
    ]


def _severity(breach: Breach) -> list[tuple[str, str]]:
    level = enisa.LEVELS.get(breach.severity)
    rows = [(_("Likely consequences"), breach.consequences or _("not known yet"))]
    if level is not None:
        meaning = enisa.MEANINGS[breach.severity]
        rows.append((_("Severity"), f"{level} – {meaning}"))
    if breach.score is not None:
        method = _("ENISA 2013: SE = DPC × EI + CB = %(score)s") % {"score": number(breach.score)}
        rows.append((_("Method"), method))
    if breach.level_override:
        rows.append((_("Why another level holds"), breach.override_reason))
    return rows


def _measures(breach: Breach) -> list[tuple[str, str]]:
    return [
        (_("Measures taken"), breach.measures_taken or _("none yet")),
        (_("Measures planned"), breach.measures_planned),
    ]


def _persons(breach: Breach) -> list[tuple[str, str]]:
    if breach.notify_persons is None:
        return [(_("Decision"), _("not decided yet"))]
    if breach.notify_persons:
        sent = BreachNotification.objects.filter(
            tenant_id=breach.tenant_id, breach=breach, to=BreachNotification.To.PERSONS
        ).first()
        when = moment(sent.at) if sent else _("will be told without undue delay")
        return [(_("Decision"), _("they are told")), (_("When"), when)]
    exemption = str(breach.get_exemption_display()) if breach.exemption else ""
    return [
        (_("Decision"), _("they are not told")),
        (_("Exemption"), exemption),
        (_("Reasons"), breach.persons_reason),
    ]


def _section(heading: str, rows: list[tuple[str, str]], *, text: str = "") -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [
        {"kind": "text", "text": part} for part in text.split("\n\n") if part.strip()
    ]
    kept = [[label, str(value)] for label, value in rows if str(value).strip()]
    if kept:
        blocks.append({"kind": "facts", "rows": kept})
    return {"heading": heading, "blocks": blocks}
