"""Checked rows: each row of a table becomes a contact, a suppression or a rejection.

A wrong value in an optional column costs the value, not the row: it is a warning with the name of
the column. What the other system says about people who left is never turned into a contact.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from hirnok.contacts.reading import mapping as mappings
from hirnok.contacts.reading import standing, taking, values
from hirnok.contacts.reading.evidence import Evidence, gather
from hirnok.contacts.reading.mapping import Mapping
from hirnok.contacts.reading.marking import gettext_noop
from hirnok.contacts.reading.table import Table
from hirnok.contacts.reading.values import Field, Value, WrongValue
from hirnok.mail.addresses import Address, normalise
from hirnok.mail.addresses import Problem as NoAddress

REJECTIONS: dict[str, str] = {
    "missing_address": gettext_noop("no e-mail address"),
    "invalid_address": gettext_noop("the e-mail address is not valid: %(reason)s"),
    "too_long": gettext_noop("the e-mail address is too long"),
    "duplicate": gettext_noop("the address already stands in an earlier row"),
    "unconfirmed": gettext_noop("never confirmed in the other system"),
    "unknown_status": gettext_noop("the status %(status)s is not known"),
}

WARNINGS: dict[str, str] = {
    "not_a_number": gettext_noop("not a number"),
    "ambiguous_number": gettext_noop("a number that can be read in two ways"),
    "not_a_date": gettext_noop("not a date"),
    "ambiguous_date": gettext_noop("a date whose day and month could be exchanged"),
    "not_yes_or_no": gettext_noop("neither yes nor no"),
    "unknown_choice": gettext_noop("not one of the choices"),
    "unknown_language": gettext_noop("not a known language"),
    "not_an_ip": gettext_noop("not an IP address"),
    "not_json": gettext_noop("not a JSON object"),
    "too_many_tags": gettext_noop("too many tags"),
    "too_long": gettext_noop("too long"),
    "extra_cells": gettext_noop("the row has more cells than the header"),
}

SHOWN_CELL = 1_000

# windows-1250 and ISO-8859-2 have no comma below; their cedilla is always Romanian, never Turkish.
_CEDILLA = re.compile("[şţŞŢ]")
_COMMA_BELOW = str.maketrans("şţŞŢ", "șțȘȚ")


class Warned(NamedTuple):
    """A value that was dropped: the header of its column and a key of WARNINGS."""

    column: str
    code: str


class Row(NamedTuple):
    """A contact to be. `fields` holds JSON values by the field's key
    (dates as ISO text); `consent_at` is aware, in UTC."""

    number: int
    address: Address
    first_name: str
    last_name: str
    language: str | None
    tags: tuple[str, ...]
    fields: dict[str, Value]
    consent_at: datetime | None
    consent_source: str
    consent_ip: str | None
    warnings: tuple[Warned, ...]


class Suppress(NamedTuple):
    """An address never to be written to. `reason`: unsubscribed, complained, blocklisted or dead.

    It may come after a Row with the same address; the suppression then wins.
    """

    number: int
    address: Address
    reason: str


class Rejected(NamedTuple):
    """A row that is not taken: `code` is a key of REJECTIONS, `details` fill its sentence.

    `details["reason"]` of an invalid address is a key of `hirnok.mail.addresses.MESSAGES`.
    """

    number: int
    cells: tuple[str, ...]
    code: str
    details: dict[str, str]


Outcome = Row | Suppress | Rejected


def read_rows(
    table: Table,
    mapping: Mapping,
    *,
    fields: Sequence[Field] = (),
    language: str | None = None,
    status: str | None = None,
    zone: tzinfo = UTC,
) -> Iterator[Outcome]:
    """One outcome for each non-empty row, in order. Raises Problem when the file breaks.

    `language` is the list's own (how names are split and numbers read when the file does not
    tell); `status` overrides `mapping.status` (`subscribed`: an ordinary list; `unsubscribed`,
    `dead` …: each row a suppression); `zone` is meant by times without one.
    """
    mappings.check(mapping, table, fields)
    evidence = gather(table, mapping, fields, language=language, zone=zone)
    reader = _Reader(table, mapping, fields, evidence, status or mapping.status)
    return map(reader.read, table.rows())


class _Reader:
    """Everything that is decided once for a file, so that a row costs little."""

    def __init__(
        self,
        table: Table,
        mapping: Mapping,
        fields: Sequence[Field],
        evidence: Evidence,
        status: str | None,
    ) -> None:
        self.header = table.header
        self.width = len(table.header)
        self.address_at = mapping.targets.index("email")
        self.status = None if status == standing.SUBSCRIBED else status
        self.judged = [
            (column.index, column.target)
            for column in mapping.columns
            if column.target in {"status", "left", "dead"}
        ]
        self.takers: list[tuple[int, Callable[[taking.Draft, str], None]]] = [
            (column.index, taker)
            for column in mapping.columns
            if (taker := taking.taker(column, fields, evidence)) is not None
        ]
        self.name_order = evidence.name_order
        self.is_old_romanian = table.encoding in {"windows-1250", "ISO-8859-2"}
        self.seen: set[int] = set()
        self.suppressed: set[int] = set()

    def read(self, numbered: tuple[int, list[str]]) -> Outcome:
        number, cells = numbered
        raw = cells[self.address_at] if self.address_at < len(cells) else ""
        address = normalise(raw)
        if isinstance(address, NoAddress):
            return _without_address(number, cells, address)
        standing_of_row = self.status or (self._standing(cells) if self.judged else None)
        mark = hash(address.key)
        if standing_of_row is not None and standing_of_row != standing.SUBSCRIBED:
            return self._set_aside(number, cells, address, mark, standing_of_row)
        if mark in self.seen:
            return Rejected(number, _kept(cells), "duplicate", {})
        self.seen.add(mark)
        return self._contact(number, cells, address)

    def _standing(self, cells: list[str]) -> str | None:
        found: str | None = None
        for index, target in self.judged:
            text = cells[index] if index < len(cells) else ""
            if not text.strip():
                continue
            if target == "status":
                word = standing.of_word(text) or f"?{text.strip()[:50]}"
                found = standing.stronger(found, word)
            elif standing.is_marked(text):
                said = standing.UNSUBSCRIBED if target == "left" else standing.DEAD
                found = standing.stronger(found, said)
        return found

    def _set_aside(
        self, number: int, cells: list[str], address: Address, mark: int, status: str
    ) -> Outcome:
        if status == standing.UNCONFIRMED:
            return Rejected(number, _kept(cells), "unconfirmed", {})
        if status not in standing.SUPPRESSED:
            return Rejected(number, _kept(cells), "unknown_status", {"status": status.lstrip("?")})
        if mark in self.suppressed:
            return Rejected(number, _kept(cells), "duplicate", {})
        self.suppressed.add(mark)
        self.seen.add(mark)
        return Suppress(number, address, status)

    def _contact(self, number: int, cells: list[str], address: Address) -> Row:
        draft = taking.Draft()
        warnings: list[Warned] = []
        if self.is_old_romanian and _CEDILLA.search("".join(cells)):
            cells = [cell.translate(_COMMA_BELOW) for cell in cells]
        count = len(cells)
        for index, take in self.takers:
            if index < count and (text := cells[index]) and not text.isspace():
                try:
                    take(draft, text)
                except WrongValue as error:
                    warnings.append(Warned(self.header[index], error.code))
        if count > self.width and any(cells[self.width :]):
            warnings.append(Warned("", "extra_cells"))
        if address.display and not (draft.full_name or draft.first_name or draft.last_name):
            draft.full_name = address.display[: 2 * values.NAME_LIMIT]
        if draft.full_name:
            taking.divide_name(draft, self.name_order)
        return Row(
            number,
            address,
            draft.first_name,
            draft.last_name,
            draft.language,
            draft.tags,
            draft.fields,
            draft.consent_at,
            draft.consent_source,
            draft.consent_ip,
            tuple(warnings),
        )


def _kept(cells: list[str]) -> tuple[str, ...]:
    """The cells for the file of rejected rows, each cut to what a person would look at."""
    return tuple(cell[:SHOWN_CELL] for cell in cells)


def _without_address(number: int, cells: list[str], fault: NoAddress) -> Rejected:
    if fault.code == "empty":
        return Rejected(number, _kept(cells), "missing_address", {})
    if fault.code == "too_long":
        return Rejected(number, _kept(cells), "too_long", {})
    return Rejected(number, _kept(cells), "invalid_address", {"reason": fault.code})
