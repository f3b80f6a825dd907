"""The table and the file of figures."""

import json
from pathlib import Path

import pytest

from hirnok.bench import results
from hirnok.bench.results import Row

NAMES = ("campaign", "launch", "tracker")


def test_it_updates_the_rows_of_what_was_measured_again(tmp_path: Path) -> None:
    file = tmp_path / "var" / "bench.json"
    results.write(file, [Row("tracker", 1.0, "hits/s"), Row("campaign", 2.0, "messages/s")], NAMES)
    results.write(file, [Row("campaign", 3.0, "messages/s", rows=7)], NAMES)
    rows = json.loads(file.read_text())
    assert [(row["name"], row["value"]) for row in rows] == [("campaign", 3.0), ("tracker", 1.0)]
    assert rows[0]["rows"] == 7
    assert rows[0]["p99_ms"] is None
    assert set(rows[0]) == set(results.NAMES)


def test_it_begins_again_where_the_file_is_broken(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    file.write_text("[{")
    results.write(file, [Row("launch", 1.0, "rows/s")], NAMES)
    assert [row["name"] for row in results.read(file)] == ["launch"]


@pytest.mark.parametrize(
    ("value", "baseline", "is_time", "expected"),
    [
        (40.0, 2.0, False, 20.0),
        (2.0, 40.0, True, 20.0),
        (1.0, None, False, None),
        (1.0, 0.0, False, None),
    ],
)
def test_it_says_how_many_times_better(
    value: float, baseline: float | None, is_time: bool, expected: float | None
) -> None:
    assert results.ratio(value, baseline, is_time=is_time) == expected


def test_it_prints_a_table_with_aligned_columns() -> None:
    lines = results.table([Row("campaign", 14_321.4, "messages/s"), Row("x", 3.26, "ms")]).split(
        "\n"
    )
    assert lines[0].split() == list(results.NAMES)
    assert lines[1].split()[:4] == ["campaign", "14,321", "messages/s", "-"]
    assert lines[2].split()[1] == "3.3"
    assert lines[1].index("messages/s") == lines[2].index("ms")
