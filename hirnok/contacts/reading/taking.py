"""One function for each column that puts its cell into the draft of a contact."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime

from hirnok.contacts.reading import dates, names, values, vocabulary
from hirnok.contacts.reading.evidence import Evidence
from hirnok.contacts.reading.mapping import Column
from hirnok.contacts.reading.values import Field, Value, WrongValue

Take = Callable[["Draft", str], None]


class Draft:
    """What the cells of one row have given so far."""

    __slots__ = (
        "consent_at",
        "consent_ip",
        "consent_source",
        "fields",
        "first_name",
        "full_name",
        "language",
        "last_name",
        "tags",
    )

    def __init__(self) -> None:
        self.first_name = ""
        self.last_name = ""
        self.full_name = ""
        self.language: str | None = None
        self.tags: tuple[str, ...] = ()
        self.fields: dict[str, Value] = {}
        self.consent_at: datetime | None = None
        self.consent_source = ""
        self.consent_ip: str | None = None


def taker(column: Column, fields: Sequence[Field], evidence: Evidence) -> Take | None:
    """The function for a column; None for those that are ignored or judged elsewhere."""
    if column.target.startswith("field:"):
        key = column.target.removeprefix("field:")
        field = next(each for each in fields if each.key == key)
        return _of_field(field, column.index, evidence)
    if column.target == "consent_at":
        return _of_consent(column.index, evidence)
    if column.target == "attributes":
        return _of_attributes(fields, evidence)
    return _PLAIN.get(column.target)


def divide_name(draft: Draft, order: str) -> None:
    """Fills first and last name from the full one, where they have no column of their own."""
    if draft.language is not None:
        order = names.order_for(draft.language) if draft.language == "hu" else order
    first, last = names.split(draft.full_name, order)
    draft.first_name = draft.first_name or first[: values.NAME_LIMIT]
    draft.last_name = draft.last_name or last[: values.NAME_LIMIT]


def convert(text: str, field: Field, order: str | None, convention: str | None) -> Value:
    """The value of a custom field as JSON knows it. Raises WrongValue."""
    if field.kind == "number":
        return values.number(text, convention)
    if field.kind == "date":
        return _date(text, order)
    if field.kind == "boolean":
        return values.yes_or_no(text)
    if field.kind == "choice":
        return values.choice(text, field.choices)
    return values.words(text)


def _of_field(field: Field, index: int, evidence: Evidence) -> Take:
    order, convention = evidence.date_orders.get(index), evidence.conventions.get(index)
    key = field.key
    if field.kind == "text":

        def take_text(draft: Draft, text: str) -> None:
            draft.fields[key] = values.words(text)

        return take_text

    def take(draft: Draft, text: str) -> None:
        draft.fields[key] = convert(text, field, order, convention)

    return take


def _of_consent(index: int, evidence: Evidence) -> Take:
    order, zone = evidence.date_orders.get(index), evidence.zone

    def take(draft: Draft, text: str) -> None:
        try:
            draft.consent_at = dates.parse_instant(text, order, zone)
        except dates.NotADate as error:
            raise _wrong_date(error) from error

    return take


def _of_attributes(fields: Sequence[Field], evidence: Evidence) -> Take:
    named = {vocabulary.fold(name): each for each in fields for name in (each.label, each.key)}

    def take(draft: Draft, text: str) -> None:
        try:
            given = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise WrongValue("not_json") from error
        if not isinstance(given, dict):
            raise WrongValue("not_json")
        for name, value in given.items():
            _take_attribute(draft, str(name), value, named)

    return take


def _take_attribute(draft: Draft, name: str, value: object, named: dict[str, Field]) -> None:
    if value is None or value == "":
        return
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    field = named.get(vocabulary.fold(name))
    if field is not None:
        draft.fields[field.key] = convert(text, field, None, values.DECIMAL_POINT)
        return
    target = vocabulary.target_of(name)
    if target in _ATTRIBUTES:
        _PLAIN[target](draft, text)


def _date(text: str, order: str | None) -> str:
    try:
        return dates.parse_date(text, order).isoformat()
    except dates.NotADate as error:
        raise _wrong_date(error) from error


def _wrong_date(error: dates.NotADate) -> WrongValue:
    is_ambiguous = isinstance(error, dates.AmbiguousDate)
    return WrongValue("ambiguous_date" if is_ambiguous else "not_a_date")


def _first_name(draft: Draft, text: str) -> None:
    draft.first_name = values.words(text, values.NAME_LIMIT)


def _last_name(draft: Draft, text: str) -> None:
    draft.last_name = values.words(text, values.NAME_LIMIT)


def _full_name(draft: Draft, text: str) -> None:
    draft.full_name = values.words(text, 2 * values.NAME_LIMIT)


def _language(draft: Draft, text: str) -> None:
    draft.language = values.language(text)


def _tags(draft: Draft, text: str) -> None:
    found = values.tags(text)
    draft.tags = tuple(dict.fromkeys((*draft.tags, *found))) if draft.tags else found


def _source(draft: Draft, text: str) -> None:
    draft.consent_source = values.words(text, values.SOURCE_LIMIT)


def _ip(draft: Draft, text: str) -> None:
    draft.consent_ip = values.ip(text)


_PLAIN: dict[str, Take] = {
    "first_name": _first_name,
    "last_name": _last_name,
    "full_name": _full_name,
    "language": _language,
    "tags": _tags,
    "consent_source": _source,
    "consent_ip": _ip,
}
_ATTRIBUTES = frozenset(("first_name", "last_name", "full_name", "language", "tags"))
