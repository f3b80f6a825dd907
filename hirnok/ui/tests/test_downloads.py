"""Files for spreadsheet programs: nothing in them runs, and they read as their language has it."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from hirnok.ui.downloads import Cell, csv_pieces, csv_response, escaped

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("\t=1", "'\t=1"),
        ("anna@example.hu", "anna@example.hu"),
        ("", ""),
        (None, ""),
        (-5, "-5"),
        (True, "yes"),
    ],
)
def test_it_escapes_what_would_run(cell: Cell, text: str) -> None:
    assert escaped(cell) == text


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "yes,2026-11-02 13:00:00,7"),
        ("hu", "igen;2026-11-02 13:00:00;7"),
        ("ro", "da;2026-11-02 13:00:00;7"),
    ],
)
def test_it_speaks_the_language_and_shows_the_local_time(language: str, line: str) -> None:
    with override(language), timezone.override("Europe/Budapest"):
        answer = csv_response([[True, NOON, 7]], "a.csv")
    assert answer.content.decode() == f"\ufeff{line}\r\n"
    assert answer["Content-Disposition"] == 'attachment; filename="a.csv"'


@given(
    st.lists(st.lists(st.text(), min_size=1), min_size=1, max_size=5), st.sampled_from(["hu", "en"])
)
def test_it_writes_lines_that_read_back_as_they_were(rows: list[list[str]], language: str) -> None:
    text = "".join(csv_pieces(rows, language)).removeprefix("\ufeff")
    delimiter = "," if language == "en" else ";"
    read = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    assert read == [[escaped(cell) for cell in row] for row in rows]
