from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hirnok.contacts.reading import mapping as mappings
from hirnok.contacts.reading.files import open_table
from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.reading.rows import (
    REJECTIONS,
    WARNINGS,
    Outcome,
    Rejected,
    Row,
    Suppress,
    Warned,
    read_rows,
)
from hirnok.contacts.reading.tests import writing
from hirnok.contacts.reading.values import Field

FIELDS = (
    Field("city", "Város"),
    Field("age", "Kor", "number"),
    Field("born_on", "Születésnap", "date"),
    Field("member", "Tag", "boolean"),
    Field("size", "Méret", "choice", ("S", "M", "L")),
)


def read(folder: Path, content: str, encoding: str = "utf-8", **options: Any) -> list[Outcome]:
    table = open_table(writing.text(folder, content, encoding))
    return list(read_rows(table, mappings.guess(table, fields=FIELDS), fields=FIELDS, **options))


def contacts(outcomes: list[Outcome]) -> list[Row]:
    return [outcome for outcome in outcomes if isinstance(outcome, Row)]


def test_it_reads_typed_rows(tmp_path: Path) -> None:
    [row] = contacts(
        read(
            tmp_path,
            "E-mail;Vezetéknév;Keresztnév;Nyelv;Címkék;Város;Kor;Születésnap;Tag;Méret;Feliratkozás dátuma;Forrás;IP cím\n"
            " Anna@PELDA.hu ;Kiss;Anna;magyar;VIP, új;Győr;41;1985. 02. 03.;igen;m;2024. 01. 02. 13:14;űrlap;10.1.2.3\n",
            zone=ZoneInfo("Europe/Budapest"),
        )
    )
    assert (row.number, row.address.text, row.address.key) == (2, "Anna@pelda.hu", "anna@pelda.hu")
    assert (row.first_name, row.last_name, row.language) == ("Anna", "Kiss", "hu")
    assert row.tags == ("VIP", "új")
    assert row.fields == {
        "city": "Győr",
        "age": 41,
        "born_on": "1985-02-03",
        "member": True,
        "size": "M",
    }
    assert row.consent_at == datetime(2024, 1, 2, 12, 14, tzinfo=UTC)
    assert (row.consent_source, row.consent_ip, row.warnings) == ("űrlap", "10.1.2.3", ())


def test_it_drops_a_wrong_value_and_keeps_the_row(tmp_path: Path) -> None:
    row, *_ = contacts(
        read(
            tmp_path,
            "E-mail;Kor;Születésnap;Tag;Méret;Nyelv;IP cím;Város\n"
            "a@b.hu;sok;03/04/2026;talán;XXL;klingon;x;Győr;extra\n"
            "c@d.hu;;;;;;;\ne@f.hu;;;;;;;\n",
        )
    )
    assert row.fields == {"city": "Győr"}
    assert row.warnings == (
        Warned("Kor", "not_a_number"),
        Warned("Születésnap", "ambiguous_date"),
        Warned("Tag", "not_yes_or_no"),
        Warned("Méret", "unknown_choice"),
        Warned("Nyelv", "unknown_language"),
        Warned("IP cím", "not_an_ip"),
        Warned("", "extra_cells"),
    )
    assert all(warned.code in WARNINGS for warned in row.warnings)


def test_it_learns_from_the_other_values_of_a_column(tmp_path: Path) -> None:
    rows = contacts(
        read(
            tmp_path,
            "email;Születésnap;Kor\na@b.hu;03/04/2026;1.234\nc@d.hu;25/12/2026;2,5\ne@f.hu;;\n",
        )
    )
    assert [row.fields for row in rows] == [
        {"born_on": "2026-04-03", "age": 1234},
        {"born_on": "2026-12-25", "age": 2.5},
        {},
    ]


@pytest.mark.parametrize(
    ("language", "age"), [("hu", 1234), ("ro", 1234), ("en", 1.234), (None, None)]
)
def test_it_reads_numbers_as_the_language_of_the_list_does(
    tmp_path: Path, language: str | None, age: float | None
) -> None:
    [row] = contacts(read(tmp_path, "email;Kor\na@b.hu;1.234\n", language=language))
    assert row.fields.get("age") == age


