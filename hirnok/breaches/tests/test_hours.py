"""The 72 hours by Reg. 1182/71: hours, weekends, the change of the clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hirnok.breaches import hours

BUDAPEST = ZoneInfo("Europe/Budapest")
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("known", "ends"),
    [
        # a Friday noon: the weekend counts
        (
            datetime(2026, 11, 6, 12, 20, tzinfo=BUDAPEST),
            datetime(2026, 11, 9, 13, 0, tzinfo=BUDAPEST),
        ),
        # the end on a Sunday and holiday does not move
        (
            datetime(2026, 12, 23, 9, 1, tzinfo=BUDAPEST),
            datetime(2026, 12, 26, 10, 0, tzinfo=BUDAPEST),
        ),
        # the hour that begins with knowledge is left out too
        (
            datetime(2026, 11, 2, 8, 0, tzinfo=BUDAPEST),
            datetime(2026, 11, 5, 9, 0, tzinfo=BUDAPEST),
        ),
        # the night with 25 hours, the night with 23
        (
            datetime(2026, 10, 24, 10, 30, tzinfo=BUDAPEST),
            datetime(2026, 10, 27, 10, 0, tzinfo=BUDAPEST),
        ),
        (
            datetime(2026, 3, 28, 10, 30, tzinfo=BUDAPEST),
            datetime(2026, 3, 31, 12, 0, tzinfo=BUDAPEST),
        ),
    ],
)
def test_the_period_ends(known: datetime, ends: datetime) -> None:
    assert hours.end_of(known, 72) == ends


@pytest.mark.parametrize(
    ("period", "number"), [("P3D", 72), ("PT72H", 72), ("P4D", 96), ("P1DT12H", 36)]
)
def test_periods_are_read(period: str, number: int) -> None:
    assert hours.hours_of(period) == number


@pytest.mark.parametrize("period", ["", "P", "PT", "P1M", "72", "P3DX"])
def test_what_is_no_period_is_refused(period: str) -> None:
    with pytest.raises(hours.NoPeriod):
        hours.hours_of(period)


@settings(deadline=None)
@given(MOMENTS, st.integers(min_value=0, max_value=200 * 60))
def test_the_clock_adds_up(known: datetime, minutes: int) -> None:
    clock = hours.clock(known, 72, known + timedelta(minutes=minutes))
    assert clock.hours * 60 + clock.minutes == minutes
    assert clock.due_at < clock.ends_at <= clock.due_at + timedelta(hours=1)
    assert clock.is_late == (clock.since + clock.elapsed > clock.ends_at)
    assert 0 <= clock.share <= 100
    assert clock.hours_left == max((72 * 60 - minutes) // 60, 0)


def test_nothing_has_passed_before_it_is_known() -> None:
    known = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
    assert hours.clock(known, 72, known - timedelta(hours=1)).elapsed == timedelta(0)


@pytest.mark.parametrize(
    ("gone", "due"),
    [
        (timedelta(hours=23, minutes=59), []),
        (timedelta(hours=24), [24]),
        (timedelta(hours=59), [24, 48]),
        (timedelta(hours=71, minutes=59), [24, 48, 60, 70]),
        (timedelta(hours=72), [24, 48, 60, 70, 72]),
        (timedelta(hours=121), [24, 48, 60, 70, 72, 96, 120]),
    ],
)
def test_reminders_are_due(gone: timedelta, due: list[int]) -> None:
    assert hours.due_reminders(gone, (24, 48, 60, 70), 72) == due
