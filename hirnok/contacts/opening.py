"""From an import's settings and its file to a table, a mapping and checked rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hirnok.contacts import models
from hirnok.contacts.models import Import
from hirnok.contacts.reading import mapping as mappings
from hirnok.contacts.reading.files import open_table
from hirnok.contacts.reading.mapping import Column, Mapping
from hirnok.contacts.reading.preview import Preview, preview
from hirnok.contacts.reading.rows import Outcome, read_rows
from hirnok.contacts.reading.table import Table
from hirnok.contacts.reading.values import Field
from hirnok.tenants.models import Brand, Tenant

STOPPING = "blocklisted"


@dataclass(frozen=True)
class Opened:
    """A file that can be read, with what its columns mean."""

    table: Table
    mapping: Mapping
    fields: tuple[Field, ...]
    language: str
    zone: ZoneInfo
    kind: str

    @property
    def address_at(self) -> int | None:
        """Return the number of the column with the address."""
        return self.mapping.index_of("email")

    @property
    def status(self) -> str | None:
        """Return what every row of the file is, None for an ordinary list."""
        if self.kind == Import.Kind.SUPPRESSIONS:
            return self.mapping.status or STOPPING
        return self.mapping.status

    def outcomes(self) -> Iterator[Outcome]:
        """Read the rows. Problem where the mapping or the file does not allow it."""
        return read_rows(
            self.table,
            self.mapping,
            fields=self.fields,
            language=self.language,
            status=self.status,
            zone=self.zone,
        )

    def preview(self) -> Preview:
        """Return what a person sees of the file."""
        return preview(self.table, fields=self.fields, mapping=self.mapping)


def open_file(run: Import, path: Path) -> Opened:
    """Open the file of an import. Problem when it is no table."""
    tenant = Tenant.objects.get(pk=run.tenant_id)
    brand = Brand.objects.of(tenant).get(pk=run.brand_id)
    fields = fields_of(tenant)
    table = open_table(path, filename=run.file_name, **overrides(run.settings))
    mapping = as_chosen(mappings.guess(table, fields=fields), run.mapping)
    return Opened(table, mapping, fields, brand.language, ZoneInfo(tenant.time_zone), run.kind)


def as_chosen(guessed: Mapping, targets: Sequence[str]) -> Mapping:
    """Return the mapping a person has set; where it agrees with the guess the reason of that stays.

    Targets of another number of columns (nothing is set yet) leave the guess.
    """
    if len(targets) != len(guessed.columns):
        return guessed
    columns = (
        column if column.target == target else Column(column.index, column.header, target, "chosen")
        for column, target in zip(guessed.columns, targets, strict=True)
    )
    return replace(guessed, columns=tuple(columns))


def overrides(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what the person chose about the file itself."""
    return {name: settings.get(name) or None for name in ("sheet", "encoding", "delimiter")}


def fields_of(tenant: Tenant) -> tuple[Field, ...]:
    """Return the tenant's custom fields as reading knows them."""
    rows = models.Field.objects.of(tenant).order_by("position", "pk")
    return tuple(Field(row.key, row.label, row.type, tuple(row.choices)) for row in rows)
