"""For whom a transaction runs: row-level security sees the tenant (and the user) that is set here."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from hirnok.tenants.models import Tenant


@contextmanager
def acting_for(tenant: Tenant | int) -> Iterator[None]:
    """Run a transaction in which the role web sees this tenant's rows and no others."""
    number = tenant if isinstance(tenant, int) else tenant.pk
    nested = connection.in_atomic_block
    with transaction.atomic():
        before = _replace("app.tenant", str(number))
        yield
        if nested and not connection.needs_rollback:  # else the setting ends with the transaction
            _set("app.tenant", before)


@contextmanager
def as_user(user_id: int) -> Iterator[None]:
    """Let a part of a transaction see the memberships of a user; afterwards those of whom it saw before."""
    before = _replace("app.user", str(user_id))
    yield
    if connection.in_atomic_block and not connection.needs_rollback:
        _set("app.user", before)


def set_tenant(tenant_id: int) -> None:
    """Set the tenant until the transaction ends."""
    _set("app.tenant", str(tenant_id))


def set_user(user_id: int) -> None:
    """Set the user until the transaction ends: a user sees the own memberships of every tenant."""
    _set("app.user", str(user_id))


def _set(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


def _replace(name: str, value: str) -> str:
    """Set it, and return what it was: the columns are computed from left to right."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting(%s, true), ''), set_config(%s, %s, true)",
            [name, name, value],
        )
        row = cursor.fetchone()
    return str(row[0]) if row else ""
