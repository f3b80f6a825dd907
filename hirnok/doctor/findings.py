"""What an examination found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

State = Literal["passed", "warning", "failed", "untested"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `check` names it, `code` what was found, `details` fill the wording."""

    check: str
    state: State
    code: str
    details: Mapping[str, str | int] = field(default_factory=dict)


def passed(check: str, code: str, **details: str | int) -> Finding:
    """As it should be."""
    return Finding(check, "passed", code, details)


def warning(check: str, code: str, **details: str | int) -> Finding:
    """It can leave so, but something is lost by it."""
    return Finding(check, "warning", code, details)


def failed(check: str, code: str, **details: str | int) -> Finding:
    """It should not leave so."""
    return Finding(check, "failed", code, details)


def untested(check: str, code: str, **details: str | int) -> Finding:
    """Nothing could be found out, and why."""
    return Finding(check, "untested", code, details)
