import json
from pathlib import Path

import pytest

from hirnok.contacts.reading import mapping as mappings
from hirnok.contacts.reading.files import open_table
from hirnok.contacts.reading.preview import detect, preview
from hirnok.contacts.reading.tests import writing
from hirnok.contacts.reading.values import Field


def test_it_shows_what_was_found(tmp_path: Path) -> None:
    content = writing.HUNGARIAN + "".join(f"n{n}@pelda.hu;Nagy;Anna;Eger\r\n" for n in range(500))
    shown = preview(open_table(writing.text(tmp_path, content, "cp1250"), filename="Címek.csv"))
    assert (shown.filename, shown.kind, shown.encoding, shown.delimiter) == (
        "Címek.csv", "csv", "windows-1250", ";",
    )  # fmt: skip
    assert shown.header == ("E-mail cím", "Vezetéknév", "Keresztnév", "Város")
    assert len(shown.rows) == 20
    assert shown.rows[0] == ("orsi@pelda.hu", "Fűzfás", "Őrsi", "Hódmezővásárhely")
    assert shown.estimated_rows == 503
    assert [column.target for column in shown.columns] == [
        "email",
        "last_name",
        "first_name",
        "ignore",
    ]
    assert shown.columns[0].detected == "email"
    assert shown.columns[0].reason_text == "by its header"
    assert shown.columns[3].samples == ("Hódmezővásárhely", "Győr", "Kecskemét")
    assert shown.has_address_column


def test_it_is_json(tmp_path: Path) -> None:
    table = open_table(writing.xlsx(tmp_path, Lista=[["Név", "Kor"], ["Őri", 7]]))
    shown = preview(table, fields=(Field("age", "Kor", "number"),))
    told = json.loads(json.dumps(shown.as_json()))
    assert (told["sheet"], told["sheets"], told["encoding"]) == ("Lista", ["Lista"], None)
    assert told["has_address_column"] is False
    assert told["columns"][1]["reason_text"] == "named like the field Kor"


def test_it_shows_a_chosen_mapping(tmp_path: Path) -> None:
    table = open_table(writing.text(tmp_path, "a;b\nx@y.hu;1\n"))
    shown = preview(table, mapping=mappings.guess(table, chosen={1: "tags"}))
    assert [column.target for column in shown.columns] == ["email", "tags"]
    assert shown.columns[1].reason_text == "chosen by hand"


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["a@b.hu", "c@d.hu"], "email"),
        (["2026. 01. 02.", "2026-01-03"], "date"),
        (["1", "2,5", "1 200"], "number"),
        (["igen", "nem"], "boolean"),
        (["Győr"], "text"),
        ([], "empty"),
    ],
)
def test_it_tells_the_type_of_a_column(cells: list[str], kind: str) -> None:
    assert detect(cells) == kind
