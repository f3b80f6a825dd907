"""Checklist, launch, schedule, pause, resume, cancel: the pages."""

from typing import TYPE_CHECKING

import pytest
import time_machine

from hirnok.campaigns import audience, jobs
from hirnok.campaigns.models import Campaign, CampaignList
from hirnok.campaigns.tests.drafts import draft
from hirnok.contacts.models import List
from hirnok.outbox.models import Delivery, Relay, State
from tests.world import NOON

if TYPE_CHECKING:
    from tests.world import World


def url(campaign: Campaign, page: str = "") -> str:
    return f"/alma/campaigns/{campaign.pk}/{page}"


def status(campaign: Campaign) -> str:
    campaign.refresh_from_db()
    return campaign.status


def started(campaign: Campaign) -> None:
    """What the worker does."""
    jobs.carry_on(campaign.tenant_id, campaign.pk, "user:1")
    assert status(campaign) == "sending"


def test_it_shows_how_many_get_it_and_why_others_do_not(world: "World") -> None:
    world.emil.holding.restricted_at = NOON
    world.emil.holding.save()
    page = world.client(world.mark).get(url(draft(world), "send/")).content.decode()
    assert "Send to 1 person" in page
    assert "Processing is restricted: 1" in page
    assert "Alma hírlevél" in page


def test_it_sends_after_the_typed_word(world: "World") -> None:
    campaign = draft(world)
    client = world.client(world.mark)
    wrong = client.post(url(campaign, "send/"), {"word": "", "recipients": "2"})
    assert list(wrong.context["form"].errors) == ["word"]
    assert status(campaign) == "draft"
    done = client.post(url(campaign, "send/"), {"word": "send", "recipients": "2"})
    assert done.headers["Location"] == url(campaign)
    assert status(campaign) == "starting"
    page = client.get(url(campaign)).content.decode()
    assert "Preparing the recipients" in page
    assert "End sending" in page
    assert "Pause" not in page
    polled = client.get(url(campaign, "progress/?was=starting"))
    assert "Preparing the recipients" in polled.content.decode()
    started(campaign)
    polled = client.get(url(campaign, "progress/?was=starting"))
    assert (polled.status_code, polled.headers["HX-Refresh"]) == (286, "true")
    page = client.get(url(campaign)).content.decode()
    assert "0 of 2 messages" in page
    assert client.get(url(campaign, "send/")).status_code == 302


def test_it_asks_again_when_the_audience_has_changed(world: "World") -> None:
    campaign = draft(world)
    response = world.client(world.mark).post(
        url(campaign, "send/"), {"word": "SEND", "recipients": "7"}
    )
    assert "has changed" in response.content.decode()
    assert status(campaign) == "draft"


def test_a_large_audience_is_counted_after_the_page_is_there(
    world: "World", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "LARGE", 2)
    campaign = draft(world)
    client = world.client(world.mark)
    page = client.get(url(campaign, "send/")).content.decode()
    assert "Counting…" in page
    assert "Send to" not in page
    assert 'name="recipients"' not in page
    assert "Counting…" in client.get(url(campaign, "schedule/")).content.decode()
    for way in ("send/?part=confirm", "send/?counted=1"):
        shown = client.get(url(campaign, way)).content.decode()
        assert "Send to 2 people" in shown
        assert 'name="recipients" value="2"' in shown
    changed = client.post(url(campaign, "send/"), {"word": "SEND", "recipients": "7"})
    assert "has changed" in changed.content.decode()
    assert 'name="recipients" value="2"' in changed.content.decode()
    client.post(url(campaign, "send/"), {"word": "SEND", "recipients": "2"})
    started(campaign)
    assert Delivery.objects.count() == 2


def test_a_large_audience_of_nobody_cannot_be_sent_to(
    world: "World", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "LARGE", 2)
    campaign = draft(world)
    for contact in (world.dora, world.emil):
        contact.holding.restricted_at = NOON
        contact.holding.save()
    page = world.client(world.mark).get(url(campaign, "send/")).content.decode()
    assert "Nobody on the chosen lists may get the campaign." in page
    assert "It cannot be sent yet" in page


