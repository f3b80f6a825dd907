"""Foreign keys point down the layers, and the database has each one as its model declares it."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from hirnok.tenants.keys import foreign_keys_wanted
from hirnok.tenants.rows import TenantOwned, owned_models
from tests.invariants.layers import heights

ACTIONS = {"CASCADE": "c", "RESTRICT": "r", "SET NULL": "n", "NO ACTION": "a"}


def _package(model: Any) -> str:
    return model.__module__.split(".")[1] if model.__module__.startswith("hirnok.") else ""


def test_foreign_keys_point_down_the_layers() -> None:
    height = heights()
    upward = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.is_relation and _package(model) and _package(field.related_model)
        if height[_package(field.related_model)] > height[_package(model)]
    ]
    assert upward == []


def test_every_reference_of_a_tenants_row_says_what_the_database_does_on_delete() -> None:
    """But for those of `UNGUARDED`: a row whose holding names the same, and cascades."""
    silent = {
        f"{model._meta.label}.{field.name}"
        for model in owned_models()
        for field in model._meta.concrete_fields
        if field.is_relation and field.name != "tenant" and field.name not in model.db_on_delete
    }
    assert silent == {
        "contacts.Contact.brand",
        "contacts.Contact.activity",
        "contacts.Contact.person",
    }


@pytest.mark.django_db
def test_the_database_has_each_foreign_key_as_its_model_declares_it() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conrelid::regclass::text, c.confrelid::regclass::text, c.confdeltype::text, c.convalidated,"
            " ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k(n, i)"
            " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY k.i)"
            " FROM pg_constraint c WHERE c.contype = 'f' AND NOT c.condeferrable"
        )
        present = {
            (table, columns[-1]): (target, action, columns, validated)
            for table, target, action, validated, columns in cursor.fetchall()
        }
    wanted = {
        (key.table, key.columns[-1]): (
            key.target,
            ACTIONS[key.on_delete],
            list(key.columns),
            True,
        )
        for key in foreign_keys_wanted()
        if not key.guarded
    }
    ours = {
        key: found for key, found in present.items() if key in wanted or _is_tenant_table(key[0])
    }
    assert ours == wanted


@pytest.mark.django_db
def test_each_guarded_reference_has_its_triggers() -> None:
    """What they refuse is told by hirnok/tenants/tests/test_guards.py."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
        )
        present = set(cursor.fetchall())
    guarded = [key for key in foreign_keys_wanted() if key.guarded]
    wanted = {
        pair
        for key in guarded
        for pair in (
            (key.table, f"{key.table}_guard_added"),
            (key.table, f"{key.table}_guard_changed"),
            (key.target, f"{key.name}_deleted"),
        )
    }
    assert len(guarded) > 4
    assert wanted - present == set()
    assert {key.on_delete for key in guarded} <= {"RESTRICT", "CASCADE"}


# The parents of very many rows: a check of a foreign key looks them up by tenant and id.
LARGE = ("register_person", "register_holding", "contacts_contact", "outbox_delivery")


@pytest.mark.django_db
def test_no_index_can_be_mistaken_for_the_key_of_a_foreign_keys_check() -> None:
    """For a tenant that the statistics do not know, an index that begins with tenant_id looks as good as the primary key,
    and the check reads all rows of the tenant for each row that is written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.indexrelid::regclass::text FROM pg_index i"
            " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
            " WHERE i.indrelid::regclass::text = ANY(%s) AND a.attname = 'tenant_id' AND i.indpred IS NULL",
            [list(LARGE)],
        )
        assert cursor.fetchall() == []


def test_keys_between_rows_of_a_tenant_begin_with_the_tenant() -> None:
    tables = {model._meta.db_table for model in owned_models()}
    simple = [
        key.name
        for key in foreign_keys_wanted()
        if key.table in tables and key.target in tables and key.columns[0] != "tenant_id"
    ]
    assert simple == []


def test_a_set_null_leaves_the_tenant_alone() -> None:
    for key in foreign_keys_wanted():
        if key.on_delete == "SET NULL" and len(key.columns) > 1:
            assert f"SET NULL ({key.columns[-1]})" in key.definition()


def _is_tenant_table(table: str) -> bool:
    return any(
        model._meta.db_table == table
        for model in apps.get_models()
        if issubclass(model, TenantOwned)
    )


@pytest.mark.django_db
def test_a_contacts_brand_activity_and_person_are_those_of_its_holding(world: object) -> None:
    """These three have no foreign key of their own (research: the import's largest single cost)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM contacts_contact c JOIN register_holding h ON h.id = c.id"
            " AND h.tenant_id = c.tenant_id WHERE (c.brand_id, c.activity_id, c.person_id)"
            " IS DISTINCT FROM (h.brand_id, h.activity_id, h.person_id)"
        )
        assert cursor.fetchone() == (0,)
