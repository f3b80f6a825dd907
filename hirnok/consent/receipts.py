"""Consent receipts: a copy of the consent record for the person, in the structure of ISO/IEC TS 27560:2023.

Header, processing, parties and events have the names of the specification's fields; the context maps them to the
Data Privacy Vocabulary (profile dpv-27560:receipt-eu-gdpr), so that it is JSON-LD as well. The person is a
pseudonym that only we can compute; no address is in it. It is signed: a JWS with detached content (RFC 7515,
appendix F; EdDSA) over the canonical JSON (RFC 8785) of the receipt without its signature.
"""

import base64
import hashlib
import hmac
import json
import uuid
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils.translation import gettext as _

from hirnok.consent import transferring
from hirnok.consent.lettering import public_base
from hirnok.consent.models import ConsentEntry
from hirnok.contacts.models import Contact
from hirnok.lib import keys
from hirnok.register import consistency, describing, law, notices
from hirnok.register.describing import in_language
from hirnok.register.models import Activity, Controller, LegalBasis, Recipient
from hirnok.register.readymade import NEWSLETTER
from hirnok.tenants.models import Brand, Tenant

Event = ConsentEntry.Event
SCHEMA = "https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr"
CONTEXT: dict[str, Any] = {
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "schema_version": {"@id": "dct:conformsTo", "@type": "@id"},
    "record_id": "dct:identifier",
    "receipt_id": "dpv:hasIdentifier",
    "pii_principal_id": "dpv:hasDataSubject",
    "pii_processing": "dpv:hasProcess",
    "privacy_notice": {"@id": "dpv:hasNotice", "@type": "@id"},
    "language": "dct:language",
    "purposes": "dpv:hasPurpose",
    "purpose": "dct:description",
    "lawful_basis": {"@id": "dpv:hasLegalBasis", "@type": "@id"},
    "pii_information": "dpv:hasPersonalData",
    "pii_type": "dct:title",
    "pii_controllers": {"@id": "dpv:hasDataController", "@type": "@id"},
    "collection_method": "dpv:hasDataSource",
    "storage_locations": "dpv:hasLocation",
    "retention_period": "dpv:hasStorageCondition",
    "jurisdiction": "dpv:hasJurisdiction",
    "recipient_third_parties": {"@id": "dpv:hasThirdParty", "@type": "@id"},
    "withdrawal_method": "dpv:hasConsentControl",
    "privacy_rights": "dpv:hasRight",
    "authority_party": {"@id": "dpv:hasAuthority", "@type": "@id"},
    "party_identification": "dpv:hasEntity",
    "party_id": "@id",
    "party_name": "dpv:hasName",
    "party_address": "dpv:hasAddress",
    "party_contact": "dpv:hasContact",
    "party_type": "@type",
    "events": "dpv:hasConsentStatus",
    "event_time": {"@id": "dct:date", "@type": "xsd:dateTime"},
    "validity_duration": "dct:valid",
    "entity_id": "dpv:isImplementedByEntity",
    "event_type": {"@id": "dpv:hasLegalBasis", "@type": "@id"},
    "event_state": "@type",
}
STATES = {
    Event.GIVEN: "dpv:ConsentGiven",
    Event.RENEWED: "dpv:RenewedConsentGiven",
    Event.RENEWAL_ASKED: "dpv:ConsentRequested",
    Event.TRANSFER_GIVEN: "dpv:ConsentGiven",
    Event.TRANSFER_WITHDRAWN: "dpv:ConsentWithdrawn",
    Event.LIST_LEFT: "dpv:ConsentWithdrawn",
}
_RIGHTS = ["A7-3", "A13", "A15", "A16", "A17", "A18", "A20", "A22", "A77"]


