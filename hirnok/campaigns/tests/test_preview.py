"""The preview: the bytes that are sent, as any reader gets them, in a frame where nothing runs."""

from typing import TYPE_CHECKING

from hirnok.campaigns.models import Campaign, CampaignList
from hirnok.campaigns.tests.drafts import draft
from hirnok.contacts.models import Field
from tests.world import contact

if TYPE_CHECKING:
    from tests.world import World


def url(campaign: Campaign, page: str = "preview/") -> str:
    return f"/alma/campaigns/{campaign.pk}/{page}"


def test_it_shows_the_first_reader_or_the_one_asked_for(world: "World") -> None:
    campaign = draft(world)
    client = world.client(world.mark)
    assert "dora@example.hu" in client.get(url(campaign)).content.decode()
    page = client.get(url(campaign), {"contact": world.emil.pk, "show": "text"}).content.decode()
    assert "emil@example.ro" in page
    assert "Kedves Emil" in page
    assert "https://alma.example/bolt?u=emil%40example.ro" in page


def test_it_shows_source_and_headers(world: "World") -> None:
    page = world.client(world.mark).get(url(draft(world)), {"show": "source"}).content.decode()
    assert "List-Unsubscribe-Post" in page
    assert "multipart/alternative" in page


def test_it_frames_the_html_in_a_sandbox(world: "World") -> None:
    campaign = draft(world, body="<script>alert(1)</script>Szia {{ contact.first_name }}")
    client = world.client(world.mark)
    page = client.get(url(campaign)).content.decode()
    assert f'sandbox src="{url(campaign, "preview/frame/")}' in page
    frame = client.get(url(campaign, "preview/frame/"), {"contact": world.emil.pk})
    assert "Szia Emil" in frame.content.decode()
    assert "<script" not in frame.content.decode()
    policy = frame.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "allow-" not in policy
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_it_finds_readers_by_address_and_name(world: "World") -> None:
    contact(world.alma_list, "zoe@example.hu", "Emese", "Kiss")
    client = world.client(world.mark)
    found = client.get(url(draft(world)), {"q": "Em"}).context["found"]
    assert [one.email for one in found] == ["emil@example.ro", "zoe@example.hu"]
    nobody = client.get(url(draft(world)), {"q": "x"}).content.decode()
    assert "begins like this" in nobody


def test_it_makes_somebody_up_when_the_list_is_empty(world: "World") -> None:
    Field.objects.create(tenant=world.alma, key="city", label="Város")
    campaign = draft(world, body="Szia {{ contact.first_name }} {{ contact.city }}")
    CampaignList.objects.all().delete()
    page = world.client(world.mark).get(url(campaign), {"show": "text"}).content.decode()
    assert "somebody made up" in page
    assert "Szia Anna …" in page


def test_it_says_what_stands_in_the_way(world: "World") -> None:
    campaign = draft(world, body="Szia\n{% endif %}")
    client = world.client(world.mark)
    page = client.get(url(campaign)).content.decode()
    assert "line 2" in page
    assert client.get(url(campaign, "preview/frame/")).content == b""


def test_it_shows_no_reader_of_another_tenant(world: "World") -> None:
    page = world.client(world.mark).get(url(draft(world)), {"contact": world.barack_dora.pk})
    assert page.context["contact"] == world.dora
    assert world.client(world.bela).get(url(draft(world))).status_code == 404


def test_it_shows_no_people_to_viewers(world: "World") -> None:
    campaign = draft(world)
    client = world.client(world.vera)
    asked = {"contact": world.emil.pk, "q": "dora", "show": "text"}
    for page in ("preview/", "preview/frame/"):
        shown = client.get(url(campaign, page), asked).content.decode()
        assert "example.ro" not in shown and "dora@" not in shown
        assert "Kedves Anna" in shown
