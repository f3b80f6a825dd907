"""What must be true of the declarations before anything runs: Django's checks, at migrate, check and start.

`problems()` needs no database. `undeclared_columns()` reads information_schema, where tables that were made by
hand show. `gaps(tenant)` says which data the tenant's register does not cover.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core import checks
from django.core.exceptions import FieldDoesNotExist
from django.db import connections, models

from hirnok.register import declarations, describing
from hirnok.register.declarations import Declaration, Personal
from hirnok.register.models import Activity, Holding
from hirnok.register.readymade import READYMADE
from hirnok.tenants.models import Tenant


def check_declarations(**_options: Any) -> list[checks.CheckMessage]:
    """Django check: every model and column is classified, and what is personal hangs from a holding."""
    return [checks.Error(problem, id="register.E001") for problem in problems()]


def check_tables(databases: Any = None, **_options: Any) -> list[checks.CheckMessage]:
    """Django check of the database: tables and columns that nobody declared."""
    return [
        checks.Warning(f"{where} is declared in no privacy.py", id="register.W002")
        for alias in databases or ()
        for where in undeclared_columns(alias)
    ]


def problems() -> Iterator[str]:
    """Yield what is wrong with the declarations, one sentence each."""
    declared = declarations.declared()
    for model in apps.get_models(include_auto_created=True):
        label = model._meta.label
        if label in declared:
            yield from (f"{label}: {problem}" for problem in _of(declared[label], model))
        else:
            yield f"{label} is declared in no privacy.py"


def undeclared_columns(alias: str = "default") -> list[str]:
    """Return table.column of the public schema that neither a declared model nor a declared table has."""
    known = {
        (model._meta.db_table, field.column)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_concrete_fields
    }
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY 1, c.ordinal_position"
        )
        present = cursor.fetchall()
    return [
        f"{table}.{column}"
        for table, column in present
        if (table, column) not in known and table not in declarations.tables()
    ]


def gaps(tenant: Tenant) -> list[tuple[str, str]]:
    """Return (activity, data category) that the tenant's active register does not cover."""
    covered = {
        (activity.code, item.category)
        for activity in Activity.objects.of(tenant).filter(active=True)
        for purpose in describing.purposes(activity)
        for item in purpose.items
    }
    wanted = {(code, one) for code, ones in declarations.categories().items() for one in ones}
    return sorted(wanted - covered)


def _of(declaration: Declaration, model: type[models.Model]) -> Iterator[str]:
    yield from _columns(declaration, model)
    codes = {ready.code for ready in READYMADE}
    yield from (f"no activity {code}" for code in declaration.activities if code not in codes)
    if not declaration.personal():
        return
    if declaration.holding:
        yield from _path(declaration, model)
    elif not (declaration.kept or declaration.expires):
        yield "personal columns, but no holding, no reason to be kept and no end"
    if declaration.holding != "self" and not declaration.kept and not declaration.activities:
        yield "personal columns that serve no activity"


def _columns(declaration: Declaration, model: type[models.Model]) -> Iterator[str]:
    if declaration.adopted:
        return
    fields = {field.name: field for field in model._meta.local_concrete_fields}
    for name in declaration.columns:
        if name not in fields:
            yield f"declares {name}, which is no column"
    for name, field in fields.items():
        kind = declaration.columns.get(name)
        if kind is None and not (field.primary_key or field.is_relation):
            yield f"column {name} is not classified"
        binary = isinstance(field, models.BinaryField) and kind != declarations.PSEUDONYM
        if isinstance(kind, Personal) and kind.binary != binary:
            yield f"column {name} is binary or not, other than declared"


def _path(declaration: Declaration, model: type[models.Model]) -> Iterator[str]:
    """Follow the path to the holding: each foreign key cascades, but for the one that anonymises."""
    if declaration.holding == "self":
        return
    here: type[models.Model] = model
    walked: list[str] = []
    for name in declaration.holding.split("__"):
        walked.append(name)
        try:
            target = here._meta.get_field(name).related_model
        except FieldDoesNotExist:
            yield f"{here._meta.label} has no {name}"
            return
        wanted = "SET NULL" if "__".join(walked) == declaration.anonymised_by else "CASCADE"
        found = getattr(here, "db_on_delete", {}).get(name, "CASCADE")
        if found != wanted:
            yield f"{here._meta.label}.{name} is {found} on delete, not {wanted}"
        if not isinstance(target, type):
            yield f"{here._meta.label}.{name} leads nowhere"
            return
        here = target
    if here is not Holding:
        yield f"{declaration.holding} does not lead to a holding"
