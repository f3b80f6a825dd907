"""The data-processing agreement (28 (3)): versions of the operator, acceptance by each tenant's owner.

An agreement is the version's clauses with three annexes: what is processed (from the tenant's register), the
sub-processors (from the operator's), the measures. What was accepted is kept as it was, with its SHA-256.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.utils import translation
from django.utils.translation import gettext as _

from hirnok.processing import letters, measures, texts
from hirnok.processing.models import Agreement, AgreementVersion
from hirnok.register import categories, describing, notices
from hirnok.register.answers import name_of
from hirnok.register.models import Activity, Controller, Recipient
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant
from hirnok.ui.words import day, moment

Document = dict[str, Any]


class NotTheOperator(Exception):
    """Only the operator publishes the agreement, and it has none with itself."""


class TooSoon(ValueError):
    """A new version is announced with the operator's lead time."""


class NoVersion(Exception):
    """The operator has published no agreement."""


class AlreadyAccepted(Exception):
    """The tenant has accepted this version."""


class AnotherVersion(Exception):
    """Between reading and accepting, what is accepted has changed."""


@dataclass(frozen=True)
class Terms:
    """What an operator sets in a version: its numbers, further clauses and what is new, by language."""

    objection_days: int
    audit_days: int
    breach_hours: int
    more: Mapping[str, str]
    summary: Mapping[str, str]
    effective_from: date | None = None


def operator() -> Tenant:
    """Return the operator; NoVersion where there is none."""
    found = Tenant.objects.filter(is_operator=True).first()
    if found is None:
        raise NoVersion
    return found


@transaction.atomic
def publish(by: Tenant, terms: Terms, *, actor: str, at: datetime) -> AgreementVersion:
    """Publish the next version and announce it to every tenant; the first holds at once. NotTheOperator, TooSoon."""
    if not by.is_operator:
        raise NotTheOperator
    last = AgreementVersion.objects.of(by).aggregate(Max("number"))["number__max"] or 0
    earliest = at.date() + (notices.lead(by) if last else timedelta())
    effective_from = terms.effective_from or earliest
    if effective_from < earliest:
        raise TooSoon
    numbers = {
        "objection_days": terms.objection_days,
        "audit_days": terms.audit_days,
        "breach_hours": terms.breach_hours,
    }
    clauses = texts.clauses(numbers, dict(terms.more))
    made: AgreementVersion = AgreementVersion.objects.create(
        tenant=by,
        number=last + 1,
        clauses=clauses,
        summary=dict(terms.summary),
        **numbers,
        published_at=at,
        published_by=actor,
        effective_from=effective_from,
        digest=_digest(clauses),
    )
    audit.record(by, "agreement.publish", actor=actor, at=at, about=made, number=made.number)
    for tenant in Tenant.objects.filter(is_operator=False).order_by("pk"):
        with acting_for(tenant):
            letters.write(tenant, lambda: _announcement(made))
    return made


def versions() -> list[AgreementVersion]:
    """Return every version, the newest first."""
    by = operator()
    with acting_for(by):
        return list(AgreementVersion.objects.of(by).order_by("-number"))


def offered() -> AgreementVersion:
    """Return the newest version, which is the one that can be accepted; NoVersion."""
    found = versions()
    if not found:
        raise NoVersion
    return found[0]


def accepted(tenant: Tenant) -> Agreement | None:
    """Return the newest acceptance."""
    found: Agreement | None = Agreement.objects.of(tenant).order_by("-version").first()
    return found


def document(tenant: Tenant, version: AgreementVersion, language: str, at: datetime) -> Document:
    """Return the agreement with its annexes as they are now, in one language."""
    by = operator()
    with acting_for(by):
        processor = Controller.objects.of(by).get()
        subs = _sub_processors(by, language, at.date())
    controller = Controller.objects.of(tenant).get()
    with translation.override(language):
        parties = [
            [_("Controller"), _party(controller)],
            [_("Processor"), _party(processor)],
            [_("Version"), str(version.number)],
            [_("In force from"), day(version.effective_from)],
        ]
        sections = [{"heading": _("The parties"), "blocks": [{"kind": "facts", "rows": parties}]}]
        sections += [
            {"heading": f"{number}. {heading}", "blocks": [{"kind": "text", "text": text}]}
            for number, (heading, text) in enumerate(version.clauses[language], 1)
        ]
        sections.append(
            {"heading": _("Annex 1: the processing"), "blocks": _processing(tenant, language)}
        )
        sections.append({"heading": _("Annex 2: sub-processors"), "blocks": subs})
        annex = measures.document(tenant, language, at)["sections"]
        sections += [{**one, "heading": f"{_('Annex 3')}: {one['heading']}"} for one in annex]
        return {
            "title": _("Data-processing agreement"),
            "language": language,
            "stand": f"{controller.name} – {processor.name}",
            "sections": sections,
        }


