"""Cells that must not run."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirnok.lib.sheets import csv_lines, escaped


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("\t=1", "'\t=1"),
        ("-12,5", "-12,5"),
        ("+36301234567", "+36301234567"),
        ("anna@example.hu", "anna@example.hu"),
        ("", ""),
    ],
)
def test_it_escapes_what_would_run(cell: str, expected: str) -> None:
    assert escaped(cell) == expected


@given(st.lists(st.lists(st.text(), min_size=1), min_size=1, max_size=5))
def test_it_writes_lines_that_read_back_as_they_were(rows: list[list[str]]) -> None:
    text = "".join(csv_lines(rows)).removeprefix("\ufeff")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [[escaped(cell) for cell in row] for row in rows]