def test_it_cannot_be_sent_with_something_missing(world: "World") -> None:
    campaign = draft(world, subject="", body="{{ x }}")
    CampaignList.objects.all().delete()
    Relay.objects.all().delete()
    client = world.client(world.mark)
    response = client.get(url(campaign, "send/"))
    items = response.context["checked"].items
    assert [item.label for item in items if item.state == "failed"] == [
        "Content",
        "Audience",
        "Relay",
    ]
    assert 'name="word"' not in response.content.decode()
    client.post(url(campaign, "send/"), {"word": "SEND", "recipients": "0"})
    assert status(campaign) == "draft"


def test_it_warns_of_mail_that_gmail_cuts(world: "World") -> None:
    campaign = draft(world, body="Hosszú sor. " * 12_000)
    page = world.client(world.mark).get(url(campaign, "send/")).content.decode()
    assert "Gmail will cut it" in page
    assert "Send to 2 people" in page


@time_machine.travel(NOON, tick=False)
def test_it_schedules_and_takes_back(world: "World") -> None:
    campaign = draft(world)
    client = world.client(world.mark)
    form = client.get(url(campaign, "schedule/")).context["form"]
    assert form.initial["time_zone"] == "Europe/Budapest"
    data = {"when": "2026-11-03T09:00", "time_zone": "Europe/Bucharest"}
    assert client.post(url(campaign, "schedule/"), data).status_code == 302
    assert status(campaign) == "scheduled"
    page = client.get(url(campaign)).content.decode()
    assert "9:00:00" in page
    assert "(Europe/Bucharest)" in page
    client.post(url(campaign, "unschedule/"))
    assert status(campaign) == "draft"


@time_machine.travel(NOON, tick=False)
def test_it_schedules_no_time_that_is_past_or_does_not_exist(world: "World") -> None:
    campaign = draft(world)
    client = world.client(world.mark)
    for when, words in (
        ("2026-11-01T09:00", "has passed already"),
        ("2027-03-28T02:30", "the clocks skip this time"),
        ("soon", "valid date"),
    ):
        data = {"when": when, "time_zone": "Europe/Budapest"}
        assert words in client.post(url(campaign, "schedule/"), data).content.decode()
    assert status(campaign) == "draft"


def test_it_pauses_goes_on_and_ends(world: "World") -> None:
    campaign = draft(world)
    client = world.client(world.mark)
    client.post(url(campaign, "send/"), {"word": "SEND", "recipients": "2"})
    started(campaign)
    client.post(url(campaign, "pause/"))
    assert status(campaign) == "paused"
    assert "Sending pauses" in client.get(url(campaign)).content.decode()
    client.post(url(campaign, "resume/"))
    assert status(campaign) == "sending"
    question = client.get(url(campaign, "cancel/")).content.decode()
    assert "2 people who have not got it yet will not get it." in question
    client.post(url(campaign, "cancel/"), {"word": "no"})
    assert status(campaign) == "sending"
    client.post(url(campaign, "cancel/"), {"word": "CANCEL"})
    assert status(campaign) == "cancelled"
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.CANCELLED}
    response = client.post(url(campaign, "resume/"), follow=True)
    assert "not in a state" in response.content.decode()


def test_it_polls_until_the_campaign_is_sent(world: "World") -> None:
    campaign = draft(world)
    client = world.client(world.mark)
    client.post(url(campaign, "send/"), {"word": "SEND", "recipients": "2"})
    started(campaign)
    Delivery.objects.filter(contact=world.dora).update(state=State.SENT)
    assert "1 of 2" in client.get(url(campaign, "progress/")).content.decode()
    Campaign.objects.update(status="sent")
    response = client.get(url(campaign, "progress/"))
    assert (response.status_code, response.headers["HX-Refresh"]) == (286, "true")


def test_it_shows_a_viewer_but_lets_nothing_be_done(world: "World") -> None:
    left = List.objects.create(
        tenant=world.alma, brand=world.alma_brand, name="Vevők", created_at=NOON
    )
    campaign = draft(world, excluded=(left,))
    client = world.client(world.vera)
    page = client.get(url(campaign)).content.decode()
    assert "Vevők" in page
    for name in ("send/", "schedule/", "cancel/"):
        assert client.get(url(campaign, name)).status_code == 403
    for name in ("pause/", "resume/", "unschedule/"):
        assert client.post(url(campaign, name)).status_code == 403
    assert world.client(world.bela).get(url(campaign)).status_code == 404


def test_it_changes_nothing_by_looking(world: "World") -> None:
    campaign = draft(world, status="sending")
    client = world.client(world.mark)
    for name in ("pause/", "resume/", "unschedule/"):
        assert client.get(url(campaign, name)).status_code == 405