@transaction.atomic
def accept(
    tenant: Tenant, number: int, *, name: str, language: str, actor: str, at: datetime
) -> Agreement:
    """Accept a version for the tenant; the caller has seen that it is an owner. NotTheOperator, NoVersion,
    AnotherVersion when `number` is not the one offered, AlreadyAccepted."""
    if tenant.is_operator:
        raise NotTheOperator
    version = offered()
    if version.number != number:
        raise AnotherVersion
    if Agreement.objects.of(tenant).filter(version=number).exists():
        raise AlreadyAccepted
    documents = {code: document(tenant, version, code, at) for code, _name in settings.LANGUAGES}
    for code, one in documents.items():
        with translation.override(code):
            signed = _("Accepted by %(name)s, %(at)s") % {"name": name, "at": moment(at)}
        one["stand"] = f"{one['stand']} · {signed}"
    made: Agreement = Agreement.objects.create(
        tenant=tenant,
        version=number,
        documents=documents,
        digest=_digest(documents),
        language=language,
        accepted_at=at,
        accepted_by=actor,
        accepted_name=name,
    )
    audit.record(tenant, "agreement.accept", actor=actor, at=at, about=made, number=number)
    by = operator()
    with acting_for(by):
        letters.write(by, lambda: _told(tenant, made))
    return made


def _announcement(version: AgreementVersion) -> tuple[str, str]:
    language = translation.get_language() or "en"
    told = describing.in_language(version.summary, language) if version.summary else ""
    text = _(
        "Version %(number)s of the data-processing agreement is in force from %(day)s. Please read it; an owner can accept"
        " it on the page."
    ) % {"number": version.number, "day": day(version.effective_from)}
    return _("A new version of the data-processing agreement"), f"{text}\n\n{told}".strip()


def _told(tenant: Tenant, made: Agreement) -> tuple[str, str]:
    text = _("%(name)s has accepted version %(number)s of the data-processing agreement.") % {
        "name": tenant.name,
        "number": made.version,
    }
    return _("The data-processing agreement was accepted"), text


def _party(one: Controller) -> str:
    return "\n".join(
        filter(None, (one.name, one.postal_address, one.registration_number, one.email))
    )


def _processing(tenant: Tenant, language: str) -> list[dict[str, Any]]:
    rows = []
    for activity in Activity.objects.of(tenant).filter(active=True).order_by("pk"):
        told = describing.purposes(activity)
        data = dict.fromkeys(
            describing.in_language(item.words, language)
            if item.words
            else categories.words(item.category)
            for one in told
            for item in one.items
        )
        rows.append(
            [
                name_of(activity, language),
                "; ".join(describing.in_language(one.text, language) for one in told),
                describing.in_language(activity.subjects, language),
                ", ".join(data),
            ]
        )
    nature = _(
        "storing, sending, measuring and deleting data with Hirnok, as long as the service is used"
    )
    return [
        {"kind": "facts", "rows": [[_("Nature and duration"), nature]]},
        {
            "kind": "table",
            "head": [_("Processing"), _("Purpose"), _("Whose data"), _("Data")],
            "rows": rows,
        },
    ]


def _sub_processors(by: Tenant, language: str, on: date) -> list[dict[str, Any]]:
    rows = Recipient.objects.of(by).filter(
        Q(until=None) | Q(until__gte=on), kind=Recipient.Kind.SUB_PROCESSOR, since__lte=on
    )
    with translation.override(language):
        if not rows.exists():
            return [{"kind": "text", "text": _("None.")}]
        return [
            {
                "kind": "table",
                "head": [_("Name"), _("Address"), _("Task"), _("Countries")],
                "rows": [
                    [
                        one.name,
                        one.address,
                        describing.in_language(one.task, language),
                        ", ".join(one.countries),
                    ]
                    for one in rows.order_by("name", "pk")
                ],
            }
        ]


def _digest(found: Any) -> bytes:
    return hashlib.sha256(json.dumps(found, sort_keys=True, ensure_ascii=False).encode()).digest()
