import contextlib
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hirnok.contacts.reading import dates


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-25", "2026.11.25", "2026. 11. 25.", "2026.11.25.", "2026/11/25", "20261125",
        "25.11.2026", "25. 11. 2026.", "25/11/2026", "25-11-2026", "11/25/2026", "11-25-2026",
        "2026. november 25.", "2026. nov. 25.", "2026 november 25", "2026. november 25-én",
        "25 noiembrie 2026", "25 noi. 2026", "25-nov-2026", "25 November 2026", "25 de noviembre 2026",
        "November 25, 2026", "Nov 25 2026", "Nov. 25th, 2026", "25th November 2026",
        "2026-11-25 10:20", "2026-11-25T10:20:30Z", "2026. 11. 25. 10:20:30", "  2026-11-25 ",
    ],
)  # fmt: skip
def test_it_reads_a_date(text: str) -> None:
    if text == "25 de noviembre 2026":
        with pytest.raises(dates.NotADate):
            dates.parse_date(text)
        return
    assert dates.parse_date(text) == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("text", "day", "month"),
    [
        ("2026. március 1.", 1, 3), ("1 martie 2026", 1, 3), ("2026. ápr. 2.", 2, 4),
        ("2 mai 2026", 2, 5), ("2026. május 2.", 2, 5), ("2026. szeptember 9.", 9, 9),
        ("9 ianuarie 2026", 9, 1), ("30 iunie 2026", 30, 6), ("1 iul. 2026", 1, 7), ("2026. okt. 3.", 3, 10),
    ],
)  # fmt: skip
def test_it_knows_the_months(text: str, day: int, month: int) -> None:
    assert dates.parse_date(text) == date(2026, month, day)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "2026",
        "2026-13-01",
        "2026-02-30",
        "31.02.2026",
        "13/13/2026",
        "1.2",
        "12:30",
        "26.11.25",
        "0001-01-01",
        "2026 foo 12",
    ],
)
def test_it_refuses_what_is_no_date(text: str) -> None:
    with pytest.raises(dates.NotADate):
        dates.parse_date(text)


def test_it_does_not_guess_between_day_and_month() -> None:
    with pytest.raises(dates.AmbiguousDate):
        dates.parse_date("03/04/2026")
    assert dates.parse_date("03/04/2026", dates.DAY_FIRST) == date(2026, 4, 3)
    assert dates.parse_date("03/04/2026", dates.MONTH_FIRST) == date(2026, 3, 4)
    assert dates.parse_date("05/05/2026") == date(2026, 5, 5)


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["03/04/2026", "25/11/2026"], dates.DAY_FIRST),
        (["03/04/2026", "11/25/2026 10:00"], dates.MONTH_FIRST),
        (["03/04/2026", "2026-01-31"], None),
        (["25/11/2026", "11/25/2026"], None),
        ([], None),
    ],
)
def test_it_learns_the_order_from_the_column(values: list[str], order: str | None) -> None:
    assert dates.order_of(values) == order


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("2026-11-25T10:20:30Z", 10, 20),
        ("2026-11-25 10:20:30.123456+00:00", 10, 20),
        ("2026-11-25 12:20:30 +0200", 10, 20),
        ("2026. 11. 25. 11:20", 10, 20),  # Budapest in winter
        ("11/25/2026 11:20 AM", 10, 20),
        ("11/25/2026, 1:20 pm", 12, 20),
        ("2026. november 25. 11:20:30", 10, 20),
        ("25.11.2026 11.20", 10, 20),
        ("2026-11-25 12:05 AM", 23, 5),
    ],
)
def test_it_reads_an_instant(text: str, hour: int, minute: int) -> None:
    instant = dates.parse_instant(text, None, ZoneInfo("Europe/Budapest"))
    assert (instant.hour, instant.minute, instant.tzinfo) == (hour, minute, UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-25 25:00",
        "2026-11-25 soon",
        "2026-11-25 10:61",
        "2026-11-25T10:00+99:00",
        "2026-11-25T10:00-2460",
    ],
)
def test_it_refuses_what_is_no_instant(text: str) -> None:
    with pytest.raises(dates.NotADate):
        dates.parse_instant(text)


@settings(max_examples=100, deadline=None)
@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)))
def test_it_reads_back_what_programs_write(at: datetime) -> None:
    at = at.replace(microsecond=0)
    for text in (
        at.isoformat(),
        at.strftime("%Y. %m. %d. %H:%M:%S"),
        at.strftime("%d.%m.%Y %H:%M:%S"),
    ):
        assert dates.parse_instant(text.replace(f"{at:%Y}", f"{at.year:04}", 1)) == at.replace(
            tzinfo=UTC
        )


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30) | st.from_regex(r"\d{1,4}[./ -]\d{1,2}[./ -]\d{1,4}.{0,10}"))
def test_it_never_breaks(text: str) -> None:
    with contextlib.suppress(dates.NotADate):
        dates.parse_instant(text)
