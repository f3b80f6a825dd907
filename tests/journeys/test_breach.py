"""A breach from the first suspicion to the last lesson, time moved through its 72 hours."""

import io
import json
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from openpyxl import load_workbook

from hirnok.breaches import (
    assessing,
    evidence,
    notifying,
    opening,
    reminding,
    reports,
    spreading,
    story,
)
from hirnok.breaches.models import (
    Breach,
    BreachEvent,
    BreachFile,
    BreachNotification,
    ToldPerson,
    ViolationClaim,
)
from hirnok.consent.tests.sent import delivery_to
from hirnok.lib import clock, sql
from hirnok.mail.tests import returned as mails
from hirnok.outbox.models import Letter
from hirnok.register import closing, holdings
from hirnok.register.closing import Reason
from hirnok.register.models import Controller, Holding, Notice
from hirnok.returns import applying, storing
from hirnok.returns.models import Complaint, Returned
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import AuditEntry, Tenant
from tests.world import NOON, World

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
FACTS = {
    "title": "Lista rossz címre küldve",
    "description": "Egy munkatárs a feliratkozók listáját rossz címre küldte.",
    "known_by": "staff",
    "confidentiality": "on",
    "activities": ["newsletter"],
    "categories": ["e-mail address", "name"],
    "persons": "2",
    "records": "2",
    "consequences": "Kéretlen levelek.",
    "measures_taken": "A címzett törölte a listát.",
}
STOLEN = {
    "simple": "simple.1",
    "behavioural": "behavioural.2",
    "identification": "maximum",
    "confidentiality": "confidentiality.unknown",
    "integrity": "integrity.none",
    "availability": "availability.none",
    "intent": "intent.yes",
}
LETTER = {
    f"{part}_{language}": f"{part} {language}"
    for part in ("happened", "consequences", "measures", "advice")
    for language in ("hu", "ro")
}


@pytest.fixture(autouse=True)
def addresses(world: World) -> None:
    for tenant, place in ((world.alma, "HU"), (world.barack, "RO"), (world.operator, "HU")):
        Controller.objects.of(tenant).update(
            postal_address="1011 Budapest, Fő utca 1.",
            email=f"info@{tenant.slug}.example",
            officer_name="dr. Minta Lujza",
            officer_email=f"dpo@{tenant.slug}.example",
            jurisdiction=place,
        )


def suspected(tenant: Tenant, at: datetime = NOON) -> Breach:
    with acting_for(tenant):
        return opening.open_breach(
            tenant, {"title": "Ellopott laptop", "known_by": "staff"}, actor="user:1", at=at
        )


def known(tenant: Tenant, at: datetime = NOON) -> Breach:
    with acting_for(tenant):
        return opening.open_breach(
            tenant,
            {"title": "Ellopott laptop", "known_by": "staff"},
            actor="user:1",
            at=at,
            aware_at=at,
        )


def letters_to(address: str) -> list[EmailMessage]:
    found = Letter.objects.filter(recipient=address).order_by("pk")
    return [message_from_bytes(bytes(one.data), policy=policy.default) for one in found]


def told(address: str) -> list[str]:
    """The subjects of the mails of the program to somebody."""
    return [one.subject for one in mail.outbox if one.to == [address]]


def text_of(message: Any) -> str:
    body = message.get_body(("plain",))
    return str(body.get_content())


def page(client: Client, breach: Breach, more: str = "", tenant: str = "alma") -> str:
    answer = client.get(f"/{tenant}/privacy/breaches/{breach.pk}/{more}")
    assert answer.status_code == 200, more
    return answer.content.decode()


def do(client: Client, breach: Breach, more: str, values: dict[str, Any] | None = None) -> None:
    """Send a form of the breach, which has to be taken."""
    answer = client.post(f"/alma/privacy/breaches/{breach.pk}/{more}", values or {})
    assert answer.status_code == 302, answer.context["form"].errors if answer.context else answer
    assert "sign-in" not in answer["Location"]


