"""The register in the Data Privacy Vocabulary (DPV 2, https://w3id.org/dpv), as JSON-LD.

What the register knows in a word gets the vocabulary's word; what it knows in sentences stays a text by language.
Nothing is stored in this form: it is made when it is asked for.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import translation

from hirnok.register import categories as data
from hirnok.register import consistency, describing, documents, law, readymade
from hirnok.register.answers import ARTICLES
from hirnok.register.describing import Ground, Item, Purpose, Rule
from hirnok.register.models import Activity, Balancing, Controller, LegalBasis, Recipient
from hirnok.tenants.models import Tenant

Node = dict[str, Any]
CONTEXT: Node = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "loc": "https://w3id.org/dpv/loc#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dct:title": {"@container": "@language"},
    "dct:description": {"@container": "@language"},
    "dct:date": {"@type": "xsd:date"},
    "dct:valid": {"@type": "xsd:date"},
}
PERSONAL_DATA = {
    data.ADDRESS: "pd:EmailAddress",
    data.NAME: "pd:Name",
    data.FAMILY_NAME: "pd:Name",
    data.GIVEN_NAME: "pd:Name",
    data.PHONE: "pd:TelephoneNumber",
    data.MESSAGE: "pd:Communication",
    data.CONVERSATION: "pd:Communication",
    data.VOICE: "pd:VoiceCommunicationRecording",
    data.TECHNICAL: "pd:IPAddress",
    data.BROWSER_LANGUAGE: "pd:Language",
    data.PAGE: "pd:BrowsingBehavior",
    data.COOKIE: "pd:Identifier",
    data.POSTAL_ADDRESS: "pd:PhysicalAddress",
    data.BIRTH: "pd:BirthDate",
    data.EDUCATION: "pd:Education",
    data.EXPERIENCE: "pd:EmploymentHistory",
    data.INVOICING: "pd:Transactional",
    data.COUNTRY: "pd:Country",
    "language": "pd:Language",
    "opens and clicks": "pd:LinkClicked",
    "credentials": "pd:Authenticating",
    "pseudonym": "pd:Identifier",
}
PURPOSES = {
    readymade.NEWSLETTER: "dpv:DirectMarketing",
    readymade.SIGN_UP: "dpv:IdentityVerification",
    readymade.SIGN_UP_PROOF: "dpv:LegalCompliance",
    readymade.SENDING_LOG: "dpv:RecordManagement",
    readymade.MEASUREMENT: "dpv:ServiceUsageAnalytics",
    readymade.SUPPRESSION: "dpv:LegalCompliance",
    readymade.ACCOUNTS: "dpv:EnforceAccessControl",
    readymade.SUPPORT: "dpv:CustomerCare",
    readymade.RECRUITING: "dpv:PersonnelHiring",
    readymade.TALENT_POOL: "dpv:PersonnelHiring",
    readymade.CUSTOMERS: "dpv:CustomerManagement",
    readymade.RIGHTS: "dpv:RightsFulfilment",
    readymade.RIGHTS_LETTERS: "dpv:RightsFulfilment",
    readymade.AUTHORITIES: "dpv:LegalCompliance",
}
ROLES = {
    Recipient.Kind.PROCESSOR: "dpv:DataProcessor",
    Recipient.Kind.SUB_PROCESSOR: "dpv:DataSubProcessor",
    Recipient.Kind.CONTROLLER: "dpv:ThirdParty",
    Recipient.Kind.AUTHORITY: "dpv:Authority",
    Recipient.Kind.JOINT: "dpv:JointDataControllers",
}
TRANSFER_TOOLS = {
    "adequacy": "eu-gdpr:A45-3",
    "dpf": "eu-gdpr:A45-3",
    "scc": "eu-gdpr:A46-2-c",
    "bcr": "eu-gdpr:A46-2-b",
    "explicit_consent": "eu-gdpr:A49-1-a",
}


def record(tenant: Tenant, on: date, base: str) -> Node:
    """Return the tenant's record of processing activities on a day; `base` is the address that names its parts."""
    activities = list(Activity.objects.of(tenant).filter(active=True).order_by("pk"))
    recipients = consistency.in_force(tenant, on, [one.code for one in activities])
    controller = Controller.objects.of(tenant).get()
    balancings = {one.code: one for one in Balancing.objects.of(tenant)}
    parties = [_party(base, one) for one in recipients]
    return {
        "@context": CONTEXT,
        "@graph": [
            _controller(base, controller),
            *parties,
            *(_process(base, one, recipients, balancings, on) for one in activities),
        ],
    }


def legal_basis(basis: str) -> str:
    """Return the term of a legal basis of Art. 6 (1)."""
    return f"eu-gdpr:A6-1-{ARTICLES[LegalBasis(basis)]}"


def personal_data(item: Item) -> list[str]:
    """Return the classes of a kind of data."""
    found = [PERSONAL_DATA.get(item.category, "dpv:PersonalData")]
    return [*found, "dpv:SpecialCategoryPersonalData"] if item.special else found


def _controller(base: str, one: Controller) -> Node:
    node: Node = {
        "@id": f"{base}#controller",
        "@type": "dpv:DataController",
        "dpv:hasName": one.name,
        "dpv:hasAddress": one.postal_address,
        "dpv:hasContact": [text for text in (one.email, one.phone, one.web_site) if text],
        "dpv:hasJurisdiction": {"@id": f"loc:{one.jurisdiction}"},
    }
    officer = [text for text in (one.officer_email, one.officer_phone) if text]
    if one.officer_name or officer:
        node["dpv:hasDataProtectionOfficer"] = {
            "@type": "dpv:DataProtectionOfficer",
            "dpv:hasName": one.officer_name,
            "dpv:hasContact": officer,
        }
    if one.representative:
        node["dpv:hasRepresentative"] = {
            "@type": "dpv:Representative",
            "dpv:hasName": one.representative,
        }
    return node


