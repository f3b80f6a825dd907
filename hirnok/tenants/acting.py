"""For whom a transaction runs: row-level security sees the tenant (and the user) that is set here."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from hirnok.tenants.models import Tenant


@contextmanager
def acting_for(tenant: Tenant | int) -> Iterator[None]:
    """Run a transaction in which the role web sees this tenant's rows and no others."""
    number = tenant if isinstance(tenant, int) else tenant.pk
    with transaction.atomic():
        before = _setting("app.tenant")
        set_tenant(number)
        yield
        if connection.in_atomic_block and not connection.needs_rollback:
            _set("app.tenant", before)


def set_tenant(tenant_id: int) -> None:
    """Set the tenant until the transaction ends."""
    _set("app.tenant", str(tenant_id))


def set_user(user_id: int) -> None:
    """Set the user until the transaction ends: a user sees the own memberships of every tenant."""
    _set("app.user", str(user_id))


def _set(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting(%s, true), '')", [name])
        row = cursor.fetchone()
    return str(row[0]) if row else ""