def test_a_breach_goes_from_suspicion_to_lessons(world: World) -> None:
    with time_machine.travel(NOON, tick=False):
        client = world.client(world.anna)
        client.post("/alma/privacy/breaches/new/", {"title": FACTS["title"], "known_by": "staff"})
        breach = Breach.objects.get()
        assert (breach.state, breach.number, breach.aware_at) == ("suspected", 1, None)
        assert "0 h 0 min" in page(client, breach)
    with time_machine.travel(NOON + 5 * HOUR, tick=False):
        client = world.client(world.anna)  # the session of before is over
        do(client, breach, "confirm/", {"aware_at": "2026-11-02T15:30"})  # 14:30 UTC
        do(client, breach, "facts/", FACTS)
        do(client, breach, "severity/", STOLEN)
        do(client, breach, "decide/authority/", {"notify": "yes", "reason": "Kockázat áll fenn."})
        do(client, breach, "decide/persons/", {"notify": "yes", "reason": ""})
        breach.refresh_from_db()
        assert (str(breach.score), breach.severity) == ("3.00", "high")
        assert "2 h 30 min" in page(client, breach)
        by_mail = {"channel": "mail", "address": "ugyfelszolgalat@naih.hu"}
        do(client, breach, "authority/", by_mail)
    with time_machine.travel(NOON + 30 * HOUR, tick=False):
        client = world.client(world.anna)
        do(
            client,
            breach,
            "authority/",
            {"channel": "form", "reference": "NAIH-1", "is_final": "on"},
        )
        do(client, breach, "letter/", LETTER)
        do(client, breach, "persons/")
        told = BreachNotification.objects.get(to="persons")
        assert notifying.tell_persons(world.alma.pk, told.pk, NOON + 30 * HOUR) == 2
        file = SimpleUploadedFile("napló.txt", b"2026-11-02 12:00 kikuldve")
        do(client, breach, "evidence/", {"file": file, "about": "A kimenő levél naplója"})
        assert (
            client.post(f"/alma/privacy/breaches/{breach.pk}/close/").status_code == 200
        )  # lessons
        do(client, breach, "lessons/", {"lessons": "Két ember nézi meg a címzettet."})
        do(client, breach, "close/")
    breach.refresh_from_db()
    assert (breach.state, breach.closed_at) == ("closed", NOON + 30 * HOUR)
    phases = BreachNotification.objects.filter(to="authority").order_by("phase")
    assert [(one.phase, one.is_final, one.reference) for one in phases] == [
        (1, False, ""),
        (2, True, "NAIH-1"),
    ]
    assert set(
        AuditEntry.objects.filter(action__startswith="breach.").values_list("action", flat=True)
    ) >= {
        "breach.open",
        "breach.confirm",
        "breach.notify_authority",
        "breach.told_persons",
        "breach.close",
    }


def test_the_authority_gets_it_in_its_own_language(world: World) -> None:
    for tenant, address, words in (
        (
            world.alma,
            "ugyfelszolgalat@naih.hu",
            ("Adatvédelmi incidens bejelentése", "A tudomásszerzés időpontja", "Alma"),
        ),
        (
            world.barack,
            "anspdcp@dataprotection.ro",
            ("Notificarea unei încălcări a securității datelor", "Decizia nr. 128/2018", "Barack"),
        ),
    ):
        breach = known(tenant)
        with acting_for(tenant):
            assessing.decide_authority(breach, notify=True, reason="", actor="user:1", at=NOON)
            sent = notifying.Sent("mail", address, is_final=True)
            kept = notifying.notify_authority(breach, sent, actor="user:1", at=NOON + HOUR)
        [message] = letters_to(address)
        found = json.dumps(kept.documents, ensure_ascii=False)
        assert all(word in found for word in words), tenant
        assert words[0] in str(message["Subject"])
        [pdf] = message.iter_attachments()
        assert pdf.get_content().startswith(b"%PDF-")


