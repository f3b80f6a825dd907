"""Misbehaviour as data: which recipient gets which answer at which point of the SMTP dialogue.

A rule matches recipients by a shell pattern on the lower-cased address. Pure but for the counters that
make "once" and "every tenth" possible; they live as long as the process.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import translate
from pathlib import Path
from typing import Literal, get_args

Point = Literal["rcpt", "data", "body", "end", "stored"]
_MOST_COUNTERS = 200_000


class BadRule(Exception):
    """A rule names an unknown point, answers with something that is no SMTP reply, or does nothing."""


@dataclass(frozen=True)
class Rule:
    """One misbehaviour.

    `at`: rcpt (instead of the answer to RCPT), data (to DATA), body (after the first bytes of the
    message), end (after the final dot, before it is kept), stored (kept, but not yet acknowledged).
    `reply` is sent instead of the normal answer; one that begins with 421 also closes the connection.
    `drop` closes the connection without an answer, `delay` waits that many seconds before.
    `times` limits it to the first n matches of each recipient, `every` to each nth match of the rule.
    """

    match: str
    at: Point = "rcpt"
    reply: str = ""
    drop: bool = False
    delay: float = 0.0
    times: int = 0
    every: int = 1

    def __post_init__(self) -> None:
        """Refuse what could not be carried out."""
        if self.at not in get_args(Point):
            raise BadRule(f"unknown point: {self.at}")
        if self.reply and not re.match(r"[245]\d\d ", self.reply):
            raise BadRule(f"not a reply: {self.reply}")
        if not (self.reply or self.drop or self.delay):
            raise BadRule(f"does nothing: {self.match}")


DEMO: tuple[Rule, ...] = (
    Rule("*no-such*@*", reply="550 5.1.1 The mailbox does not exist"),
    Rule("*@no-such.*", reply="550 5.1.2 The domain does not exist"),
    Rule("*greylist*@*", reply="451 4.7.1 Greylisted, please try again later", times=1),
    Rule("*mailbox-full*@*", reply="452 4.2.2 The mailbox is full"),
    Rule("*blocked*@*", at="end", reply="550 5.7.1 Message refused by policy"),
    Rule("*busy*@*", reply="421 4.3.2 Too busy, closing the connection", times=1),
    Rule("*drop-data*@*", at="data", drop=True, times=1),
    Rule("*drop-body*@*", at="body", drop=True, times=1),
    Rule("*drop-end*@*", at="end", drop=True, times=1),
    Rule("*drop-stored*@*", at="stored", drop=True, times=1),
    Rule("*slow*@*", delay=2.0),
)


class Book:
    """The rules of one server and how often each has been used."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Take the rules; the first that matches at a point wins."""
        self.rules = tuple(rules)
        self._matchers = [re.compile(translate(rule.match.lower())) for rule in self.rules]
        joined = "|".join(f"(?:{translate(rule.match.lower())})" for rule in self.rules)
        self._any = re.compile(joined) if self.rules else None
        self._each: Counter[tuple[int, str]] = Counter()
        self._all: Counter[int] = Counter()

    def act(self, recipients: Iterable[str], at: Point) -> Rule | None:
        """Return the rule to follow for these recipients at this point, counting its use."""
        for recipient in recipients:
            address = recipient.lower()
            if self._any is None or not self._any.match(address):
                continue
            for number, rule in enumerate(self.rules):
                if (
                    rule.at == at
                    and self._matchers[number].match(address)
                    and self._due(number, address)
                ):
                    return rule
        return None

    def _due(self, number: int, address: str) -> bool:
        rule = self.rules[number]
        self._all[number] += 1
        if self._all[number] % rule.every:
            return False
        if not rule.times:
            return True
        if len(self._each) > _MOST_COUNTERS:
            self._each.clear()
        self._each[number, address] += 1
        return self._each[number, address] <= rule.times


def load(path: Path) -> tuple[Rule, ...]:
    """Read rules from a JSON file: a list of objects with the fields of `Rule`."""
    try:
        return tuple(Rule(**entry) for entry in json.loads(path.read_text("utf-8")))
    except (TypeError, ValueError) as error:
        raise BadRule(f"{path}: {error}") from error
