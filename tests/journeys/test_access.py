"""A copy of everything that is held, for machines and for people, with who really got data, in the person's language."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pypdf
import pytest

from hirnok.contacts import editing
from hirnok.outbox.models import Relay
from hirnok.register import holdings
from hirnok.register.models import Disclosure
from hirnok.rights import copying, outcomes
from hirnok.rights.outcomes import Kind
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World

LATER = NOON + timedelta(days=1)
LANGUAGES = {
    "hu": "Személyes adatainak másolata",
    "ro": "Copia datelor dumneavoastră",
    "en": "A copy of your",
}


def copy_of(world: World, address: str = "dora@example.hu", language: str = "hu") -> copying.Copy:
    with acting_for(world.alma):
        index = holdings.index_of(world.alma.pk, address)
        return copying.copy_of(world.alma, index, language, LATER)


def unpacked(copy: copying.Copy) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(copying.files(copy))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_has_every_package_and_what_the_law_wants_beside_the_data(world: World) -> None:
    copy = copy_of(world)

    assert {one.module for one in copy.outcomes} >= outcomes.modules()
    told = json.loads(unpacked(copy)["data.json"])
    assert told["data"]["contacts.Contact"][0]["email"] == "dora@example.hu"
    assert told["data"]["contacts.Contact"][0]["for"]["legal_basis"] == "consent"
    (held,) = told["held"]
    assert held["activity"] == "Hírlevél"
    assert held["purposes"]
    assert held["source"] == "Az érintett adta meg"
    assert held["since"].startswith("2026-11-02")
    assert "Alma Kertészet" in json.dumps(told["controller"], ensure_ascii=False)


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_people_read_it_in_their_language(world: World, language: str) -> None:
    packed = unpacked(copy_of(world, language=language))

    page = packed["copy.html"].decode()
    assert LANGUAGES[language] in page
    assert "dora@example.hu" in page
    text = "\n".join(
        one.extract_text() for one in pypdf.PdfReader(io.BytesIO(packed["copy.pdf"])).pages
    )
    assert LANGUAGES[language] in " ".join(text.split())
    assert "naih" in text.lower(), "where to complain stands in it"


def test_its_tables_are_harmless_in_a_spreadsheet_program(world: World) -> None:
    with acting_for(world.alma):
        values = editing.Values(first_name="=HYPERLINK(1)", last_name="Őri", language="hu")
        editing.change(world.dora, values, actor="user:1", at=NOON)

    packed = unpacked(copy_of(world))

    text = packed["csv/contacts-contact.csv"].decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text), delimiter=";")
    assert row["first_name"] == "'=HYPERLINK(1)"


def test_it_names_those_who_really_got_data(world: World) -> None:
    Disclosure.objects.create(
        tenant=world.alma,
        holding=world.dora.holding,
        recipient="Futár Kft.",
        categories=["name"],
        reason="kézbesítés",
        at=NOON,
        actor="user:1",
    )

    copy = copy_of(world)

    assert [(one["name"], one["at"][:10]) for one in copy.data["recipients"] if one["at"]] == [
        ("Futár Kft.", "2026-11-02")
    ]
    assert "Futár Kft." in unpacked(copy)["copy.html"].decode()


def test_nobody_elses_data_are_in_it(world: World) -> None:
    everything = b"".join(unpacked(copy_of(world)).values()).decode("utf-8", "replace")

    assert "emil@example.ro" not in everything
    assert world.barack_brand.name not in everything


def test_somebody_unknown_is_told_that_nothing_is_held(world: World) -> None:
    copy = copy_of(world, "senki@example.hu")

    assert copy.data["data"] == {}
    assert {one.kind for one in copy.outcomes} == {Kind.NONE_FOUND}
    assert "nem kezelünk" in unpacked(copy)["copy.html"].decode()


def test_one_brand_tells_of_itself_only(world: World) -> None:
    with acting_for(world.alma):
        index = holdings.index_of(world.alma.pk, "dora@example.hu")
        copy = copying.copy_of(world.alma, index, "hu", LATER, brand=world.alma_brand)

    assert [one["brand"] for one in copy.data["held"]] == ["Alma"]
    assert Relay.objects.count() == 0


def test_it_says_when_the_data_were_looked_at_and_never_by_whom(world: World) -> None:
    world.client(world.mark).get(f"/alma/contacts/{world.dora.pk}/")

    copy = copy_of(world)

    ((how, why),) = {(one["how"], one["for"]) for one in copy.data["looked_at"]}
    assert (how, why) == ("egy oldalon", "Hírlevél")
    packed = unpacked(copy)
    shown = packed["copy.html"].decode() + packed["data.json"].decode()
    assert "Mikor nézték meg az adatait" in shown
    assert world.mark.name not in shown
