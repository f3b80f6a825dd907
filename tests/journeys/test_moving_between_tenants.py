"""The switch in the frame: other tenants of the same person, one click away, and nobody else's."""

from hirnok.accounts import people
from hirnok.accounts.models import Role
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World


def test_it_shows_no_switch_to_members_of_one_tenant(world: World) -> None:
    page = world.client(world.anna).get("/alma/").content.decode()
    assert "Sign out" in page
    assert "Barack" not in page
    assert 'class="dropdown-item" href="/alma/"' not in page


def test_it_offers_the_other_tenants_of_a_person(world: World) -> None:
    with acting_for(world.barack):
        people.join(world.barack, world.anna, Role.VIEWER, actor="command:setup", at=NOON)
    page = world.client(world.anna).get("/alma/").content.decode()
    assert 'class="dropdown-item" href="/alma/" aria-current="true"' in page
    assert 'class="dropdown-item" href="/barack/"' in page
    assert 'href="/hirnok/"' not in page
