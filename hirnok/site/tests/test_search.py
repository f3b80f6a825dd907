"""Search by words: campaigns for everybody, contacts for who works with them, never another tenant's."""

from hirnok.campaigns import drafting
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World


def found(world: World, name: str, words: str, tenant: str = "alma") -> str:
    return (
        world.client(getattr(world, name)).get(f"/{tenant}/search/", {"q": words}).content.decode()
    )


def test_it_finds_contacts_by_address_and_name(world: World) -> None:
    assert "dora@example.hu" in found(world, "mark", "dora")
    assert "dora@example.hu" in found(world, "mark", "Őri")
    assert "emil@example.ro" not in found(world, "mark", "dora")


def test_it_finds_campaigns_by_name(world: World) -> None:
    with acting_for(world.alma):
        drafting.create(world.alma, world.alma_brand, name="Őszi levél", actor="user:1", at=NOON)
    assert "Őszi levél" in found(world, "vera", "őszi")
    assert "Nothing found" in found(world, "bela", "őszi", "barack")


def test_it_shows_no_contacts_to_viewers(world: World) -> None:
    page = found(world, "vera", "dora")
    assert "dora@example.hu" not in page
    assert "Nothing found" in page


def test_it_shows_nothing_before_it_is_asked(world: World) -> None:
    page = found(world, "mark", "")
    assert "Nothing found" not in page
    assert "dora@example.hu" not in page
