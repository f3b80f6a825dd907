"""The records of Art. 30: what the register says is in every form of them, in every language, and nothing is lost."""

import io
import json
from datetime import date
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader
from rdflib import RDF, Graph, Literal, Namespace, URIRef

from hirnok.privacy import records
from hirnok.register.models import Activity, Controller, Recipient
from hirnok.register.tests import filling
from tests.world import NOON, World

DPV = Namespace("https://w3id.org/dpv#")
PD = Namespace("https://w3id.org/dpv/pd#")
LOC = Namespace("https://w3id.org/dpv/loc#")
GDPR = Namespace("https://w3id.org/dpv/legal/eu/gdpr#")
DCT = Namespace("http://purl.org/dc/terms/")
DAY = NOON.date()
# rdflib warns of itself: its parser of JSON-LD makes a graph of the old kind.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")


@pytest.fixture
def officer(world: World) -> Client:
    filling.controller(
        world.alma,
        name="Alma Kft.",
        postal_address="1011 Budapest, Fő utca 1.",
        email="info@alma.example",
        officer_name="dr. Minta Lujza",
        keeps_to_eea=False,
    )
    filling.recipient(world.alma, "Tárhely Kft.", date(2025, 1, 1), activities=["newsletter"])
    filling.recipient(
        world.alma,
        "Analytics LLC",
        date(2025, 1, 1),
        countries=["US"],
        guarantee="scc",
        activities=["measurement"],
        transfer_reason={"en": "there is no other", "hu": "nincs más", "ro": "nu există altul"},
    )
    filling.change(world.alma, "measurement", impact_assessment="Hatásvizsgálat, 2026-03-01")
    return world.client(world.anna)


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    book = load_workbook(io.BytesIO(content))
    return {page.title: [list(row) for row in page.iter_rows(values_only=True)] for page in book}


def row_of(table: list[list[Any]], name: str) -> dict[str, str]:
    found = next(row for row in table[1:] if row[0] == name)
    return dict(zip(table[0], found, strict=True))


def linked(client: Client) -> Graph:
    answer = client.get("/alma/privacy/record.jsonld")
    assert answer["Content-Type"] == "application/ld+json"
    return Graph().parse(data=answer.content.decode(), format="json-ld")


def test_the_workbook_tells_all_that_art_30_asks(officer: Client) -> None:
    found = sheets(officer.get("/alma/privacy/record.xlsx?lang=en").content)
    assert ["Privacy officer", "dr. Minta Lujza"] in found["The controller"]
    row = row_of(found["Processing activities"], "Measurement of opens and clicks")
    assert row["Purpose"] == (
        "seeing which newsletters are read, and sparing people what does not interest them"
    )
    assert "GDPR 6 (1) a" in row["Legal basis"]
    assert "opens, clicks and their country" in row["Data"]
    assert row["Whose data"] == "readers of newsletters"
    assert row["Recipients"] == "Analytics LLC (processor)"
    assert row["Third countries"] == "Analytics LLC, US: standard contractual clauses"
    assert row["How long"].startswith("until the withdrawal of consent")
    assert "backups are made" in row["How the data are protected"]
    assert row["Impact assessment"] == "Hatásvizsgálat, 2026-03-01"
    balancing = row_of(found["Balancing of interests"], "Sending log")
    assert balancing["Interest"].startswith("Accounting for every message")
    assert balancing["Prevails"] == "yes"
    assert row_of(found["Recipients"], "Tárhely Kft.")["Third countries"] == "none"


@pytest.mark.parametrize(
    ("language", "title", "word"),
    [
        ("hu", "adatkezelési tevékenységek", "a hozzájárulás visszavonásáig"),
        ("ro", "activităților de prelucrare", "retragerea consimțământului"),
        ("en", "Record of processing activities", "the withdrawal of consent"),
    ],
)
def test_each_language_has_its_pdf(officer: Client, language: str, title: str, word: str) -> None:
    answer = officer.get(f"/alma/privacy/record.pdf?lang={language}")
    assert f"-{language}.pdf" in answer["Content-Disposition"]
    pages = PdfReader(io.BytesIO(answer.content)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split()).replace("- ", "")
    assert title.casefold() in text.casefold()
    assert word in text
    assert "Analytics LLC" in text
    assert "Hatásvizsgálat, 2026-03-01" in text


def test_no_text_becomes_a_formula(world: World, officer: Client) -> None:
    Recipient.objects.of(world.alma).filter(name="Tárhely Kft.").update(name="=1+1")
    found = sheets(officer.get("/alma/privacy/record.xlsx?lang=en").content)
    assert row_of(found["Recipients"], "=1+1")["Role"] == "processor"


