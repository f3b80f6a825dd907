"""Signing up by a snippet in a foreign page, confirming, the own page, leaving: on a phone and a desktop, in two
languages."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from hirnok.consent import stamps, writing
from hirnok.consent.tests.forms import LIZA, form_of, letters_to
from hirnok.contacts.models import Contact
from tests.browser.accessible import violations

if TYPE_CHECKING:
    from tests.world import World

PHONE: Any = {"width": 390, "height": 844}
DESKTOP: Any = {"width": 1280, "height": 900}
SITE = "https://kert.example/"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "SOONEST", timedelta(seconds=-5))


def _is_fine(page: Page) -> None:
    """In light and dark: accessible, and no wider than the screen."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(("language", "size"), [("hu", PHONE), ("ro", DESKTOP)])
def test_a_reader_comes_by_a_snippet_and_leaves(
    page: Page, live_server: object, world: "World", language: str, size: Any
) -> None:
    form = form_of(world.alma_list, first_name=False)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    snippet = f'<form action="{live_server}/f/{form.token}/?language={language}" method="post"><input name="email"><button>OK</button></form>'
    page.route(f"{SITE}**", lambda route: route.fulfill(body=snippet, content_type="text/html"))
    page.set_viewport_size(size)

    page.goto(SITE)
    page.locator("[name=email]").fill(LIZA)
    page.get_by_role("button").click()

    expect(page.locator("[name=email]")).to_have_value(LIZA)
    expect(page.get_by_role("checkbox")).not_to_be_checked()
    _is_fine(page)
    page.locator("main button").click()
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    _is_fine(page)
    expect(page.locator(f"html[lang={language}]")).to_be_visible()
    page.get_by_role("checkbox").press("Space")
    page.locator("main button").press("Enter")
    page.wait_for_url("**/thanks/**")
    _is_fine(page)
    _confirm_and_leave(page, live_server)
    assert {url for url in asked if not url.startswith((str(live_server), SITE))} == set()
    assert page.context.cookies() == []


def _confirm_and_leave(page: Page, live_server: object) -> None:
    found = re.search(r"/k/[\w-]+/", letters_to()[0])
    assert found
    page.goto(found[0])
    assert not Contact.objects.filter(email=LIZA).exists()
    _is_fine(page)
    page.locator("main button").click()
    own = page.locator("main a[href^='/p/']")
    expect(own).to_be_visible()
    contact = Contact.objects.get(email=LIZA)
    _is_fine(page)
    own.click()
    page.wait_for_url(f"**{writing.preferences_path(contact.pk)}")
    _is_fine(page)
    page.locator("[name=first_name]").fill("Liza")
    page.locator("[value=save]").click()
    expect(page.get_by_role("status")).to_be_visible()
    contact.refresh_from_db()
    assert contact.first_name == "Liza"
    page.locator("[value=leave]").click()
    expect(page.locator("main button")).to_have_count(0)
    _is_fine(page)
    assert not Contact.objects.filter(email=LIZA).exists()


def test_the_room_of_forms_is_accessible_on_every_page(
    page: Page, live_server: object, world: "World"
) -> None:
    cookie = world.client(world.mark).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": str(live_server)}])
    page.goto("/alma/forms/")
    assert violations(page) == []
    form = form_of(world.alma_list)
    pages = ("", "new/", f"{form.pk}/", f"{form.pk}/edit/", f"{form.pk}/texts/hu/")
    for path in (*pages, f"{form.pk}/preview/hu/"):
        page.set_viewport_size(PHONE)
        page.goto(f"/alma/forms/{path}")
        _is_fine(page)
