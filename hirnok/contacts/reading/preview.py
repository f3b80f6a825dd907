"""What a person sees before she decides: the file as found, the guess, and what rows would become."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from hirnok.contacts.reading import dates, values
from hirnok.contacts.reading import mapping as mappings
from hirnok.contacts.reading.mapping import Mapping
from hirnok.contacts.reading.table import Table
from hirnok.contacts.reading.values import Field

SHOWN_ROWS = 20
SAMPLES = 3


@dataclass(frozen=True)
class ColumnPreview:
    """A column with its guess. `detected` is email, date, number, boolean, text or empty."""

    index: int
    header: str
    target: str
    reason: str
    reason_text: str
    samples: tuple[str, ...]
    detected: str


@dataclass(frozen=True)
class Preview:
    """All values are plain, so that `as_json` is `dataclasses.asdict`."""

    kind: str
    filename: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    sheets: tuple[str, ...]
    has_header: bool
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    estimated_rows: int
    system: str | None
    status: str | None
    columns: tuple[ColumnPreview, ...]
    has_address_column: bool

    def as_json(self) -> dict[str, object]:
        """For `hirnok import --dry-run --json`."""
        return asdict(self)


def preview(
    table: Table, *, fields: Sequence[Field] = (), mapping: Mapping | None = None
) -> Preview:
    """The preview of a table by a mapping (the guessed one where none is given)."""
    mapping = mapping or mappings.guess(table, fields=fields)
    width = len(table.header)
    return Preview(
        kind=table.kind,
        filename=table.filename,
        encoding=table.encoding,
        delimiter=table.delimiter,
        sheet=table.sheet,
        sheets=table.sheets,
        has_header=table.has_header,
        header=table.header,
        rows=tuple(_padded(row, width) for row in table.sample[:SHOWN_ROWS]),
        estimated_rows=table.estimated_rows,
        system=mapping.system,
        status=mapping.status,
        columns=tuple(_column(column, table) for column in mapping.columns),
        has_address_column="email" in mapping.targets,
    )


def _column(column: mappings.Column, table: Table) -> ColumnPreview:
    cells = [
        row[column.index]
        for row in table.sample
        if column.index < len(row) and row[column.index].strip()
    ]
    return ColumnPreview(
        column.index,
        column.header,
        column.target,
        column.reason,
        mappings.REASONS[column.reason] % column.details,
        tuple(cell[:80] for cell in dict.fromkeys(cells))[:SAMPLES],
        detect(cells),
    )


def detect(cells: Sequence[str]) -> str:
    """The type of a column: what at least nine in ten of its cells are."""
    if not cells:
        return "empty"
    checks = (
        ("email", _is_address),
        ("date", _is_date),
        ("number", _is_number),
        ("boolean", _is_boolean),
    )
    for name, check in checks:
        if sum(1 for cell in cells if check(cell)) >= 0.9 * len(cells):
            return name
    return "text"


def _padded(row: Sequence[str], width: int) -> tuple[str, ...]:
    return tuple(row[:width]) + ("",) * (width - len(row))


def _is_address(cell: str) -> bool:
    return re.fullmatch(r"\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*", cell) is not None


def _is_date(cell: str) -> bool:
    try:
        dates.parse_instant(cell, dates.DAY_FIRST)
    except dates.NotADate:
        return False
    return True


def _is_number(cell: str) -> bool:
    try:
        values.number(cell, values.DECIMAL_COMMA)
    except values.WrongValue:
        return False
    return True


def _is_boolean(cell: str) -> bool:
    try:
        values.yes_or_no(cell)
    except values.WrongValue:
        return False
    return True
