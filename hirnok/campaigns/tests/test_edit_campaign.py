"""Begin and write a draft; it saves by itself."""

from typing import TYPE_CHECKING, Any

import pytest

from hirnok.campaigns import drafting, launch
from hirnok.campaigns.models import Campaign, CampaignList
from hirnok.campaigns.tests.drafts import draft
from hirnok.contacts.models import Field, List
from hirnok.outbox.models import Message
from hirnok.tenants.models import AuditEntry, Brand
from tests.world import NOON

if TYPE_CHECKING:
    from tests.world import World


def url(campaign: Campaign, page: str = "edit") -> str:
    return f"/alma/campaigns/{campaign.pk}/{page}/"


def written(world: "World", **values: Any) -> dict[str, Any]:
    return {
        "name": "Téli",
        "brand": world.alma_brand.pk,
        "subject": "Hó",
        "format": "markdown",
        "body": "Szia",
        "lists": [world.alma_list.pk],
        "policy": "repeat",
        **values,
    }


def test_it_begins_a_draft_with_the_only_list(world: "World") -> None:
    client = world.client(world.mark)
    assert client.get("/alma/campaigns/new/").status_code == 200
    response = client.post("/alma/campaigns/new/", {"name": "Első", "brand": world.alma_brand.pk})
    campaign = Campaign.objects.get()
    assert response.headers["Location"] == url(campaign)
    assert drafting.lists_of(campaign) == [world.alma_list]
    assert AuditEntry.objects.filter(action="campaign.create").count() == 1


def test_it_begins_nothing_without_a_name_or_with_a_strange_brand(world: "World") -> None:
    response = world.client(world.mark).post(
        "/alma/campaigns/new/", {"brand": world.barack_brand.pk}
    )
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {"name", "brand"}
    assert not Campaign.objects.exists()


def test_it_says_that_a_brand_is_missing(world: "World") -> None:
    Campaign.objects.all().delete()
    page = world.client(world.olga).get("/hirnok/campaigns/new/").content.decode()
    assert "There is no brand yet" in page


def test_it_shows_the_draft_with_fields_and_problems(world: "World") -> None:
    Field.objects.create(tenant=world.alma, key="city", label="Város")
    campaign = draft(world, body="Szia {{ contact.nick }}")
    page = world.client(world.mark).get(url(campaign)).content.decode()
    assert "contact.city|default" in page
    assert "There is no field called “contact.nick”." in page
    assert "line 1, column 9" in page


def test_it_saves_and_goes_on(world: "World") -> None:
    campaign = draft(world)
    client = world.client(world.mark)
    response = client.post(url(campaign), written(world, then="preview"))
    assert response.headers["Location"] == url(campaign, "preview")
    campaign.refresh_from_db()
    assert (campaign.name, campaign.subject, campaign.body) == ("Téli", "Hó", "Szia")
    assert AuditEntry.objects.filter(action="campaign.change").count() == 1


def test_it_keeps_an_unfinished_draft(world: "World") -> None:
    campaign = draft(world)
    client = world.client(world.mark)
    response = client.post(url(campaign), written(world, subject="", body="", lists=[]))
    assert response.status_code == 302
    assert not CampaignList.objects.exists()
    page = client.get(url(campaign)).content.decode()
    assert "The subject is missing." in page


def test_it_refuses_a_list_of_another_brand(world: "World") -> None:
    campaign = draft(world)
    other = Brand.objects.create(tenant=world.alma, name="Körte", created_at=NOON)
    strange = List.objects.create(tenant=world.alma, brand=other, name="Körtések", created_at=NOON)
    response = world.client(world.mark).post(url(campaign), written(world, lists=[strange.pk]))
    assert list(response.context["form"].errors) == ["lists"]
    foreign = world.client(world.mark).post(
        url(campaign), written(world, lists=[world.barack_list.pk])
    )
    assert list(foreign.context["form"].errors) == ["lists"]


def test_it_saves_by_itself(world: "World") -> None:
    campaign = draft(world)
    client = world.client(world.mark)
    response = client.post(url(campaign, "save"), written(world, body="{% include 'x' %}"))
    page = response.content.decode()
    assert "Saved" in page
    assert "The tag “include” is not available here." in page
    campaign.refresh_from_db()
    assert campaign.name == "Téli"
    assert not AuditEntry.objects.filter(action="campaign.change").exists()
    assert "audience-changed" not in response.headers["HX-Trigger"]
    changed = client.post(url(campaign, "save"), written(world, lists=[]))
    assert "audience-changed" in changed.headers["HX-Trigger"]


