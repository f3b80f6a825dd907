"""What remains after a person's end leads back to nobody, by whatever is left; the campaign's counts stay."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from hirnok.consent import leaving
from hirnok.consent.tests.sent import delivery_to
from hirnok.lib import keys, tokens
from hirnok.outbox.models import Delivery
from hirnok.register import expiring, holdings
from hirnok.register.models import Holding, Person
from tests.world import NOON, World


@pytest.fixture
def ended(world: World) -> tuple[World, Delivery, set[bytes]]:
    """Dóra of Alma, who got a newsletter, and what she could be known by, after her period is over."""
    delivery = delivery_to(world.dora)
    index = holdings.index_of(world.alma.pk, "dora@example.hu")
    address = b"dora@example.hu"
    known = {address, index, index.hex().encode(), "Dóra".encode()}
    for algorithm in ("md5", "sha1", "sha256", "sha512"):
        digest = hashlib.new(algorithm, address)
        known |= {digest.digest(), digest.hexdigest().encode()}
    Holding.objects.filter(pk=world.dora.pk).update(expires_at=NOON)
    Holding.objects.filter(pk=world.barack_dora.pk).update(expires_at=NOON)
    expiring.expire(NOON + timedelta(hours=1))
    return world, delivery, known


def _all_values() -> list[tuple[str, bytes]]:
    """Every value of every row of every table, as bytes."""
    found: list[tuple[str, bytes]] = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            for row in cursor.fetchall():
                found += [(model._meta.label, _as_bytes(value)) for value in row]
    return found


def _as_bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def test_it_finds_neither_address_nor_name_nor_any_hash_in_any_row(
    ended: tuple[World, Delivery, set[bytes]],
) -> None:
    _, _, known = ended
    left = [
        (label, needle) for label, value in _all_values() for needle in known if needle in value
    ]
    assert left == []


def test_it_keeps_the_count_of_the_campaign_without_a_way_to_the_person(
    ended: tuple[World, Delivery, set[bytes]],
) -> None:
    world, delivery, _ = ended
    row = Delivery.objects.get(pk=delivery.pk)

    assert row.contact_id is None
    numbers = {world.dora.pk, world.dora.person_id}
    for field in Delivery._meta.concrete_fields:
        if field.is_relation:
            assert not (field.name == "contact" and getattr(row, field.attname) in numbers)
    assert not Person.objects.filter(pk=world.dora.person_id).exists()


def test_it_leads_nowhere_by_the_links_and_return_paths_that_were_in_the_mail(
    ended: tuple[World, Delivery, set[bytes]],
) -> None:
    _, delivery, _ = ended
    for purpose in ("leave", "track", "preferences"):
        token = tokens.recipient(keys.derive(purpose), delivery.pk)
        number = tokens.read_recipient(keys.derive(purpose), token)
        assert leaving.contact_of_delivery(number) is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM outbox_hit WHERE delivery_id = %s", [delivery.pk])
        assert not {_as_bytes(value) for row in cursor.fetchall() for value in row} & {b"dora"}


def test_it_leaves_no_row_by_whose_time_the_person_is_told_from_others(
    ended: tuple[World, Delivery, set[bytes]],
) -> None:
    """No table but the delivery's own campaign has a row that joins the delivery to another row of a person."""
    _, delivery, _ = ended
    joined = []
    for model in apps.get_models():
        paths = [
            field.attname
            for field in model._meta.concrete_fields
            if field.is_relation and field.related_model is Delivery
        ]
        people = [
            field.attname
            for field in model._meta.concrete_fields
            if field.is_relation and field.related_model in {Holding, Person}
        ]
        for path in paths:
            for person in people:
                rows = model._default_manager.filter(**{path: delivery.pk})
                joined += [row for row in rows if getattr(row, person) is not None]
    assert joined == []
