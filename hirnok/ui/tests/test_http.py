"""What no request may hold, and what every answer says."""

import pytest
from django.test import Client

from tests.world import World


@pytest.mark.parametrize(
    "url", ["/alma/contacts/?q=%00", "/alma/reports/?q=a%00b", "/m/%00", "/f/%00/", "/%00"]
)
def test_it_refuses_an_address_with_a_nul_byte(world: World, url: str) -> None:
    for client in (world.client(world.anna), Client()):
        client.raise_request_exception = False
        answer = client.get(url)
        assert answer.status_code == 400
        assert "<h1>" in answer.content.decode()


def test_it_keeps_pages_out_of_caches(world: World) -> None:
    assert world.client(world.anna).get("/alma/contacts/")["Cache-Control"] == "private, no-store"
    assert "no-store" in Client().get("/u/x")["Cache-Control"]
