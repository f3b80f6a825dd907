"""Signing up on the hosted page or by a snippet in a foreign page, confirming, the own page, leaving: on a phone
and a desktop, in two languages."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, expect

from hirnok.consent import proofs, stamps, writing
from hirnok.consent.models import Form
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


@pytest.mark.parametrize(
    ("surface", "language", "size"),
    [
        ("hosted", "hu", DESKTOP),
        ("hosted", "ro", PHONE),
        ("snippet", "ro", DESKTOP),
        ("snippet", "hu", PHONE),
    ],
)
def test_a_reader_comes_changes_and_leaves(
    page: Page, live_server: object, world: "World", surface: str, language: str, size: Any
) -> None:
    form = form_of(world.alma_list, first_name=False)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size(size)

    address = f"{live_server}/f/{form.token}/?language={language}"
    if surface == "snippet":
        _come_by_the_snippet(page, address)
    else:
        page.goto(address)
        page.locator("[name=email]").fill(LIZA)
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
    _confirm_and_leave(page, language)
    assert {url for url in asked if not url.startswith((str(live_server), SITE))} == set()
    assert page.context.cookies() == []


def _come_by_the_snippet(page: Page, address: str) -> None:
    snippet = (
        f'<form action="{address}" method="post"><input name="email"><button>OK</button></form>'
    )
    page.route(f"{SITE}**", lambda route: route.fulfill(body=snippet, content_type="text/html"))
    page.goto(SITE)
    page.locator("[name=email]").fill(LIZA)
    page.get_by_role("button").click()


def _confirm_and_leave(page: Page, language: str) -> None:
    found = re.search(r"/k/[\w-]+/", letters_to()[0])
    assert found
    page.goto(found[0])
    assert not Contact.objects.filter(email=LIZA).exists()
    expect(page.locator(f"html[lang={language}]")).to_be_visible()
    _is_fine(page)
    page.locator("main button").click()
    own = page.locator("main a[href^='/p/']")
    expect(own).to_be_visible()
    contact = Contact.objects.get(email=LIZA)
    assert contact.language == language
    _is_fine(page)
    own.click()
    page.wait_for_url(f"**{writing.preferences_path(contact.pk)}")
    expect(page.locator(f"html[lang={language}]")).to_be_visible()
    _is_fine(page)
    page.locator("[name=first_name]").fill("Liza")
    page.locator("[value=save]").click()
    expect(page.get_by_role("status")).to_be_visible()
    contact.refresh_from_db()
    assert contact.first_name == "Liza"
    with page.expect_download() as download:
        page.locator("a[href='data.json']").click()
    held = download.value.path().read_text()
    assert "Liza" in held
    assert LIZA not in held
    page.locator("[value=leave]").click()
    expect(page.locator("main button")).to_have_count(0)
    _is_fine(page)
    assert not Contact.objects.filter(email=LIZA).exists()


@pytest.mark.parametrize("scripted", [True, False])
def test_the_proof_of_work_is_found_where_scripts_run(
    chromium: Browser, live_server: object, world: "World", scripted: bool
) -> None:
    form = form_of(world.alma_list)
    Form.objects.filter(pk=form.pk).update(proof_of_work=True)
    context = chromium.new_context(base_url=str(live_server), java_script_enabled=scripted)
    page = context.new_page()
    page.goto(f"/f/{form.token}/?language=hu")
    if scripted:
        expect(page.locator("[name=proof]")).to_have_value(re.compile(r"\d+"))
        stamp, proof = (page.locator(f"[name={one}]").input_value() for one in ("stamp", "proof"))
        assert proofs.is_valid(stamp, proof)
    page.locator("[name=email]").fill(LIZA)
    page.get_by_role("checkbox").check()
    page.locator("main button").click()
    page.wait_for_url("**/thanks/**")
    context.close()
    assert len(letters_to()) == 1


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_the_preview_shows_each_mail_in_its_frame(
    page: Page, live_server: object, world: "World", size: Any
) -> None:
    cookie = world.client(world.mark).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": str(live_server)}])
    form = form_of(world.alma_list)
    page.set_viewport_size(size)
    page.goto(f"/alma/forms/{form.pk}/preview/hu/")
    frames = page.locator("iframe.mail-frame")
    assert frames.count() >= 2
    for number in range(frames.count()):
        frame = frames.nth(number)
        frame.scroll_into_view_if_needed()
        expect(frame.content_frame.locator("body")).to_contain_text(world.alma_list.brand.name)


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
