"""Keyset paging: a page costs the same wherever it is, and rows that come or go do not shift it.

Promises that walking from the first page visits every row once, forwards and backwards. Tokens are
encrypted, because a key may hold an address and URLs end in logs; a token that is old, forged or of
another order gives the first page. Leaves counting and filtering to the caller.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from hirnok.lib import keys

T = TypeVar("T", bound=Model)

Key = Sequence[str]


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows, and the tokens of the pages beside them (None where there is none)."""

    rows: list[T]
    next: str | None = None
    previous: str | None = None


@dataclass(frozen=True)
class _Place:
    """The row beside which a page begins, and the way to walk from it."""

    values: list[Any]
    back: bool


def keyset(rows: QuerySet[T], *, key: Key, after: str | None = None, size: int = 50) -> Page[T]:
    """Return the page that `after` (a token from another page) names, else the first.

    `key` are columns or annotations that are never null, the last one unique; "-" means descending.
    """
    place = _read(after, key) if after else None
    try:
        found, more = _fetch(rows, key, place, size)
    except (ValidationError, ValueError, TypeError):
        place = None
        found, more = _fetch(rows, key, None, size)
    if place and not found:
        return keyset(rows, key=key, size=size)
    if not found:
        return Page([])
    back = place is not None and place.back
    has_next, has_previous = (True, more) if back else (more, place is not None)
    return Page(
        found,
        next=_write(found[-1], key, back=False) if has_next else None,
        previous=_write(found[0], key, back=True) if has_previous else None,
    )


def sort_key(asked: str | None, orders: Mapping[str, Key]) -> Key:
    """Return the key of the order a person asked for, the first one when there is no such order."""
    return orders.get(asked or "") or next(iter(orders.values()))


def _fetch(rows: QuerySet[T], key: Key, place: _Place | None, size: int) -> tuple[list[T], bool]:
    walked = _turned(key) if place and place.back else list(key)
    if place:
        rows = rows.filter(_beyond(walked, place.values))
    found = list(rows.order_by(*walked)[: size + 1])
    more = len(found) > size
    found = found[:size]
    if place and place.back:
        found.reverse()
    return found, more


def _turned(key: Key) -> list[str]:
    return [name[1:] if name.startswith("-") else f"-{name}" for name in key]


def _beyond(key: Key, values: Sequence[Any]) -> Q:
    """Rows after `values` in the order of `key`, with a plain bound on the first column for the index."""
    first, *_ = key
    bound = Q(**{f"{first.lstrip('-')}__{_compare(first)}e": values[0]})
    options = Q()
    same = Q()
    for name, value in zip(key, values, strict=True):
        column = name.lstrip("-")
        options |= same & Q(**{f"{column}__{_compare(name)}": value})
        same &= Q(**{column: value})
    return bound & options


def _compare(name: str) -> str:
    return "lt" if name.startswith("-") else "gt"


def _write(row: Model, key: Key, *, back: bool) -> str:
    values = [_packed(_attribute(row, name.lstrip("-"))) for name in key]
    text = json.dumps([list(key), back, values], separators=(",", ":"))
    return _fernet().encrypt_at_time(text.encode(), 0).decode().rstrip("=")


def _read(token: str, key: Key) -> _Place | None:
    try:
        padded = token + "=" * (-len(token) % 4)
        named, back, values = json.loads(_fernet().decrypt(padded.encode()))
    except (InvalidToken, ValueError):
        return None
    if named != list(key):
        return None
    return _Place([_unpacked(value) for value in values], back)


def _attribute(row: Model, name: str) -> object:
    value: object = row
    for part in name.split("__"):
        value = getattr(value, part)
    return value


def _packed(value: object) -> Any:
    if isinstance(value, bool | int | str):
        return value
    for name, kind in _KINDS.items():
        if isinstance(value, kind):
            return [name, value.isoformat() if isinstance(value, date) else str(value)]
    raise TypeError(f"A page cannot begin at a {type(value).__name__}; keys are never null")


def _unpacked(value: Any) -> object:
    if not isinstance(value, list):
        return value
    name, text = value
    kind = _KINDS[name]
    return kind.fromisoformat(text) if issubclass(kind, date) else kind(text)


# datetime stands before date, because each datetime is a date.
_KINDS: dict[str, type[Any]] = {
    "datetime": datetime,
    "date": date,
    "decimal": Decimal,
    "uuid": UUID,
    "float": float,
}


def _fernet() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(keys.derive("paging")))
