"""Headers that are phrases; those that look alike and mean something else stay unknown."""

from pathlib import Path

import pytest

from hirnok.contacts.reading import mapping, phrases
from hirnok.contacts.reading.files import open_table
from hirnok.contacts.reading.tests import writing
from hirnok.contacts.reading.values import Field


@pytest.mark.parametrize(
    "header",
    [
        "Feliratkozás napja", "A feliratkozás dátuma", "Mikor iratkozott fel?", "Mikor iratkozott fel a hírlevélre",
        "Hozzájárulás kelte", "A regisztráció napja", "Hírlevélre feliratkozás időpontja",
        "Ziua abonării", "Data la care s-a abonat", "Momentul consimțământului", "Când s-a înscris",
        "Date of subscription", "Day of sign-up", "When they subscribed", "Newsletter signup date", "Consent date and time",
    ],
)  # fmt: skip
def test_it_knows_when_somebody_came(header: str) -> None:
    assert phrases.target_of(header) == "consent_at"


@pytest.mark.parametrize(
    "header",
    ["Leiratkozás napja", "Mikor iratkozott le?", "Ziua dezabonării", "Day of unsubscribing"],
)
def test_it_knows_when_somebody_went(header: str) -> None:
    assert phrases.target_of(header) == "left"


@pytest.mark.parametrize(
    "header",
    [
        "Feliratkozás", "Dátum", "Születési dátum", "Data nașterii", "Subscription end date", "Subscription renewal date",
        "Előfizetés vége", "Consent withdrawn date", "Hozzájárulás visszavonásának napja", "Utolsó rendelés dátuma",
        "Last registered date", "Registration time limit until", "Data", "Day", "Mikor", "Feliratkozások napja 2024",
        "Nap", "Napja", "Megjegyzés", "Data expirării abonamentului", "Order date", "Rendelés napja", "Date of birth",
        "Kedves feliratkozó, ez a lista arról szól, hogy mikor és hol volt a nap",
    ],
)  # fmt: skip
def test_it_leaves_alone_what_only_looks_alike(header: str) -> None:
    assert phrases.target_of(header) is None


FIELDS = (
    Field("city", "Város", "text"),
    Field("bought", "Utolsó vásárlás", "date"),
    Field("points", "Pontok", "number"),
)


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("Város, ahol lakik", "field:city"),
        ("Település neve", "field:city"),
        ("Orașul în care locuiți", "field:city"),
        ("City where you live", "field:city"),
        ("Mikor vett utoljára", "field:bought"),
        ("Utolsó rendelés dátuma", "field:bought"),
        ("Data ultimei comenzi", "field:bought"),
        ("Date of last order", "field:bought"),
        ("Város és irányítószám", "ignore"),
        ("Hány pontja van", "ignore"),
        ("Rendelés napja", "ignore"),
        ("Utolsó belépés", "ignore"),
        ("Dátum", "ignore"),
    ],
)
def test_it_finds_the_field_that_is_meant(tmp_path: Path, header: str, target: str) -> None:
    table = open_table(writing.text(tmp_path, f"E-mail;{header}\na@example.hu;x\n"))
    assert mapping.guess(table, fields=FIELDS).targets == ("email", target)


def test_it_takes_no_field_where_two_could_be_meant(tmp_path: Path) -> None:
    fields = (*FIELDS, Field("town", "Település", "text"))
    table = open_table(writing.text(tmp_path, "E-mail;Város, ahol lakik\na@example.hu;x\n"))
    assert mapping.guess(table, fields=fields).targets == ("email", "ignore")
