"""What the database lets each role do: the second lock, tried with real statements under SET ROLE."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from hirnok.lib import sql
from hirnok.register.models import Holding
from hirnok.tenants.rows import owned_models
from tests.world import World

pytestmark = pytest.mark.django_db
OWNED = sorted(model._meta.db_table for model in owned_models())
HELD_BY_CLOSING_ALONE = ("register_holding", "register_person", "contacts_contact")


def _name(role: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        return sql.role_name(cursor.fetchone()[0], role)


@contextmanager
def _as(role: str, tenant: int | None = None) -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant or "")])
            cursor.execute(f'SET LOCAL ROLE "{_name(role)}"')
        yield
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute("SELECT set_config('app.tenant', '', true)")


def _run(statement: str, *arguments: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return list(cursor.fetchall()) if cursor.description else []


def test_no_role_is_a_superuser_or_passes_by_the_policies() -> None:
    for role in sql.ROLES:
        (row,) = _run(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = %s",
            _name(role),
        )
        assert row == (False, False, False, False)


def test_no_role_owns_a_table() -> None:
    for role in sql.ROLES:
        assert not _run(
            "SELECT relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE rolname = %s",
            _name(role),
        )


@pytest.mark.parametrize("table", OWNED)
def test_every_table_of_tenants_has_policies_for_both_roles(table: str) -> None:
    (row,) = _run("SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", table)
    assert row == (True,)
    policies = _run("SELECT policyname, roles::text[] FROM pg_policies WHERE tablename = %s", table)
    assert sorted(policies) == [("edge", [_name("edge")]), ("web", [_name("web")])]


def test_no_role_may_truncate_or_delete_what_closing_deletes() -> None:
    for role in sql.ROLES:
        for table in OWNED:
            assert _run("SELECT has_table_privilege(%s, %s, 'TRUNCATE')", _name(role), table) == [
                (False,)
            ]
        for table in HELD_BY_CLOSING_ALONE:
            assert _run("SELECT has_table_privilege(%s, %s, 'DELETE')", _name(role), table) == [
                (False,)
            ]


def test_the_role_web_deletes_no_holding_and_no_person(world: World) -> None:
    for table in ("register_holding", "register_person"):
        with pytest.raises(ProgrammingError, match="permission denied"), _as("web", world.alma.pk):
            _run(f"DELETE FROM {table}")


@pytest.mark.parametrize("table", OWNED)
def test_without_a_tenant_the_role_web_sees_nothing(world: World, table: str) -> None:
    with _as("web"):
        assert _run(f"SELECT count(*) FROM {table}") == [(0,)]


def test_with_a_tenant_the_role_web_sees_that_tenants_rows_only(world: World) -> None:
    with _as("web", world.alma.pk):
        for table in OWNED:
            seen = _run(f"SELECT DISTINCT tenant_id FROM {table}")
            assert seen in ([], [(world.alma.pk,)]), table
        assert _run("SELECT count(*) FROM contacts_contact") == [(2,)]


def test_the_role_web_writes_no_row_of_another_tenant(world: World) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        _as("web", world.alma.pk),
    ):
        _run("INSERT INTO contacts_tag (tenant_id, name) VALUES (%s, 'x')", world.barack.pk)
    with _as("web", world.alma.pk):
        _run("UPDATE contacts_contact SET first_name = 'X' WHERE id = %s", world.barack_dora.pk)
    world.barack_dora.refresh_from_db()
    assert world.barack_dora.first_name == "Dóra"


def test_a_row_never_names_a_row_of_another_tenant(world: World) -> None:
    """A simple foreign key would accept it: its check passes by the policies."""
    with pytest.raises(IntegrityError), transaction.atomic():
        _run(
            "INSERT INTO register_holding (tenant_id, person_id, activity_id, legal_basis, held_since)"
            " VALUES (%s, %s, %s, 'consent', %s)",
            world.alma.pk,
            world.barack_dora.person_id,
            world.dora.activity_id,
            world.dora.created_at,
        )


def test_the_role_web_ends_no_holding_of_another_tenant(world: World) -> None:
    with (
        pytest.raises(ProgrammingError, match="not the tenant"),
        _as("web", world.alma.pk),
    ):
        _run(
            "SELECT * FROM register_end_holdings(%s, %s)",
            world.barack.pk,
            [world.barack_dora.pk],
        )
    with _as("web", world.alma.pk):
        assert not _run(
            "SELECT * FROM register_end_holdings(%s, %s)", world.alma.pk, [world.barack_dora.pk]
        )
    assert Holding.objects.filter(pk=world.barack_dora.pk).exists()


def test_the_audit_log_is_only_added_to(world: World) -> None:
    for role in sql.ROLES:
        for statement in (
            "DELETE FROM tenants_auditentry",
            "UPDATE tenants_auditentry SET actor = 'x'",
        ):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                _as(role, world.alma.pk),
            ):
                _run(statement)


def test_the_roles_log_in_with_the_rights_they_have(database_url: object) -> None:
    assert callable(database_url)
    for role in sql.ROLES:
        with psycopg.connect(database_url(role)) as session:
            row = session.execute("SELECT session_user").fetchone()
            assert row and str(row[0]).endswith(f"_{role}")
            assert session.execute("SELECT count(*) FROM django_migrations").fetchone() != (0,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute("CREATE TABLE mine (id int)")