def test_persons_are_told_in_their_language_once_and_stay_counted_after_erasure(
    world: World,
) -> None:
    breach = known(world.alma)
    with time_machine.travel(NOON + HOUR, tick=False):
        client = world.client(world.anna)
        do(client, breach, "facts/", FACTS)
        do(client, breach, "decide/persons/", {"notify": "yes"})
        do(client, breach, "letter/", LETTER)
        do(client, breach, "persons/")
    told = BreachNotification.objects.get(to="persons")
    assert notifying.tell_persons(world.alma.pk, told.pk, NOON + HOUR) == 2
    assert (
        notifying.tell_persons(world.alma.pk, told.pk, NOON + 2 * HOUR) == 0
    )  # run again after a crash
    [hungarian] = letters_to("dora@example.hu")
    [romanian] = letters_to("emil@example.ro")
    assert "Mi történt" in text_of(hungarian) and "happened hu" in text_of(hungarian)
    assert "Ce s-a întâmplat" in text_of(romanian) and "happened ro" in text_of(romanian)
    assert "NAIH" in text_of(hungarian) and "dpo@alma.example" in text_of(romanian)
    with acting_for(world.alma):
        closing.end(
            world.alma,
            [world.dora.pk],
            reason=Reason.ERASED,
            actor="user:1",
            at=NOON + 3 * HOUR,
        )
    assert reports.told_count(told) == 2
    assert ToldPerson.objects.filter(holding=None).count() == 1


def test_reminders_come_at_their_hours_through_a_weekend_and_every_day_when_late(
    world: World,
) -> None:
    friday = NOON + timedelta(days=4, minutes=20)
    breach = known(world.alma, friday)
    mail.outbox.clear()
    seen = []
    for minutes in range(0, 130 * 60, 30):
        if reminding.remind(friday + timedelta(minutes=minutes)):
            seen.append(minutes / 60)
    assert seen == [24, 48, 60, 70, 73, 96, 120]  # 72 hours end with the full hour after 12:20
    hours = BreachEvent.objects.filter(breach=breach, kind="remind").values_list("hours", flat=True)
    assert sorted(hours) == [24, 48, 60, 70, 72, 96, 120]
    subjects = told("dpo@alma.example")
    assert len(subjects) == 7
    assert "24" in subjects[0] and "lejárt" in subjects[4]
    with time_machine.travel(friday + 80 * HOUR, tick=False):
        assert "tone-red" in page(world.client(world.anna), breach)


def test_reminders_stop_when_it_was_notified_or_decided(world: World) -> None:
    for notify in (True, False):
        breach = known(world.alma)
        with acting_for(world.alma):
            assessing.decide_authority(
                breach, notify=notify, reason="Nincs kockázat.", actor="user:1", at=NOON
            )
            if notify:
                sent = notifying.Sent("form")
                notifying.notify_authority(breach, sent, actor="user:1", at=NOON + HOUR)
    assert reminding.remind(NOON + 50 * HOUR) == 0


def test_late_is_only_taken_with_a_reason(world: World) -> None:
    breach = known(world.alma)
    late = NOON + 74 * HOUR
    sent = notifying.Sent("form", is_final=True)
    with acting_for(world.alma):
        assessing.decide_authority(breach, notify=True, reason="", actor="user:1", at=late)
        with pytest.raises(opening.NoReason):
            notifying.notify_authority(breach, sent, actor="user:1", at=late)
        assessing.explain_delay(
            breach, reason="A napló csak kedden került elő.", actor="user:1", at=late
        )
        kept = notifying.notify_authority(breach, sent, actor="user:1", at=late)
    assert "A napló csak kedden került elő." in json.dumps(kept.documents, ensure_ascii=False)
    with acting_for(world.alma), pytest.raises(notifying.AlreadyComplete):
        notifying.notify_authority(breach, sent, actor="user:1", at=late)


