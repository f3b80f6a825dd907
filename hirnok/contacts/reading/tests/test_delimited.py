import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hirnok.contacts.reading.files import open_table
from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.reading.table import Limits
from hirnok.contacts.reading.tests import writing

ROWS = [
    ["email", "name", "note"],
    ["a@b.hu", "Kiss, Anna", "one; two"],
    ["c@d.hu", 'Nagy "Nagyi" Ilona', "line\nbreak"],
    ["e@f.hu", "O'Brien", "tab\there | bar"],
]


def written(rows: list[list[str]], **dialect: object) -> str:
    target = io.StringIO()
    csv.writer(target, **dialect).writerows(rows)  # type: ignore[arg-type]
    return target.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_it_finds_the_delimiter(tmp_path: Path, delimiter: str, quoting: int, end: str) -> None:
    content = written(ROWS, delimiter=delimiter, quoting=quoting, lineterminator=end)
    table = open_table(writing.text(tmp_path, content))
    assert table.delimiter == delimiter
    assert table.header == tuple(ROWS[0])
    assert [cells for _, cells in table.rows()] == ROWS[1:]


@pytest.mark.parametrize("delimiter", [",", ";", "|", "^"])
def test_it_obeys_the_line_of_excel(tmp_path: Path, delimiter: str) -> None:
    content = f"sep={delimiter}\r\n" + written(ROWS, delimiter=delimiter)
    table = open_table(writing.text(tmp_path, content))
    assert table.delimiter == delimiter
    assert next(iter(table.rows())) == (2, ROWS[1])


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_it_obeys_the_line_of_excel_behind_a_mark(tmp_path: Path, codec: str) -> None:
    content = "sep=;\r\n" + written(ROWS, delimiter=";")
    table = open_table(writing.text(tmp_path, content, codec))
    assert (table.delimiter, table.header) == (";", tuple(ROWS[0]))


def test_it_obeys_a_chosen_delimiter(tmp_path: Path) -> None:
    path = writing.text(tmp_path, "email;a,b\nx@y.hu;1,2\n")
    assert open_table(path, delimiter=",").header == ("email;a", "b")
    with pytest.raises(Problem, match="one character"):
        open_table(path, delimiter=";;")


def test_it_reads_single_quotes_and_backslashes(tmp_path: Path) -> None:
    single = open_table(writing.text(tmp_path, "'email','name'\n'a@b.hu','Kiss, Anna'\n", name="1"))
    assert single.sample == (("a@b.hu", "Kiss, Anna"),)
    escaped = 'email,name\n"a@b.hu","Kiss \\"Pici\\" Anna, dr."\n'
    backslash = open_table(writing.text(tmp_path, escaped, name="2"))
    assert backslash.sample == (("a@b.hu", 'Kiss "Pici" Anna, dr.'),)


def test_it_reads_a_single_column(tmp_path: Path) -> None:
    table = open_table(writing.text(tmp_path, "a@b.hu\nc@d.hu\n"))
    assert (table.has_header, table.header) == (False, ("",))
    assert list(table.rows()) == [(1, ["a@b.hu"]), (2, ["c@d.hu"])]


def test_it_reads_line_ends_of_old_macs(tmp_path: Path) -> None:
    table = open_table(writing.text(tmp_path, "email;név\ra@b.hu;Őri\rc@d.hu;Űr\r"))
    assert [cells for _, cells in table.rows()] == [["a@b.hu", "Őri"], ["c@d.hu", "Űr"]]


def test_it_counts_rows_as_a_spreadsheet_does(tmp_path: Path) -> None:
    table = open_table(writing.text(tmp_path, 'email,n\na@b.hu,"x\ny\nz"\n\n,\nc@d.hu,1\n'))
    assert [number for number, _ in table.rows()] == [2, 5]


@pytest.mark.parametrize(
    ("content", "header"),
    [
        ("email;name\na@b.hu;x\n", ("email", "name")),
        ("a@b.hu;x\nc@d.hu;y\n", None),
        ("Címlista 2026\n\nE-mail;Név\na@b.hu;x\n", ("E-mail", "Név")),
        ("Lista clienților;\n;\nE-mail;Nume\na@b.hu;x\n", ("E-mail", "Nume")),
        ("alfa;beta\nx;y\n", ("alfa", "beta")),
        ("1;2\n3;4\n", None),
        ("E-mail\na@b.hu\n", ("E-mail",)),
        ("email;name;;\na@b.hu;x;;\n", ("email", "name")),
    ],
)
def test_it_finds_the_header(tmp_path: Path, content: str, header: tuple[str, ...] | None) -> None:
    table = open_table(writing.text(tmp_path, content))
    assert (table.header if table.has_header else None) == header


@pytest.mark.parametrize("content", ['email,name\na@b.hu,"x\nc@d.hu,y\n', 'email\n"a@b.hu\n'])
def test_it_refuses_a_quote_that_never_closes(tmp_path: Path, content: str) -> None:
    with pytest.raises(Problem) as refused:
        list(open_table(writing.text(tmp_path, content)).rows())
    assert (refused.value.code, refused.value.details["row"]) == ("cell_too_long", 2)


def test_it_refuses_a_quote_that_swallows_the_file(tmp_path: Path) -> None:
    content = 'email,name\na@b.hu,"x\n' + "c@d.hu,y\n" * 40_000
    with pytest.raises(Problem) as refused:
        open_table(writing.text(tmp_path, content))
    assert (refused.value.code, refused.value.details["row"]) == ("cell_too_long", 2)


def test_it_refuses_more_rows_than_the_limit(tmp_path: Path) -> None:
    path = writing.text(tmp_path, "email\n" + "a@b.hu\n" * 11)
    assert len(list(open_table(path, limits=Limits(rows=11)).rows())) == 11
    with pytest.raises(Problem, match="more than 10 rows"):
        list(open_table(path, limits=Limits(rows=10)).rows())


def test_it_refuses_more_columns_than_the_limit(tmp_path: Path) -> None:
    with pytest.raises(Problem) as refused:
        open_table(writing.text(tmp_path, "email\na@b.hu" + ";" * 600 + "\n"))
    assert refused.value.code == "too_many_columns"


cell = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
grid = st.integers(2, 5).flatmap(
    lambda width: st.lists(
        st.lists(
            cell | st.sampled_from(["a;b", 'q"q', "x,y", "t\tt", "n\nn", "p|p"]),
            min_size=width,
            max_size=width,
        ),
        min_size=1,
        max_size=8,
    )
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    grid=grid,
    delimiter=st.sampled_from(",;\t|"),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_it_reads_back_what_was_written(
    tmp_path: Path, grid: list[list[str]], delimiter: str, codec: str
) -> None:
    width = len(grid[0])
    rows = [["email", *(f"name{index}" for index in range(1, width))], ["a@b.hu"] * width, *grid]
    content = written(rows, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    table = open_table(writing.text(tmp_path, content, codec), delimiter=delimiter)
    assert [cells for _, cells in table.rows()] == [row for row in rows[1:] if any(row)]
