"""Requests of persons from the portal to the letter, over months; and what is forged, late, repeated or too much."""

import io
import json
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client

from hirnok.contacts.models import Contact
from hirnok.lib import keys, tokens
from hirnok.register import expiring, portals, suppression
from hirnok.register.holdings import index_of
from hirnok.register.models import Disclosure, Holding, Person
from hirnok.rights import deciding, disclosing, portal, reminding
from hirnok.rights.models import Claim, Document, Outcome, PortalCount, Request, Right
from hirnok.rights.tests.asked import (
    DORA,
    PDF,
    ask,
    confirm,
    link_in,
    mails_to,
    task_of,
    text_of,
)
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def asked(world: World, right: str, **more: Any) -> tuple[Request, str]:
    """Ask in Dóra's name and press the button of the mail: the request, and the address of its page."""
    chosen = {name: more.pop(name) for name in ("activities",) if name in more}
    ask(world.alma, right, **more)
    answer = confirm(world.alma, **chosen)
    assert answer.status_code == 302, answer.content.decode()
    return Request.objects.latest("pk"), answer["Location"]


def held(world: World) -> set[str]:
    index = index_of(world.alma.pk, DORA)
    rows = Holding.objects.filter(tenant=world.alma, person__blind_index=index)
    return set(rows.values_list("activity__code", flat=True))


