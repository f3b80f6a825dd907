"""Consent receipts: what the person gets is complete, signed, linked data, and names nobody."""

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import RDF, Graph, Namespace

from hirnok.consent import receipts, writing
from hirnok.consent.tests.forms import LIZA, form_of
from hirnok.consent.tests.test_renewing import subscriber
from hirnok.consent.tests.test_transferring import courier, form_for, signed_up
from hirnok.contacts.models import Contact
from hirnok.register import notices
from hirnok.register.models import Controller, Notice
from tests.world import NOON, World

DPV = Namespace("https://w3id.org/dpv#")
DCT = Namespace("http://purl.org/dc/terms/")
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")


def downloaded(contact: Contact) -> dict[str, Any]:
    answer = Client().get(f"{writing.preferences_path(contact.pk)}receipt.json")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/ld+json"
    found: dict[str, Any] = json.loads(answer.content)
    return found


def noticed(world: World) -> Notice:
    Controller.objects.of(world.alma).update(
        name="Alma Kft.", postal_address="1011 Budapest, Fő utca 1.", email="info@alma.example"
    )
    notice: Notice = Notice.objects.of(world.alma).get()
    notices.publish(world.alma, notice, actor="user:1", at=NOON)
    return notice


def test_it_has_the_fields_of_the_specification(world: World) -> None:
    notice = noticed(world)
    contact = subscriber(form_of(world.alma_list))
    told = downloaded(contact)
    assert {
        "schema_version",
        "record_id",
        "receipt_id",
        "pii_principal_id",
        "pii_processing",
        "party_identification",
        "events",
    } <= told.keys()
    processing = told["pii_processing"][0]
    assert processing["privacy_notice"][0].endswith(f"/n/{notice.token}/1/")
    assert processing["language"] == "hu"
    assert processing["purposes"][0]["lawful_basis"] == "eu-gdpr:A6-1-a"
    assert processing["services"] == ["Alma"]
    assert processing["retention_period"] == "until withdrawal"
    assert processing["jurisdiction"] == "HU"
    assert "hírlevelekben lévő hivatkozással" in processing["withdrawal_method"]
    assert {"e-mail address", "name"} <= {one["pii_type"] for one in processing["pii_information"]}
    assert processing["consent_text"][0]["text"].startswith("Hozzájárulok")
    controller, *_others = told["party_identification"]
    assert controller["party_name"] == "Alma Kft."
    assert controller["party_address"] == "1011 Budapest, Fő utca 1."
    assert controller["party_contact"] == ["info@alma.example"]
    [event] = told["events"]
    assert event["event_state"] == "dpv:ConsentGiven"
    assert event["event_time"] == NOON.isoformat()
    assert event["entity_id"] == told["pii_principal_id"]


def test_it_names_nobody_but_by_a_pseudonym(world: World) -> None:
    contact = subscriber(form_of(world.alma_list))
    text = json.dumps(downloaded(contact))
    assert LIZA not in text
    assert "liza" not in text.casefold()
    assert bytes(contact.person.blind_index).hex() not in text


def test_the_same_person_is_another_one_elsewhere(world: World) -> None:
    assert receipts.pseudonym(world.dora) != receipts.pseudonym(world.barack_dora)


def test_a_transfer_is_a_processing_of_its_own(world: World) -> None:
    futar = courier(world)
    told = downloaded(signed_up(form_for(world, futar), futar))
    transfer = told["pii_processing"][1]
    assert transfer["purposes"][0]["purpose"] == "csomagok kézbesítése"
    assert transfer["recipient_third_parties"][0].endswith(f"#recipient-{futar.pk}")
    assert futar.name in {one["party_name"] for one in told["party_identification"]}


def test_it_is_signed_and_any_change_shows(world: World) -> None:
    told = downloaded(subscriber(form_of(world.alma_list)))
    assert receipts.is_ours(told)
    assert receipts.is_ours(json.loads(json.dumps(told, indent=4, ensure_ascii=True)))
    later = told | {"events": [told["events"][0] | {"event_time": "2020-01-01T00:00:00+00:00"}]}
    assert not receipts.is_ours(later)
    assert not receipts.is_ours({k: v for k, v in told.items() if k != "signature"})


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(signature=st.one_of(st.text(max_size=80), st.integers(), st.none()))
def test_no_other_signature_is_taken(signature: Any) -> None:
    assert not receipts.is_ours({"record_id": "x", "signature": signature})


def test_it_is_linked_data(world: World) -> None:
    noticed(world)
    told = downloaded(subscriber(form_of(world.alma_list)))
    graph = Graph().parse(data=json.dumps(told), format="json-ld")
    [receipt] = graph.subjects(RDF.type, DPV.ConsentReceipt)
    [profile] = graph.objects(receipt, DCT.conformsTo)
    assert str(profile) == receipts.SCHEMA
    [event] = graph.objects(receipt, DPV.hasConsentStatus)
    assert (event, RDF.type, DPV.ConsentGiven) in graph
    [process] = graph.objects(receipt, DPV.hasProcess)
    [controller] = graph.objects(process, DPV.hasDataController)
    assert (controller, RDF.type, DPV.DataController) in graph
    assert [str(one) for one in graph.objects(controller, DPV.hasName)] == ["Alma Kft."]


def test_the_own_page_leads_to_it(world: World) -> None:
    contact = subscriber(form_of(world.alma_list))
    assert 'href="receipt.json"' in Client().get(writing.preferences_path(contact.pk)).text
