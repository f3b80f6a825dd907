"""From an import's settings and its file to a table, a mapping and checked rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hirnok.contacts import models
from hirnok.contacts.models import Import
from hirnok.contacts.reader import Recipe
from hirnok.contacts.reading import mapping as mappings
from hirnok.contacts.reading.files import Chosen, open_table
from hirnok.contacts.reading.mapping import Column, Mapping
from hirnok.contacts.reading.preview import Preview, preview
from hirnok.contacts.reading.rows import Outcome
from hirnok.contacts.reading.table import Table
from hirnok.contacts.reading.values import Field
from hirnok.tenants.models import Brand, Tenant

STOPPING = "blocklisted"


@dataclass(frozen=True)
class Opened:
    """A file that can be read, with what its columns mean."""

    table: Table
    recipe: Recipe

    @property
    def mapping(self) -> Mapping:
        """Return what the columns mean."""
        return self.recipe.mapping

    @property
    def fields(self) -> tuple[Field, ...]:
        """Return the tenant's custom fields."""
        return self.recipe.fields

    @property
    def address_at(self) -> int | None:
        """Return the number of the column with the address."""
        return self.mapping.index_of("email")

    @property
    def status(self) -> str | None:
        """Return what every row of the file is, None for an ordinary list."""
        return self.recipe.status

    def outcomes(self) -> Iterator[Outcome]:
        """Read the rows. Problem where the mapping or the file does not allow it."""
        return self.recipe.outcomes(self.table)

    def preview(self) -> Preview:
        """Return what a person sees of the file."""
        return preview(self.table, fields=self.fields, mapping=self.mapping)


def open_file(run: Import, path: Path) -> Opened:
    """Open the file of an import. Problem when it is no table."""
    tenant = Tenant.objects.get(pk=run.tenant_id)
    brand = Brand.objects.of(tenant).get(pk=run.brand_id)
    fields = fields_of(tenant)
    chosen = overrides(run.settings)
    table = open_table(path, filename=run.file_name, **chosen)
    mapping = as_chosen(mappings.guess(table, fields=fields), run.mapping)
    recipe = Recipe(
        path=path,
        filename=run.file_name,
        chosen=chosen,
        mapping=mapping,
        fields=fields,
        language=brand.language,
        status=_status(run.kind, mapping),
        zone=ZoneInfo(tenant.time_zone),
        tenant_id=tenant.pk,
    )
    return Opened(table, recipe)


def _status(kind: str, mapping: Mapping) -> str | None:
    """Return what every row of the file is, None for an ordinary list."""
    if kind == Import.Kind.SUPPRESSIONS:
        return mapping.status or STOPPING
    return mapping.status


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


def overrides(settings: dict[str, Any]) -> Chosen:
    """Return what the person chose about the file itself."""
    return {
        "sheet": settings.get("sheet") or None,
        "encoding": settings.get("encoding") or None,
        "delimiter": settings.get("delimiter") or None,
    }


def fields_of(tenant: Tenant) -> tuple[Field, ...]:
    """Return the tenant's custom fields as reading knows them."""
    rows = models.Field.objects.of(tenant).order_by("position", "pk")
    return tuple(Field(row.key, row.label, row.type, tuple(row.choices)) for row in rows)
