"""Foreign keys as the models declare them: composite with the tenant, and what the database does on delete."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models

if TYPE_CHECKING:
    from django.db.models import Field


@dataclass(frozen=True)
class ForeignKeyWanted:
    """One foreign key as the database must have it; `guarded`: kept by `tenants.guards` instead of a constraint."""

    table: str
    name: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    on_delete: str
    guarded: bool = False

    def definition(self) -> str:
        """Return it as PostgreSQL writes it."""
        action = self.on_delete
        if action == "SET NULL" and len(self.columns) > 1:
            action = f"SET NULL ({self.columns[-1]})"
        text = (
            f"FOREIGN KEY ({', '.join(self.columns)}) "
            f"REFERENCES {self.target}({', '.join(self.target_columns)})"
        )
        return text if action == "NO ACTION" else f"{text} ON DELETE {action}"


def foreign_keys_wanted() -> Iterator[ForeignKeyWanted]:
    """Yield each foreign key that the models declare, with what the database does on delete."""
    for model in apps.get_models():
        declared: dict[str, str] = getattr(model, "db_on_delete", {})
        for field in model._meta.concrete_fields:
            if field.name in declared:
                yield _wanted(model, field, declared[field.name])
            elif field.name == "tenant" and not {"CASCADE", "RESTRICT"} & set(declared.values()):
                yield _wanted(model, field, "RESTRICT")
            elif _leads_to_a_user(field) and not model.__module__.startswith("hirnok."):
                yield _wanted(model, field, "CASCADE")


def _leads_to_a_user(field: "Field[Any, Any]") -> bool:
    """Whether a third party's foreign key names a user, or a row of its own that does so."""
    target = field.remote_field.model if field.remote_field else None
    if not isinstance(target, type) or target is field.model:
        return False
    return target._meta.label == "accounts.User" or (
        not target.__module__.startswith("hirnok.")
        and any(_leads_to_a_user(further) for further in target._meta.concrete_fields)
    )


def _wanted(
    model: type[models.Model], field: "Field[Any, Any]", on_delete: str
) -> ForeignKeyWanted:
    assert field.remote_field is not None
    target: type[models.Model] = field.remote_field.model
    column, key = str(field.column), str(target._meta.pk.column)
    table = model._meta.db_table
    has_tenant = any(other.name == "tenant" for other in model._meta.concrete_fields)
    composite = has_tenant and hasattr(target, "guarded")  # as rows.TenantOwned has
    return ForeignKeyWanted(
        table=table,
        name=f"{table}_{column}_dbfk"[:63],
        columns=("tenant_id", column) if composite else (column,),
        target=target._meta.db_table,
        target_columns=("tenant_id", key) if composite else (key,),
        on_delete=on_delete,
        guarded=field.name in getattr(model, "guarded", ()),
    )
