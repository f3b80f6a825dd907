"""Warming up: how many messages a provider gets on which day (issue "The engine", Polite).

A schedule is a list of whole numbers, day 1 first. It never falls; after its last day it limits no more.
"""

import itertools
import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Final

DAY: Final = 86_400.0
LONGEST: Final = 120


class NoRamp(ValueError):
    """This is no schedule: it is empty, too long, falls, or has a number below one."""


def checked(days: Sequence[int]) -> tuple[int, ...]:
    """Return a schedule, or NoRamp."""
    given = tuple(days)
    if not 0 < len(given) <= LONGEST or given[0] < 1:
        raise NoRamp
    if any(later < earlier for earlier, later in itertools.pairwise(given)):
        raise NoRamp
    return given


def read(text: str) -> tuple[int, ...]:
    """Return the schedule in a text such as "50, 100, 200"; NoRamp when it is none."""
    try:
        return checked([int(part) for part in text.replace(";", ",").split(",") if part.strip()])
    except ValueError as error:
        raise NoRamp from error


def allowed(days: Sequence[int], started: float, at: float) -> int | None:
    """Return how many messages a day may go at an instant; None when the schedule has ended, 0 before it began."""
    if at < started:
        return 0
    day = int((at - started) // DAY)
    return days[day] if day < len(days) else None


@cache
def shipped() -> dict[str, tuple[int, ...]]:
    """Return the schedules that come with the program."""
    text = resources.files(__package__).joinpath("ramps.json").read_text("utf-8")
    return {row["id"]: checked(row["days"]) for row in json.loads(text)}