def test_it_rejects_rows_with_a_reason(tmp_path: Path) -> None:
    outcomes = read(
        tmp_path,
        "email;név\n;Üres\nrossz;Rossz\na@b.hu;Jó\nA@B.HU;Ismét\n"
        f"{'x' * 3000}@b.hu;Hosszú\na@b.hu c@d.hu;Kettő\nőri@b.hu;Ékezet\n",
    )
    rejected = [each for each in outcomes if isinstance(each, Rejected)]
    assert [(each.number, each.code, each.details.get("reason")) for each in rejected] == [
        (2, "missing_address", None),
        (3, "invalid_address", "no_at"),
        (5, "duplicate", None),
        (6, "too_long", None),
        (7, "invalid_address", "several"),
        (8, "invalid_address", "non_ascii_local"),
    ]
    assert rejected[0].cells == ("", "Üres")
    assert all(each.code in REJECTIONS for each in rejected)
    assert [row.number for row in contacts(outcomes)] == [4]


@pytest.mark.parametrize(
    ("header", "cell", "reason"),
    [
        ("status", "unsubscribed", "unsubscribed"),
        ("Állapot", "Leiratkozott", "unsubscribed"),
        ("status", "cleaned", "dead"),
        ("status", "bounced", "dead"),
        ("status", "blocklisted", "blocklisted"),
        ("Stare", "dezabonat", "unsubscribed"),
        ("status", "complained", "complained"),
        ("UNSUB_TIME", "2024-05-06 07:08:09", "unsubscribed"),
        ("Leiratkozott", "igen", "unsubscribed"),
        ("CLEAN_TIME", "2024-05-06 07:08:09", "dead"),
        ("Email hard bounce reason", "UNKNOWN_USER", "dead"),
        ("Unsubscribed from all email", "Yes", "unsubscribed"),
        ("EMAIL_BLACKLISTED", "1", "unsubscribed"),
    ],
)
def test_it_turns_those_who_left_into_suppressions(
    tmp_path: Path, header: str, cell: str, reason: str
) -> None:
    outcomes = read(tmp_path, f"email,{header}\na@b.hu,{cell}\nc@d.hu,\n")
    assert isinstance(outcomes[0], Suppress)
    assert (outcomes[0].address.text, outcomes[0].reason) == ("a@b.hu", reason)
    assert isinstance(outcomes[1], Row)


@pytest.mark.parametrize("cell", ["No", "false", "0", "nem", "nu", "never", "-"])
def test_it_keeps_those_who_did_not_leave(tmp_path: Path, cell: str) -> None:
    assert len(contacts(read(tmp_path, f"email,Unsubscribed\na@b.hu,{cell}\n"))) == 1


def test_it_takes_no_one_whose_status_is_unclear(tmp_path: Path) -> None:
    outcomes = read(
        tmp_path, "email,status\na@b.hu,subscribed\nc@d.hu,pending\ne@f.hu,what\ng@h.hu,active\n"
    )
    assert [type(each).__name__ for each in outcomes] == ["Row", "Rejected", "Rejected", "Row"]
    assert isinstance(outcomes[1], Rejected) and outcomes[1].code == "unconfirmed"
    assert isinstance(outcomes[2], Rejected) and outcomes[2].details == {"status": "what"}


def test_a_suppression_follows_a_contact_of_the_same_address(tmp_path: Path) -> None:
    outcomes = read(
        tmp_path,
        "email,Unsubscribed\na@b.hu,\nA@b.hu,yes\na@B.hu,yes\na@b.hu,\n",
    )
    assert [getattr(each, "code", getattr(each, "reason", "row")) for each in outcomes] == [
        "row", "unsubscribed", "duplicate", "duplicate",
    ]  # fmt: skip


def test_a_whole_file_can_be_a_suppression_list(tmp_path: Path) -> None:
    content = "email\na@b.hu\nc@d.hu\nnothing\n"
    outcomes = read(tmp_path, content, status="dead")
    assert [getattr(each, "reason", None) for each in outcomes] == ["dead", "dead", None]
    header = "Email Address,MEMBER_RATING,LEID,EUID\na@b.hu,2,1,x\n"
    table = open_table(writing.text(tmp_path, header), filename="unsubscribed_export.csv")
    guess = mappings.guess(table)
    assert isinstance(next(read_rows(table, guess)), Suppress)
    assert isinstance(next(read_rows(table, guess, status="subscribed")), Row)


