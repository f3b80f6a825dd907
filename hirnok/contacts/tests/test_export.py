"""Export: escaped, streamed, audited, and importable again."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from hirnok.contacts import export
from hirnok.contacts.models import Contact, ContactTag, Field, Tag
from hirnok.contacts.reading.files import open_table
from hirnok.contacts.reading.mapping import guess
from hirnok.contacts.reading.rows import Row, read_rows
from hirnok.contacts.reading.values import Field as ReadField
from hirnok.tenants.models import AuditEntry
from hirnok.ui.downloads import csv_pieces, escaped
from tests.world import World

TYPES = ("text", "number", "date", "boolean")
FIELDS = tuple(ReadField(f"f_{kind}", f"Mező {kind}", kind) for kind in TYPES)


@pytest.fixture
def mark(world: World) -> Client:
    return world.client(world.mark)


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_it_exports_what_the_list_shows(world: World, mark: Client) -> None:
    Field.objects.create(tenant=world.alma, key="city", label="Város")
    Contact.objects.filter(pk=world.dora.pk).update(fields={"city": "Győr"})
    tag = Tag.objects.create(tenant=world.alma, name="vip")
    ContactTag.objects.create(tenant=world.alma, contact_id=world.dora.pk, tag_id=tag.pk)
    answer = mark.get("/alma/contacts/export.csv?q=example&sort=-email")
    assert "alma-contacts-" in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(body(answer).decode("utf-8-sig"))))
    assert rows == [
        ["E-mail", "First name", "Last name", "Language", "Tags", "Lists", "Város"],
        ["emil@example.ro", "Emil", "Țuțea", "ro", "", "Olvasók", ""],
        ["dora@example.hu", "Dóra", "Őri", "hu", "vip", "Olvasók", "Győr"],
    ]
    entry = AuditEntry.objects.get(action="contact.export")
    assert (entry.actor, entry.details["format"]) == (f"user:{world.mark.pk}", "csv")


def test_the_delimiter_is_that_of_the_language(world: World, mark: Client) -> None:
    answer = mark.get("/alma/contacts/export.csv", headers={"accept-language": "hu"})
    assert body(answer).decode("utf-8-sig").splitlines()[1].count(";") == 5


def test_formulas_are_harmless(world: World, mark: Client) -> None:
    Contact.objects.filter(pk=world.dora.pk).update(first_name='=HYPERLINK("http://x")')
    text = body(mark.get("/alma/contacts/export.csv")).decode()
    assert "\"'=HYPERLINK" in text
    book = load_workbook(io.BytesIO(body(mark.get("/alma/contacts/export.xlsx"))))
    cell = book.active.cell(2, 2)
    assert (cell.value, cell.data_type) == ('=HYPERLINK("http://x")', "s")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("=1+1", "'=1+1"),
        ("+36 1 234", "'+36 1 234"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("a=b", "a=b"),
        ("", ""),
        (-5, "-5"),
        (1.234, "1.2340"),
        (1.5, "1.5"),
    ],
)
def test_cells_are_escaped(cell: export.Cell, text: str) -> None:
    assert escaped(cell) == text


def test_a_full_sheet_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "SHEET_ROWS", 2)
    target = io.BytesIO()
    export.write_xlsx([["h"], ["a"], ["b"], ["c"]], target, sheet="Con/tacts")
    book = load_workbook(target)
    found = {page.title: [row[0] for row in page.values] for page in book}
    assert found == {"Con tacts": ["h", "a", "b"], "Con tacts 2": ["h", "c"]}


def test_an_empty_list_has_its_header() -> None:
    target = io.BytesIO()
    export.write_xlsx([["h"]], target, sheet="Contacts")
    assert [list(row) for row in load_workbook(target).active.values] == [["h"]]


def test_viewers_and_strangers_do_not_export(world: World) -> None:
    for name in ("csv", "xlsx"):
        assert world.client(world.vera).get(f"/alma/contacts/export.{name}").status_code == 403
        assert world.client(world.bela).get(f"/alma/contacts/export.{name}").status_code == 404
    assert not AuditEntry.objects.filter(action="contact.export").exists()


WORDS = (
    st.text(st.sampled_from("abcőűăȚ \";,'|=+-@1\n"), max_size=12)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: not text.startswith(("'", "=", "+", "-", "@")))
)
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "f_text": WORDS.filter(bool),
        "f_number": st.one_of(
            st.integers(-(10**9), 10**9),
            st.floats(-(10**6), 10**6)
            .map(lambda number: round(number, 3))
            .filter(lambda n: "e" not in str(n)),
        ),
        "f_date": st.dates(date(1901, 1, 1), date(2199, 12, 31)).map(lambda day: day.isoformat()),
        "f_boolean": st.booleans(),
    },
)
PEOPLE = st.lists(
    st.tuples(WORDS, WORDS, st.sampled_from(["", "hu", "ro"]), CELLS), min_size=1, max_size=6
)


def table_of(people: list[tuple[str, str, str, dict[str, Any]]]) -> list[list[export.Cell]]:
    header: list[export.Cell] = ["E-mail", "First name", "Last name", "Language", "Tags", "Lists"]
    rows = [[*header, *(field.label for field in FIELDS)]]
    for number, (first, last, language, held) in enumerate(people):
        cells = [export._cell(held.get(field.key)) for field in FIELDS]
        rows.append([f"a{number}@example.hu", first, last, language, "vip; kert", "L", *cells])
    return rows


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(people=PEOPLE, kind=st.sampled_from(["hu", "en", "xlsx"]))
def test_what_is_exported_is_imported_again(
    tmp_path: Path, people: list[tuple[str, str, str, dict[str, Any]]], kind: str
) -> None:
    path = tmp_path / "out"
    if kind == "xlsx":
        with path.open("wb") as file:
            export.write_xlsx(table_of(people), file, sheet="Contacts")
    else:
        text = "".join(csv_pieces(table_of(people), kind))
        path.write_text(text, encoding="utf-8", newline="")
    table = open_table(path, filename="out")
    mapping = guess(table, fields=FIELDS)
    found = [row for row in read_rows(table, mapping, fields=FIELDS) if isinstance(row, Row)]
    assert [row.address.text for row in found] == [f"a{n}@example.hu" for n in range(len(people))]
    for row, (first, last, language, held) in zip(found, people, strict=True):
        assert (row.first_name, row.last_name, row.language or "") == (first, last, language)
        assert row.tags == ("vip", "kert")
        assert row.fields == held, row.warnings