def test_a_copy_is_there_at_once_and_for_a_week(
    world: World, clock: time_machine.Traveller
) -> None:
    made, page = asked(world, "access")

    assert made.status == "answered"
    answer = Client().post(f"{page}copy.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as copy:
        assert {"data.json", "copy.html", "copy.pdf"} <= set(copy.namelist())
        data = json.loads(copy.read("data.json"))
    assert data["data"]["contacts.Contact"][0]["email"] == DORA
    assert Client().get(f"{page}copy.zip").status_code == 405
    assert made.events.filter(what="downloaded").count() == 1

    clock.shift(timedelta(days=7))
    assert Client().post(f"{page}copy.zip").status_code == 410
    assert Client().get(page).status_code == 200


def test_somebody_unknown_is_told_that_nothing_is_held(world: World) -> None:
    ask(world.alma, "access", "uj@example.hu")
    confirm(world.alma, "uj@example.hu")

    assert Request.objects.get().status == "answered"
    letter = text_of(mails_to(world.alma, "uj@example.hu")[-1])
    assert "Válasz a kérelmére" in mails_to(world.alma, "uj@example.hu")[-1]["Subject"]
    assert DORA not in letter


def test_what_was_given_is_taken_along(world: World) -> None:
    made, page = asked(world, "portability")
    assert made.status == "answered"
    answer = Client().post(f"{page}portability.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        data = json.loads(package.read("portability.json"))
    assert data["data"]["contacts.Contact"][0]["first_name"] == "Dóra"


def test_it_is_sent_to_another_provider_whom_the_person_names(world: World) -> None:
    ask(world.alma, "portability", send_to="no address")
    assert not Claim.objects.exists()
    ask(world.alma, "portability", send_to="adat@masik.example")
    page = Client().get(link_in(mails_to(world.alma, DORA)[-1]))
    assert "adat@masik.example" in page.text
    assert mails_to(world.alma, "adat@masik.example") == []
    confirm(world.alma)

    (sent,) = mails_to(world.alma, "adat@masik.example")
    assert [one.get_filename() for one in sent.iter_attachments()] == ["portability.zip"]
    assert Request.objects.get().status == "answered"
    assert Disclosure.objects.get().recipient == "adat@masik.example"


def test_erasure_is_immediate_and_only_the_proof_stays(world: World) -> None:
    made, page = asked(world, "erasure", ground="withdrawn")

    assert not Contact.objects.filter(tenant=world.alma, email=DORA).exists()
    assert held(world) == {"rights", "rights_letters"}
    assert Contact.objects.filter(tenant=world.barack, email=DORA).exists()
    assert made.status == "answered"
    kinds = set(Outcome.objects.filter(task__request=made).values_list("kind", flat=True))
    assert "removed" in kinds and "retained" in kinds and not kinds & {"failed", "needs_human"}
    letter = text_of(mails_to(world.alma, DORA)[-1])
    assert "Kérését teljesítettük." in letter
    assert "bizonyítja, hogy kérelmét megválaszoltuk" in letter
    assert "2031" in letter
    assert "biztonsági mentésekben az adatok még legfeljebb 35 nap" in " ".join(letter.split())
    assert Client().get(page).status_code == 200
    index = index_of(world.alma.pk, DORA)
    with acting_for(world.alma):
        assert suppression.suppressed(world.alma, world.alma_brand, [index]) == {index}


def test_the_request_survives_a_second_erasure_and_goes_by_its_own_period(
    world: World, clock: time_machine.Traveller
) -> None:
    made, page = asked(world, "erasure", ground="withdrawn")
    clock.shift(timedelta(days=1))
    again, _ = asked(world, "erasure", ground="withdrawn")
    assert Request.objects.filter(pk=made.pk).exists()
    assert again.status == "answered"

    clock.shift(timedelta(days=366))
    expiring.expire(NOON + timedelta(days=368))
    assert Request.objects.get(pk=made.pk).status == "answered"
    assert made.documents.filter(kind="answer", paper__isnull=True).count() == 1
    assert Client().get(page).status_code == 200

    expiring.expire(NOON + timedelta(days=5 * 366))
    assert not Request.objects.exists()
    assert not Person.objects.filter(blind_index=index_of(world.alma.pk, DORA)).exists()


def test_an_objection_to_advertising_needs_no_colleague(world: World) -> None:
    made, _page = asked(world, "objection", objection="marketing")
    assert made.status == "answered"
    assert "newsletter" not in held(world)


def test_another_objection_waits_for_one(world: World) -> None:
    made, _page = asked(world, "objection", objection="other", words="Nem akarom.")
    assert made.status == "in_progress"
    assert "newsletter" in held(world)


def test_a_consent_is_withdrawn_purpose_by_purpose(world: World) -> None:
    ask(world.alma, "withdrawal")
    assert confirm(world.alma).status_code == 200  # which one has to be said
    made, _page = asked(world, "withdrawal", activities=["newsletter"])
    assert made.status == "answered"
    assert "newsletter" not in held(world)


def test_a_name_is_corrected_at_once_and_words_are_looked_at(world: World) -> None:
    made, _page = asked(world, "rectification", first_name="Dorka", last_name="Őri")
    assert Contact.objects.get(pk=world.dora.pk).first_name == "Dorka"
    assert made.status == "answered"
    made, _page = asked(world, "rectification", words="Elköltöztem.")
    assert made.status == "in_progress"


def test_a_restriction_is_decided_by_a_colleague(world: World) -> None:
    made, _page = asked(world, "restriction", ground="accuracy")
    assert made.status == "in_progress"
    url = f"/alma/privacy/requests/{made.pk}/"
    client = world.client(world.anna)
    task = task_of(made)
    client.post(f"{url}rights/{task.pk}/do/")
    assert Holding.objects.get(pk=world.dora.pk).restricted_at is not None
    client.post(f"{url}rights/{task.pk}/decide/")
    client.post(f"{url}answer/")
    assert Request.objects.get(pk=made.pk).status == "answered"


def test_who_got_the_data_is_told_of_the_erasure(world: World) -> None:
    for name, address in (("Nyomda Kft.", "adat@nyomda.example"), ("Futár Bt.", "")):
        Disclosure.objects.create(
            tenant=world.alma,
            holding=world.dora.holding,
            recipient=name,
            address=address,
            reason="címkézés",
            at=NOON,
            actor="user:1",
        )
    made, _page = asked(world, "erasure", ground="withdrawn")

    told = text_of(mails_to(world.alma, "adat@nyomda.example")[-1])
    assert DORA in told and "töröltük" in told and "/rights/" not in told
    assert made.status == "in_progress"  # the other one is told by a person
    (waiting,) = Outcome.objects.filter(task__request=made, kind="needs_human")
    client, url = world.client(world.anna), f"/alma/privacy/requests/{made.pk}/"
    client.post(
        f"{url}outcomes/{waiting.pk}/", {"kind": "removed", "reason": "Telefonon szóltunk."}
    )
    client.post(f"{url}rights/{task_of(made).pk}/decide/")
    client.post(f"{url}answer/")
    assert Request.objects.get(pk=made.pk).status == "answered"


def test_an_order_is_in_the_copy_unless_the_law_forbids_it(world: World) -> None:
    told, secret = (
        disclosing.Ordered(
            address=DORA,
            authority=authority,
            number=f"{number}/2026.",
            ordered_on=date(2026, 10, 30),
            legal_basis="2017. évi XC. törvény 261. §",
            handed_out="Az e-mail-cím.",
            is_secret=number == 2,
            secret_reason="Be. 99. §" if number == 2 else "",
        )
        for number, authority in ((1, "Járásbíróság"), (2, "Titkos Ügyészség"))
    )
    with acting_for(world.alma):
        disclosing.record(world.alma, told, PDF, actor="user:1", at=NOON)
        order = disclosing.record(world.alma, secret, PDF, actor="user:1", at=NOON)

    def copied() -> str:
        _made, page = asked(world, "access")
        with zipfile.ZipFile(io.BytesIO(Client().post(f"{page}copy.zip").content)) as copy:
            return copy.read("data.json").decode() + copy.read("copy.html").decode()

    text = copied()
    assert "Járásbíróság" in text
    assert "Ügyészség" not in text
    with acting_for(world.alma):
        disclosing.reveal(order, actor="user:1", at=NOON)
        with pytest.raises(disclosing.NotSecret):
            disclosing.reveal(order, actor="user:1", at=NOON)
    assert "Titkos Ügyészség" in copied()


def test_twenty_five_days_a_month_three_months(world: World, clock: time_machine.Traveller) -> None:
    """Promised on 27 November, by law until 2 December, extended until 2 February."""
    made, page = asked(world, "review", words="A pontozásom")

    clock.move_to(NOON.replace(day=27))
    reminding.remind(NOON.replace(day=27))
    assert "tone-amber" in world.client(world.anna).get("/alma/privacy/requests/").text
    clock.move_to(NOON.replace(day=28))
    assert "tone-red" in world.client(world.anna).get("/alma/privacy/requests/").text
    clock.move_to(NOON.replace(month=12, day=2))
    client, url = world.client(world.anna), f"/alma/privacy/requests/{made.pk}/"
    client.post(f"{url}extend/", {"reasons": "A döntést a szakértő is megnézi."})
    made.refresh_from_db()
    assert (made.status, made.legal_due) == ("extended", date(2027, 2, 2))
    assert "2027. február 2." in Client().get(page).text
    assert "A döntést a szakértő is megnézi." in text_of(mails_to(world.alma, DORA)[-1])

    clock.move_to(NOON.replace(year=2027, month=2, day=3))
    reminding.remind(NOON.replace(year=2027, month=2, day=3))
    expiring.expire(NOON.replace(year=2027, month=2, day=3))
    made.refresh_from_db()
    assert made.reminded == reminding.LATE
    client = world.client(world.anna)
    client.post(f"{url}rights/{task_of(made).pk}/decide/", {"reasons": "A pontszám marad."})
    client.post(f"{url}answer/")
    made.refresh_from_db()
    assert made.status == "answered"
    assert len(mail.outbox) == 2


def test_after_the_month_no_extension_is_taken(world: World, clock: time_machine.Traveller) -> None:
    made, _page = asked(world, "review", words="A pontozásom")
    late = NOON.replace(month=12, day=3)
    clock.move_to(late)
    with acting_for(world.alma), pytest.raises(deciding.TooLate):
        deciding.extend(made, "Sok a munka", actor="user:1", at=late)


def test_nobody_gets_at_somebody_elses_data(world: World) -> None:
    """Emil asks with Dóra's address: the link goes to Dóra, and his own opens nothing of hers."""
    ask(world.alma, "access")
    assert mails_to(world.alma, "emil@example.ro") == []
    ask(world.alma, "access", "emil@example.ro")
    confirm(world.alma, "emil@example.ro")
    made = Request.objects.get()
    page = (
        f"{portals.path(world.alma.pk)}s/{tokens.recipient(keys.derive('rights-status'), made.pk)}/"
    )
    content = Client().post(f"{page}copy.zip").content
    with zipfile.ZipFile(io.BytesIO(content)) as copy:
        assert DORA not in copy.read("data.json").decode()
    foreign = tokens.recipient(keys.derive("rights-status"), made.pk + 1)
    assert Client().post(f"{portals.path(world.alma.pk)}s/{foreign}/copy.zip").status_code == 410


def test_a_letter_of_another_request_is_not_found(world: World) -> None:
    first, page = asked(world, "access")
    second, _other = asked(world, "access")
    mine = Document.objects.filter(request=first).latest("pk")
    yours = Document.objects.filter(request=second).latest("pk")
    assert Client().get(f"{page}letters/{mine.pk}/")["Content-Type"] == "application/pdf"
    assert Client().get(f"{page}letters/{yours.pk}/").status_code == 404


def test_a_link_is_replayed_forged_and_over(world: World, clock: time_machine.Traveller) -> None:
    ask(world.alma, "erasure", ground="withdrawn")
    link = link_in(mails_to(world.alma, DORA)[-1])
    home = portals.path(world.alma.pk)
    forged = f"{home}c/{'Z' * 24}/"
    assert Client().post(forged).status_code == 404
    assert Client().post(link).status_code == 302
    assert Client().post(link).status_code == 410
    assert Request.objects.count() == 1

    ask(world.alma, "erasure", ground="withdrawn")
    late = link_in(mails_to(world.alma, DORA)[-1])
    clock.shift(timedelta(hours=25))
    assert Client().post(late).status_code == 410
    expiring.expire(NOON + timedelta(hours=25))
    assert not Claim.objects.exists()
    assert Request.objects.count() == 1


def test_ten_thousand_bad_requests_are_refused_and_counted(world: World) -> None:
    """Of one network, forged, and empty: nothing is kept of them but numbers, one row a kind."""
    client = Client()
    path = f"{portals.path(world.alma.pk)}access/"
    for number in range(100):  # through the whole of the program
        client.post(path, {"email": f"reader{number}@example.hu"})
        client.post(f"{portals.path(world.alma.pk)}c/{number:024d}/")
    with acting_for(world.alma):
        for _ in range(9_800):
            assert portal.admit(world.alma, "203.0.113.7", at=NOON) in {
                None,
                portal.Answer.TOO_MANY,
            }
    counted = dict(PortalCount.objects.filter(tenant=world.alma).values_list("outcome", "count"))
    assert counted["link_sent"] == portal.NETWORK_MOST
    assert counted["bad_link"] == 100
    assert counted["too_many"] == 100 - portal.NETWORK_MOST + 9_800 - portal.NETWORK_MOST
    assert not Request.objects.exists()
    assert Claim.objects.count() == portal.NETWORK_MOST
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM rights_portalcount")
        assert cursor.fetchone() == (3,)
    shown = world.client(world.anna).get("/alma/privacy/requests/").context["counts"]
    assert shown.refused_submissions == counted["bad_link"] + counted["too_many"]


@pytest.mark.parametrize("right", [one.value for one in Right])
def test_every_right_comes_to_an_answer(world: World, right: str) -> None:
    """At once, or by a colleague: in the end a letter goes out and the request is closed."""
    more: dict[str, Any] = {"words": "Kérem."}
    if right == "withdrawal":
        more["activities"] = ["newsletter"]
    if right in {"erasure", "restriction"}:
        more["ground"] = "unlawful"
    if right == "objection":
        more["objection"] = "other"
    made, _page = asked(world, right, **more)
    client, url = world.client(world.anna), f"/alma/privacy/requests/{made.pk}/"
    if made.is_open:
        task = task_of(made)
        client.post(f"{url}rights/{task.pk}/do/")
        for one in Outcome.objects.filter(task=task, kind__in=["failed", "needs_human"]):
            client.post(f"{url}outcomes/{one.pk}/", {"kind": "none_found", "reason": "Megnéztük."})
        client.post(f"{url}rights/{task.pk}/decide/", {"reasons": "Megtettük."})
        client.post(f"{url}answer/")
    made.refresh_from_db()
    assert made.status in {"answered", "answered_partly"}
    assert made.documents.get(kind="answer").delivered_at is not None
    assert "Válasz a kérelmére" in mails_to(world.alma, DORA)[-1]["Subject"]
