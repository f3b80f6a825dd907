"""References that are checked once for a statement refuse what a foreign key would."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from hirnok.contacts.models import List, Subscription
from hirnok.register.models import Activity, Holding, Person
from hirnok.tenants import guards, keys
from hirnok.tenants.models import Brand, Tenant
from tests.world import World

MISSING = 987_654_321


def copies(world: World, **other: object) -> list[Holding]:
    """Two more holdings of Dóra, the second with something else about it."""
    fields = (
        "tenant_id",
        "brand_id",
        "person_id",
        "activity_id",
        "source_id",
        "legal_basis",
        "held_since",
    )
    plain = {name: getattr(world.dora.holding, name) for name in fields}
    return [Holding(**plain), Holding(**(plain | other))]


@pytest.mark.parametrize("column", ["brand_id", "activity_id", "source_id"])
def test_it_refuses_what_is_not_there_anywhere_in_a_statement(world: World, column: str) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Holding.objects.bulk_create(copies(world, **{column: MISSING}))
    cause = caught.value.__cause__
    assert isinstance(cause, psycopg.errors.ForeignKeyViolation)
    assert cause.diag.constraint_name == f"register_holding_{column}_dbfk"
    Holding.objects.bulk_create(copies(world))


def test_it_refuses_what_is_another_tenants(world: World) -> None:
    for other in (
        {"brand_id": world.barack_brand.pk},
        {"activity_id": world.barack_dora.activity_id},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Holding.objects.bulk_create(copies(world, **other))


def test_it_refuses_a_change_to_what_is_not_there(world: World) -> None:
    holding = Holding.objects.filter(pk=world.dora.pk)
    for change in (
        {"brand_id": MISSING},
        {"brand_id": world.barack_brand.pk},
        {"source_id": MISSING},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            holding.update(**change)
    assert holding.update(brand_id=None) == 1  # a reference to nothing is none


def test_it_refuses_to_delete_what_is_named(world: World) -> None:
    for named in (
        Activity.objects.filter(pk=world.dora.activity_id),
        Brand.objects.filter(pk=world.alma_brand.pk),
        Tenant.objects.filter(pk=world.alma.pk),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            named.delete()
    assert Person.objects.filter(pk=world.dora.person_id).exists()


def test_it_refuses_to_renumber_what_is_named(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE register_activity SET id = %s WHERE id = %s", [MISSING, world.dora.activity_id]
        )


def test_what_cascades_goes_with_what_it_names(world: World) -> None:
    assert Subscription.objects.filter(list=world.alma_list).count() == 2
    List.objects.filter(pk=world.alma_list.pk).delete()
    assert not Subscription.objects.filter(list_id=world.alma_list.pk).exists()
    assert Subscription.objects.filter(list=world.barack_list).exists()


def test_settling_again_changes_nothing(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, oid::text FROM pg_trigger WHERE tgname LIKE '%%guard%%' ORDER BY 1"
        )
        before = cursor.fetchall()
        guards.settle(cursor, [key for key in keys.foreign_keys_wanted() if key.guarded])
        cursor.execute(
            "SELECT tgname, oid::text FROM pg_trigger WHERE tgname LIKE '%%guard%%' ORDER BY 1"
        )
        assert cursor.fetchall() == before
    assert len(before) >= 6


@pytest.mark.django_db(transaction=True)
def test_a_delete_at_the_same_time_waits_and_is_refused(database_url: Callable[[str], str]) -> None:
    from tests.world import build

    world = build()
    with (
        psycopg.connect(database_url("owner")) as writing,
        psycopg.connect(database_url("owner")) as deleting,
    ):
        brand = writing.execute(
            "INSERT INTO tenants_brand SELECT (jsonb_populate_record(b, jsonb_build_object('id', 555, 'name', 'New'))).*"
            " FROM tenants_brand b WHERE id = %s RETURNING id",
            [world.alma_brand.pk],
        ).fetchone()
        assert brand == (555,)
        writing.commit()
        writing.execute(
            "INSERT INTO register_holding (tenant_id, brand_id, person_id, activity_id, legal_basis, held_since)"
            " SELECT tenant_id, 555, person_id, activity_id, legal_basis, held_since FROM register_holding WHERE id = %s",
            [world.dora.pk],
        )
        outcome: list[Any] = []

        def delete() -> None:
            try:
                deleting.execute("DELETE FROM tenants_brand WHERE id = 555")
                outcome.append("deleted")
            except psycopg.errors.RestrictViolation:
                outcome.append("refused")

        thread = threading.Thread(target=delete)
        thread.start()
        thread.join(0.3)
        assert outcome == []  # it waits for the row that the other one has just named
        writing.commit()
        thread.join(30)
    assert outcome == ["refused"]
