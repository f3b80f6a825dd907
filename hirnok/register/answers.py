"""The answer to "why do we hold this": per holding the activity, the basis, the source, since and until when."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hirnok.register.models import Activity, Holding, LegalBasis, Recipient, Source
from hirnok.tenants.models import Tenant

BASES: dict[str, str | Promise] = {
    LegalBasis.CONSENT: _("Consent of the person"),
    LegalBasis.CONTRACT: _("Contract with the person"),
    LegalBasis.LEGAL_OBLIGATION: _("Legal obligation"),
    LegalBasis.VITAL_INTEREST: _("Vital interest"),
    LegalBasis.PUBLIC_TASK: _("Public task"),
    LegalBasis.LEGITIMATE_INTEREST: _("Legitimate interest"),
}
ARTICLES = {  # of Art. 6 (1)
    LegalBasis.CONSENT: "a",
    LegalBasis.CONTRACT: "b",
    LegalBasis.LEGAL_OBLIGATION: "c",
    LegalBasis.VITAL_INTEREST: "d",
    LegalBasis.PUBLIC_TASK: "e",
    LegalBasis.LEGITIMATE_INTEREST: "f",
}
SOURCES: dict[str, str | Promise] = {
    Source.Kind.PERSON: _("Given by the person"),
    Source.Kind.CUSTOMER: _("Own customers"),
    Source.Kind.CLIENT_LIST: _("List handed over by a client"),
    Source.Kind.PUBLIC: _("Public directory or site"),
    Source.Kind.OTHER_SYSTEM: _("Moved from another newsletter program"),
    Source.Kind.STAFF: _("Typed in by a colleague"),
}

RECIPIENTS: dict[str, str | Promise] = {
    Recipient.Kind.PROCESSOR: _("processor"),
    Recipient.Kind.SUB_PROCESSOR: _("sub-processor"),
    Recipient.Kind.CONTROLLER: _("controller of its own"),
    Recipient.Kind.AUTHORITY: _("authority"),
    Recipient.Kind.JOINT: _("joint controller"),
}
GUARANTEES: dict[str, str | Promise] = {
    "adequacy": _("adequacy decision"),
    "dpf": "EU-US Data Privacy Framework",
    "scc": _("standard contractual clauses"),
    "bcr": _("binding corporate rules"),
    "explicit_consent": _("explicit consent of the person"),
}
# What registers of earlier days may name.
FORMER_GUARANTEES: dict[str, str | Promise] = {
    "privacy_shield": "Privacy Shield",
    "scc_2010": _("standard contractual clauses of 2010"),
}


@dataclass(frozen=True)
class Answer:
    """Why one holding is there. `until` None: until it is ended, for example by leaving."""

    holding_id: int
    activity: str
    basis: str | Promise
    source: str | Promise
    source_details: str
    since: datetime
    until: datetime | None
    restricted: bool


def why_held(tenant: Tenant, person_id: int, language: str) -> list[Answer]:
    """Return an answer for each holding that the tenant has about a person, the oldest first."""
    rows = (
        Holding.objects.of(tenant)
        .filter(person_id=person_id)
        .select_related("activity", "source")
        .order_by("held_since", "pk")
    )
    return [_answer(holding, language) for holding in rows]


def name_of(activity: Activity, language: str) -> str:
    """Return the activity's name in a language, in English where that is missing, else its code."""
    return str(activity.name.get(language) or activity.name.get("en") or activity.code)


def _answer(holding: Holding, language: str) -> Answer:
    source = holding.source
    return Answer(
        holding_id=holding.pk,
        activity=name_of(holding.activity, language),
        basis=BASES[holding.legal_basis],
        source=SOURCES[source.kind] if source else _("Not recorded"),
        source_details=source.description if source else "",
        since=holding.held_since,
        until=holding.expires_at,
        restricted=holding.restricted_at is not None,
    )