def test_it_says_why_it_does_not_save_by_itself(world: "World") -> None:
    campaign = draft(world)
    response = world.client(world.mark).post(url(campaign, "save"), written(world, name=""))
    assert "Not saved yet." in response.content.decode()
    campaign.refresh_from_db()
    assert campaign.name == "November"


def test_it_does_not_write_what_is_launched(world: "World") -> None:
    campaign = draft(world, status="sent")
    client = world.client(world.mark)
    assert client.get(url(campaign)).headers["Location"] == f"/alma/campaigns/{campaign.pk}/"
    assert client.post(url(campaign, "save"), written(world)).status_code == 404


def test_it_counts_the_audience(world: "World") -> None:
    page = world.client(world.vera).get(url(draft(world), "audience")).content.decode()
    assert "<strong>2</strong> people get it" in page


def test_it_copies_and_deletes_a_draft(world: "World") -> None:
    campaign = draft(world)
    client = world.client(world.mark)
    assert "November, copy" in client.get(url(campaign, "duplicate")).content.decode()
    client.post(url(campaign, "duplicate"), {"name": "Másolat"})
    copy = Campaign.objects.get(name="Másolat")
    assert (copy.body, copy.status) == (campaign.body, "draft")
    assert drafting.lists_of(copy) == [world.alma_list]
    assert "cannot be undone" in client.get(url(campaign, "delete")).content.decode()
    client.post(url(campaign, "delete"))
    assert list(Campaign.objects.all()) == [copy]


def test_it_does_not_delete_what_was_sent(world: "World") -> None:
    campaign = draft(world, status="sent")
    world.client(world.mark).post(url(campaign, "delete"))
    assert Campaign.objects.exists()


def test_it_makes_a_draft_for_the_rest_of_a_finished_campaign(world: "World") -> None:
    campaign = draft(world, status="sent")
    client = world.client(world.mark)
    assert client.get(url(campaign, "rest")).status_code == 200
    client.post(url(campaign, "rest"), {"name": "Maradék"})
    rest = Campaign.objects.get(name="Maradék")
    assert rest.resent_from_id == campaign.pk
    assert "only to those whom" in client.get(url(rest)).content.decode()
    unfinished = draft(world, status="sending")
    assert client.get(url(unfinished, "rest")).status_code == 302


def test_it_makes_no_draft_for_the_rest_while_open_windows_are_still_sent(world: "World") -> None:
    campaign = launch.launch(world.alma, draft(world).pk, actor="user:1", at=NOON)
    launch.cancel(world.alma, campaign.pk, actor="user:1", at=NOON)
    client = world.client(world.mark)
    assert client.post(url(campaign, "rest"), {"name": "Maradék"}).status_code == 302
    assert not Campaign.objects.filter(name="Maradék").exists()
    Message.objects.filter(pk=campaign.message_id).update(finished_at=NOON)  # as the engine does
    client.post(url(campaign, "rest"), {"name": "Maradék"})
    assert Campaign.objects.filter(name="Maradék").exists()


def test_it_needs_a_marketer(world: "World") -> None:
    campaign = draft(world)
    client = world.client(world.vera)
    assert client.get("/alma/campaigns/new/").status_code == 403
    for page in ("edit", "duplicate", "rest", "delete"):
        assert client.get(url(campaign, page)).status_code == 403
    assert client.post(url(campaign, "save"), written(world)).status_code == 403
    assert world.client(world.bela).get(url(campaign)).status_code == 404


def test_it_says_why_a_scheduled_campaign_is_a_draft_again(world: "World") -> None:
    campaign = draft(world, status="scheduled", scheduled_at=NOON, subject="")
    launch.launch_due(world.alma, campaign.pk, actor="job:campaigns", at=NOON)
    client = world.client(world.mark)
    page = client.get(url(campaign)).content.decode()
    assert "is a draft again" in page
    assert "Something in the campaign must be mended first." in page


def test_it_keeps_the_line_ends_that_were_typed(world: "World") -> None:
    campaign = draft(world)
    world.client(world.mark).post(url(campaign), written(world, body="a\r\nb\r\n"))
    campaign.refresh_from_db()
    assert campaign.body == "a\nb\n"


def test_it_says_that_it_was_launched_while_somebody_wrote(
    world: "World", monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = draft(world)

    def late(*_given: object, **_named: object) -> None:
        raise drafting.NotADraft

    monkeypatch.setattr(drafting, "save", late)
    answer = world.client(world.mark).post(url(campaign), written(world), follow=True)
    assert "was not changed" in answer.content.decode()
