"""The pages about mail that comes back, in a real browser: accessible, in the dark and on a phone too."""

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page

from hirnok.consent.tests.sent import delivery_to
from hirnok.lib import clock
from hirnok.mail.tests import returned as mails
from hirnok.returns import applying, domains, forwarding, mailboxes, storing, webhooks
from hirnok.returns.models import Forwarding, Returned
from tests.browser.accessible import violations

if TYPE_CHECKING:
    from tests.world import World

ROOT = "/alma/settings/returns/"
PHONE = {"width": 390, "height": 844}


def furnish(world: "World") -> list[str]:
    """Fill every page; returns their addresses."""
    at = clock.now()
    delivery_to(world.dora)
    domains.choose(world.alma, world.alma_brand, "vissza.alma.example", actor="user:1", at=at)
    details = mailboxes.Details("Visszapattanók", "imap", "imap.alma.example", 993, "tls", True, "vissza@alma.example", "x", "INBOX", False)  # fmt: skip
    box = mailboxes.make(world.alma, details, actor="user:1", at=at)
    forwarding.choose(world.alma, forwarding.Wish("iroda@alma.example"), actor="user:1", at=at)
    Forwarding.objects.update(left_out=3, left_out_at=at)
    hook = webhooks.make(world.alma, "postmark", "", actor="user:1", at=at)
    names = ("qmail", "Hungarian", "delayed")
    storing.keep(world.alma, [mails.BOUNCES[name][0] for name in names], road="imap", at=at)
    applying.apply_new(world.alma, at=at)
    waits = Returned.objects.filter(state="unknown").order_by("pk")[1]
    return [
        ROOT, f"{ROOT}mails/", f"{ROOT}mails/{waits.pk}/", f"{ROOT}rules/", f"{ROOT}mailboxes/new/",
        f"{ROOT}mailboxes/{box.pk}/", f"{ROOT}webhooks/new/", f"{ROOT}webhooks/{hook.pk}/",
        f"{ROOT}forwarding/",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_pages_are_for_everybody(
    page: Page, live_server: object, world: "World", scheme: Any
) -> None:
    pages = furnish(world)
    cookie = world.client(world.anna).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": str(live_server)}])
    page.emulate_media(color_scheme=scheme)
    for size in ({"width": 1280, "height": 900}, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for address in pages:
            page.goto(address)
            assert violations(page) == [], address
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address
