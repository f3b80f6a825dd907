"""Operator and tenant as processor and controller: agreement, instructions, sub-processors, audits, obligations."""

import hashlib
import json
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client

from hirnok.accounts.models import Role
from hirnok.breaches import opening
from hirnok.lib import sql
from hirnok.processing import (
    agreeing,
    inspecting,
    instructing,
    measures,
    staffing,
    subprocessing,
)
from hirnok.processing.models import (
    Agreement,
    Commitment,
    Finding,
    Inspection,
    Instruction,
    InstructionEvent,
    Objection,
    SubProcessorChange,
    Undertaking,
)
from hirnok.register.models import Controller, Recipient
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TERMS = agreeing.Terms(
    30, 3, 24, more={}, summary={"hu": "Az első.", "en": "The first.", "ro": "Prima."}
)
PAGE = "/alma/privacy/agreement/"


@pytest.fixture(autouse=True)
def parties(world: World) -> None:
    for tenant in (world.operator, world.alma, world.barack):
        Controller.objects.of(tenant).update(
            postal_address="1011 Budapest, Fő utca 1.",
            email=f"info@{tenant.slug}.example",
            lead_days=11,
        )


@pytest.fixture
def sub(world: World) -> Recipient:
    made: Recipient = Recipient.objects.create(
        tenant=world.operator,
        name="Tárhely Kft.",
        kind="sub_processor",
        countries=["HU"],
        task={"hu": "tárhelyszolgáltatás", "en": "hosting", "ro": "găzduire"},
        since=date(2026, 1, 5),
    )
    return made


def publish(world: World, terms: agreeing.Terms = TERMS) -> None:
    with acting_for(world.operator):
        agreeing.publish(world.operator, terms, actor="user:1", at=NOON)


def to(address: str) -> list[str]:
    return [one.subject for one in mail.outbox if one.to == [address]]


def do(client: Client, url: str, values: dict[str, Any] | None = None) -> None:
    answer = client.post(url, values or {})
    assert answer.status_code == 302, answer.context["form"].errors if answer.context else answer
    assert "sign-in" not in answer["Location"]


def test_an_owner_accepts_the_agreement_with_its_annexes(world: World, sub: Recipient) -> None:
    publish(world)
    assert len(to(world.anna.email)) == len(to(world.bela.email)) == 1
    with time_machine.travel(NOON, tick=False):
        client = world.client(world.anna)
        assert client.get(PAGE).status_code == 200
        page = client.get(f"{PAGE}accept/").content.decode()
        assert "Tárhely Kft." in page
        refused = client.post(f"{PAGE}accept/", {"version": 1, "name": "Kovács Anna"})
        assert refused.status_code == 200  # without the box nothing is accepted
        do(
            client,
            f"{PAGE}accept/",
            {"version": 1, "name": "Kovács Anna, ügyvezető", "agree": "on"},
        )
        again = client.post(f"{PAGE}accept/", {"version": 1, "name": "x", "agree": "on"})
        assert again.status_code == 200
        signed = Agreement.objects.get()
        pdf = client.get(f"{PAGE}accepted/{signed.pk}/agreement.pdf?lang=ro")
        assert pdf.content.startswith(b"%PDF-")
    assert (signed.version, signed.accepted_at, signed.accepted_name) == (
        1,
        NOON,
        "Kovács Anna, ügyvezető",
    )
    canonical = json.dumps(signed.documents, sort_keys=True, ensure_ascii=False).encode()
    assert bytes(signed.digest) == hashlib.sha256(canonical).digest()
    for language, words in (
        ("hu", ("Adatfeldolgozási szerződés", "Hírlevél", "tárhelyszolgáltatás", "24 órán belül")),
        ("ro", ("Acord de prelucrare a datelor", "găzduire", "în cel mult 24 de ore")),
        ("en", ("Data-processing agreement", "hosting", "within 24 hours")),
    ):
        text = json.dumps(signed.documents[language], ensure_ascii=False)
        assert [word for word in words if word not in text] == [], language
    assert len(to(world.olga.email)) == 1


def test_only_owners_accept_and_only_what_is_offered(world: World) -> None:
    publish(world)
    with time_machine.travel(NOON, tick=False):
        assert world.client(world.mark).get(f"{PAGE}accept/").status_code == 403
        wrong = world.client(world.anna).post(
            f"{PAGE}accept/", {"version": 7, "name": "x", "agree": "on"}
        )
        assert wrong.status_code == 200
    assert not Agreement.objects.exists()
    with acting_for(world.operator), pytest.raises(agreeing.NotTheOperator):
        agreeing.accept(world.operator, 1, name="x", language="hu", actor="user:1", at=NOON)


