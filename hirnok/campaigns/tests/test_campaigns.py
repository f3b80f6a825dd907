"""The list of campaigns."""

from typing import TYPE_CHECKING

import pytest
from django.utils.html import escape

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


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("Tavaszi hírek", "Tavaszi hírek"),
        (
            'Kedves {{ contact.first_name|default("kertbarát") }}, itt a tavasz',
            "Kedves kertbarát, itt a tavasz",
        ),
        ("{{ brand.name }}: hírek", "Alma: hírek"),
        ("{{ contact.first_name }}", "{{ contact.first_name }}"),
        ("{% if %}", "{% if %}"),
    ],
)
def test_it_shows_the_subject_as_a_reader_without_a_name_gets_it(
    world: "World", subject: str, shown: str
) -> None:
    campaign = draft(world, subject=subject)
    assert campaign.shown_subject == shown
    assert escape(shown) in world.client(world.mark).get(URL).text
