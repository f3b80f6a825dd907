"""How severe a breach is, by ENISA's recommendations of December 2013: SE = DPC × EI + CB.

DPC: data processing context, by the kind of data with the highest score; EI: ease of identification; CB: circumstances
of the breach, which add up over confidentiality, integrity, availability and intent. The factors are data with texts;
`assess` is pure: the same choice gives the same score.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MANY = 100  # persons from which ENISA raises a flag


class UnknownFactor(ValueError):
    """What was chosen is no factor of the method."""


@dataclass(frozen=True)
class Factor:
    """One value that can be chosen, and what it means."""

    code: str
    value: Decimal
    text: Promise


@dataclass(frozen=True)
class Group:
    """A question with its answers; of several kinds of data the highest counts, the circumstances add up."""

    code: str
    label: Promise
    factors: tuple[Factor, ...]


def _factor(code: str, value: str, text: Promise) -> Factor:
    return Factor(code, Decimal(value), text)


CONTEXT: tuple[Group, ...] = (
    Group(
        "simple",
        _("Simple data: name, address, contact data, education, family, work"),
        (
            _factor("simple.1", "1", _("Nothing makes it worse (ordinary case)")),
            _factor(
                "simple.2",
                "2",
                _(
                    "The amount or the controller lets a profile or the financial standing be guessed"
                ),
            ),
            _factor(
                "simple.3",
                "3",
                _("It lets health, sexual life, political or religious belief be guessed"),
            ),
            _factor(
                "simple.4",
                "4",
                _("For these persons (minors, protected people) it can endanger safety or health"),
            ),
        ),
    ),
    Group(
        "behavioural",
        _("Behavioural data: location, traffic, opens and clicks, habits and preferences"),
        (
            _factor("behavioural.1", "1", _("It gives no real insight, or is public anyway")),
            _factor("behavioural.2", "2", _("Nothing makes it better or worse (ordinary case)")),
            _factor(
                "behavioural.3",
                "3",
                _("The amount lets everyday life and habits be profiled in detail"),
            ),
            _factor("behavioural.4", "4", _("A profile of sensitive data can be made of it")),
        ),
    ),
    Group(
        "financial",
        _("Financial data: income, transactions, cards, invoices, social benefits"),
        (
            _factor(
                "financial.1",
                "1",
                _("It gives no real insight, such as being the customer of a bank"),
            ),
            _factor(
                "financial.2",
                "2",
                _(
                    "Some financial data without a view of the standing, such as a bare account number"
                ),
            ),
            _factor("financial.3", "3", _("Nothing makes it better or worse (ordinary case)")),
            _factor(
                "financial.4",
                "4",
                _("Full data, such as cards, that make fraud or a detailed profile possible"),
            ),
        ),
    ),
    Group(
        "sensitive",
        _("Sensitive data: health, belief, political opinion, sexual life"),
        (
            _factor("sensitive.1", "1", _("It gives no real insight, or is public anyway")),
            _factor("sensitive.2", "2", _("It allows general assumptions only")),
            _factor("sensitive.3", "3", _("It lets sensitive facts be guessed")),
            _factor("sensitive.4", "4", _("Nothing makes it better (ordinary case)")),
        ),
    ),
)
IDENTIFICATION = Group(
    "identification",
    _("How easily can somebody be identified by the data?"),
    (
        _factor(
            "negligible",
            "0.25",
            pgettext_lazy("identification", "Hardly: it is extremely difficult"),
        ),
        _factor(
            "limited",
            "0.5",
            pgettext_lazy("identification", "Limited: with data from elsewhere and effort"),
        ),
        _factor(
            "significant",
            "0.75",
            pgettext_lazy("identification", "Well: indirectly, with some search"),
        ),
        _factor(
            "maximum",
            "1",
            pgettext_lazy(
                "identification", "Directly: name and address, or the e-mail address itself"
            ),
        ),
    ),
)
CIRCUMSTANCES: tuple[Group, ...] = (
    Group(
        "confidentiality",
        _("Loss of confidentiality"),
        (
            _factor(
                "confidentiality.none",
                "0",
                _("None, or exposed without a sign that anybody saw the data"),
            ),
            _factor("confidentiality.known", "0.25", _("Seen by recipients who are known")),
            _factor("confidentiality.unknown", "0.5", _("Seen by an unknown number of recipients")),
        ),
    ),
    Group(
        "integrity",
        _("Loss of integrity"),
        (
            _factor("integrity.none", "0", _("None, or altered without any wrong use")),
            _factor(
                "integrity.recoverable", "0.25", _("Altered and possibly used; can be restored")
            ),
            _factor("integrity.lost", "0.5", _("Altered and possibly used; cannot be restored")),
        ),
    ),
    Group(
        "availability",
        _("Loss of availability"),
        (
            _factor("availability.none", "0", _("None, or restored without any difficulty")),
            _factor("availability.temporary", "0.25", _("Not available for a time")),
            _factor(
                "availability.lost", "0.5", _("Lost: neither we nor the persons can restore it")
            ),
        ),
    ),
    Group(
        "intent",
        _("Malicious intent"),
        (
            _factor("intent.no", "0", _("An error or accident")),
            _factor("intent.yes", "0.5", _("Done on purpose, to do harm or gain by it")),
        ),
    ),
)
LOW, MEDIUM, HIGH, VERY_HIGH = "low", "medium", "high", "very_high"
LEVELS: dict[str, Promise] = {
    LOW: pgettext_lazy("severity", "low"),
    MEDIUM: pgettext_lazy("severity", "medium"),
    HIGH: pgettext_lazy("severity", "high"),
    VERY_HIGH: pgettext_lazy("severity", "very high"),
}
MEANINGS: dict[str, Promise] = {
    LOW: _(
        "Persons are not affected, or meet a few inconveniences that they overcome without a problem."
    ),
    MEDIUM: _(
        "Persons may meet considerable inconveniences, which they overcome with some difficulty."
    ),
    HIGH: _(
        "Persons may meet considerable consequences, which they overcome only with serious difficulty."
    ),
    VERY_HIGH: _(
        "Persons may meet considerable or irreversible consequences that they may not overcome."
    ),
}
_BOUNDS = ((Decimal(2), LOW), (Decimal(3), MEDIUM), (Decimal(4), HIGH))


@dataclass(frozen=True)
class Severity:
    """The result with its parts, and ENISA's two flags, which do not change the score."""

    context: Decimal
    identification: Decimal
    circumstances: Decimal
    score: Decimal
    level: str
    many: bool
    unintelligible: bool


