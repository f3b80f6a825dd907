"""What became of the rows of a file: numbers that add up. Pure."""

from dataclasses import dataclass, field
from typing import Any, Self

OUTCOMES = ("new", "changed", "unchanged", "duplicate", "suppressed", "suppressions", "rejected")


@dataclass
class Counts:
    """Each row of the file is counted once, under one of OUTCOMES.

    `suppressed` rows were left out because the person left or must not be written to; `suppressions`
    are rows that themselves say so and were recorded. `removed` contacts ended by such rows; they
    are no rows of their own. `reasons` divides `rejected`; `warnings` counts values that were left
    out, by column and code.
    """

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    duplicate: int = 0
    suppressed: int = 0
    suppressions: int = 0
    removed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    warnings: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def rejected(self) -> int:
        """Return the rows that could not be taken, without the duplicates."""
        return sum(self.reasons.values())

    @property
    def adds_up(self) -> bool:
        """Whether every row has exactly one outcome."""
        return bool(self.rows == sum(getattr(self, name) for name in OUTCOMES))

    def reject(self, code: str) -> None:
        """Count a row that is not taken."""
        if code == "duplicate":
            self.duplicate += 1
        else:
            self.reasons[code] = self.reasons.get(code, 0) + 1

    def warn(self, column: str, code: str) -> None:
        """Count a value that was left out."""
        codes = self.warnings.setdefault(column, {})
        codes[code] = codes.get(code, 0) + 1

    def add(self, other: Self) -> None:
        """Add the counts of a further chunk."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for code, count in other.reasons.items():
            self.reasons[code] = self.reasons.get(code, 0) + count
        for column, codes in other.warnings.items():
            mine = self.warnings.setdefault(column, {})
            for code, count in codes.items():
                mine[code] = mine.get(code, 0) + count

    def as_json(self) -> dict[str, Any]:
        """Return plain values, as stored in `Import.counts` and printed by the command."""
        return {name: getattr(self, name) for name in _NUMBERS} | {
            "rejected": dict(self.reasons),
            "warnings": {column: dict(codes) for column, codes in self.warnings.items()},
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Return what `as_json` gave; an empty dict gives zeros."""
        return cls(
            **{name: int(stored.get(name, 0)) for name in _NUMBERS},
            reasons=dict(stored.get("rejected", {})),
            warnings={column: dict(codes) for column, codes in stored.get("warnings", {}).items()},
        )


_NUMBERS = ("rows", *OUTCOMES[:-1], "removed")
