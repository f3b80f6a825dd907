"""What the database itself guarantees about a tenant's rows.

A model that inherits `TenantOwned` declares, beside its columns: `access` (what the roles web and edge may
do), `db_on_delete` (what the database does when the row that a foreign key names is deleted) and `storage`.
`settle(connection)` makes the database agree, after every migrate: composite foreign keys (a simple one
accepts another tenant's row), primary keys that serve them, row-level security, grants. It changes only
what differs, so running it again costs a few queries. docs/decisions/0002 says why this is no migration.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CompositePrimaryKey, Field

from hirnok.lib import sql

if TYPE_CHECKING:
    from hirnok.tenants.models import Tenant

TENANT_POLICY = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"


@dataclass(frozen=True)
class Access:
    """What web and edge may do with a table, and which rows the role web sees."""

    insert: bool = True
    update: bool = True
    delete: bool = False
    web_policy: str = TENANT_POLICY
    edge_delete: bool | None = None

    def verbs(self, role: str) -> list[str]:
        delete = self.delete if role == "web" or self.edge_delete is None else self.edge_delete
        wanted = {"SELECT": True, "INSERT": self.insert, "UPDATE": self.update, "DELETE": delete}
        return [verb for verb, granted in wanted.items() if granted]


class TenantQuerySet(models.QuerySet[Any]):
    """The one way to a tenant's objects: `.of(tenant)`."""

    def of(self, tenant: "Tenant") -> Self:
        return self.filter(tenant_id=tenant.pk)


class TenantOwned(models.Model):
    """A row that belongs to one tenant."""

    tenant = models.ForeignKey(
        "tenants.Tenant", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )

    access: ClassVar[Access] = Access()
    db_on_delete: ClassVar[dict[str, str]] = {}
    storage: ClassVar[dict[str, int]] = {}

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        abstract = True


@dataclass(frozen=True)
class ForeignKeyWanted:
    """One foreign key as the database must have it."""

    table: str
    name: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    on_delete: str

    def definition(self) -> str:
        action = self.on_delete
        if action == "SET NULL" and len(self.columns) > 1:
            action = f"SET NULL ({self.columns[-1]})"
        text = (
            f"FOREIGN KEY ({', '.join(self.columns)}) "
            f"REFERENCES {self.target}({', '.join(self.target_columns)})"
        )
        return text if action == "NO ACTION" else f"{text} ON DELETE {action}"


def settle(connection: BaseDatabaseWrapper) -> None:
    """Make keys, foreign keys, policies and grants of every table agree with the models."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('hirnok.settle'))")
        try:
            database = _one(cursor, "SELECT current_database()")
            roles = {role: sql.role_name(database, role) for role in sql.ROLES}
            _let_in(cursor, database, roles)
            owned = owned_models()
            for model in owned:
                _settle_primary_key(cursor, model)
                _settle_storage(cursor, model)
            _settle_foreign_keys(cursor)
            for model in owned:
                _settle_security(cursor, model, roles)
            _grant_others(cursor, roles, {model._meta.db_table for model in owned})
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('hirnok.settle'))")


def owned_models() -> list[type[TenantOwned]]:
    """Return every concrete model whose rows belong to a tenant."""
    return [m for m in apps.get_models() if issubclass(m, TenantOwned) and m._meta.managed]


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
    composite = has_tenant and issubclass(target, TenantOwned)
    return ForeignKeyWanted(
        table=table,
        name=f"{table}_{column}_dbfk"[:63],
        columns=("tenant_id", column) if composite else (column,),
        target=target._meta.db_table,
        target_columns=("tenant_id", key) if composite else (key,),
        on_delete=on_delete,
    )


def _let_in(cursor: Any, database: str, roles: dict[str, str]) -> None:
    """The roles themselves are made by `hirnok.process.database`, which knows their passwords."""
    for name in roles.values():
        cursor.execute(f'GRANT CONNECT, TEMPORARY ON DATABASE "{database}" TO "{name}"')
        cursor.execute(f'GRANT USAGE ON SCHEMA public TO "{name}"')


def _settle_primary_key(cursor: Any, model: type[TenantOwned]) -> None:
    """(id, tenant_id) serves look-ups by id and composite foreign keys with one index."""
    if isinstance(model._meta.pk, CompositePrimaryKey):
        return
    table, key = model._meta.db_table, model._meta.pk.column
    cursor.execute(
        "SELECT conname, cardinality(conkey) FROM pg_constraint"
        " WHERE contype = 'p' AND conrelid = %s::regclass",
        [table],
    )
    name, columns = cursor.fetchone()
    if columns == 1:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} PRIMARY KEY ({key}, tenant_id)")


def _settle_storage(cursor: Any, model: type[TenantOwned]) -> None:
    wanted = {f"{option}={value}" for option, value in model.storage.items()}
    cursor.execute(
        "SELECT reloptions FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table]
    )
    if wanted - set(cursor.fetchone()[0] or []):
        options = ", ".join(sorted(wanted))
        cursor.execute(f"ALTER TABLE {model._meta.db_table} SET ({options})")


def _settle_foreign_keys(cursor: Any) -> None:
    for wanted in foreign_keys_wanted():
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'"
            " AND conrelid = %s::regclass AND conkey[cardinality(conkey)] = (SELECT attnum"
            " FROM pg_attribute WHERE attrelid = conrelid AND attname = %s)",
            [wanted.table, wanted.columns[-1]],
        )
        present = cursor.fetchall()
        if [text for _, text in present] == [wanted.definition()]:
            continue
        for name, _ in present:
            cursor.execute(f'ALTER TABLE {wanted.table} DROP CONSTRAINT "{name}"')
        cursor.execute(
            f'ALTER TABLE {wanted.table} ADD CONSTRAINT "{wanted.name}" {wanted.definition()}'
        )


def _settle_security(cursor: Any, model: type[TenantOwned], roles: dict[str, str]) -> None:
    table, access = model._meta.db_table, model.access
    cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for role, using in (("web", access.web_policy), ("edge", "true")):
        cursor.execute(f"DROP POLICY IF EXISTS {role} ON {table}")
        cursor.execute(
            f'CREATE POLICY {role} ON {table} TO "{roles[role]}" USING ({using}) WITH CHECK ({using})'
        )
        cursor.execute(f'REVOKE ALL ON {table} FROM "{roles[role]}"')
        verbs = access.verbs(role)
        if cursor.connection.info.server_version >= 170000 and role == "edge":
            verbs.append("MAINTAIN")
        cursor.execute(f'GRANT {", ".join(verbs)} ON {table} TO "{roles[role]}"')


def _grant_others(cursor: Any, roles: dict[str, str], owned: set[str]) -> None:
    """Tables without a tenant (users, sessions, jobs, Django's own) stand outside the policies."""
    cursor.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
    )
    for (table,) in cursor.fetchall():
        if table in owned:
            continue
        verbs = "SELECT" if table in READ_ONLY else "SELECT, INSERT, UPDATE, DELETE"
        for name in roles.values():
            cursor.execute(f'REVOKE ALL ON "{table}" FROM "{name}"')
            cursor.execute(f'GRANT {verbs} ON "{table}" TO "{name}"')
    for name in roles.values():
        cursor.execute(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{name}"')
        cursor.execute(f'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO "{name}"')


READ_ONLY = {"django_migrations", "django_content_type", "auth_permission"}


def _one(cursor: Any, statement: str, arguments: list[Any] | None = None) -> Any:
    cursor.execute(statement, arguments)
    return cursor.fetchone()[0]