def test_a_high_risk_is_kept_from_persons_only_under_an_exemption(world: World) -> None:
    breach = known(world.alma)
    with acting_for(world.alma):
        assessing.assess(breach, STOLEN, actor="user:1", at=NOON)
        with pytest.raises(assessing.NoExemption):
            assessing.decide_persons(
                breach, notify=False, reason="Nem kell.", actor="user:1", at=NOON
            )
        found = assessing.decide_persons(
            breach, notify=False, exemption="a", reason="Titkosítva volt.", actor="user:1", at=NOON
        )
        assert found.exemption == "a"
        with pytest.raises(opening.NoReason):
            assessing.assess(breach, STOLEN, override="low", reason=" ", actor="user:1", at=NOON)
        found = assessing.assess(
            breach, STOLEN, override="low", reason="Titkosítva.", actor="user:1", at=NOON
        )
    assert (found.level, found.severity) == ("high", "low")


def test_the_operators_breach_gives_each_customer_a_clock_of_its_own(world: World) -> None:
    breach = known(world.operator)
    with acting_for(world.operator):
        assessing.describe(
            breach, {"description": "Betörés", "confidentiality": True}, actor="user:1", at=NOON
        )
    with time_machine.travel(NOON + 10 * HOUR, tick=False):
        client = world.client(world.olga)
        url = f"/hirnok/privacy/breaches/{breach.pk}/customers/"
        assert client.post(url, {"tenants": [world.alma.pk]}).status_code == 302
    with time_machine.travel(NOON + 20 * HOUR, tick=False):
        client = world.client(world.olga)
        assert client.post(url, {"tenants": [world.alma.pk, world.barack.pk]}).status_code == 302
        assert "Barack Kft." in page(client, breach, tenant="hirnok")
    alma, barack = (Breach.objects.get(tenant=one) for one in (world.alma, world.barack))
    assert alma.incident == barack.incident == breach.incident
    assert (alma.aware_at, barack.aware_at) == (NOON + 10 * HOUR, NOON + 20 * HOUR)
    assert (alma.known_by, alma.processor_knew_at, alma.description) == (
        "processor",
        NOON,
        "Betörés",
    )
    assert BreachEvent.objects.filter(breach=alma, kind="news").count() == 1
    assert len(told(world.anna.email)) == 2
    assert len(told(world.bela.email)) == 1
    with time_machine.travel(NOON + 21 * HOUR, tick=False):
        assert "11 h 0 min" in page(world.client(world.anna), alma)
    # a customer can neither see the operator's entry nor tell others
    assert world.client(world.anna).get(f"/alma/privacy/breaches/{breach.pk}/").status_code == 404
    assert (
        world.client(world.anna).get(f"/alma/privacy/breaches/{alma.pk}/customers/").status_code
        == 403
    )


def test_a_customer_tells_the_operator_at_once(world: World) -> None:
    breach = known(world.alma)
    with time_machine.travel(NOON + HOUR, tick=False):
        client = world.client(world.anna)
        do(client, breach, "operator/")
        do(client, breach, "operator/")  # twice is once
    entry = Breach.objects.get(tenant=world.operator)
    assert (entry.state, entry.known_by, entry.told_at) == ("suspected", "controller", NOON + HOUR)
    assert entry.incident == breach.incident
    assert len(told(world.olga.email)) == 1
    with acting_for(world.alma), pytest.raises(spreading.NotTheOperator):
        spreading.tell_tenants(breach, [world.barack], actor="user:1", at=NOON)


