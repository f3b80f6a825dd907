"""Figures: one row for each measure, printed as a table and kept in a JSON file.

A run of some measures updates their rows and leaves the others as they were.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Row:
    """One figure. What has no meaning for a measure is None.

    `value` and `baseline` in `unit`; `ratio` says how many times better the value is. `cpu_us`: processor time for
    one item, of all of our processes and the database's. `rss_mb`: the largest memory of the process measured.
    `rows`: how many items. `p99_ms`: of one request. `rewritten`: rows that a repetition wrote again.
    """

    name: str
    value: float | None
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    cpu_us: float | None = None
    rss_mb: float | None = None
    rows: int | None = None
    p99_ms: float | None = None
    rewritten: int | None = None


NAMES = tuple(field.name for field in fields(Row))


def ratio(value: float | None, baseline: float | None, *, is_time: bool = False) -> float | None:
    """Return how many times better a value is than its baseline; with `is_time` less is better."""
    if not value or not baseline:
        return None
    return baseline / value if is_time else value / baseline


def read(path: Path) -> list[dict[str, Any]]:
    """Return the rows of earlier runs; none when the file is missing or no longer readable."""
    try:
        rows = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return [row for row in rows if isinstance(row, dict) and "name" in row]


def write(path: Path, rows: Iterable[Row], order: Iterable[str]) -> None:
    """Replace the rows of the same names in a file, in the given order of names."""
    kept = {row["name"]: row for row in read(path)}
    kept |= {row.name: {name: _rounded(x) for name, x in asdict(row).items()} for row in rows}
    names = [name for name in order if name in kept]
    text = ",\n ".join(json.dumps(kept[name]) for name in names)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(f"[{text}]\n", "utf-8")
    fresh.replace(path)


def table(rows: Iterable[Row]) -> str:
    """Return rows as text with aligned columns."""
    lines = [NAMES, *([_shown(getattr(row, name)) for name in NAMES] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(NAMES))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at in {0, 2} else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _rounded(value: Any) -> Any:
    return round(value, 3 if abs(value) < 100 else 1) if isinstance(value, float) else value


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
