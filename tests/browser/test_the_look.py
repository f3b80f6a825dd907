"""The components in a real browser: accessible, on a phone too, under the Content-Security-Policy."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessible import violations

PAGES = [
    "components",
    "list",
    "empty",
    "form",
    "form/?errors=1",
    "wizard",
    "confirm",
    "public",
    "signed-out",
]
PHONE = {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def gallery(settings: Any) -> None:
    settings.DEBUG = True


def address(name: str) -> str:
    return f"/gallery/{name}" if "?" in name else f"/gallery/{name}/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_has_no_violation(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    for name in PAGES:
        page.goto(address(name))
        assert violations(page) == [], name


def test_it_fits_on_a_phone(page: Page) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for name in PAGES:
        page.goto(address(name))
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name


def test_it_opens_the_menu_on_a_phone_and_closes_it_with_escape(page: Page) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto("/gallery/list/")
    rooms = page.get_by_role("link", name="Overview")
    expect(rooms).not_to_be_visible()
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(rooms).to_be_visible()
    page.keyboard.press("Escape")
    expect(rooms).not_to_be_visible()


def test_it_follows_the_system_until_a_person_chooses(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("/gallery/list/")
    root = page.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    page.get_by_role("button", name="Person").click()
    page.get_by_role("button", name="Light").click()
    expect(root).to_have_attribute("data-bs-theme", "light")
    page.reload()
    expect(root).to_have_attribute("data-bs-theme", "light")


def test_it_draws_charts_with_a_table_one_click_away(page: Page) -> None:
    page.goto("/gallery/")
    expect(page.locator("[data-chart] canvas")).to_have_count(2)
    table = page.get_by_role("cell", name="204")
    expect(table).not_to_be_visible()
    page.get_by_text("The same as a table").nth(1).click()
    expect(table).to_be_visible()


def test_it_shows_bulk_actions_once_something_is_chosen(page: Page) -> None:
    page.goto("/gallery/list/")
    bar = page.locator("[data-bulk-bar]")
    expect(bar).not_to_be_visible()
    page.get_by_label("Choose all on this page").check()
    expect(bar).to_contain_text("4")
    page.get_by_label("Choose dora.szabo@example.com").uncheck()
    expect(bar).to_contain_text("3")


def test_it_polls_progress(page: Page) -> None:
    with page.expect_response(re.compile("/gallery/poll/")):
        page.goto("/gallery/")
    expect(page.locator("#live")).to_contain_text("50 percent done")


def test_it_moves_to_the_errors_and_from_there_to_the_field(page: Page) -> None:
    page.goto("/gallery/form/?errors=1")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.locator("[data-error-summary]").get_by_role("link", name="From").click()
    assert page.url.endswith("#id_sender")


def test_it_warns_before_unsaved_changes_are_lost(page: Page) -> None:
    asked: list[str] = []

    def answer(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    page.goto("/gallery/form/")
    page.get_by_label("Name of the campaign").fill("December")
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url("**/gallery/")
    assert asked == ["beforeunload"]


def test_it_reaches_the_content_with_the_keyboard(page: Page) -> None:
    page.goto("/gallery/list/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_it_loads_little_on_pages_of_readers(page: Page) -> None:
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    page.goto("/gallery/public/", wait_until="networkidle")
    assert 0 < sum(sizes) <= 60_000
