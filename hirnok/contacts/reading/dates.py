"""Dates and times as people in Hungary, Romania and elsewhere write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, tzinfo
from functools import lru_cache

from hirnok.contacts.reading.vocabulary import fold

DAY_FIRST = "day first"
MONTH_FIRST = "month first"

_MONTHS: dict[str, int] = {
    prefix: number
    for number, names in enumerate(
        (
            "jan ian ianuarie január january januar",
            "feb febr februarie február february februar",
            "mar márc mart martie március march marz",
            "apr ápr aprilie április april",
            "maj máj mai május may maggio",
            "jun jún iun iunie június june juni",
            "jul júl iul iulie július july juli",
            "aug aug augusztus august",
            "sep szept szep sept septembrie szeptember september",
            "okt oct octombrie október october oktober",
            "nov noi noiembrie november",
            "dec dec decembrie december dezember",
        ),
        start=1,
    )
    for prefix in map(fold, names.split())
}

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?=$|[T\s])")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[./\-]\s*(\d{1,2})\s*[./\-]\s*(\d{1,2})\.?(?=$|[\sT])")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?=$)")
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[.]\s*(\d{1,2})\s*[.]\s*(\d{4})\.?(?=$|\s)")
_EITHER = re.compile(r"(\d{1,2})\s*[/\-]\s*(\d{1,2})\s*[/\-]\s*(\d{4})(?=$|\s|,)")
_YEAR_NAMED = re.compile(
    r"(\d{4})\.?\s+([^\W\d_]{3,})\.?\s+(\d{1,2})(?:\.|-?[^\W\d_]{1,3})?(?=$|\s|,)"
)
_DAY_NAMED = re.compile(
    r"(\d{1,2})(?:\.|st|nd|rd|th)?[\s\-]+(?:de\s+)?([^\W\d_]{3,})\.?,?[\s\-]+(\d{4})(?=$|\s|,)"
)
_MONTH_NAMED = re.compile(r"([^\W\d_]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?=$|\s|,)")
_TIME = re.compile(
    r"[T\s,]*(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s*(am|pm|a\.m\.|p\.m\.|de|du)?\s*"
    r"(Z|UTC|GMT|[+-]\d{2}:?\d{2})?\s*\Z",
    re.IGNORECASE,
)


class NotADate(ValueError):
    """The text is no date."""


class AmbiguousDate(NotADate):
    """Day and month could be exchanged: 03/04/2026."""


@lru_cache(maxsize=8192)
def parse_date(text: str, order: str | None = None) -> date:
    """The date; a time behind it is dropped. `order` is what the column's other values say."""
    return _dated(text.strip(), order)[0]


@lru_cache(maxsize=8192)
def parse_instant(text: str, order: str | None = None, zone: tzinfo = UTC) -> datetime:
    """An aware instant in UTC; `zone` is meant where the text names none. Midnight without a time."""
    text = text.strip()
    day, rest = _dated(text, order)
    if not rest.strip():
        return datetime.combine(day, time(), zone).astimezone(UTC)
    found = _TIME.match(rest)
    if found is None:
        raise NotADate(text)
    hour, minute, second, half, offset = found.groups()
    hours = _hours(int(hour), (half or "").casefold().replace(".", ""))
    try:
        clock = time(hours, int(minute), int(second or 0))
    except ValueError as error:
        raise NotADate(text) from error
    return datetime.combine(day, clock, _zone(offset, zone)).astimezone(UTC)


def order_of(values: Iterable[str]) -> str | None:
    """Whether the column writes the day or the month first; None without or with mixed evidence."""
    day_first = month_first = False
    for value in values:
        found = _EITHER.match(value.strip())
        if found:
            first, second = int(found.group(1)), int(found.group(2))
            day_first = day_first or first > 12 >= second
            month_first = month_first or second > 12 >= first
    if day_first == month_first:
        return None
    return DAY_FIRST if day_first else MONTH_FIRST


def _dated(text: str, order: str | None) -> tuple[date, str]:
    for pattern in (_ISO, _YEAR_FIRST, _COMPACT):
        if found := pattern.match(text):
            year, month, day = found.groups()
            return _made(year, month, day), text[found.end() :]
    if found := _DAY_FIRST.match(text):
        day, month, year = found.groups()
        return _made(year, month, day), text[found.end() :]
    if found := _EITHER.match(text):
        return _either(*found.groups(), order=order), text[found.end() :]
    return _named(text)


def _named(text: str) -> tuple[date, str]:
    for pattern, places in (
        (_YEAR_NAMED, (1, 2, 3)),
        (_DAY_NAMED, (3, 2, 1)),
        (_MONTH_NAMED, (3, 1, 2)),
    ):
        if found := pattern.match(text):
            year, name, day = (found.group(place) for place in places)
            month = _MONTHS.get(fold(name))
            if month is not None:
                return _made(year, str(month), day), text[found.end() :]
    raise NotADate(text)


def _either(first: str, second: str, year: str, *, order: str | None) -> date:
    one, two = int(first), int(second)
    if order == DAY_FIRST or one > 12 or one == two:
        return _made(year, second, first)
    if order == MONTH_FIRST or two > 12:
        return _made(year, first, second)
    raise AmbiguousDate(f"{first}/{second}/{year}")


def _made(year: str, month: str, day: str) -> date:
    try:
        made = date(int(year), int(month), int(day))
    except ValueError as error:
        raise NotADate(f"{year}-{month}-{day}") from error
    if not 1800 <= made.year <= 2200:
        raise NotADate(made.isoformat())
    return made


def _hours(hours: int, half: str) -> int:
    if half in {"pm", "du"} and hours < 12:
        return hours + 12
    return 0 if half in {"am", "de"} and hours == 12 else hours


def _zone(offset: str | None, zone: tzinfo) -> tzinfo:
    if offset is None:
        return zone
    if offset.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    try:
        parsed = datetime.strptime(offset.replace(":", ""), "%z").tzinfo
    except ValueError as error:  # a day or more
        raise NotADate(offset) from error
    return parsed if parsed is not None else zone
