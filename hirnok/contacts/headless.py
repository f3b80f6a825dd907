"""An import without pages, as the command does it: one call looks, weighs or loads, and tells all of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from hirnok.contacts import carrying, imports, running
from hirnok.contacts.counting import Counts
from hirnok.contacts.imports import Origin, Place
from hirnok.contacts.models import Import
from hirnok.contacts.opening import Opened, open_file
from hirnok.contacts.reading import mapping as mappings
from hirnok.contacts.reading.problems import Problem
from hirnok.tenants.models import Tenant

ACTOR = "command:import"


class NoSuchColumn(Exception):
    """The mapping names a column that the file does not have."""


@dataclass(frozen=True)
class Wanted:
    """What a command asks for: the file, where it goes, how it is read, what its columns mean."""

    tenant: Tenant
    place: Place
    path: Path
    origin: Origin | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)  # header or number from 1 -> target


@dataclass(frozen=True)
class Told:
    """What a command tells of an import."""

    opened: Opened
    counts: Counts
    run: Import

    def as_json(self, *, dry_run: bool) -> dict[str, Any]:
        """Return plain values."""
        table, mapping = self.opened.table, self.opened.mapping
        return {
            "file": self.run.file_name,
            "kind": table.kind,
            "encoding": table.encoding,
            "delimiter": table.delimiter,
            "sheet": table.sheet,
            "system": mapping.system,
            "mapping": [
                {"column": column.header, "target": column.target, "reason": column.reason}
                for column in mapping.columns
            ],
            "counts": self.counts.as_json(),
            "dry_run": dry_run,
            "import": self.run.pk,
            "status": str(self.run.status),
        }


def weigh(wanted: Wanted, *, at: datetime) -> Told:
    """Tell what an import would do; nothing is written. Problem, NoSuchColumn."""
    run = _unsaved(wanted, at)
    opened = _opened(run, wanted)
    counts = running.forecast(run, wanted.path, at=at)
    return Told(opened, counts, run)


def load(wanted: Wanted, *, clock: Callable[[], datetime]) -> Told:
    """Import a file. Problem, NoSuchColumn, BoughtList, NeedsDocument; what fails leaves nothing behind."""
    at = clock()
    opened = _opened(_unsaved(wanted, at), wanted)
    with transaction.atomic():
        run = imports.create(
            wanted.tenant,
            wanted.place,
            file_name=wanted.path.name,
            file_size=wanted.path.stat().st_size,
            actor=ACTOR,
            at=at,
        )
        run.settings = run.settings | dict(wanted.settings) | {"header": list(opened.table.header)}
        run.mapping = list(opened.mapping.targets)
        run.save(update_fields=["settings", "mapping"])
        if wanted.origin is not None:
            imports.declare(run, wanted.origin, actor=ACTOR, at=at)
        imports.start(run, actor=ACTOR, at=at, queue=False)
    carrying.carry_out(run.tenant_id, run.pk, clock=clock, path=wanted.path)
    run.refresh_from_db()
    return Told(opened, Counts.from_json(run.counts), run)


def _unsaved(wanted: Wanted, at: datetime) -> Import:
    place = wanted.place
    return Import(
        tenant=wanted.tenant,
        brand=place.brand,
        list=place.list,
        kind=place.kind,
        file_name=wanted.path.name,
        settings={"tags": list(place.tags), "whole_tenant": place.whole_tenant}
        | dict(wanted.settings),
        created_by=ACTOR,
        created_at=at,
    )


def _opened(run: Import, wanted: Wanted) -> Opened:
    """Open the file with the columns that were named; Problem where rows cannot be read so."""
    opened = open_file(run, wanted.path)
    targets = list(opened.mapping.targets)
    for name, target in wanted.columns.items():
        targets[_number_of(name, opened.table.header)] = target
    run.mapping = targets
    opened = open_file(run, wanted.path)
    mappings.check(opened.mapping, opened.table, opened.fields)
    return opened


def _number_of(name: str, header: tuple[str, ...]) -> int:
    folded = [text.casefold() for text in header]
    if name.casefold() in folded:
        return folded.index(name.casefold())
    if name.isascii() and name.isdigit() and 1 <= int(name) <= len(header):
        return int(name) - 1
    raise NoSuchColumn(name)


__all__ = ["NoSuchColumn", "Problem", "Told", "Wanted", "load", "weigh"]
