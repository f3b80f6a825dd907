"""The list of campaigns."""

from typing import TYPE_CHECKING

from hirnok.campaigns.tests.drafts import draft

if TYPE_CHECKING:
    from tests.world import World

URL = "/alma/campaigns/"


def test_it_teaches_when_empty(world: "World") -> None:
    page = world.client(world.mark).get(URL).content.decode()
    assert "No campaigns yet" in page
    assert "/alma/campaigns/new/" in page


def test_it_lists_searches_and_filters(world: "World") -> None:
    draft(world)
    draft(world, name="Tavaszi", subject="Hóvirág", status="sent")
    client = world.client(world.vera)
    page = client.get(URL).content.decode()
    assert "November" in page
    assert "Tavaszi" in page
    found = client.get(URL, {"q": "hóvirág"}).content.decode()
    assert "Tavaszi" in found
    assert "November" not in found
    drafts = client.get(URL, {"state": "draft"}).content.decode()
    assert "Tavaszi" not in drafts


def test_it_is_nothing_for_strangers(world: "World") -> None:
    draft(world)
    assert world.client(world.bela).get(URL).status_code == 404
