"""What each column means: a guess with its reason, or the mapping a person has chosen.

First the layout of the system that wrote the file (Mailchimp, Brevo, HubSpot, listmonk), then the
words of the header, then the custom fields of the tenant, then the content of the column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass, field

from hirnok.contacts.reading import layouts, phrases, standing, vocabulary
from hirnok.contacts.reading.marking import gettext_noop
from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.reading.table import Table
from hirnok.contacts.reading.values import Field

REASONS: dict[str, str] = {
    "layout": gettext_noop("known column of an export of %(system)s"),
    "header": gettext_noop("by its header"),
    "field": gettext_noop("named like the field %(field)s"),
    "content": gettext_noop("by its content"),
    "chosen": gettext_noop("chosen by hand"),
    "taken": gettext_noop("another column already is %(target)s"),
    "unknown": gettext_noop("not recognised"),
}

_MAIL = re.compile(r"(?:.*<)?\s*[^\s@<>]+@[^\s@<>]+\.[^\s@<>]{2,}\s*>?\s*")
_SINGLE = frozenset(vocabulary.TARGETS) - {"ignore", "tags", "left", "dead", "attributes"}


@dataclass(frozen=True)
class Column:
    """One column: its place, its header, its target and why (`reason` is a key of REASONS)."""

    index: int
    header: str
    target: str
    reason: str
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Mapping:
    """The columns of a table with their targets. `status` is what the whole file is about.

    `status` is None for an ordinary list; with `unsubscribed`, `dead` or another of
    `standing.SUPPRESSED` every row of the file becomes a suppression.
    """

    columns: tuple[Column, ...]
    system: str | None = None
    status: str | None = None

    def index_of(self, target: str) -> int | None:
        """The first column with this target."""
        return next((column.index for column in self.columns if column.target == target), None)

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(column.target for column in self.columns)


def guess(
    table: Table,
    *,
    fields: Sequence[Field] = (),
    chosen: MappingOf[int, str] | None = None,
) -> Mapping:
    """The mapping of a table; `chosen` (column number from 0 → target) beats every guess.

    Never raises for want of an address column: the page shows the guess and asks. `check` refuses.
    """
    system = layouts.recognise(table.header)
    columns: list[Column] = []
    taken = {target for target in (chosen or {}).values() if target in _SINGLE}
    for index, header in enumerate(table.header):
        if chosen and index in chosen:
            columns.append(Column(index, header, chosen[index], "chosen"))
            continue
        column = _doubted(_by_name(index, header, system, fields), table)
        columns.append(_once(column, taken))
    _by_content(columns, table, taken)
    return Mapping(tuple(columns), system, layouts.status_of_file(table.header, table.filename))


def check(mapping: Mapping, table: Table, fields: Sequence[Field] = ()) -> None:
    """Raises Problem where rows cannot be read by this mapping."""
    if len(mapping.columns) != len(table.header):
        raise Problem("mapping_length", given=len(mapping.columns), columns=len(table.header))
    known = {*vocabulary.TARGETS, *(f"field:{each.key}" for each in fields)}
    for target in mapping.targets:
        if target not in known:
            raise Problem("bad_mapping", target=target)
    addresses = mapping.targets.count("email")
    if addresses == 0:
        raise Problem("no_address_column")
    if addresses > 1:
        raise Problem("two_address_columns")


def _by_name(index: int, header: str, system: str | None, fields: Sequence[Field]) -> Column:
    target = layouts.target_of(header, system)
    if target is not None and system is not None:
        return Column(index, header, target, "layout", {"system": system})
    by_field = _field_named(header, fields)
    if by_field is not None:
        return Column(index, header, f"field:{by_field.key}", "field", {"field": by_field.label})
    target = vocabulary.target_of(header) or phrases.target_of(header)
    if target is not None:
        return Column(index, header, target, "header")
    alike = _field_meaning(header, fields)
    if alike is not None:
        return Column(index, header, f"field:{alike.key}", "field", {"field": alike.label})
    return Column(index, header, "ignore", "unknown")


def _field_named(header: str, fields: Sequence[Field]) -> Field | None:
    folded = vocabulary.fold(header)
    return next(
        (
            each
            for each in fields
            if folded and folded in {vocabulary.fold(each.key), vocabulary.fold(each.label)}
        ),
        None,
    )


def _field_meaning(header: str, fields: Sequence[Field]) -> Field | None:
    """The one field whose label means what the header says, in other words."""
    wanted = phrases.meaning(header)
    found = [each for each in fields if wanted and phrases.meaning(each.label) == wanted]
    return found[0] if len(found) == 1 else None


def _doubted(column: Column, table: Table) -> Column:
    """`Status` and `State` are many things: it is ours only where most of its words are known."""
    if column.target != "status" or column.reason != "header":
        return column
    words = _cells(table, column.index)
    known = sum(1 for word in words if standing.of_word(word) is not None)
    if words and known < 0.5 * len(words):
        return Column(column.index, column.header, "ignore", "unknown")
    return column


def _once(column: Column, taken: set[str]) -> Column:
    """A target that can be only once goes to the first column that claims it."""
    if column.target in taken:
        return Column(column.index, column.header, "ignore", "taken", {"target": column.target})
    if column.target in _SINGLE or column.target.startswith("field:"):
        taken.add(column.target)
    return column


def _by_content(columns: list[Column], table: Table, taken: set[str]) -> None:
    """A column of addresses is the e-mail column, whatever it is called."""
    shares = [_share_of_addresses(table, index) for index in range(len(columns))]
    claimed = next((c for c in columns if c.target == "email"), None)
    if claimed is not None and (
        claimed.reason == "chosen" or shares[claimed.index] > 0.3 or not any(shares)
    ):
        return
    # `Mail` may name a column of postal addresses: content wins where it is plain.
    best = max(range(len(columns)), key=lambda index: shares[index], default=None)
    if best is None or shares[best] < 0.5 or columns[best].reason == "chosen":
        return
    if claimed is not None:
        columns[claimed.index] = Column(
            claimed.index, claimed.header, "ignore", "taken", {"target": "email"}
        )
    columns[best] = Column(best, columns[best].header, "email", "content")
    taken.add("email")


def _share_of_addresses(table: Table, index: int) -> float:
    cells = _cells(table, index)
    return sum(1 for cell in cells if _MAIL.fullmatch(cell)) / len(cells) if cells else 0.0


def _cells(table: Table, index: int) -> list[str]:
    return [row[index] for row in table.sample if index < len(row) and row[index].strip()]
