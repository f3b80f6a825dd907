"""The table of the security standard is true: each requirement once, and each test and file that it names exists."""

import re

import pytest

from tests.invariants.layers import ROOT

TABLE = (ROOT / "docs" / "security" / "asvs.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TABLE.splitlines()
    if re.match(r"\| \d+\.\d+\.\d+ \|", line)
]
# Requirements of levels 1 and 2 in each section of ASVS 5.0.0; 7.5.3 and others of level 3 are left out.
COUNTS = {"6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4}
COUNTS |= {"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2}
COUNTS |= {"8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1}


def test_each_requirement_has_its_row() -> None:
    expected = [f"{part}.{number + 1}" for part, count in COUNTS.items() for number in range(count)]
    assert [row[0] for row in ROWS] == expected


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_shows_it_exists(row: list[str]) -> None:
    _, _, level, state, shown = row
    assert level in {"1", "2"}
    assert state in {"met", "not met", "n.a."}
    named = re.findall(r"`([\w./-]+\.(?:py|md|lock))(?:::(\w+))?`", shown)
    assert named or state != "met"
    for file, test in named:
        text = (ROOT / file).read_text()
        assert not test or re.search(rf"^def {test}\(", text, re.MULTILINE), f"{file}::{test}"