def test_a_new_version_is_announced_with_lead(world: World) -> None:
    publish(world)
    soon = agreeing.Terms(30, 3, 24, more={}, summary={}, effective_from=NOON.date() + 10 * DAY)
    with pytest.raises(agreeing.TooSoon):
        publish(world, soon)
    publish(world, agreeing.Terms(45, 5, 12, more={"hu": "Egy további kikötés."}, summary={}))
    newest = agreeing.offered()
    assert (newest.number, newest.effective_from) == (2, NOON.date() + 11 * DAY)
    assert newest.clauses["hu"][-1] == ["További feltételek", "Egy további kikötés."]
    assert any("45 nappal" in text for _heading, text in newest.clauses["hu"])
    with acting_for(world.alma), pytest.raises(agreeing.AnotherVersion):
        agreeing.accept(world.alma, 1, name="x", language="hu", actor="user:1", at=NOON)
    with acting_for(world.alma), pytest.raises(agreeing.NotTheOperator):
        agreeing.publish(world.alma, TERMS, actor="user:1", at=NOON)


def test_an_instruction_is_acknowledged_and_carried_out(world: World) -> None:
    publish(world)
    mail.outbox.clear()
    with time_machine.travel(NOON, tick=False):
        alma, olga = world.client(world.anna), world.client(world.olga)
        do(alma, f"{PAGE}instructions/new/", {"text": "Kérjük, töröljék a régi mentést."})
        one = Instruction.objects.get()
        assert (one.state, one.number, one.given_by) == ("received", 1, "Anna")
        theirs = f"/hirnok/privacy/agreement/customers/{world.alma.pk}/"
        assert "régi mentést" in olga.get(theirs).content.decode()
        do(olga, f"{theirs}instructions/{one.pk}/acknowledge/")
        file = SimpleUploadedFile("napló.txt", b"torolve")
        do(olga, f"{theirs}instructions/{one.pk}/execute/", {"text": "Törölve.", "file": file})
        one.refresh_from_db()
        assert (one.state, bytes(one.evidence or b"")) == ("executed", b"torolve")
        assert "Törölve." in alma.get(f"{PAGE}instructions/{one.pk}/").content.decode()
        evidence = alma.get(f"{PAGE}instructions/{one.pk}/evidence/")
        assert (evidence.content, evidence["Content-Type"]) == (
            b"torolve",
            "application/octet-stream",
        )
        assert alma.get(theirs.replace("hirnok", "alma")).status_code == 403
    assert len(to(world.olga.email)) == 1
    assert len(to(world.anna.email)) == 2
    kinds = InstructionEvent.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["give", "acknowledge", "execute"]


def test_an_oral_one_waits_for_writing_unless_it_is_urgent(world: World) -> None:
    with acting_for(world.alma):
        said = instructing.Given("Állítsák le.", "Anna", instructing.Channel.ORAL)
        one = instructing.give(world.alma, said, actor="operator:1", at=NOON)
        with pytest.raises(instructing.NotNow):
            instructing.execute(one, done="Leállítva.", actor="operator:1", at=NOON)
        instructing.confirm(one, actor="user:1", at=NOON + DAY)
        with pytest.raises(instructing.NotNow):
            instructing.confirm(one, actor="user:1", at=NOON + DAY)
        instructing.execute(one, done="Leállítva.", actor="operator:1", at=NOON + DAY)
        urgent = instructing.Given("Azonnal!", "Anna", instructing.Channel.ORAL, is_urgent=True)
        two = instructing.give(world.alma, urgent, actor="operator:1", at=NOON)
        done = instructing.execute(two, done="Kész.", actor="operator:1", at=NOON)
        assert (done.number, done.state) == (2, "unconfirmed")
        assert instructing.confirm(two, actor="user:1", at=NOON + DAY).state == "executed"


def test_an_unlawful_one_is_suspended_until_the_controller_stands_by_it(world: World) -> None:
    with acting_for(world.alma):
        given = instructing.Given("Adják át a listát.", "Anna")
        one = instructing.give(world.alma, given, actor="user:1", at=NOON)
        with pytest.raises(instructing.NoReason):
            instructing.object_to(one, reason=" ", actor="operator:1", at=NOON)
        held = instructing.object_to(one, reason="Nincs jogalap.", actor="operator:1", at=NOON)
        assert held.state == "suspended"
        with pytest.raises(instructing.NotNow):
            instructing.execute(one, done="Átadva.", actor="operator:1", at=NOON)
        assert instructing.uphold(one, actor="user:1", at=NOON + DAY).state == "received"
        with pytest.raises(instructing.NoReason):
            instructing.execute(one, done="", actor="operator:1", at=NOON + DAY)
        with pytest.raises(instructing.NotNow):
            instructing.uphold(one, actor="user:1", at=NOON + DAY)
        instructing.withdraw(one, actor="user:1", at=NOON + DAY)
        with pytest.raises(instructing.NotNow):
            instructing.execute(one, done="Átadva.", actor="operator:1", at=NOON + DAY)


