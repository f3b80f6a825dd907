"""When a holding ends by itself: the activity's retention rule, an ISO 8601 duration."""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta

from hirnok.register import describing
from hirnok.register.models import Activity

_DAY = datetime(2024, 1, 1, tzinfo=UTC)  # durations are compared from here
_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?\Z")


class NoDuration(ValueError):
    """The text is no ISO 8601 duration in years, months, weeks and days, such as P1Y6M."""


def after(start: datetime, duration: str) -> datetime:
    """Return the instant a duration later; the 31st plus a month is that month's last day."""
    match = _DURATION.match(duration)
    if not match or duration == "P":
        raise NoDuration(duration)
    years, months, weeks, days = (int(part or 0) for part in match.groups())
    month_index = start.year * 12 + start.month - 1 + years * 12 + months
    year, month = divmod(month_index, 12)
    day = min(start.day, monthrange(year, month + 1)[1])
    return start.replace(year=year, month=month + 1, day=day) + timedelta(weeks=weeks, days=days)


def expiry(activity: Activity, start: datetime, basis: str = "") -> datetime | None:
    """Return when a holding of this activity on this basis that starts now ends; None: until it is ended."""
    period = describing.rule_for(activity, basis).period
    return after(start, period) if period else None


def longest(one: str, other: str) -> str:
    """Return the longer of two durations, "" (no end) being the longest; NoDuration."""
    if not one or not other:
        return ""
    return one if after(_DAY, one) >= after(_DAY, other) else other