def receipt(contact: Contact, language: str, *, at: datetime) -> dict[str, Any]:
    """Return the signed receipt of all that a contact agreed to at a brand; the language is the active one."""
    tenant: Tenant = Tenant.objects.get(pk=contact.tenant_id)
    entries = list(
        ConsentEntry.objects.filter(tenant_id=tenant.pk, contact=contact, event__in=list(STATES))
        .select_related("text__recipient", "list")
        .order_by("at", "pk")
    )
    principal = pseudonym(contact)
    made: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "dpv:ConsentReceipt",
        "schema_version": SCHEMA,
        "receipt_id": uuid.uuid5(uuid.UUID(principal), at.isoformat()).urn,
        "record_id": uuid.UUID(principal).urn,
        "pii_principal_id": principal,
        "pii_processing": [_newsletter(tenant, contact, entries, language, at)],
        "party_identification": _parties(tenant, contact.brand, at),
        "events": [_event(one, contact.brand, principal) for one in entries],
    }
    given = [one for one in transferring.of_contact(contact) if one.is_given]
    made["pii_processing"] += [_transfer(contact.brand, one, language) for one in given]
    return made | {"signature": _signature(made)}


def pseudonym(contact: Contact) -> str:
    """Return what stands for the person in receipts: a keyed hash that is of no use elsewhere."""
    text = f"{contact.tenant_id}/{contact.person_id}/{contact.brand_id}"
    return hmac.digest(keys.derive("receipt-principal"), text.encode(), hashlib.sha256)[:16].hex()


def is_ours(receipt: dict[str, Any]) -> bool:
    """Whether a receipt was signed here and nothing in it was changed since."""
    bare = {name: value for name, value in receipt.items() if name != "signature"}
    try:
        protected, content, signature = str(receipt["signature"]).split(".")
        signed = f"{protected}.{_encoded(_canonical(bare))}".encode()
        _key().public_key().verify(_decoded(signature), signed)
    except (KeyError, ValueError, InvalidSignature):
        return False
    return content == "" and protected == _protected()


def _newsletter(
    tenant: Tenant, contact: Contact, entries: list[ConsentEntry], language: str, at: datetime
) -> dict[str, Any]:
    activity = Activity.objects.of(tenant).filter(code=NEWSLETTER).first()
    agreed = [one for one in entries if one.event in {Event.GIVEN, Event.RENEWED}]
    recipients = consistency.in_force(tenant, at.date(), [NEWSLETTER])
    rule = describing.rule_for(activity, LegalBasis.CONSENT) if activity else None
    purposes = describing.purposes(activity) if activity else []
    return {
        "@type": "dpv:Process",
        "privacy_notice": _notices(tenant, contact.brand, agreed, at),
        "language": agreed[-1].language if agreed else language,
        "consent_text": [_words(one) for one in agreed],
        "services": [contact.brand.name],
        "purposes": [
            {
                "@type": "dpv:DirectMarketing",
                "purpose": in_language(one.text, language),
                "lawful_basis": "eu-gdpr:A6-1-a",
            }
            for one in purposes
        ],
        "pii_information": [
            {
                "@type": "dpv:PersonalData",
                "pii_type": item.category,
                "pii_optional": not item.obligatory,
                "special_pii_category": item.special,
            }
            for one in purposes
            for item in one.items
        ],
        "pii_controllers": [_party_id(contact.brand, "controller")],
        "collection_method": in_language(activity.origin, language) if activity else "",
        "storage_locations": sorted({code for one in recipients for code in one.countries}),
        "retention_period": (rule.period or f"until {rule.start}") if rule else "",
        "jurisdiction": Controller.objects.of(tenant).get().jurisdiction,
        "recipient_third_parties": [
            _party_id(contact.brand, f"recipient-{one.pk}") for one in recipients
        ],
        "withdrawal_method": _(
            "with the link in every newsletter, on your own page, by a mail or a letter to us"
        ),
        "privacy_rights": [f"eu-gdpr:{one}" for one in _RIGHTS],
        "authority_party": [_party_id(contact.brand, "authority")],
    }


def _transfer(brand: Brand, one: transferring.Transfer, language: str) -> dict[str, Any]:
    recipient = one.recipient
    return {
        "@type": "dpv:Process",
        "language": one.entry.language,
        "consent_text": [_words(one.entry)],
        "services": [brand.name],
        "purposes": [
            {
                "@type": "dpv:Purpose",
                "purpose": in_language(recipient.task, language),
                "lawful_basis": "eu-gdpr:A6-1-a",
            }
        ],
        "pii_controllers": [
            _party_id(brand, "controller"),
            _party_id(brand, f"recipient-{recipient.pk}"),
        ],
        "recipient_third_parties": [_party_id(brand, f"recipient-{recipient.pk}")],
        "storage_locations": sorted(recipient.countries),
        "withdrawal_method": _("on your own page, by a mail or a letter to us"),
    }


