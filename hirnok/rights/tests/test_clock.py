"""The dates of Regulation 1182/71, by examples of the calendar and by properties."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirnok.register.models import LegalRule
from hirnok.rights import clock
from tests.world import World

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
COUNTRIES = st.sampled_from(["HU", "RO", "MD", "EU"])
PERIODS = st.sampled_from(["P1M", "P3M", "P25D", "P1D", "P2D", "P72D", "P1Y", "P2W", "P3D"])


@pytest.mark.parametrize(
    ("event", "period", "country", "last"),
    [
        # the same number in the month after
        (date(2026, 11, 2), "P1M", "HU", date(2026, 12, 2)),
        # February has no 31st; the 28th is a Saturday, so Monday
        (date(2026, 1, 31), "P1M", "HU", date(2026, 3, 2)),
        # a leap year: the 29th is a Thursday
        (date(2024, 1, 31), "P1M", "HU", date(2024, 2, 29)),
        # Christmas: 24 (Thursday, Hungarian since 2024), 25, 26 and a Sunday
        (date(2026, 11, 24), "P1M", "HU", date(2026, 12, 28)),
        # in Romania the 24th is a day of work
        (date(2026, 11, 24), "P1M", "RO", date(2026, 12, 24)),
        # Romania's national day, a Tuesday
        (date(2026, 11, 1), "P1M", "RO", date(2026, 12, 2)),
        (date(2026, 11, 1), "P1M", "HU", date(2026, 12, 1)),
        # 15 March 2027 is Hungary's and a Monday
        (date(2027, 2, 15), "P1M", "HU", date(2027, 3, 16)),
        # Good Friday to Easter Monday 2027: 26 to 29 March
        (date(2027, 2, 26), "P1M", "HU", date(2027, 3, 30)),
        # Orthodox Easter 2027: 30 April to 3 May, 1 May among them
        (date(2027, 3, 30), "P1M", "RO", date(2027, 5, 4)),
        # the day of the event is not counted
        (date(2026, 11, 2), "P25D", "HU", date(2026, 11, 27)),
        # 1 January and the first working day of the year
        (date(2026, 12, 1), "P1M", "HU", date(2027, 1, 4)),
        # two days from Friday have to have two days of work
        (date(2026, 11, 6), "P2D", "HU", date(2026, 11, 10)),
        (date(2026, 11, 6), "P1D", "HU", date(2026, 11, 9)),
    ],
)
def test_it_ends_a_period_as_the_regulation_says(
    event: date, period: str, country: str, last: date
) -> None:
    assert clock.end_of(event, period, country) == last


@given(DAYS, PERIODS, COUNTRIES)
def test_it_always_ends_on_a_working_day_after_the_event(
    event: date, period: str, country: str
) -> None:
    last = clock.end_of(event, period, country)

    assert last > event
    assert clock.is_working(last, country)
    assert last.weekday() < 5


@given(DAYS, PERIODS, COUNTRIES)
def test_it_never_shortens_a_period_nor_lengthens_it_beyond_the_next_working_days(
    event: date, period: str, country: str
) -> None:
    plain = clock.end_of(event, period, "XX")  # weekends only

    assert plain <= clock.end_of(event, period, country) <= plain + timedelta(days=12)


@given(DAYS, COUNTRIES)
def test_it_has_two_working_days_in_every_period_of_two_days_or_more(
    event: date, country: str
) -> None:
    for days in range(2, 6):
        last = clock.end_of(event, f"P{days}D", country)
        between = (event + timedelta(days=n) for n in range(1, (last - event).days + 1))
        assert sum(clock.is_working(day, country) for day in between) >= 2


@given(DAYS, PERIODS, COUNTRIES)
def test_who_asks_later_is_never_answered_before(event: date, period: str, country: str) -> None:
    assert clock.end_of(event, period, country) <= clock.end_of(
        event + timedelta(days=1), period, country
    )


@given(DAYS, COUNTRIES)
def test_a_month_ends_with_the_same_number_unless_that_day_is_free_or_missing(
    event: date, country: str
) -> None:
    last = clock.end_of(event, "P1M", country)
    month = (event.replace(day=1) + timedelta(days=32)).replace(day=1)

    assert 28 <= (last - event).days <= 31 + 12
    if event.day <= 28 and clock.is_working(month.replace(day=event.day), country):
        assert last == month.replace(day=event.day)


@pytest.mark.parametrize("text", ["", "P", "1M", "PT3H", "P1M2", "P-1M"])
def test_it_refuses_what_is_no_period(text: str) -> None:
    with pytest.raises(clock.NoPeriod):
        clock.end_of(date(2026, 11, 2), text, "HU")


def test_it_promises_no_more_than_the_law_allows(world: World) -> None:
    due = clock.due(date(2026, 11, 2), "HU", 25)
    assert due == clock.Due(date(2026, 11, 27), date(2026, 12, 2), date(2026, 12, 2))

    assert clock.due(date(2026, 11, 2), "HU", 60).target == date(2026, 12, 2)


def test_it_counts_three_months_once_extended(world: World) -> None:
    assert clock.extended(date(2026, 11, 2), "HU") == date(2027, 2, 2)
    # not one month (28 February) and two more, but three: 31 January to 30 April
    assert clock.extended(date(2027, 1, 31), "HU") == date(2027, 4, 30)


def test_it_takes_the_numbers_from_the_law_of_the_day(world: World) -> None:
    LegalRule.objects.filter(code="answer").update(valid_to=date(2027, 1, 1))
    LegalRule.objects.create(
        jurisdiction="EU",
        code="answer",
        value="P2W",
        bound="at_most",
        source="of this test",
        valid_from=date(2027, 1, 2),
    )

    assert clock.due(date(2026, 11, 2), "HU", 25).legal == date(2026, 12, 2)
    assert clock.due(date(2027, 2, 1), "HU", 25).legal == date(2027, 2, 15)


def test_it_waits_while_the_identity_is_asked_for(world: World) -> None:
    assert clock.due(date(2026, 11, 2), "HU", 25, paused_days=5).legal == date(2026, 12, 7)
