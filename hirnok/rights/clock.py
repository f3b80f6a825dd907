"""When an answer is due: Regulation (EEC, Euratom) 1182/71, with the public holidays of the controller's country.

The day of the event is not counted (Art. 3 (1)); a period in months ends with the day of the same number, or the
month's last (Art. 3 (2) c); one that would end on a public holiday, a Saturday or a Sunday ends with the next working
day (Art. 3 (4)); one of two days or more has at least two working days (Art. 3 (5)). Pure but for the tables of
holidays; days are the controller's own.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays

from hirnok.register import law

_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?\Z")
_SATURDAY = 5
_TWO = 2


class NoPeriod(ValueError):
    """The text is no ISO 8601 duration in years, months, weeks and days."""


@dataclass(frozen=True)
class Due:
    """Until when a request has to be answered: as promised, by law, and the law's first period."""

    target: date
    legal: date
    first: date


def due(received: date, jurisdiction: str, promised_days: int, *, paused_days: int = 0) -> Due:
    """Return the dates for a request received on a day; the promise never goes beyond the law.

    `paused_days`: so long the proof of identity was waited for (GDPR Art. 12 (6)).
    """
    answer = law.rule(jurisdiction, "answer", received).value
    legal = end_of(received, answer, jurisdiction, more_days=paused_days)
    target = end_of(received, f"P{promised_days}D", jurisdiction, more_days=paused_days)
    return Due(min(target, legal), legal, legal)


def extended(received: date, jurisdiction: str, *, paused_days: int = 0) -> date:
    """Return the last day of the answer once the time was extended: both periods counted as one."""
    answer = law.rule(jurisdiction, "answer", received).value
    further = law.rule(jurisdiction, "extension", received).value
    return end_of(received, answer, jurisdiction, more_days=paused_days, further=further)


def end_of(
    event: date, period: str, jurisdiction: str, *, more_days: int = 0, further: str = ""
) -> date:
    """Return the last day of a period (ISO 8601) that an event begins; NoPeriod."""
    years, months, weeks, days = (
        one + other for one, other in zip(_parts(period), _parts(further or "P0D"), strict=True)
    )
    last = _months_later(event, 12 * years + months)
    last += timedelta(weeks=weeks, days=days + more_days)
    length = (last - event).days
    while not is_working(last, jurisdiction) or (
        length >= _TWO and _working_days(event, last, jurisdiction, _TWO) < _TWO
    ):
        last += timedelta(days=1)
    return last


def is_working(day: date, jurisdiction: str) -> bool:
    """Whether a day is neither Saturday, Sunday nor a public holiday of a country (ISO 3166-1)."""
    return day.weekday() < _SATURDAY and day not in _holidays(jurisdiction, day.year)


@cache
def _holidays(jurisdiction: str, year: int) -> frozenset[date]:
    """The public holidays of a year; none where the country is unknown to the library."""
    try:
        found = holidays.country_holidays(jurisdiction, years=year)
    except NotImplementedError:
        return frozenset()
    return frozenset(day for day in found if day.year == year)


def _working_days(event: date, last: date, jurisdiction: str, most: int) -> int:
    """How many working days lie after the event up to the last day, counted from the end up to `most`."""
    count, day = 0, last
    while day > event and count < most:
        count += is_working(day, jurisdiction)
        day -= timedelta(days=1)
    return count


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


def _parts(period: str) -> tuple[int, ...]:
    match = _PERIOD.match(period)
    if not match or period == "P":
        raise NoPeriod(period)
    return tuple(int(part or 0) for part in match.groups())
