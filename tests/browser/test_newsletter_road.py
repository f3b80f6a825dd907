"""The road of a newsletter in a real browser, on a whole installation with real processes: from an empty workplace
over the mail in a reader's hands to the report and a goodbye; then every main page on a phone and in the dark."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.browser.accessible import violations
from tests.journeys.installation import Installation, installation

PATIENCE = 60_000
DESKTOP: Any = {"width": 1280, "height": 900}
PHONE: Any = {"width": 390, "height": 844}
READERS = ("dora", "emil", "fanni")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BODY = """\
# Őszi ajánlat

Kedves {{ contact.first_name|default('kertbarát') }}!

[Megnézem](https://kert.example/alma)
"""
PAGES = (
    "", "contacts/", "contacts/add/", "contacts/1/", "contacts/1/why/", "contacts/1/edit/", "lists/", "lists/1/",
    "fields/", "fields/new/", "tags/", "imports/", "imports/new/", "imports/1/result/", "campaigns/", "campaigns/new/",
    "campaigns/1/", "campaigns/1/preview/", "images/", "reports/", "reports/1/", "reports/1/recipients/",
    "reports/1/shares/", "settings/", "settings/brands/", "settings/brands/1/", "settings/relays/",
    "settings/relays/1/", "settings/members/", "settings/audit/", "search/?q=dora",
)  # fmt: skip


@pytest.fixture
def running(chromium: Browser, tmp_path: Path, database_url: Any) -> Iterator[Installation]:
    with installation(tmp_path) as made:
        yield made


@pytest.fixture
def problems() -> Iterator[list[str]]:
    """What pages log as errors: there must be none."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.mark.timeout(600)
def test_it_leads_from_a_file_to_a_report_and_a_goodbye(
    chromium: Browser, running: Installation, problems: list[str]
) -> None:
    context = opened(chromium, running.base, viewport=DESKTOP)
    page = watched(context, problems)
    signs_in(page, running)
    prepares_brand_relay_and_list(page, running)
    imports_the_readers(page, running.folder)
    writes_and_sends(page)
    reader = watched(opened(chromium, running.base, viewport=PHONE, user_agent=FIREFOX), problems)
    mail = opens_the_mail(reader, running)
    follows_its_link(reader)
    sees_it_in_the_report(page)
    leaves(reader, mail)
    is_gone(page, mail)
    for scheme, viewport in (("light", PHONE), ("dark", DESKTOP)):
        walks_everywhere(page, scheme, viewport)


def opened(chromium: Browser, base: str, **options: Any) -> BrowserContext:
    context = chromium.new_context(base_url=base, reduced_motion="reduce", **options)
    context.set_default_timeout(PATIENCE)
    return context


def watched(context: BrowserContext, problems: list[str]) -> Page:
    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(f"{message.text} ({message.location.get('url')})")

    page = context.new_page()
    page.on("console", note)
    page.on("pageerror", lambda error: problems.append(str(error)))
    return page


def field(page: Page, name: str) -> Any:
    return page.locator(f"main [name={name}]")


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


OWN_PASSWORD = "egy-saját-hosszú-jelszó-1847"


def signs_in(page: Page, running: Installation) -> None:
    address, password = running.sign_in
    page.goto("/")
    field(page, "login").fill(address)
    field(page, "password").fill(password)
    assert violations(page) == []
    press(page, "Sign in")
    expect(page.get_by_role("heading", name="Change password")).to_be_visible()
    assert violations(page) == []
    field(page, "oldpassword").fill(password)
    field(page, "password1").fill(OWN_PASSWORD)
    field(page, "password2").fill(OWN_PASSWORD)
    press(page, "Set the password")
    field(page, "login").fill(address)
    field(page, "password").fill(OWN_PASSWORD)
    press(page, "Sign in")
    expect(page.get_by_role("heading", name="To your first newsletter")).to_be_visible()
    assert violations(page) == []


def prepares_brand_relay_and_list(page: Page, running: Installation) -> None:
    page.get_by_role("link", name="Make a brand").click()
    field(page, "name").fill("Alma Kertészet")
    field(page, "sender_name").fill("Alma Kertészet")
    field(page, "from_address").fill("hirlevel@alma.example")
    field(page, "postal_address").fill("9730 Kőszeg, Kertész utca 12.")
    assert violations(page) == []
    page.locator("main form[data-guard] button[type=submit]").first.click()
    expect(page.get_by_text("The brand is made.")).to_be_visible()
    page.goto("/operator/")
    page.get_by_role("link", name="Connect a relay").click()
    field(page, "name").fill("sandbox")
    field(page, "host").fill("127.0.0.1")
    field(page, "port").fill(str(running.smtp_port))
    page.locator("main [name=security][value=none]").check()
    page.locator("main form[data-guard] button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/relays/\d+/$"))
    page.goto("/operator/")
    page.get_by_role("link", name="Make a list").click()
    field(page, "name").fill("Vásárlók")
    page.locator("main form[data-guard] button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/lists/"))


