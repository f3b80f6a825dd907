"""The portal in Hungarian, as people use it: a copy, an erasure, an objection, a correction; without JavaScript, and on
a phone. With `PORTAL_PICTURES` set to a folder each page leaves its picture there, to be looked at."""

import io
import json
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, expect

from hirnok.contacts.models import Contact
from hirnok.register import portals
from hirnok.rights.models import Request
from hirnok.rights.tests.asked import DORA, link_in, mails_to, text_of
from tests.browser.accessible import violations

if TYPE_CHECKING:
    from tests.world import World

PHONE: Any = {"width": 390, "height": 844}
DESKTOP: Any = {"width": 1280, "height": 900}
pytestmark = pytest.mark.django_db(transaction=True)


def _is_fine(page: Page, name: str) -> None:
    """In light and dark: accessible, and no wider than the screen."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(page) == []
        if folder := os.environ.get("PORTAL_PICTURES"):
            width = page.evaluate("window.innerWidth")
            picture = Path(folder) / f"{name}-{width}-{scheme}.png"
            page.screenshot(path=picture, full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def _open(page: Page, live_server: object, world: "World") -> None:
    path = portals.path(world.alma.pk, world.alma_brand.pk)
    page.goto(f"{live_server}{path}?lang=hu")
    expect(page.locator("html[lang=hu]")).to_be_visible()
    expect(page.get_by_role("heading", name="Az Ön adatai és jogai")).to_be_visible()


def _ask(page: Page, button: str) -> None:
    """From the portal to the form of a right, and the address into it."""
    page.get_by_role("link", name=button, exact=True).click()
    page.locator("[name=email]").fill(DORA)


def _confirm(page: Page, live_server: object, world: "World", button: str) -> None:
    """Send the form, open the link of the mail, press the button there."""
    page.locator("main button[type=submit]").click()
    expect(page.get_by_role("heading", name="Kérjük, nézze meg a postafiókját")).to_be_visible()
    page.goto(f"{live_server}{link_in(mails_to(world.alma, DORA)[-1])}")
    expect(page.get_by_text("d•••@example.hu")).to_be_visible()
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("heading", name="Az Ön kérelme")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_copy_of_the_own_data(page: Page, live_server: object, world: "World", size: Any) -> None:
    page.set_viewport_size(size)
    _open(page, live_server, world)
    _is_fine(page, "portal")
    _ask(page, "Másolatot kérek")
    _is_fine(page, "access-form")
    _confirm(page, live_server, world, "Igen, én kérem")
    expect(page.get_by_text("teljesen megválaszolva")).to_be_visible()
    _is_fine(page, "access-status")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="A másolat letöltése").click()
    with zipfile.ZipFile(io.BytesIO(Path(waiting.value.path()).read_bytes())) as copy:
        data = json.loads(copy.read("data.json"))
    assert data["data"]["contacts.Contact"][0]["email"] == DORA
    assert page.context.cookies() == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_erasure(page: Page, live_server: object, world: "World", size: Any) -> None:
    page.set_viewport_size(size)
    _open(page, live_server, world)
    _ask(page, "Törlést kérek")
    page.get_by_label("Visszavonom a hozzájárulásomat.").check()
    _is_fine(page, "erasure-form")
    page.locator("main button[type=submit]").click()
    page.goto(f"{live_server}{link_in(mails_to(world.alma, DORA)[-1])}")
    expect(page.get_by_text("Hírlevél: nem érkezik több hírlevél.")).to_be_visible()
    _is_fine(page, "erasure-confirm")
    assert Contact.objects.filter(tenant=world.alma, email=DORA).exists()
    page.get_by_role("button", name="Igen, töröljék").click()
    expect(page.get_by_text("Kérését teljesítettük.")).to_be_visible()
    _is_fine(page, "erasure-status")
    assert not Contact.objects.filter(tenant=world.alma, email=DORA).exists()
    assert "bizonyítja, hogy kérelmét megválaszoltuk" in text_of(mails_to(world.alma, DORA)[-1])


def test_objection_to_advertising_without_javascript(
    chromium: Browser, live_server: object, world: "World"
) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    _open(page, live_server, world)
    _ask(page, "Tiltakozom")
    _confirm(page, live_server, world, "Igen, én kérem")
    expect(page.get_by_text("teljesen megválaszolva")).to_be_visible()
    assert not Contact.objects.filter(tenant=world.alma, email=DORA).exists()
    context.close()


def test_rectification_and_what_a_colleague_has_to_see(
    page: Page, live_server: object, world: "World"
) -> None:
    _open(page, live_server, world)
    _ask(page, "Helyesbítést kérek")
    page.locator("main button[type=submit]").click()
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    _is_fine(page, "rectification-empty")
    page.get_by_label("Utónév").fill("Dorka")
    page.get_by_label("Vezetéknév").fill("Őri")
    _confirm(page, live_server, world, "Igen, én kérem")
    expect(page.get_by_text("teljesen megválaszolva")).to_be_visible()
    assert Contact.objects.get(pk=world.dora.pk).first_name == "Dorka"

    _open(page, live_server, world)
    _ask(page, "Helyesbítést kérek")
    page.get_by_label("Mit kell még helyesbíteni vagy kiegészíteni").fill("Elköltöztem.")
    _confirm(page, live_server, world, "Igen, én kérem")
    expect(page.get_by_text("folyamatban")).to_be_visible()
    _is_fine(page, "rectification-status")
    page.get_by_role("button", name="A kérelem visszavonása").click()
    expect(page.get_by_text("visszavonva")).to_be_visible()
    assert Request.objects.latest("pk").status == "withdrawn"
