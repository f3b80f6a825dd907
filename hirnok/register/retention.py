"""When a holding ends by itself: the activity's retention rule, an ISO 8601 duration."""

import re
from calendar import monthrange
from datetime import datetime, timedelta

from hirnok.register.models import Activity

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


def expiry(activity: Activity, start: datetime) -> datetime | None:
    """Return when a holding of this activity that starts now ends; None: until it is ended."""
    return after(start, activity.retention_period) if activity.retention_period else None
