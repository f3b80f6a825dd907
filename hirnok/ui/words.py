"""Numbers, dates and spans of time as the page's language writes them. Pure but for the active language."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from babel import Locale, UnknownLocaleError, dates, numbers, units
from django.utils import timezone, translation
from django.utils.translation import gettext

DASH = "–"
DAYS_TOLD_AS_DISTANCE = 30
# English here is that of Europe: 21 November 2026, 24 hours.
_EUROPEAN = {"en": "en_GB"}


def locale() -> Locale:
    """Return Babel's locale for the language of the page, English where there is none."""
    language = (translation.get_language() or "en").replace("-", "_")
    try:
        return Locale.parse(_EUROPEAN.get(language, language))
    except (ValueError, UnknownLocaleError):
        return Locale("en", "GB")


def number(value: Decimal | float | int | None) -> str:
    """1 234 567 in Hungarian, 1.234.567 in Romanian; a dash for None."""
    if value is None:
        return DASH
    return str(numbers.format_decimal(value, locale=locale()))


def percent(share: float | None) -> str:
    """Write a share of 0…1 as a percentage with at most one decimal; a dash for None."""
    if share is None:
        return DASH
    pattern = "#,##0%" if share in (0, 1) else "#,##0.0%"
    return str(numbers.format_percent(share, format=pattern, locale=locale()))


def size(octets: int | None) -> str:
    """Write a size in bytes in the largest fitting unit of 1000."""
    if octets is None:
        return DASH
    amount = float(octets)
    for unit in ("byte", "kilobyte", "megabyte"):
        if amount < 1000:
            return str(
                units.format_unit(round(amount, 1), f"digital-{unit}", "short", locale=locale())
            )
        amount /= 1000
    return str(units.format_unit(round(amount, 1), "digital-gigabyte", "short", locale=locale()))


def day(on: date | None) -> str:
    """Write a date: 21 November 2026, 2026. november 21."""
    if on is None:
        return DASH
    if isinstance(on, datetime):
        on = timezone.localtime(on)
    return str(dates.format_date(on, format="long", locale=locale()))


def moment(at: datetime | None) -> str:
    """Write an instant in the active time zone, and say which zone that is."""
    if at is None:
        return DASH
    local = timezone.localtime(at)
    zone = dates.get_timezone_name(local, width="short", locale=locale())
    return f"{dates.format_datetime(local, format='medium', locale=locale())} {zone}"


def ago(at: datetime, now: datetime) -> str:
    """Say how far `at` is from `now` in words; beyond a month the date says more."""
    apart = at - now
    if abs(apart) > timedelta(days=DAYS_TOLD_AS_DISTANCE):
        return day(at)
    if abs(apart) < timedelta(seconds=45):
        return gettext("just now")
    return str(dates.format_timedelta(apart, add_direction=True, locale=locale()))


def span(seconds: float) -> str:
    """Say how long something takes: 2 minutes, 3 hours."""
    return str(dates.format_timedelta(timedelta(seconds=max(1, seconds)), locale=locale()))