def imports_the_readers(page: Page, folder: Path) -> None:
    file = folder / "vasarlok.csv"
    rows = [f"Őri;{name.title()};{name}@level.example" for name in READERS]
    file.write_bytes("\r\n".join(["Vezetéknév;Keresztnév;E-mail cím", *rows, ""]).encode("cp1250"))
    page.goto("/operator/")
    page.get_by_role("link", name="Import your readers").click()
    field(page, "file").set_input_files(file)
    press(page, "Continue")
    expect(page.get_by_role("cell", name="Őri").first).to_be_visible()
    assert violations(page) == []
    press(page, "Continue")
    page.locator("main [name=kind][value=person]").check()
    page.locator("main [name=legal_basis][value=consent]").check()
    assert violations(page) == []
    press(page, "Continue")
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible()
    assert violations(page) == []
    press(page, "Start the import")
    page.wait_for_url("**/result/")
    row = page.get_by_role("row", name=re.compile("^New contacts"))
    expect(row).to_contain_text(str(len(READERS)))


def writes_and_sends(page: Page) -> None:
    page.goto("/operator/")
    page.get_by_role("link", name="Write the first newsletter").click()
    field(page, "name").fill("Őszi ajánlat")
    page.locator("main form[method=post] button[type=submit]").first.click()
    page.wait_for_url("**/edit/")
    field(page, "subject").fill("{{ contact.first_name|default('Kertbarát') }}, őszi ajánlat")
    field(page, "body").fill(BODY)
    expect(page.get_by_text("Nothing to mend.")).to_be_visible()
    assert violations(page) == []
    press(page, "Save and preview")
    shown = page.frame_locator("iframe.mail-frame").get_by_role("heading", name="Őszi ajánlat")
    expect(shown).to_be_visible()
    page.get_by_role("link", name="Send", exact=True).click()
    expect(page.get_by_role("heading", name="Send to 3 people")).to_be_visible()
    field(page, "word").fill("SEND")
    press(page, "Send now")
    expect(page.get_by_text("The campaign is on its way.")).to_be_visible()


def opens_the_mail(reader: Page, running: Installation) -> str:
    """In the mail sandbox, whose frame loads pictures as a mail program does; returns who the reader is."""
    reader.goto(running.sandbox)
    waiting = reader.get_by_role("link", name=re.compile("őszi ajánlat"))
    for _ in range(60):
        if waiting.count():
            break
        reader.wait_for_timeout(500)
        reader.reload()
    with reader.expect_response(re.compile(r"/o/[\w-]+\.gif$")) as pixel:
        waiting.first.click()
    assert pixel.value.status == 200
    body = reader.frame_locator("iframe")
    expect(body.get_by_role("heading", name="Őszi ajánlat")).to_be_visible()
    greeting = body.get_by_text(re.compile("^Kedves")).inner_text()
    return greeting.removeprefix("Kedves ").rstrip("!").lower() + "@level.example"


def follows_its_link(reader: Page) -> None:
    reader.context.route("https://kert.example/**", lambda route: route.fulfill(body="Alma"))
    with reader.expect_popup() as shop:
        reader.frame_locator("iframe").get_by_role("link", name="Megnézem").click()
    shop.value.wait_for_url("https://kert.example/alma")
    shop.value.close()


def sees_it_in_the_report(page: Page) -> None:
    page.goto("/operator/reports/")
    page.locator("main").get_by_role("link", name="Őszi ajánlat").click()
    for _ in range(60):
        if page.locator(".stat", has_text="Clicks").get_by_text("1", exact=True).count():
            break
        page.wait_for_timeout(500)
        page.reload()
    for label, value in (("Audience", "3"), ("Sent", "3"), ("Opens", "1"), ("Clicks", "1")):
        stat = page.locator(".stat", has_text=label).first
        expect(stat.get_by_text(value, exact=True)).to_be_visible()
    assert violations(page) == []


def leaves(reader: Page, mail: str) -> None:
    link = reader.frame_locator("iframe").get_by_role(
        "link", name=re.compile("Unsubscribe|Leiratkozás|Dezabonare")
    )
    reader.goto(str(link.get_attribute("href")))
    assert violations(reader) == []
    assert reader.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(reader.get_by_text(f"{mail[0]}•••@level.example")).to_be_visible()
    reader.get_by_role("button").click()
    expect(reader.get_by_text("•••")).not_to_be_visible()
    expect(reader.get_by_role("button")).to_have_count(0)
    assert violations(reader) == []


def is_gone(page: Page, mail: str) -> None:
    page.goto("/operator/contacts/")
    expect(page.get_by_role("link", name="@level.example")).to_have_count(len(READERS) - 1)
    expect(page.get_by_role("link", name=mail)).to_have_count(0)


def walks_everywhere(page: Page, scheme: Any, viewport: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(viewport)
    remaining = page.goto("/operator/contacts/") and page.locator("main tbody a").first
    number = re.search(r"/contacts/(\d+)/", str(remaining and remaining.get_attribute("href")))
    assert number
    wrong: list[object] = []
    for address in PAGES:
        answer = page.goto("/operator/" + address.replace("contacts/1/", f"contacts/{number[1]}/"))
        assert answer
        if answer.status != 200:
            wrong.append((address, answer.status))
        wrong += [(address, violation) for violation in violations(page)]
        if (width := page.evaluate("document.documentElement.scrollWidth")) > viewport["width"]:
            wrong.append((address, f"{width} px wide"))
    assert wrong == [], scheme
