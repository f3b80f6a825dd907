"""The page of who looked: by person, user and channel; who may see it; the file, and that it is noted."""

import csv
import io

import pytest

from hirnok.tenants.models import AuditEntry
from tests.world import World

pytestmark = pytest.mark.django_db
PAGE = "/alma/privacy/looks/"


def test_by_person(world: World) -> None:
    owner = world.client(world.anna)
    owner.get(f"/alma/contacts/{world.dora.pk}/")
    owner.get(f"/alma/contacts/{world.emil.pk}/")

    everything = owner.get(PAGE)
    hers = owner.post(PAGE, {"address": world.dora.email.upper()}, follow=True)
    nobodys = owner.post(PAGE, {"address": "nobody@else.example"}, follow=True)

    assert len(everything.context["looks"]) == 2
    assert len(hers.context["looks"]) == 1
    assert nobodys.context["looks"] == []
    assert world.dora.email not in hers.redirect_chain[0][0]


def test_what_is_wrong_is_said_and_finds_nobody(world: World) -> None:
    owner = world.client(world.anna)
    owner.get(f"/alma/contacts/{world.dora.pk}/")
    assert owner.post(PAGE, {"address": "dora"}).context["asked"].errors
    assert owner.get(PAGE, {"person": "broken"}).context["looks"] == []


def test_by_user_and_channel(world: World) -> None:
    world.client(world.mark).get(f"/alma/contacts/{world.dora.pk}/")
    owner = world.client(world.anna)
    (told,) = owner.get(PAGE, {"who": f"user:{world.mark.pk}"}).context["looks"]
    assert told.who == world.mark.name
    assert owner.get(PAGE, {"channel": "export"}).context["looks"] == []


def test_only_officers_and_owners_see_it(world: World) -> None:
    assert world.client(world.mark).get(PAGE).status_code == 403
    assert world.client(world.vera).get(PAGE).status_code == 403


def test_the_file_is_the_same_and_noted(world: World) -> None:
    owner = world.client(world.anna)
    owner.get(f"/alma/contacts/{world.dora.pk}/")

    text = owner.get("/alma/privacy/looks.csv").getvalue().decode("utf-8-sig")

    head, *rows = csv.reader(io.StringIO(text), delimiter=";" if ";" in text else ",")
    assert len(rows) >= 1 and "contacts:contact" in {row[3] for row in rows}
    assert world.dora.email not in text and len(head) == 7
    assert AuditEntry.objects.filter(tenant=world.alma, action="looks.export").count() == 1
