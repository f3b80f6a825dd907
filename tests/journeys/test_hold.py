"""A hold (X5): with its proof, seen only for a purpose, kept past its time, and gone as soon as it is lifted."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from PIL import Image

from hirnok.accounts import people
from hirnok.accounts.models import Role
from hirnok.contacts.models import Contact
from hirnok.outbox.models import Letter
from hirnok.register import expiring
from hirnok.register.models import Hold, Holding
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, World


@pytest.fixture(autouse=True)
def fresh_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRNOK_VAR", str(tmp_path))


@pytest.fixture
def officer(world: World) -> Client:
    with acting_for(world.alma):
        people.join(world.alma, world.vera, Role.PRIVACY_OFFICER, actor="command:setup", at=NOON)
    return world.client(world.vera)


def scan() -> SimpleUploadedFile:
    picture = io.BytesIO()
    Image.new("RGB", (20, 20), "white").save(picture, "PNG")
    return SimpleUploadedFile("per.png", picture.getvalue(), "image/png")


def held(client: Client, **other: object) -> Hold:
    given = {
        "email": "dora@example.hu",
        "kind": "legal",
        "requester": "Dr. Kiss ügyvéd",
        "reason": "peres eljárás",
        "allowed": ["claims"],
        "document": scan(),
    }
    answer = client.post("/alma/privacy/holds/new/", given | other)
    assert answer.status_code == 302, answer.content.decode()
    return Hold.objects.get()


def test_what_is_held_for_a_claim_outlives_its_time_and_goes_when_it_is_lifted(
    world: World, officer: Client
) -> None:
    hold = held(officer)
    assert Holding.objects.get(pk=world.dora.pk).restricted_at is None, "until its time it is used"
    Holding.objects.filter(pk=world.dora.pk).update(expires_at=NOON + timedelta(days=30))

    expiring.expire(NOON + timedelta(days=31))

    assert Holding.objects.get(pk=world.dora.pk).restricted_at is not None
    assert world.client(world.mark).get(f"/alma/contacts/{world.dora.pk}/").status_code == 423
    again = world.client(world.vera)  # the run ended the session, too
    lifted = again.post(f"/alma/privacy/holds/{hold.pk}/lift/", follow=True)
    assert "The hold is lifted" in lifted.content.decode()
    expiring.expire(NOON + timedelta(days=31))
    assert not Contact.objects.filter(pk=world.dora.pk).exists()


def test_a_claim_without_a_paper_is_not_taken(officer: Client) -> None:
    given = {"email": "dora@example.hu", "kind": "legal", "requester": "X", "reason": "Y"}
    answer = officer.post("/alma/privacy/holds/new/", given)
    assert answer.status_code == 200
    assert "shows the interest" in answer.content.decode()
    assert not Hold.objects.exists()


def test_for_somebody_unknown_nothing_is_held(officer: Client) -> None:
    given = {
        "email": "senki@example.hu",
        "kind": "restriction",
        "ground": "accuracy",
        "requester": "X",
        "reason": "Y",
    }
    answer = officer.post("/alma/privacy/holds/new/", given)
    assert "Nothing is held of this person" in answer.content.decode()


def test_held_data_are_seen_for_a_purpose_only_and_that_is_remembered(officer: Client) -> None:
    hold = held(officer, kind="restriction", ground="accuracy")
    path = f"/alma/privacy/holds/{hold.pk}/"
    shown = officer.get(path).content.decode()
    assert "Dóra" not in shown
    assert "Dóra" not in officer.post(path, {"purpose": "marketing"}).content.decode()

    looked = officer.post(path, {"purpose": "claims"}).content.decode()

    assert "Dóra" in looked
    entry = AuditEntry.objects.get(action="hold.look")
    assert entry.details["purpose"] == "claims"


def test_a_restriction_is_lifted_after_a_letter_in_the_persons_language(
    world: World, officer: Client
) -> None:
    hold = held(officer, kind="restriction", ground="accuracy")
    path = f"/alma/privacy/holds/{hold.pk}/"
    assert "has to be told" in officer.post(f"{path}lift/", follow=True).content.decode()
    assert Hold.objects.exists()

    officer.post(f"{path}tell/")

    letter = Letter.objects.get(recipient="dora@example.hu")
    assert b"Feloldjuk" in bytes(letter.data) or b"=?utf-8?" in bytes(letter.data)
    officer.post(f"{path}lift/")
    assert not Hold.objects.exists()
    assert Holding.objects.get(pk=world.dora.pk).restricted_at is None


def test_a_second_person_agrees(world: World, officer: Client) -> None:
    hold = held(officer)
    path = f"/alma/privacy/holds/{hold.pk}/approve/"
    assert path not in officer.get(f"/alma/privacy/holds/{hold.pk}/").text
    assert "Somebody else" in officer.post(path, follow=True).content.decode()
    owner = world.client(world.anna)
    assert "waits for a second person" in owner.get("/alma/privacy/holds/").text
    assert path in owner.get(f"/alma/privacy/holds/{hold.pk}/").text
    owner.post(path)
    assert "waits for a second person" not in owner.get("/alma/privacy/holds/").text
    assert Hold.objects.get().approved_by == f"user:{world.anna.pk}"


def test_who_is_alone_waits_for_nobody(world: World) -> None:
    owner = world.client(world.anna)
    held(owner)
    assert "waits for a second person" not in owner.get("/alma/privacy/holds/").text


def test_the_contacts_page_leads_to_it(world: World, officer: Client) -> None:
    path = f"/alma/privacy/holds/new/?contact={world.dora.pk}"
    assert path in officer.get(f"/alma/contacts/{world.dora.pk}/").text
    assert path not in world.client(world.mark).get(f"/alma/contacts/{world.dora.pk}/").text
    assert "dora@example.hu" in officer.get(path).text
    for other in (world.barack_dora.pk, 10**17):
        answer = officer.get(f"/alma/privacy/holds/new/?contact={other}")
        assert answer.status_code == 404
    assert officer.get("/alma/privacy/holds/new/?contact=x").status_code == 200


def test_the_database_itself_refuses_the_deletion(world: World, officer: Client) -> None:
    held(officer)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM register_holding WHERE id = %s", [world.dora.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("who", ["mark", "anna"])
def test_who_may_and_who_may_not(world: World, who: str) -> None:
    answer = world.client(getattr(world, who)).get("/alma/privacy/holds/")
    assert answer.status_code == (403 if who == "mark" else 200)