def test_a_change_of_sub_processors_is_announced_and_can_be_objected_to(
    world: World, sub: Recipient
) -> None:
    publish(world)
    mail.outbox.clear()
    told = {"hu": "Új tárhely.", "en": "New hosting.", "ro": "Găzduire nouă."}
    with acting_for(world.operator):
        with pytest.raises(subprocessing.TooSoon):
            subprocessing.announce(
                sub, "add", told, NOON.date() + 29 * DAY, actor="user:1", at=NOON
            )
        subprocessing.announce(sub, "add", told, NOON.date() + 30 * DAY, actor="user:1", at=NOON)
    assert len(to(world.anna.email)) == len(to(world.bela.email)) == 1
    with time_machine.travel(NOON + DAY, tick=False):
        alma, olga = world.client(world.anna), world.client(world.olga)
        assert "Tárhely Kft." in alma.get(PAGE).content.decode()
        do(alma, f"{PAGE}objections/new/", {"name": "Tárhely Kft.", "reason": "Versenytársunk."})
        one = Objection.objects.get()
        assert (one.tenant, one.announcement) == (
            world.alma,
            SubProcessorChange.objects.get().number,
        )
        theirs = f"/hirnok/privacy/agreement/customers/{world.alma.pk}/objections/{one.pk}/"
        do(olga, theirs, {"text": "Önöknél nem használjuk."})
        assert "Önöknél nem használjuk." in alma.get(PAGE).content.decode()
    assert len(to(world.olga.email)) == 1
    with acting_for(world.alma), pytest.raises(subprocessing.NoReason):
        subprocessing.object_to(world.alma, "x", " ", actor="user:1", at=NOON)


def test_the_commitments_of_a_sub_processor_can_be_taken(world: World, sub: Recipient) -> None:
    with time_machine.travel(NOON, tick=False):
        olga, bela = world.client(world.olga), world.client(world.bela)
        url = "/hirnok/privacy/agreement/sub-processors/commitments/"
        wrong = SimpleUploadedFile("x.pdf", b"<html>")
        assert olga.post(url, {"recipient": sub.pk, "file": wrong}).status_code == 200
        do(olga, url, {"recipient": sub.pk, "file": SimpleUploadedFile("dpa.pdf", b"%PDF-1.7 x")})
        kept = Commitment.objects.get()
        answer = bela.get(f"/barack/privacy/agreement/commitments/{kept.pk}/")
        assert answer.content == b"%PDF-1.7 x"
        assert bela.get("/barack/privacy/agreement/commitments/999999/").status_code == 404


def test_audits_keep_three_working_days_unless_they_are_urgent(world: World) -> None:
    publish(world)
    friday = NOON + 4 * DAY
    with acting_for(world.alma):
        assert inspecting.earliest(world.alma, friday) == date(2026, 11, 11)
        with pytest.raises(inspecting.TooSoon):
            inspecting.announce(
                world.alma, "Hozzáférések", "Anna", date(2026, 11, 10), actor="user:1", at=friday
            )
        urgent = inspecting.announce(
            world.alma,
            "Incidens",
            "Anna",
            friday.date(),
            urgency="Gyanú.",
            actor="user:1",
            at=friday,
        )
        one = inspecting.announce(
            world.alma, "Hozzáférések", "Anna", date(2026, 11, 11), actor="user:1", at=friday
        )
        with pytest.raises(inspecting.NoReason):
            inspecting.close(one, actor="user:1", at=friday)
        inspecting.report(
            one, performed_on=date(2026, 11, 11), result="Egy hiba.", actor="user:1", at=friday
        )
        finding = inspecting.find(
            one, "Egy régi fiók él.", date(2026, 11, 20), actor="user:1", at=friday
        )
        with pytest.raises(inspecting.StillOpen):
            inspecting.close(one, actor="user:1", at=friday)
        with pytest.raises(inspecting.NoReason):
            inspecting.answer(finding, "", actor="operator:1", at=friday)
        inspecting.answer(finding, "Megszüntetve.", actor="operator:1", at=friday)
        inspecting.close_finding(finding, actor="user:1", at=friday)
        assert inspecting.close(one, actor="user:1", at=friday).closed_at == friday
    assert (urgent.is_urgent, urgent.number, one.number) == (True, 1, 2)


