"""When a refused-for-now message is tried again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FIRST: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(hours=4)
MAXIMUM_AGE: Final = timedelta(days=3)
FACTOR: Final = 2.0


def next_attempt(
    attempts: int,
    at: datetime,
    *,
    queued_at: datetime | None = None,
    first: timedelta = FIRST,
    longest: timedelta = LONGEST,
    maximum_age: timedelta = MAXIMUM_AGE,
) -> datetime | None:
    """The time of the next attempt after `attempts` (at least 1) that failed for now, the last of them at `at`;
    None when it is time to give up (RFC 5321 §4.5.4.1 asks for some days).

    The waits are 5, 10, 20 … minutes up to four hours. The age counts from `queued_at`; where that is not known,
    from the sum of the waits so far.
    """
    if attempts < 1:
        raise ValueError("attempts count from 1")
    waits = [_wait(number, first, longest) for number in range(1, attempts + 1)]
    age = at - queued_at if queued_at is not None else sum(waits[:-1], timedelta())
    due = at + waits[-1]
    return due if age + waits[-1] <= maximum_age else None


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a relay's refusals for now are tried again: the first wait, the longest, and for how long in all."""

    first: timedelta = FIRST
    longest: timedelta = LONGEST
    maximum_age: timedelta = MAXIMUM_AGE

    def next_attempt(
        self, attempts: int, at: datetime, *, queued_at: datetime | None = None
    ) -> datetime | None:
        """As the function of this name, with this schedule."""
        return next_attempt(
            attempts,
            at,
            queued_at=queued_at,
            first=self.first,
            longest=self.longest,
            maximum_age=self.maximum_age,
        )


USUAL: Final = Schedule()


def _wait(attempt: int, first: timedelta, longest: timedelta) -> timedelta:
    return min(longest, first * FACTOR ** min(attempt - 1, 30))
