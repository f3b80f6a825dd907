"""What a column tells about its own cells, gathered once from the beginning of the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import islice

from hirnok.contacts.reading import dates, names, values, vocabulary
from hirnok.contacts.reading.mapping import Mapping
from hirnok.contacts.reading.table import Table
from hirnok.contacts.reading.values import Field

LOOKED_AT = 5_000


@dataclass(frozen=True)
class Evidence:
    """Per column: whether days or months come first, decimal comma or point; for all: names, zone."""

    zone: tzinfo
    name_order: str
    date_orders: dict[int, str | None] = field(default_factory=dict)
    conventions: dict[int, str | None] = field(default_factory=dict)


def gather(
    table: Table,
    mapping: Mapping,
    fields: Sequence[Field],
    *,
    language: str | None,
    zone: tzinfo,
) -> Evidence:
    """Looks at up to 5,000 rows, and only where a date or a number column asks for it."""
    kinds = {f"field:{each.key}": each.kind for each in fields} | {"consent_at": "date"}
    asking = {
        column.index: kinds[column.target]
        for column in mapping.columns
        if kinds.get(column.target) in {"date", "number"}
    }
    cells = _cells(table, asking)
    default = _default_convention(table, language)
    return Evidence(
        zone,
        _name_order(mapping, language),
        {i: dates.order_of(cells[i]) for i, kind in asking.items() if kind == "date"},
        {
            i: values.convention_of(cells[i]) or default
            for i, kind in asking.items()
            if kind == "number"
        },
    )


def _cells(table: Table, asking: dict[int, str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {index: [] for index in asking}
    if asking and table.kind == "csv":
        for _, cells in islice(table.rows(), LOOKED_AT):
            for index in asking:
                if index < len(cells):
                    found[index].append(cells[index])
    return found


def _default_convention(table: Table, language: str | None) -> str | None:
    if table.kind != "csv" or language == "en":
        return values.DECIMAL_POINT
    return values.DECIMAL_COMMA if language in {"hu", "ro", "de"} else None


def _name_order(mapping: Mapping, language: str | None) -> str:
    at = mapping.index_of("full_name")
    header = mapping.columns[at].header if at is not None else ""
    said = vocabulary.language_of(header)
    if said == "ro":
        together = vocabulary.fold(header)
        is_family_first = together.startswith("num") and "prenume" in together
        return names.FAMILY_FIRST if is_family_first else names.GIVEN_FIRST
    return names.order_for(said or language)
