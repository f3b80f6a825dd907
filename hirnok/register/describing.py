"""The parts of an activity that are lists, as typed values: purposes, data items, further retention rules.

They are stored as JSON in the activity's row; `purposes(activity)` and `rules(activity)` read them, `stored` writes
them. A text by language is a dict such as {"hu": "…", "ro": "…", "en": "…"}.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from hirnok.register.models import Activity

Texts = Mapping[str, str]


class Malformed(ValueError):
    """What is stored is not what an activity consists of."""


@dataclass(frozen=True)
class Item:
    """A kind of data: a category of `categories`, or one of the tenant's own with `words`.

    `special`: of Art. 9, which needs a condition of its own.
    """

    category: str
    words: Texts = field(default_factory=dict)
    obligatory: bool = False
    if_refused: Texts = field(default_factory=dict)
    special: bool = False


@dataclass(frozen=True)
class Ground:
    """A legal basis of Art. 6 (1) with what it needs: the law for c and e, the balancing for f."""

    basis: str
    when: Texts = field(default_factory=dict)  # "for customers under contract"
    law: str = ""
    balancing: str = ""  # Balancing.code
    condition: str = ""  # of Art. 9 (2), for special categories


@dataclass(frozen=True)
class Purpose:
    """What the data is used for, on which grounds, and which data."""

    text: Texts
    grounds: tuple[Ground, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Rule:
    """How long, where it is not the activity's main rule: for holdings on one basis."""

    basis: str
    start: str
    period: str
    action: str = "delete"


def purposes(activity: Activity) -> list[Purpose]:
    """Return the activity's purposes; Malformed."""
    try:
        return [
            Purpose(
                text=one["text"],
                grounds=tuple(Ground(**ground) for ground in one["grounds"]),
                items=tuple(Item(**item) for item in one["items"]),
            )
            for one in activity.purposes
        ]
    except (KeyError, TypeError) as error:
        raise Malformed(f"{activity.code}: {error}") from error


def rules(activity: Activity) -> list[Rule]:
    """Return the retention rules, the main one (for every other basis) first; Malformed."""
    main = Rule("", activity.retention_start, activity.retention_period, activity.retention_action)
    try:
        return [main, *(Rule(**one) for one in activity.further_retention)]
    except TypeError as error:
        raise Malformed(f"{activity.code}: {error}") from error


def rule_for(activity: Activity, basis: str) -> Rule:
    """Return the rule under which a holding on this basis ends."""
    main, *further = rules(activity)
    return next((one for one in further if one.basis == basis), main)


def stored(parts: Iterable[Purpose | Rule]) -> list[dict[str, Any]]:
    """Return what goes into the row."""
    return [asdict(part) for part in parts]


def in_language(texts: Texts, language: str) -> str:
    """Return a text in a language, else in English, else in any."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")
