"""Somebody new, in Hungarian on a desktop and in Romanian on a phone: invited, a password and a second factor chosen,
signed in elsewhere, signed out by idling with a form half written, back in it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Browser, Page, expect

from hirnok.accounts import policy
from hirnok.accounts.models import User, UserSession
from hirnok.accounts.policy import Rules
from hirnok.accounts.tests.test_factors import code
from tests.as_web import wait_until_idle
from tests.browser.accessible import violations
from tests.browser.conftest import PATIENCE
from tests.browser.test_signing_in import with_authenticator
from tests.world import NOON, PASSWORD

if TYPE_CHECKING:
    from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
NEW = "kati@alma.example"


@dataclass
class Visitor:
    """Somebody with a language and a screen; every new page is another browser."""

    language: str
    open: Callable[[], Page]

    def says(self, text: str, **values: object) -> str:
        """Return a text of ours in the visitor's language."""
        with translation.override(self.language):
            found = gettext(text) % values if values else gettext(text)
        assert found != text, "the text is not translated"
        return found

    def press(self, page: Page, text: str) -> None:
        page.get_by_role("button", name=self.says(text), exact=True).click()

    def sees(self, page: Page, heading: str) -> None:
        expect(page.get_by_role("heading", name=self.says(heading), exact=True)).to_be_visible(
            timeout=PATIENCE
        )
        assert violations(page) == []
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.evaluate("window.innerWidth"), "it does not fit"


@pytest.fixture(params=[("hu", DESKTOP), ("ro", PHONE)], ids=["hu-desktop", "ro-phone"])
def visitor(request: Any, chromium: Browser, live_server: object) -> Iterator[Visitor]:
    language, screen = request.param
    contexts = []

    def open_page() -> Page:
        context = chromium.new_context(
            base_url=str(live_server), viewport=screen, locale=language, reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context.new_page()

    yield Visitor(language, open_page)
    for context in contexts:
        context.close()
    assert wait_until_idle()


def invite(world: "World", visitor: Visitor, mailoutbox: list[EmailMessage]) -> str:
    """Let the operator bring Kati in; return the path of the link in her letter."""
    answer = world.client(world.olga).post(
        f"/hirnok/settings/tenants/{world.alma.pk}/",
        {
            "email": NEW,
            "name": "Kis Kati",
            "language": visitor.language,
            "role": "owner",
            "reach": "all",
        },
    )
    assert answer.status_code == 302
    letter = next(one for one in mailoutbox if one.to == [NEW])
    assert letter.subject == visitor.says("Your password for Hirnok")
    found = re.search(r"/account/password/reset/key/\S+", str(letter.body))
    assert found is not None
    return found[0]


def choose_password(page: Page, visitor: Visitor, path: str) -> None:
    page.goto(path)
    visitor.sees(page, "New password")
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    visitor.press(page, "Set the password")
    visitor.sees(page, "The password is set")


def give_password(page: Page) -> None:
    page.locator("#id_login").fill(NEW)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("form:has(#id_password) button[type=submit]").click()


def give_code(page: Page, secret: str) -> None:
    cache.clear()  # a code works once; the test is faster than the app
    page.locator("#id_code").fill(code(secret))
    page.locator("form:has(#id_code) button[type=submit]").first.click()


def prove_again(page: Page, visitor: Visitor) -> None:
    """The password once more, before something that is guarded."""
    page.locator("#id_password").fill(PASSWORD)
    visitor.press(page, "Continue")


def set_up_app(page: Page, visitor: Visitor) -> str:
    """Set the app up from the page to which a tenant's rule leads; return its secret."""
    visitor.sees(page, "Second factor")
    page.get_by_role("link", name=visitor.says("Set up the app")).click()
    prove_again(page, visitor)
    visitor.sees(page, "Set up the app")
    secret = page.locator("code").inner_text()
    give_code(page, secret)
    visitor.sees(page, "Recovery codes")
    return secret


def test_from_the_invitation_to_coming_back(
    world: "World", visitor: Visitor, mailoutbox: list[EmailMessage]
) -> None:
    policy.change(world.alma, Rules(second_factor=True), actor="command:test", at=NOON)
    page = visitor.open()
    choose_password(page, visitor, invite(world, visitor, mailoutbox))
    page.goto("/alma/")
    visitor.sees(page, "Sign in")
    give_password(page)
    secret = set_up_app(page, visitor)
    page.goto("/alma/settings/brands/new/")
    visitor.sees(page, "New brand")

    elsewhere = visitor.open()
    elsewhere.goto("/alma/")
    give_password(elsewhere)
    visitor.sees(elsewhere, "Second factor")
    give_code(elsewhere, secret)
    expect(elsewhere).to_have_url(re.compile(r"/alma/$"), timeout=PATIENCE)
    page.reload()
    told = "You were signed out here, because you signed in elsewhere. If that was not you, change your password."
    expect(page.get_by_text(visitor.says(told))).to_be_visible(timeout=PATIENCE)

    elsewhere.goto("/alma/settings/brands/new/")
    elsewhere.locator("#id_sender_name").fill("Kertészet, a hírlevél")
    fall_asleep()
    visitor.press(elsewhere, "Save")
    away = "You were away for a while, so you were signed out."
    expect(elsewhere.get_by_text(visitor.says(away))).to_be_visible(timeout=PATIENCE)
    give_password(elsewhere)
    give_code(elsewhere, secret)
    back = "What you typed before you were signed out is here again. It is not saved yet."
    expect(elsewhere.get_by_text(visitor.says(back))).to_be_visible(timeout=PATIENCE)
    expect(elsewhere.locator("#id_sender_name")).to_have_value(
        "Kertészet, a hírlevél", timeout=PATIENCE
    )


def test_the_same_with_a_passkey(
    world: "World", visitor: Visitor, mailoutbox: list[EmailMessage]
) -> None:
    policy.change(world.alma, Rules(second_factor=True), actor="command:test", at=NOON)
    page = visitor.open()
    with_authenticator(page)
    choose_password(page, visitor, invite(world, visitor, mailoutbox))
    page.goto("/alma/settings/brands/new/")
    give_password(page)
    visitor.sees(page, "Second factor")
    page.get_by_role("link", name=visitor.says("Add a passkey")).click()
    prove_again(page, visitor)
    visitor.sees(page, "Add a passkey")
    visitor.press(page, "Add a passkey")
    visitor.sees(page, "Recovery codes")
    page.goto("/account/factors/passkeys/")
    visitor.sees(page, "Passkeys")

    page.goto("/alma/settings/brands/new/")
    page.locator("#id_sender_name").fill("Kertészet, a hírlevél")
    fall_asleep()
    visitor.press(page, "Save")
    away = "You were away for a while, so you were signed out."
    expect(page.get_by_text(visitor.says(away))).to_be_visible(timeout=PATIENCE)
    visitor.press(page, "Sign in with a passkey")
    expect(page.locator("#id_sender_name")).to_have_value("Kertészet, a hírlevél", timeout=PATIENCE)
    assert UserSession.objects.filter(ended="", user__email=NEW).count() == 1


def fall_asleep() -> None:
    """Let Kati's session be without a request for 25 minutes."""
    from django.contrib.sessions.backends.db import SessionStore

    user = User.objects.get(email=NEW)
    for row in UserSession.objects.filter(user=user, ended=""):
        session = SessionStore(row.session_key)
        if "seen" in session:
            session["seen"] -= 25 * 60
            session.save()