def test_secrecy_and_training_are_recorded_and_fall_due(world: World) -> None:
    with acting_for(world.alma):
        one = next(
            one for one in staffing.standings(world.alma, NOON.date()) if one.user == world.anna
        )
        assert one.is_due
        for kind in ("secrecy", "training"):
            done = staffing.Done(kind, "GDPR 2026", date(2026, 10, 1), date(2027, 10, 1))
            staffing.record(world.alma, world.anna, done, actor="user:1", at=NOON)
        for wrong in (
            staffing.Done("training", "x", NOON.date() + DAY),
            staffing.Done("training", "x", date(2026, 10, 1), date(2026, 10, 1)),
        ):
            with pytest.raises(staffing.BadDates):
                staffing.record(world.alma, world.anna, wrong, actor="user:1", at=NOON)
        with pytest.raises(staffing.NotAMember):
            done = staffing.Done("training", "x", date(2026, 10, 1))
            staffing.record(world.alma, world.bela, done, actor="user:1", at=NOON)

        def is_due(on: date) -> bool:
            found = staffing.standings(world.alma, on)
            return next(one.is_due for one in found if one.user == world.anna)

        assert (is_due(date(2027, 9, 30)), is_due(date(2027, 10, 1))) == (False, True)
    with time_machine.travel(NOON, tick=False):
        client = world.client(world.anna)
        values = {
            "user": world.mark.pk,
            "kind": "secrecy",
            "name": "Nyilatkozat",
            "done_on": "2026-10-01",
        }
        do(client, f"{PAGE}staff/new/", values)
        assert "Nyilatkozat" in client.get(PAGE).content.decode()
    assert Undertaking.objects.count() == 3


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("hu", "Technikai és szervezési intézkedések"),
        ("ro", "Măsuri tehnice și organizatorice"),
        ("en", "Technical and organisational measures"),
    ],
)
def test_the_measures_say_what_the_installation_does(
    world: World, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    monkeypatch.delenv("HIRNOK_HTTPS", raising=False)
    with acting_for(world.alma):
        without = measures.document(world.alma, language, NOON)
        monkeypatch.setenv("HIRNOK_HTTPS", "1")
        within = measures.document(world.alma, language, NOON)
    assert without["title"] == words
    assert without["sections"] != within["sections"]
    assert "Argon2" in json.dumps(within)
    with time_machine.travel(NOON, tick=False):
        client = world.client(world.anna)
        assert client.get(f"{PAGE}measures/?format=pdf").content.startswith(b"%PDF-")


def test_the_operator_sees_the_obligations_to_every_customer(world: World) -> None:
    publish(world)
    with acting_for(world.alma):
        agreeing.accept(world.alma, 1, name="Anna", language="hu", actor="user:1", at=NOON)
        given = instructing.Given("Töröljék.", "Anna")
        one = instructing.give(world.alma, given, actor="user:1", at=NOON)
        instructing.object_to(one, reason="Jogellenes.", actor="operator:1", at=NOON)
        audit = inspecting.announce(
            world.alma, "x", "Anna", NOON.date(), urgency="Gyanú.", actor="user:1", at=NOON
        )
        inspecting.find(audit, "y", NOON.date(), actor="user:1", at=NOON)
        opening.open_breach(
            world.alma, {"title": "z", "known_by": "staff"}, actor="user:1", at=NOON, aware_at=NOON
        )
    with time_machine.travel(NOON + 2 * DAY, tick=False):
        page = world.client(world.olga).get("/hirnok/privacy/breaches/obligations/")
        assert (
            world.client(world.anna).get("/alma/privacy/breaches/obligations/").status_code == 403
        )
    rows = {tenant.slug: (figures, clocks) for tenant, figures, clocks in page.context["rows"]}
    figures, clocks = rows["alma"]
    assert (figures.version, figures.is_newest, figures.instructions, figures.suspended) == (
        1,
        True,
        1,
        1,
    )
    assert (figures.inspections, figures.findings, figures.overdue_findings) == (1, 1, 1)
    assert [clock.hours for clock in clocks] == [48]
    assert (rows["barack"][0].version, rows["barack"][1]) == (None, [])


def test_what_was_agreed_cannot_be_deleted_or_rewritten(world: World) -> None:
    publish(world)
    statements = [
        "UPDATE processing_agreementversion SET number = number",
        "UPDATE processing_agreement SET version = version",
        "UPDATE processing_instructionevent SET kind = kind",
        *(
            f"DELETE FROM {one._meta.db_table}"
            for one in (Agreement, Instruction, InstructionEvent, Objection, Inspection, Finding)
        ),
    ]
    for role in ("web", "edge"):
        for statement in statements:
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                name = sql.role_name(connection.settings_dict["NAME"], role)
                cursor.execute(f'SET LOCAL ROLE "{name}"')
                cursor.execute(statement)


def test_only_officers_and_owners_come_in(world: World) -> None:
    with time_machine.travel(NOON, tick=False):
        for user in (world.mark, world.vera):
            assert world.client(user).get(PAGE).status_code == 403
        assert world.client(world.bela).get(PAGE).status_code == 404
    assert Role.OWNER.includes(Role.PRIVACY_OFFICER)