def test_a_claim_is_a_suspected_breach(world: World) -> None:
    token = Notice.objects.of(world.alma).get().token
    told = {
        "by": "person",
        "address": "Dora@Example.hu",
        "text": "Reklámot kaptam idegenektől.",
        "name": "Dóra",
    }
    visitor = Client()
    assert "Jogsértés bejelentése" in visitor.get(f"/i/{token}/?lang=hu").content.decode()
    assert Breach.objects.count() == 0
    for wrong in ({}, {**told, "address": "nobody"}, {**told, "text": " "}, {**told, "by": "x"}):
        assert visitor.post(f"/i/{token}/?lang=hu", wrong).status_code == 200
    assert Breach.objects.count() == 0
    with time_machine.travel(NOON, tick=False):
        assert "beérkezett" in visitor.post(f"/i/{token}/?lang=hu", told).content.decode()
    breach, claim = Breach.objects.get(), ViolationClaim.objects.get()
    assert (breach.tenant, breach.state, breach.known_by) == (world.alma, "suspected", "person")
    assert "idegenektől" not in f"{breach.title} {breach.description}"
    assert claim.address.lower() == "dora@example.hu"
    assert len(letters_to(claim.address)) == 1
    assert "Reklámot kaptam" in page(world.client(world.anna), breach)
    for _ in range(12):
        last = visitor.post(f"/i/{token}/", told)
    assert last.status_code == 429
    with acting_for(world.alma):
        index = holdings.index_of(world.alma.pk, "dora@example.hu")
        closing.end(
            world.alma,
            Holding.objects.of(world.alma)
            .filter(person__blind_index=index)
            .values_list("pk", flat=True),
            reason=Reason.ERASED,
            actor="user:1",
            at=NOON,
        )
    assert not ViolationClaim.objects.exists()
    assert Breach.objects.filter(pk=breach.pk).exists()


def test_staff_take_down_a_claim(world: World) -> None:
    client = world.client(world.anna)
    told = {
        "by": "other",
        "address": "szomszed@example.hu",
        "text": "Láttam a listát.",
        "language": "hu",
    }
    assert client.post("/alma/privacy/breaches/claim/", told).status_code == 302
    assert Breach.objects.get().known_by == "third_party"


def test_nothing_of_it_can_be_deleted_or_rewritten(world: World) -> None:
    breach = known(world.alma)
    with acting_for(world.alma):
        evidence.add(breach, "a.txt", b"x", actor="user:1", at=NOON)
        assessing.decide_authority(breach, notify=True, reason="", actor="user:1", at=NOON)
        notifying.notify_authority(breach, notifying.Sent("form"), actor="user:1", at=NOON)
    tables = [one._meta.db_table for one in (Breach, BreachEvent, BreachNotification, BreachFile)]
    statements = [f"DELETE FROM {table}" for table in tables]
    statements += [f"UPDATE {table} SET tenant_id = tenant_id" for table in tables[1:]]
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


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", evidence.Unusable),
        (b"MZ\x90\x00\x03", evidence.Unusable),
        (b"\xff\xfe\xfa", evidence.Unusable),
        (b"x" * 20_000_001, evidence.TooLarge),
    ],
)
def test_files_that_are_none_are_refused(world: World, data: bytes, error: type[Exception]) -> None:
    breach = known(world.alma)
    with acting_for(world.alma), pytest.raises(error):
        evidence.add(breach, "x", data, actor="user:1", at=NOON)


def test_evidence_is_kept_as_it_came_and_handed_out_as_a_file(world: World) -> None:
    breach = known(world.alma)
    with acting_for(world.alma):
        kept = evidence.add(
            breach, '../../<b>"x".html', b"<script>1</script>", actor="user:1", at=NOON
        )
        with pytest.raises(evidence.AlreadyThere):
            evidence.add(breach, "again", b"<script>1</script>", actor="user:1", at=NOON)
    answer = world.client(world.anna).get(f"/alma/privacy/breaches/{breach.pk}/evidence/{kept.pk}/")
    assert (answer.content, answer["Content-Type"]) == (b"<script>1</script>", "text/plain")
    assert answer["Content-Disposition"].startswith("attachment")
    assert ".." not in kept.name