@pytest.mark.parametrize(
    ("content", "first", "last", "language"),
    [
        ("email;Név\na@b.hu;Dr. Kiss Anna\n", "Anna", "Dr. Kiss", None),
        ("email;Name\na@b.hu;Anna Kiss\n", "Anna", "Kiss", None),
        ("email;Name\na@b.hu;Kiss Anna\n", "Anna", "Kiss", "hu"),
        ("email;Name;Language\na@b.hu;Kiss Anna;hu\n", "Anna", "Kiss", None),
        ("email;Nume și prenume\na@b.ro;Popescu Ion\n", "Ion", "Popescu", "hu"),
        ("email;Nume complet\na@b.ro;Ion Popescu\n", "Ion", "Popescu", "hu"),
        ("email;város\nKiss Anna <a@b.hu>;Győr\n", "Anna", "Kiss", "hu"),
        ("email;Név;Keresztnév\na@b.hu;Kiss Anna;Annuska\n", "Annuska", "Kiss", None),
    ],
)
def test_it_splits_names_by_language(
    tmp_path: Path, content: str, first: str, last: str, language: str | None
) -> None:
    [row] = contacts(read(tmp_path, content, language=language))
    assert (row.first_name, row.last_name) == (first, last)


def test_it_unfolds_the_attributes_of_listmonk(tmp_path: Path) -> None:
    [row, bad] = contacts(
        read(
            tmp_path,
            "uuid,email,name,attributes,status,created_at,updated_at\n"
            'x,a@b.hu,Anna Kiss,"{""város"": ""Győr"", ""age"": 41, ""member"": true, ""lang"": ""hu"", ""z"": [1]}",enabled,,\n'
            "y,c@d.hu,Béla,{broken,enabled,,\n",
        )
    )
    assert row.fields == {"city": "Győr", "age": 41, "member": True}
    assert (row.language, row.first_name, row.last_name) == ("hu", "Kiss", "Anna")
    assert bad.warnings == (Warned("attributes", "not_json"),)


def test_it_reads_old_romanian_letters_as_they_are_written_today(tmp_path: Path) -> None:
    content = writing.ROMANIAN.translate(writing.CEDILLA)
    rows = contacts(read(tmp_path, content, "cp1250"))
    assert [(row.first_name, row.last_name) for row in rows] == [
        ("Ștefan", "Țepeș"),
        ("Ioana", "Brânză"),
        ("Ana-Măria", "Mureșan"),
    ]


def test_it_reads_workbooks_alike(tmp_path: Path) -> None:
    header = ["E-mail", "Kor", "Születésnap", "Tag"]
    day = datetime(1985, 2, 3)
    for path in (
        writing.xlsx(tmp_path, L=[header, ["a@b.hu", 1.234, day, True]]),
        writing.shared_xlsx(tmp_path, [header, ["a@b.hu", 1.234, day, True]]),
        writing.xls(tmp_path, [header, ["a@b.hu", 1.234, day, True]]),
        writing.ods(tmp_path, [header, ["a@b.hu", 1.234, day, True]]),
    ):
        table = open_table(path)
        [row] = read_rows(table, mappings.guess(table, fields=FIELDS), fields=FIELDS, language="hu")
        assert isinstance(row, Row)
        assert row.fields == {"age": 1.234, "born_on": "1985-02-03", "member": True}


def test_it_raises_when_the_file_breaks_further_down(tmp_path: Path) -> None:
    content = "email,név\n" + "".join(f"n{n}@b.hu,x\n" for n in range(400)) + 'x,"open\n'
    table = open_table(writing.text(tmp_path, content))
    outcomes: Iterator[Outcome] = read_rows(table, mappings.guess(table))
    with pytest.raises(Problem) as refused:
        list(outcomes)
    assert (refused.value.code, refused.value.details["row"]) == ("cell_too_long", 402)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters=";\"'\r\n\0"), max_size=15),
            min_size=8,
            max_size=8,
        ),
        max_size=6,
    )
)
def test_each_row_has_one_outcome_whatever_it_holds(tmp_path: Path, grid: list[list[str]]) -> None:
    header = "E-mail;Név;Nyelv;Címkék;Kor;Születésnap;Tag;Feliratkozás dátuma"
    lines = [";".join(cells) for cells in grid]
    path = writing.text(tmp_path, "\n".join((header, "a@b.hu;;;;;;;", *lines)) + "\n")
    table = open_table(path, encoding="utf-8", delimiter=";")
    outcomes = list(read_rows(table, mappings.guess(table, fields=FIELDS), fields=FIELDS))
    filled = [cells for cells in grid if "".join(cells).strip()]
    assert len(outcomes) == len(filled) + 1