def assess(chosen: Mapping[str, Any], *, persons: int | None = None) -> Severity:
    """Return the severity. `chosen`: group code -> factor code, "" or missing for a kind of data that is not
    concerned; `unintelligible`: whether strangers cannot read the data. UnknownFactor; ValueError without any data."""
    contexts = [_value(group, chosen[group.code]) for group in CONTEXT if chosen.get(group.code)]
    if not contexts:
        raise UnknownFactor("no kind of data")
    context = max(contexts)
    identification = _value(IDENTIFICATION, chosen.get("identification"))
    circumstances = sum(
        (_value(group, chosen.get(group.code)) for group in CIRCUMSTANCES), Decimal(0)
    )
    score = context * identification + circumstances
    return Severity(
        context,
        identification,
        circumstances,
        score,
        level_of(score),
        (persons or 0) > MANY,
        bool(chosen.get("unintelligible")),
    )


def level_of(score: Decimal) -> str:
    """Return the level: below 2 low, below 3 medium, below 4 high, from 4 on very high."""
    return next((level for bound, level in _BOUNDS if score < bound), VERY_HIGH)


def is_high(level: str) -> bool:
    """Whether the level means a high risk, of which persons are told (GDPR 34 (1))."""
    return level in {HIGH, VERY_HIGH}


def groups() -> tuple[Group, ...]:
    """Return every question, in the order of the method."""
    return (*CONTEXT, IDENTIFICATION, *CIRCUMSTANCES)


def _value(group: Group, code: Any) -> Decimal:
    for factor in group.factors:
        if factor.code == code:
            return factor.value
    raise UnknownFactor(f"{group.code}: {code}")
