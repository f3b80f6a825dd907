"""What the database itself guarantees about a tenant's rows.

A model that inherits `TenantOwned` declares, beside its columns: `access` (what the roles web and edge may
do), `db_on_delete` (what the database does when the row that a foreign key names is deleted), `guarded`
(references that are checked once for a statement: `tenants.guards`) and `storage`.
`settle(connection)` makes the database agree, after every migrate: composite foreign keys (a simple one
accepts another tenant's row), primary keys that serve them, row-level security, grants. It changes only
what differs, so running it again costs a few queries. docs/decisions/0002 says why this is no migration.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CompositePrimaryKey

from hirnok.lib import sql
from hirnok.tenants import guards
from hirnok.tenants.keys import ForeignKeyWanted, foreign_keys_wanted

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
        """Return the tenant's rows; for a member of some brands only those of these brands (docs/decisions/0008)."""
        rows = self.filter(tenant_id=tenant.pk)
        path = self.model.of_brand
        if tenant.only_brands is None or path is None:
            return rows
        within = models.Q((f"{path}__in", tenant.only_brands))
        if self.model.shared_without_brand:
            within |= models.Q((path, None))
        return rows.filter(within)


class TenantOwned(models.Model):
    """A row that belongs to one tenant."""

    tenant = models.ForeignKey(
        "tenants.Tenant", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )

    access: ClassVar[Access] = Access()
    of_brand: ClassVar[str | None] = None  # the path to the brand; None: of the whole tenant
    shared_without_brand: ClassVar[bool] = (
        False  # a row without a brand is everybody's, not nobody's
    )
    db_on_delete: ClassVar[dict[str, str]] = {}
    guarded: ClassVar[tuple[str, ...]] = ()
    storage: ClassVar[dict[str, int]] = {}

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        abstract = True


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
            wanted = list(foreign_keys_wanted())
            _settle_foreign_keys(cursor, wanted)
            guards.settle(cursor, (key for key in wanted if key.guarded))
            for model in owned:
                _settle_security(cursor, model, roles)
            _grant_others(cursor, roles, {model._meta.db_table for model in owned})
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('hirnok.settle'))")


def owned_models() -> list[type[TenantOwned]]:
    """Return every concrete model whose rows belong to a tenant."""
    return [m for m in apps.get_models() if issubclass(m, TenantOwned) and m._meta.managed]


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


def _settle_foreign_keys(cursor: Any, keys: Iterable[ForeignKeyWanted]) -> None:
    for wanted in keys:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'"
            " AND conrelid = %s::regclass AND conkey[cardinality(conkey)] = (SELECT attnum"
            " FROM pg_attribute WHERE attrelid = conrelid AND attname = %s)",
            [wanted.table, wanted.columns[-1]],
        )
        present = cursor.fetchall()
        needed = [] if wanted.guarded else [wanted.definition()]
        if [text for _, text in present] == needed:
            continue
        for name, _ in present:
            cursor.execute(f'ALTER TABLE {wanted.table} DROP CONSTRAINT "{name}"')
        for definition in needed:
            cursor.execute(
                f'ALTER TABLE {wanted.table} ADD CONSTRAINT "{wanted.name}" {definition}'
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