def _words(entry: ConsentEntry) -> dict[str, Any]:
    text = entry.text
    return {
        "text": text.text if text else "",
        "language": entry.language,
        "version": text.version if text else 0,
        "sha256": entry.text_hash,
    }


def _notices(tenant: Tenant, brand: Brand, agreed: list[ConsentEntry], at: datetime) -> list[str]:
    """The addresses of the versions of the notice that held when it was agreed to."""
    days = {(one.agreed_at or one.at).date() for one in agreed} or {at.date()}
    found = []
    for day in sorted(days):
        notice = notices.covering(tenant, NEWSLETTER, day)
        version = notices.in_force(tenant, notice, day) if notice else None
        if notice is not None and version is not None:
            found.append(f"{public_base(brand)}/n/{notice.token}/{version.number}/")
    return list(dict.fromkeys(found))


def _parties(tenant: Tenant, brand: Brand, at: datetime) -> list[dict[str, Any]]:
    controller = Controller.objects.of(tenant).get()
    found = [
        _party(
            brand,
            "controller",
            controller.name,
            controller.postal_address,
            [controller.email, controller.phone, controller.officer_email],
            "dpv:DataController",
        )
    ]
    kinds = {
        Recipient.Kind.PROCESSOR: "dpv:DataProcessor",
        Recipient.Kind.SUB_PROCESSOR: "dpv:DataSubProcessor",
        Recipient.Kind.JOINT: "dpv:JointDataControllers",
        Recipient.Kind.AUTHORITY: "dpv:Authority",
        Recipient.Kind.CONTROLLER: "dpv:ThirdParty",
    }
    found += [
        _party(
            brand, f"recipient-{one.pk}", one.name, one.address, [], kinds[Recipient.Kind(one.kind)]
        )
        for one in consistency.in_force(tenant, at.date(), [NEWSLETTER])
    ]
    authority = law.authority(controller.jurisdiction, at.date())
    if authority is not None:
        contacts = [authority.email, authority.phone, authority.web_site]
        name = in_language(authority.name, "en")
        found.append(_party(brand, "authority", name, authority.address, contacts, "dpv:Authority"))
    return found


def _party(
    brand: Brand, name: str, called: str, address: str, contacts: list[str], kind: str
) -> dict[str, Any]:
    return {
        "party_id": _party_id(brand, name),
        "party_name": called,
        "party_address": address,
        "party_contact": [one for one in contacts if one],
        "party_type": kind,
    }


def _party_id(brand: Brand, name: str) -> str:
    return f"{public_base(brand)}/#{name}"


def _event(entry: ConsentEntry, brand: Brand, principal: str) -> dict[str, Any]:
    recipient = entry.text.recipient if entry.text else None
    return {
        "event_time": entry.at.isoformat(),
        "validity_duration": _("until it is withdrawn"),
        "entity_id": principal,
        "event_type": "dpv:ExpressedConsent",
        "event_state": STATES[Event(entry.event)],
        "surface": entry.surface,
        "list": entry.list.name if entry.list else "",
        "recipient": _party_id(brand, f"recipient-{recipient.pk}") if recipient else "",
        "text_sha256": entry.text_hash,
    }


def _signature(made: dict[str, Any]) -> str:
    protected = _protected()
    signed = f"{protected}.{_encoded(_canonical(made))}".encode()
    return f"{protected}..{_encoded(_key().sign(signed))}"


def _protected() -> str:
    raw = _key().public_key().public_bytes_raw()
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": _encoded(raw)}
    return _encoded(_canonical({"alg": "EdDSA", "jwk": jwk, "typ": "JOSE"}))


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(keys.derive("consent-receipt"))


def _canonical(value: Any) -> bytes:
    """RFC 8785 for what receipts consist of: objects with ASCII keys, lists, texts, whole numbers, true and false."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
