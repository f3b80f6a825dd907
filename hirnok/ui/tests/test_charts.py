from hirnok.ui import charts

HOURS = [("8:00", 400, 180), ("9:00", 210, 90), ("10:00", None, 3)]


def test_it_draws_what_the_table_shows_from_zero() -> None:
    chart = charts.line("Opens per hour", ["Hour", "People", "Machines"], HOURS)
    assert chart.rows == tuple(HOURS)
    assert [series["data"] for series in chart.option["series"]] == [[400, 210, None], [180, 90, 3]]
    assert chart.option["yAxis"]["min"] == 0
    assert chart.option["xAxis"]["data"] == ["8:00", "9:00", "10:00"]


def test_it_tells_lines_apart_by_symbol_too() -> None:
    chart = charts.line("Opens", ["Hour", "People", "Machines"], HOURS)
    assert len({series["symbol"] for series in chart.option["series"]}) == 2


def test_it_lays_bars_sideways_and_stacks_them() -> None:
    chart = charts.bar("Clicks", ["Link", "Clicks"], [("Bulbs", 3)], sideways=True, stacked=True)
    assert chart.option["xAxis"]["type"] == "value"
    assert chart.option["yAxis"]["data"] == ["Bulbs"]
    assert chart.option["series"][0]["stack"] == "all"
    assert chart.option["legend"] is None
