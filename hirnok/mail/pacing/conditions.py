"""How a provider's replies slow a queue down or suspend it, and how it comes back by itself.

Rules are data (rules.json, and those of a tenant before them): provider, pattern over "code text" or the class of
the refusal (`hirnok.mail.replies`), action, factor, minutes. A tenant writes words with `*` for anything between, never
a regular expression: the engine reads replies for everybody. The first rule that fits decides. A suspension ends at its
time and goes on slowly; slow doubles after each span of the rule until it is full speed again, whatever happens,
unless the provider says it again.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

from hirnok.mail import replies
from hirnok.mail.replies import ReplyClass

Action = Literal["suspend", "slow", "ignore"]
SLOWEST: Final = 1 / 64
LONGEST: Final = 24 * 3600.0
_READ = 1_000  # characters of a reply
_GAPS = 4
_SAME = 30.0  # what was under way when it began says it too: seconds in which it is the same event
_MOST_STRIKES = 3


class BadRule(ValueError):
    """A rule that cannot be used: pattern, factor or minutes."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What to do when a provider (an id, a domain, "*" for all) replies so."""

    id: str
    provider: str
    action: Action
    pattern: "re.Pattern[str] | None" = None
    of_class: str = ""
    factor: float = 1.0
    seconds: float = 0.0

    def fits(self, provider: str, reply: str, of_class: str) -> bool:
        """Whether it says something of this reply ("421 4.7.0 …")."""
        return (
            self.provider in ("*", provider)
            and (not self.of_class or self.of_class == of_class)
            and (self.pattern is None or self.pattern.search(reply) is not None)
        )


@dataclass(frozen=True, slots=True)
class Condition:
    """How a queue is treated now. `factor` held at `slowed_at` and doubles every `step` seconds."""

    suspended_until: float = 0.0
    factor: float = 1.0
    slowed_at: float = 0.0
    step: float = 0.0
    strikes: int = 0
    rule: str = ""

    def factor_at(self, at: float) -> float:
        """Return the part of the full rate that is allowed."""
        if self.factor >= 1 or self.step <= 0:
            return 1.0
        begins = max(self.slowed_at, self.suspended_until)
        doublings = max(0, int((at - begins) // self.step))
        return min(1.0, self.factor * 2.0 ** min(doublings, 64))

    def is_suspended(self, at: float) -> bool:
        """Whether nothing may go."""
        return at < self.suspended_until

    def is_normal(self, at: float) -> bool:
        """Whether nothing is left of what the provider said."""
        return not self.is_suspended(at) and self.factor_at(at) >= 1

    @property
    def normal_from(self) -> float:
        """The instant from which it is normal, if nothing more is said."""
        if self.factor >= 1 or self.step <= 0:
            return self.suspended_until
        doublings = 0
        while self.factor * 2.0**doublings < 1:
            doublings += 1
        return max(self.slowed_at, self.suspended_until) + doublings * self.step


NORMAL: Final = Condition()


def after(condition: Condition, rule: Rule, at: float) -> Condition:
    """Return the condition after a reply that a rule fits."""
    if rule.action == "ignore" or condition.is_suspended(at):
        return condition
    if condition.rule and at - condition.slowed_at < _SAME and not condition.is_normal(at):
        return condition
    again = not condition.is_normal(at) or (
        condition.strikes > 0 and at - condition.normal_from < 2 * rule.seconds
    )
    strikes = min(condition.strikes + 1, _MOST_STRIKES) if again else 0
    span = min(LONGEST, rule.seconds * 2**strikes)
    if rule.action == "suspend":
        factor = min(rule.factor, condition.factor_at(at))
        until = at + span
    else:
        factor = condition.factor_at(at) * rule.factor
        until = 0.0
    return Condition(until, max(SLOWEST, factor), at, max(60.0, rule.seconds / 2), strikes, rule.id)


def fitting(rules: Sequence[Rule], provider: str, code: int, text: str) -> Rule | None:
    """Return the rule that speaks of a reply, if one does; "ignore" is an answer too."""
    reply = f"{code} {' '.join(text.split())}"[:_READ]
    of_class = str(replies.classify(code, text))
    return next((rule for rule in rules if rule.fits(provider, reply, of_class)), None)


def made(row: Mapping[str, Any]) -> Rule:
    """Return a rule from data; BadRule says what is wrong with it."""
    pattern = re.compile(row["pattern"], re.I | re.S) if row.get("pattern") else None
    if row.get("contains"):
        pattern = _containing(row["contains"])
    rule = Rule(
        id=str(row["id"]),
        provider=row["provider"],
        action=row["action"],
        pattern=pattern,
        of_class=row.get("class", ""),
        factor=float(row.get("factor", 1.0)),
        seconds=60.0 * float(row.get("minutes", 0)),
    )
    if rule.action not in {"suspend", "slow", "ignore"}:
        raise BadRule("action")
    if pattern is None and not rule.of_class:
        raise BadRule("pattern: a rule needs a pattern or a class")
    if rule.of_class and rule.of_class not in set(ReplyClass):
        raise BadRule("class")
    if rule.action != "ignore" and not (0 < rule.factor <= 1 and 60 <= rule.seconds <= LONGEST):
        raise BadRule("factor or minutes")
    return rule if rule.action != "slow" or rule.factor < 1 else replace(rule, factor=0.5)


def _containing(text: str) -> "re.Pattern[str]":
    """Return the pattern of words with `*` between them; BadRule when there are too many."""
    pieces = [re.escape(" ".join(piece.split())) for piece in text.split("*")]
    if len(pieces) > _GAPS + 1 or not any(pieces):
        raise BadRule("pattern: too many *, or nothing between them")
    return re.compile(".{0,200}?".join(pieces), re.I | re.S)


def all_made(rows: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Return the rules of several rows, in their order; those that cannot be used are left out."""
    found = []
    for row in rows:
        try:
            found.append(made(row))
        except (BadRule, KeyError):
            continue
    return tuple(found)


@cache
def shipped() -> tuple[Rule, ...]:
    """Return the rules that come with the program."""
    text = resources.files(__package__).joinpath("rules.json").read_text("utf-8")
    return tuple(made(row) for row in json.loads(text))