def _party(base: str, one: Recipient) -> Node:
    node: Node = {
        "@id": f"{base}#recipient-{one.pk}",
        "@type": ["dpv:Recipient", ROLES[Recipient.Kind(one.kind)]],
        "dpv:hasName": one.name,
        "dct:description": _texts(one.task),
        "dpv:hasLocation": [{"@id": f"loc:{country}"} for country in one.countries],
    }
    if one.address:
        node["dpv:hasAddress"] = one.address
    if one.contract:
        node["dpv:hasOrganisationalMeasure"] = {
            "@type": "dpv:DataProcessingAgreement",
            "dct:title": {"en": one.contract},
        }
    return node


def _process(
    base: str,
    activity: Activity,
    recipients: list[Recipient],
    balancings: Mapping[str, Balancing],
    on: date,
) -> Node:
    mine = [one for one in recipients if not one.activities or activity.code in one.activities]
    return {
        "@id": f"{base}#{activity.code}",
        "@type": "dpv:Process",
        "dct:identifier": activity.code,
        "dct:title": _texts(activity.name),
        "dct:description": _texts(activity.description),
        "dpv:hasDataController": {"@id": f"{base}#controller"},
        "dpv:hasProcess": [
            _purpose(activity, one, balancings) for one in describing.purposes(activity)
        ],
        "dpv:hasDataSubject": _described("dpv:DataSubject", activity.subjects),
        "dpv:hasDataSource": _described("dpv:DataSource", activity.origin),
        "dpv:hasRecipient": [{"@id": f"{base}#recipient-{one.pk}"} for one in mine],
        "dpv:hasStorageCondition": [_storage(one) for one in describing.rules(activity)],
        "dpv:hasTechnicalOrganisationalMeasure": _described(
            "dpv:TechnicalOrganisationalMeasure",
            _every(lambda language: " ".join(documents.security_words([activity], language))),
        ),
        "dpv:hasProcessing": list(_transfers(base, mine, on)),
        **_assessment(activity),
    }


def _purpose(activity: Activity, purpose: Purpose, balancings: Mapping[str, Balancing]) -> Node:
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@type": ["dpv:Purpose", PURPOSES.get(activity.code, "dpv:Purpose")],
            "dct:description": _texts(purpose.text),
        },
        "dpv:hasLegalBasis": [_ground(one, balancings) for one in purpose.grounds],
        "dpv:hasPersonalData": [
            {
                "@type": personal_data(item),
                "dct:description": _every(partial(_word, item)),
                "dpv:hasNecessity": {"@id": "dpv:Required" if item.obligatory else "dpv:Optional"},
            }
            for item in purpose.items
        ],
    }


def _ground(ground: Ground, balancings: Mapping[str, Balancing]) -> Node:
    node: Node = {"@type": legal_basis(ground.basis)}
    if ground.law:
        node["dpv:hasApplicableLaw"] = {"@type": "dpv:Law", "dct:title": {"en": ground.law}}
    if ground.balancing in balancings:
        node["dct:description"] = _texts(balancings[ground.balancing].interest)
    return node


def _storage(rule: Rule) -> Node:
    node: Node = {
        "@type": ["dpv:StorageCondition", "dpv:StorageDeletion"],
        "dct:description": {"en": f"from {rule.start}" if rule.period else f"until {rule.start}"},
    }
    if rule.action != Activity.Action.DELETE:
        node["@type"] = ["dpv:StorageCondition"]
    if rule.period:
        node["dpv:hasDuration"] = {"@type": "xsd:duration", "@value": rule.period}
    if rule.basis:
        node["dpv:hasLegalBasis"] = {"@type": legal_basis(rule.basis)}
    return node


def _transfers(base: str, recipients: Iterable[Recipient], on: date) -> Iterable[Node]:
    for one in recipients:
        for country in one.countries:
            if law.is_in_eea(country, on):
                continue
            node: Node = {
                "@type": "dpv:Transfer",
                "dpv:hasRecipient": {"@id": f"{base}#recipient-{one.pk}"},
                "dpv:hasLocation": {"@id": f"loc:{country}"},
                "dct:description": _texts(one.transfer_reason),
            }
            if one.guarantee in TRANSFER_TOOLS:
                node["dpv:hasLegalBasis"] = {"@type": TRANSFER_TOOLS[one.guarantee]}
            yield node


def _assessment(activity: Activity) -> Node:
    if not activity.impact_assessment:
        return {}
    kind = {"@type": "dpv:DPIA", "dct:title": {"en": activity.impact_assessment}}
    return {"dpv:hasImpactAssessment": kind}


def _described(kind: str, texts: Mapping[str, str]) -> Node:
    return {"@type": kind, "dct:description": _texts(texts)}


def _texts(texts: Mapping[str, str]) -> dict[str, str]:
    return {language: text for language, text in texts.items() if text}


def _every(said: Callable[[str], str]) -> dict[str, str]:
    """What is said in each language of the installation."""
    found = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found[language] = said(language)
    return found


def _word(item: Item, language: str) -> str:
    return describing.in_language(item.words, language) or data.words(item.category)
