"""The steps of a wizard: all visible, the ones behind are links, back loses nothing. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One step as it is shown: done, current or ahead; a URL only where one may go."""

    label: str
    state: str
    url: str


def steps(named: Sequence[tuple[str, str]], current: int) -> list[Step]:
    """Return the steps from (label, URL) pairs; `current` counts from 0."""
    return [
        Step(label, _state(index, current), url if index < current else "")
        for index, (label, url) in enumerate(named)
    ]


def _state(index: int, current: int) -> str:
    if index == current:
        return "current"
    return "done" if index < current else "ahead"
