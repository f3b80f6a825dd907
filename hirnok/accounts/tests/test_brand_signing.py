"""The page on which a brand gets a key to sign with."""

import pytest

from hirnok.lib import keys
from hirnok.mail import dkim
from hirnok.tenants import signing
from hirnok.tenants.models import AuditEntry
from tests.world import World


def _path(world: World) -> str:
    return f"/alma/settings/brands/{world.alma_brand.pk}/signing/"


def test_it_makes_a_key_and_signs_only_when_told(world: World) -> None:
    client, brand, path = world.client(world.anna), world.alma_brand, _path(world)
    assert signing.published(brand) is None
    assert client.get(path).status_code == 200
    assert client.post(path, {"do": "start"}).status_code == 302
    brand.refresh_from_db()
    assert (brand.signs, brand.dkim_key) == (False, "")
    client.post(path, {"do": "make"})
    brand.refresh_from_db()
    record = signing.published(brand)
    assert record is not None
    assert record.name.endswith(f"._domainkey.{signing.domain_of(brand)}")
    shown = client.get(path).text
    assert record.name in shown
    assert record.text in shown
    assert "PRIVATE" not in shown
    assert "PRIVATE" not in brand.dkim_key
    assert dkim.record(keys.unseal(brand.dkim_key)) == record.text
    assert (brand.signs, signing.signs_as(brand)) == (False, None)
    client.post(path, {"do": "start"})
    brand.refresh_from_db()
    assert brand.signs
    assert signing.signs_as(brand) == (
        brand.dkim_selector,
        brand.dkim_domain,
        record.text.partition("p=")[2],
    )
    client.post(path, {"do": "stop"})
    brand.refresh_from_db()
    assert (brand.signs, brand.dkim_key != "") == (False, True)
    actions = AuditEntry.objects.filter(object_id=brand.pk).values_list("action", flat=True)
    assert {"brand.dkim_key", "brand.dkim_start", "brand.dkim_stop"} <= set(actions)


def test_a_key_of_another_domain_is_not_used(world: World) -> None:
    client, brand, path = world.client(world.anna), world.alma_brand, _path(world)
    client.post(path, {"do": "make"})
    client.post(path, {"do": "start"})
    brand.refresh_from_db()
    brand.from_address = "hirek@masik.example"
    brand.save(update_fields=["from_address"])
    assert signing.signs_as(brand) is None
    assert "masik.example" in client.get(path).text
    with pytest.raises(signing.NoKey):
        signing.start(brand, actor="test", at=brand.created_at)


def test_a_key_that_cannot_be_read_is_replaced(world: World) -> None:
    client, brand, path = world.client(world.anna), world.alma_brand, _path(world)
    client.post(path, {"do": "make"})
    brand.refresh_from_db()
    before = brand.dkim_selector
    type(brand).objects.filter(pk=brand.pk).update(
        dkim_key="of another secret", dkim_selector="old"
    )
    assert client.get(path).status_code == 200
    client.post(path, {"do": "make"})
    brand.refresh_from_db()
    assert before.startswith("h20")
    assert signing.published(brand) is not None


@pytest.mark.parametrize("do", ["", "nonsense"])
def test_it_does_nothing_that_it_does_not_know(world: World, do: str) -> None:
    client, brand = world.client(world.anna), world.alma_brand
    assert client.post(_path(world), {"do": do}).status_code == 200
    brand.refresh_from_db()
    assert brand.dkim_key == ""