def test_the_linked_data_expand_to_the_triples_of_the_vocabulary(officer: Client) -> None:
    graph = linked(officer)
    controller = next(graph.subjects(RDF.type, DPV.DataController))
    assert str(controller).endswith("/alma/privacy/record.jsonld#controller")
    assert (controller, DPV.hasName, Literal("Alma Kft.")) in graph
    process = next(graph.subjects(DCT.identifier, Literal("newsletter")))
    assert (process, RDF.type, DPV.Process) in graph
    assert (process, DPV.hasDataController, controller) in graph
    assert (process, DCT.title, Literal("Hírlevél", lang="hu")) in graph
    part = next(graph.objects(process, DPV.hasProcess))
    bases = {
        kind for one in graph.objects(part, DPV.hasLegalBasis) for kind in graph[one : RDF.type]
    }
    assert bases == {GDPR["A6-1-a"], GDPR["A6-1-f"], GDPR["A6-1-b"]}
    purposes = {
        kind for one in graph.objects(part, DPV.hasPurpose) for kind in graph[one : RDF.type]
    }
    assert DPV.DirectMarketing in purposes
    data = {
        kind for one in graph.objects(part, DPV.hasPersonalData) for kind in graph[one : RDF.type]
    }
    assert {PD.EmailAddress, PD.Name} <= data
    recipient = next(graph.objects(process, DPV.hasRecipient))
    assert (recipient, DPV.hasName, Literal("Tárhely Kft.")) in graph
    measures = list(graph.objects(process, DPV.hasTechnicalOrganisationalMeasure))
    assert (measures[0], RDF.type, DPV.TechnicalOrganisationalMeasure) in graph


def test_periods_and_transfers_are_data_too(officer: Client) -> None:
    graph = linked(officer)
    log = next(graph.subjects(DCT.identifier, Literal("sending_log")))
    storage = next(graph.objects(log, DPV.hasStorageCondition))
    duration = next(graph.objects(storage, DPV.hasDuration))
    assert isinstance(duration, Literal)
    assert str(duration) == "P30D"
    assert duration.datatype == URIRef("http://www.w3.org/2001/XMLSchema#duration")
    measurement = next(graph.subjects(DCT.identifier, Literal("measurement")))
    transfer = next(graph.objects(measurement, DPV.hasProcessing))
    assert (transfer, RDF.type, DPV.Transfer) in graph
    assert (transfer, DPV.hasLocation, LOC.US) in graph
    tool = next(graph.objects(transfer, DPV.hasLegalBasis))
    assert (tool, RDF.type, GDPR["A46-2-c"]) in graph
    assessment = next(graph.objects(measurement, DPV.hasImpactAssessment))
    assert (assessment, RDF.type, DPV.DPIA) in graph


def test_every_active_activity_is_a_process(world: World, officer: Client) -> None:
    graph = linked(officer)
    told = {str(one) for one in graph.objects(None, DCT.identifier)}
    active = Activity.objects.of(world.alma).filter(active=True)
    assert told == set(active.values_list("code", flat=True))


def test_the_operator_records_what_it_does_for_its_tenants(world: World) -> None:
    filling.controller(world.alma, name="Alma Kft.", email="info@alma.example")
    filling.recipient(
        world.operator,
        "Felhő Zrt.",
        date(2025, 1, 1),
        kind="sub_processor",
        countries=["CH"],
        guarantee="adequacy",
    )
    found = sheets(
        world.client(world.olga).get("/hirnok/privacy/processor-record.xlsx?lang=en").content
    )
    table = found["Processing for controllers"]
    assert [row[0] for row in table[1:]] == ["Alma Kft.", "Barack Kft."]
    row = row_of(table, "Alma Kft.")
    assert row["Contact"] == "info@alma.example"
    assert "Newsletter: Who asked for the newsletter" in row["Processing carried out"]
    assert "Chat" not in row["Processing carried out"]
    assert row["Recipients"] == "Felhő Zrt. (sub-processor)"
    assert row["Third countries"] == "Felhő Zrt., CH: adequacy decision"
    pdf = world.client(world.olga).get("/hirnok/privacy/processor-record.pdf?lang=hu").content
    assert "Felhő Zrt." in " ".join(
        page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages
    )


def test_only_the_operator_has_a_processors_record(world: World) -> None:
    assert world.client(world.anna).get("/alma/privacy/processor-record.pdf").status_code == 404
    assert world.client(world.mark).get("/alma/privacy/record.pdf").status_code == 403
    assert world.client(world.anna).get("/alma/privacy/record.docx").status_code == 404
    page = world.client(world.anna).get("/alma/privacy/").content.decode()
    assert "record.xlsx?lang=ro" in page
    assert "processor-record" not in page


def test_the_json_is_what_any_program_reads(officer: Client) -> None:
    told = json.loads(officer.get("/alma/privacy/record.jsonld").content)
    assert set(told) == {"@context", "@graph"}


def test_a_record_has_a_section_for_each_row(world: World, officer: Client) -> None:
    record = records.of_controller(world.alma, "en", DAY)
    document = records.as_document(record)
    assert len(document["sections"]) == 2 + sum(len(table.rows) for table in record.tables)
    assert Controller.objects.of(world.alma).get().name == dict(record.who)["Name"]
