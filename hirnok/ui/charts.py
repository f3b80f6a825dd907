"""Charts as data: what ECharts needs, made from the same plain rows that the table beside it shows.

Promises: axis from zero, a palette that colour-blind people can tell apart (Okabe and Ito, 2008), labels on
both axes. The colours of text and lines come from the page's theme (charts.js). Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

PALETTE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
SYMBOLS = ("circle", "rect", "triangle", "diamond", "pin", "arrow")

Row = tuple[str, *tuple[float | int | None, ...]]


@dataclass(frozen=True)
class Chart:
    """A drawn chart and its table: `columns` are the heads, `rows` the figures."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    option: dict[str, Any]
    help: str = ""


def bar(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Row],
    *,
    stacked: bool = False,
    sideways: bool = False,
    help: str = "",
) -> Chart:
    """Return bars: one group a row, one bar a series; `sideways` suits long names."""
    series = [
        {"type": "bar", "name": name, "barMaxWidth": 36} | ({"stack": "all"} if stacked else {})
        for name in columns[1:]
    ]
    return _chart(title, columns, rows, series, sideways=sideways, help=help)


def line(title: str, columns: Sequence[str], rows: Sequence[Row], *, help: str = "") -> Chart:
    """Return lines over a sequence (hours, days); series differ by symbol too."""
    series = [
        {
            "type": "line",
            "name": name,
            "symbol": symbol,
            "symbolSize": 7,
            "showSymbol": len(rows) < 40,
        }
        for name, symbol in zip(columns[1:], SYMBOLS * len(columns), strict=False)
    ]
    return _chart(title, columns, rows, series, sideways=False, help=help)


def _chart(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Row],
    series: list[dict[str, Any]],
    *,
    sideways: bool,
    help: str,
) -> Chart:
    for index, one in enumerate(series, start=1):
        one["data"] = [row[index] for row in rows]
    category: dict[str, Any] = {
        "type": "category",
        "name": columns[0],
        "data": [row[0] for row in rows],
    }
    value: dict[str, Any] = {"type": "value", "min": 0, "minInterval": 1}
    if sideways:
        category["inverse"] = True
    else:
        category |= {"nameLocation": "middle", "nameGap": 32}
    x, y = (value, category | {"name": ""}) if sideways else (category, value)
    several = len(series) > 1
    option = {
        "color": list(PALETTE),
        "aria": {"enabled": True, "label": {"enabled": True}},
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0} if several else None,
        "grid": {
            "left": 8,
            "right": 16,
            "top": 36 if several else 16,
            "bottom": 28,
            "containLabel": True,
        },
        "xAxis": x,
        "yAxis": y,
        "series": series,
    }
    return Chart(title, tuple(columns), tuple(rows), option, help)
