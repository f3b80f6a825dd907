"""Two tenants write to the same people and never see each other: on pages, in SQL, in the tables of the engine."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from psycopg import errors

from hirnok.consent.tests.sent import leave_token, message_of
from hirnok.contacts.models import Contact
from hirnok.outbox.models import Batch, Delivery, Hit, Letter, Link
from hirnok.register import holdings, suppression
from hirnok.register.models import Controller
from hirnok.tenants.models import Tenant
from hirnok.tenants.rows import owned_models
from tests.invariants.making import Maker
from tests.invariants.test_every_url import MINE, OF_TENANTS, YOURS
from tests.world import World

SECRET = "onlybarack"


def _fill(world: World, tenant: Tenant, number: int, word: str) -> None:
    """A row of every model, whose personal texts have the word in them."""
    maker = Maker(
        tenant,
        number=number,
        canary=lambda where, field: _with(word, field),
        **{
            "accounts.User": world.nobody,
            "register.Controller": Controller.objects.get(tenant=tenant),
        },
    )
    for model in owned_models():
        maker.of(model)


def _with(word: str, field: Any) -> Any:
    kind = field.get_internal_type()
    if kind == "BinaryField":
        return word[:16].encode()
    if kind == "JSONField":
        return {"key": word}
    if kind in {"CharField", "TextField"}:
        return word[: field.max_length] if field.max_length else word
    if kind == "BooleanField":
        return field.get_default()
    return None if field.null else Maker._plain(Maker(Tenant()), field)


@pytest.fixture
def full(world: World) -> World:
    """Both tenants with a row of everything."""
    _fill(world, world.alma, MINE, "onlyalma")
    _fill(world, world.barack, YOURS, SECRET)
    return world


def _shown(client: Client, tenant: str) -> Iterator[tuple[str, bytes]]:
    client.raise_request_exception = False
    for page in OF_TENANTS:
        if set(page.converters) - {"tenant"} - set(page.numbers):
            continue
        answer = client.get(page.url(tenant, **dict.fromkeys(page.numbers, MINE)))
        content = answer.getvalue() if answer.streaming else answer.content
        yield page.name, content


@pytest.mark.parametrize("second_lock", [True, False])
def test_no_page_of_one_shows_anything_of_the_other(
    full: World, settings: Any, second_lock: bool
) -> None:
    """With row-level security, and without it: each of the two locks holds alone."""
    if not second_lock:
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "AsWeb" not in name]

    shown = dict(_shown(full.client(full.anna), "alma"))

    assert any(b"onlyalma" in content for content in shown.values())
    assert [
        name
        for name, content in shown.items()
        for secret in (SECRET, f"x{YOURS}", "Barack")
        if secret.encode() in content
    ] == []


def test_leaving_one_is_not_leaving_the_other(world: World) -> None:
    delivery = Delivery.objects.create(
        id=1, tenant=world.alma, contact=world.dora, message=message_of(world.alma_brand)
    )

    Client().post(f"/u/{leave_token(delivery)}", {"List-Unsubscribe": "One-Click"})

    assert not Contact.objects.filter(pk=world.dora.pk).exists()
    assert Contact.objects.filter(pk=world.barack_dora.pk).exists()
    index = holdings.index_of(world.barack.pk, "dora@example.hu")
    assert not suppression.suppressed(world.barack, world.barack_brand, [index])


def test_the_same_person_cannot_be_joined_across_tenants(world: World) -> None:
    """Each tenant's blind indexes are under a key of its own."""
    mine, yours = world.dora.person, world.barack_dora.person
    assert bytes(mine.blind_index) != bytes(yours.blind_index)


def test_the_tables_of_the_engine_take_no_row_of_another_tenant(world: World) -> None:
    mine, yours = message_of(world.alma_brand), message_of(world.barack_brand)
    link = Link.objects.create(
        tenant=world.barack, message=yours, position=0, url="https://x.example"
    )
    sent = Delivery.objects.create(
        id=2, tenant=world.barack, contact=world.barack_dora, message=yours
    )
    whole = {
        "first_delivery_id": 1,
        "last_delivery_id": 1,
        "first_contact_id": 1,
        "last_contact_id": 1,
    }
    hit = {"kind": 1, "klass": 0, "at": world.dora.created_at}
    for refused in (
        lambda: Delivery.objects.create(
            id=1, tenant=world.alma, contact=world.barack_dora, message=mine
        ),
        lambda: Delivery.objects.create(id=1, tenant=world.alma, contact=world.dora, message=yours),
        lambda: Batch.objects.create(tenant=world.alma, message=yours, **whole),
        lambda: Hit.objects.create(tenant=world.alma, message=mine, delivery=sent, **hit),
        lambda: Hit.objects.create(tenant=world.alma, message=mine, link=link, **hit),
        lambda: Letter.objects.create(
            tenant=world.alma,
            holding=world.barack_dora.holding,
            recipient="",
            return_path="",
            data=b"",
            next_at=world.dora.created_at,
            created_at=world.dora.created_at,
            expires_at=world.dora.created_at,
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            refused()


@pytest.mark.django_db(transaction=True)
def test_raw_sql_as_the_role_of_the_pages_reaches_one_tenant_only(
    full: World, database_url: Callable[[str], str]
) -> None:
    """A real login: what somebody could do who has broken into the web process within a transaction."""
    tables = [model._meta.db_table for model in owned_models()]
    alma, barack = full.alma.pk, full.barack.pk
    with psycopg.connect(database_url("web")) as session:
        session.execute("SELECT set_config('app.tenant', %s, true)", [str(alma)])
        for table in tables:
            assert session.execute(f"SELECT DISTINCT tenant_id FROM {table}").fetchall() in (  # type: ignore[call-overload]
                [],
                [(alma,)],
            ), table
        touched = session.execute(
            "UPDATE contacts_contact SET first_name = 'X' WHERE tenant_id = %s", [barack]
        )
        assert touched.rowcount == 0
        assert (
            session.execute(
                "DELETE FROM contacts_importrejection WHERE tenant_id = %s", [barack]
            ).rowcount
            == 0
        )
        for statement in (
            "UPDATE contacts_contact SET tenant_id = %s",
            "INSERT INTO contacts_tag (tenant_id, name) VALUES (%s, 'x')",
            "SELECT * FROM register_end_holdings(%s, ARRAY[1]::bigint[])",
        ):
            with pytest.raises(errors.InsufficientPrivilege), session.transaction():
                session.execute(statement, [barack])
        with pytest.raises(errors.InsufficientPrivilege), session.transaction():
            session.execute("DELETE FROM register_holding")
        with pytest.raises(errors.InsufficientPrivilege), session.transaction():
            session.execute("SET LOCAL row_security = off")
            session.execute("SELECT * FROM contacts_contact")
        session.rollback()
        for table in tables:
            assert session.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table  # type: ignore[call-overload]
