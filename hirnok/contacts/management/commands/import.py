# ruff: noqa: N999 - Django takes the command's name from the module's
"""`hirnok import FILE --tenant T --list L …`: looks into a file, weighs it (`--dry-run`) or loads it."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hirnok.contacts import headless, imports, lists, wording
from hirnok.contacts.headless import Told, Wanted
from hirnok.contacts.imports import Origin, Place
from hirnok.contacts.models import Import, List
from hirnok.contacts.reading.problems import Problem
from hirnok.lib import clock
from hirnok.register.holdings import NotInRegister
from hirnok.register.models import LegalBasis, Source
from hirnok.tenants.models import Brand, Tenant

KINDS = [str(kind) for kind in Source.Kind if kind is not Source.Kind.STAFF]


class Command(BaseCommand):
    """Import a list from a file."""

    help = "Import contacts, or a suppression list, from CSV, TSV, XLSX, XLS or ODS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what the command takes."""
        parser.add_argument("file", type=Path, help="the file")
        parser.add_argument("--tenant", required=True, help="short name of the tenant")
        parser.add_argument("--list", help="name of the list that the contacts join")
        parser.add_argument(
            "--new-list", action="store_true", help="make the list if it is missing"
        )
        parser.add_argument("--brand", help="name of the brand, where there are several")
        parser.add_argument(
            "--suppressions", action="store_true", help="every row is somebody not to be written to"
        )
        parser.add_argument(
            "--origin", choices=[*KINDS, imports.BOUGHT], help="where the list comes from"
        )
        parser.add_argument(
            "--basis", choices=[str(one) for one in imports.BASES], help="legal basis"
        )
        parser.add_argument("--about", default="", help="the origin in more detail")
        parser.add_argument("--document", type=Path, help="balancing document")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="COLUMN=TARGET",
            help=f"header or number of a column, and one of {', '.join(wording.TARGETS)}, field:KEY",
        )
        parser.add_argument("--tag", action="append", default=[], help="tag for every row")
        for name in ("encoding", "delimiter", "sheet"):
            parser.add_argument(f"--{name}", help=f"{name}, if not as found")
        parser.add_argument("--dry-run", action="store_true", help="write nothing, only tell")
        parser.add_argument("--json", action="store_true", help="tell it as JSON")

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Weigh or load, and tell."""
        dry_run = options["dry_run"]
        try:
            wanted = _wanted(options)
            told = (
                headless.weigh(wanted, at=clock.now())
                if dry_run
                else headless.load(wanted, clock=clock.now)
            )
        except Problem as fault:
            raise CommandError(wording.problem(fault)) from fault
        except headless.NoSuchColumn as fact:
            raise CommandError(f"The file has no column {fact}.") from fact
        except (imports.BoughtList, imports.NeedsDocument, NotInRegister) as fact:
            raise CommandError(" ".join((type(fact).__doc__ or "").split())) from fact
        text = json.dumps(told.as_json(dry_run=dry_run), ensure_ascii=False, indent=2)
        self.stdout.write(text if options["json"] else _in_words(told))
        if told.run.status == Import.Status.FAILED:
            raise CommandError(wording.stored_problem(told.run.problem))


def _wanted(options: dict[str, Any]) -> Wanted:
    path: Path = options["file"]
    if not path.is_file():
        raise CommandError(f"There is no file {path}.")
    tenant = Tenant.objects.filter(slug=options["tenant"]).first()
    if tenant is None:
        raise CommandError(f"There is no tenant {options['tenant']}.")
    needs_origin = not options["suppressions"] and not options["dry_run"]
    if needs_origin and not (options["origin"] and options["basis"]):
        raise CommandError("Say where the list comes from: --origin and --basis.")
    return Wanted(
        tenant=tenant,
        place=_place(tenant, options),
        path=path,
        origin=_origin(options),
        settings={
            name: options[name] for name in ("encoding", "delimiter", "sheet") if options[name]
        },
        columns=_columns(options["map"]),
    )


def _place(tenant: Tenant, options: dict[str, Any]) -> Place:
    brands = Brand.objects.of(tenant)
    if options["suppressions"]:
        brand = _named_brand(tenant, options["brand"]) if options["brand"] else brands.first()
        if brand is None:
            raise CommandError("The tenant has no brand.")
        return Place(brand, None, Import.Kind.SUPPRESSIONS, whole_tenant=not options["brand"])
    if not options["list"]:
        raise CommandError("Name the list: --list.")
    found = List.objects.of(tenant).filter(name=options["list"]).select_related("brand")
    if options["brand"]:
        found = found.filter(brand=_named_brand(tenant, options["brand"]))
    rows = list(found[:2])
    if len(rows) > 1:
        raise CommandError("Several brands have a list of this name: add --brand.")
    chosen = rows[0] if rows else _new_list(tenant, options)
    return Place(chosen.brand, chosen, Import.Kind.CONTACTS, tuple(options["tag"]))


def _new_list(tenant: Tenant, options: dict[str, Any]) -> List:
    if not options["new_list"] or options["dry_run"]:
        names = ", ".join(sorted(List.objects.of(tenant).values_list("name", flat=True)))
        raise CommandError(f"There is no list {options['list']}. There are: {names or 'none'}.")
    brand = _named_brand(tenant, options["brand"])
    return lists.create_list(
        tenant, brand, name=options["list"], actor=headless.ACTOR, at=clock.now()
    )


def _named_brand(tenant: Tenant, name: str | None) -> Brand:
    rows = Brand.objects.of(tenant)
    found = list((rows.filter(name=name) if name else rows)[:2])
    if len(found) != 1:
        names = ", ".join(sorted(rows.values_list("name", flat=True)))
        raise CommandError(f"Name the brand with --brand: {names or 'there is none yet'}.")
    brand: Brand = found[0]
    return brand


def _origin(options: dict[str, Any]) -> Origin | None:
    if not options["origin"]:
        return None
    document: Path | None = options["document"]
    if document is not None and not document.is_file():
        raise CommandError(f"There is no file {document}.")
    return Origin(
        kind=options["origin"],
        legal_basis=options["basis"] or LegalBasis.CONSENT,
        description=options["about"],
        document_name=document.name if document else "",
        document=document.read_bytes() if document else None,
    )


def _columns(pairs: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, target = pair.rpartition("=")
        if not equals:
            raise CommandError(f"--map wants COLUMN=TARGET, not {pair}.")
        found[name] = target
    return found


def _in_words(told: Told) -> str:
    table, counts = told.opened.table, told.counts
    facts = [table.kind, table.encoding, table.delimiter and repr(table.delimiter), table.sheet]
    lines = [f"{told.run.file_name}: {', '.join(fact for fact in facts if fact)}"]
    lines += [
        f"  {column.header or column.index + 1} -> {column.target}"
        for column in told.opened.mapping.columns
    ]
    for name, number in counts.as_json().items():
        if isinstance(number, int):
            lines.append(f"{name:>14} {number}")
    lines.append(f"{'rejected':>14} {counts.rejected}")
    lines += [
        f"{number:>20} {wording.reason_in_short(code)}" for code, number in counts.reasons.items()
    ]
    return "\n".join(lines)