def test_a_closed_one_changes_only_after_it_was_taken_up_again(world: World) -> None:
    breach = suspected(world.alma)
    with acting_for(world.alma):
        with pytest.raises(opening.NoReason):
            opening.dismiss(breach, reason=" ", actor="user:1", at=NOON)
        opening.dismiss(breach, reason="A laptop megkerült.", actor="user:1", at=NOON)
        with pytest.raises(story.NotOpen):
            assessing.learn(breach, lessons="x", actor="user:1", at=NOON)
        opening.reopen(breach, reason="Mégsem.", actor="user:1", at=NOON)
        with pytest.raises(assessing.NotDecided) as refused:
            assessing.close(breach, actor="user:1", at=NOON)
    assert refused.value.missing[0] == "confirm"
    with acting_for(world.alma), pytest.raises(opening.InTheFuture):
        opening.confirm(breach, aware_at=NOON + HOUR, actor="user:1", at=NOON)


def test_the_register_is_handed_over_in_three_forms(world: World) -> None:
    breach = known(world.alma)
    with acting_for(world.alma):
        assessing.describe(breach, {"description": "=1+1"}, actor="user:1", at=NOON)
    client = world.client(world.anna)
    found = client.get("/alma/privacy/breaches/breaches.json").json()
    assert [one["number"] for one in found["breaches"]] == [1]
    assert found["breaches"][0]["events"][0]["kind"] == "open"
    book = load_workbook(io.BytesIO(client.get("/alma/privacy/breaches/breaches.xlsx").content))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in cells] == ["s"]
    assert client.get("/alma/privacy/breaches/breaches.pdf").content.startswith(b"%PDF-")
    assert world.client(world.mark).get("/alma/privacy/breaches/breaches.json").status_code == 403


def test_the_register_gives_counts_and_categories(world: World) -> None:
    with acting_for(world.alma):
        found = reports.affected(world.alma, ["newsletter"])
    assert (found.persons, found.records) == (2, 2)
    assert {"e-mail address", "name"} <= set(found.categories)


def test_security_txt_names_the_operators_address(world: World) -> None:
    assert Client().get("/.well-known/security.txt").status_code == 404
    Controller.objects.of(world.operator).update(security_email="security@hirnok.example")
    with time_machine.travel(NOON, tick=False):
        answer = Client().get("/.well-known/security.txt")
    lines = answer.content.decode().splitlines()
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "Contact: mailto:security@hirnok.example" in lines
    assert "Expires: 2027-05-01T00:00:00Z" in lines


def test_a_spam_report_is_no_breach(world: World) -> None:
    delivery = delivery_to(world.dora)
    arf = "Feedback-Type: abuse\nUser-Agent: F/1\nVersion: 1\nOriginal-Rcpt-To: dora@example.hu"
    storing.keep(world.alma, [mails.report(arf, kind="feedback-report")], road="smtp", at=NOON)
    Returned.objects.update(delivery=delivery, purpose="report")
    applying.apply_new(world.alma, at=NOON)
    assert Complaint.objects.get().feedback == "abuse"
    assert not Breach.objects.exists()
    assert not ViolationClaim.objects.exists()


def test_who_looked_while_it_happened_stands_beside_the_facts(world: World) -> None:
    at = clock.now()
    world.client(world.mark).get(f"/alma/contacts/{world.dora.pk}/")
    breach = Breach(
        tenant=world.alma, happened_from=at - timedelta(hours=1), activities=["newsletter"]
    )

    with acting_for(world.alma):
        (one,) = reports.looks(breach, clock.now())
        before = Breach(
            tenant=world.alma,
            happened_from=at - timedelta(days=3),
            happened_until=at - timedelta(days=2),
        )
        assert reports.looks(before, clock.now()) == []

    assert (one.who, one.looks > 0, one.rows > 0) == (world.mark.name, True, True)
