"""The 72 hours (GDPR 33 (1)), counted as Reg. (EEC, Euratom) 1182/71 counts periods in hours.

The hour in which knowledge falls is not counted (Art. 3 (1)); the period ends with its last hour (3 (2) a); Saturdays,
Sundays and holidays count (3 (3)), and no end moves to a working day, because that is for periods expressed otherwise
than in hours (3 (4)). Hours are real hours: a change of the clock neither gives nor takes one. Pure.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

HOUR = timedelta(hours=1)
_PERIOD = re.compile(r"P(?:(\d+)D)?(?:T(\d+)H)?\Z")


class NoPeriod(ValueError):
    """The text is no ISO 8601 duration in days and hours."""


@dataclass(frozen=True)
class Clock:
    """What the page shows. `elapsed` and `left` are counted from the minute of knowledge, which is the safe side."""

    since: datetime
    elapsed: timedelta
    due_at: datetime  # to the minute
    ends_at: datetime  # by the regulation; later than that is late
    is_late: bool

    @property
    def hours(self) -> int:
        """Whole hours since knowledge."""
        return self.elapsed // HOUR

    @property
    def minutes(self) -> int:
        """Minutes beyond the whole hours."""
        return int((self.elapsed % HOUR).total_seconds()) // 60

    @property
    def hours_left(self) -> int:
        """Whole hours that are left to the minute-exact end; 0 when it is past."""
        return max((self.due_at - self.since - self.elapsed) // HOUR, 0)

    @property
    def share(self) -> int:
        """Per cent of the period that is gone, at most 100."""
        return min(int(100 * self.elapsed / (self.due_at - self.since)), 100)


def hours_of(period: str) -> int:
    """Return the hours of an ISO 8601 duration such as P3D or PT72H; NoPeriod."""
    match = _PERIOD.match(period)
    if not match or not any(match.groups()):
        raise NoPeriod(period)
    days, hours = (int(part or 0) for part in match.groups())
    return days * 24 + hours


def end_of(since: datetime, hours: int) -> datetime:
    """Return when a period of hours ends by Reg. 1182/71, for an aware instant."""
    start = since.astimezone(UTC)
    first = (
        start.replace(minute=0, second=0, microsecond=0) + HOUR
    )  # the hour of the event is left out
    return first + hours * HOUR


def clock(since: datetime, hours: int, at: datetime) -> Clock:
    """Return the state of the clock; before `since` nothing has elapsed."""
    ends = end_of(since, hours)
    return Clock(since, max(at - since, timedelta(0)), since + hours * HOUR, ends, at > ends)


def due_reminders(elapsed: timedelta, marks: tuple[int, ...], limit: int) -> list[int]:
    """Return the marks, in hours, that have been passed: those given, the limit, and each further day."""
    gone = elapsed // HOUR
    later = range(limit, gone + 1, 24)
    return sorted({mark for mark in marks if mark <= gone and mark < limit} | set(later))
