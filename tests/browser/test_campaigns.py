"""A newsletter written, looked at and sent in a real browser."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from hirnok.campaigns import audience, jobs
from hirnok.campaigns.models import Campaign
from hirnok.campaigns.tests.drafts import draft
from tests.browser.accessible import violations

if TYPE_CHECKING:
    from tests.world import World


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("large", [50_000, 1])  # from 1 on the audience is counted afterwards
def test_it_is_written_previewed_and_sent(
    page: Page, live_server: object, world: "World", large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "LARGE", large)
    campaign = draft(world)
    cookie = world.client(world.mark).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": str(live_server)}])
    page.goto(f"/alma/campaigns/{campaign.pk}/edit/")
    page.get_by_role("textbox", name="Body").fill("Kedves {{ contact.nick }}")
    expect(page.get_by_text("There is no field called “contact.nick”.")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("textbox", name="Body").fill("Kedves {{ contact.first_name }}")
    expect(page.get_by_text("Nothing to mend.")).to_be_visible()
    page.get_by_role("link", name="Preview").click()
    framed = page.frame_locator("iframe.mail-frame").get_by_text("Kedves Dóra", exact=True)
    expect(framed).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="Send", exact=True).click()
    expect(page.get_by_role("heading", name="Send to 2 people")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Type SEND to confirm").fill("SEND")
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("The campaign is on its way.")).to_be_visible()
    expect(page.get_by_text("Preparing the recipients")).to_be_visible()
    assert violations(page) == []
    jobs.carry_on(campaign.tenant_id, campaign.pk, "user:1")
    expect(page.get_by_text("0 of 2 messages")).to_be_visible()  # the page looks by itself
    assert Campaign.objects.get().status == "sending"
