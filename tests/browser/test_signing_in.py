"""Signing in in a real browser: a passkey, and what was typed when the session ended."""

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, Route, expect

from hirnok.accounts import factors, sessions
from hirnok.accounts.models import Ended, User
from hirnok.campaigns.tests.drafts import draft
from hirnok.tenants.models import Brand
from tests.browser.accessible import violations
from tests.world import NOON, PASSWORD

if TYPE_CHECKING:
    from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anna(world: "World") -> User:
    world.anna.set_password(PASSWORD)
    world.anna.save()
    return world.anna


def sign_in(page: Page, user: User) -> None:
    page.locator("#id_login").fill(user.email)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def with_authenticator(page: Page) -> None:
    """Give the browser a device that makes passkeys and needs no finger."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_made_and_signs_in_alone(page: Page, anna: User) -> None:
    with_authenticator(page)
    page.goto("/account/factors/passkeys/new/")
    sign_in(page, anna)
    page.locator("#id_password").fill(PASSWORD)  # once more, before something that is guarded
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Add a passkey")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert factors.has_one(anna)
    page.goto("/account/sign-out/")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/alma/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url("/alma/")
    expect(page.get_by_role("button", name="Anna")).to_be_visible()


def test_a_passkey_is_the_second_factor_after_the_password(page: Page, anna: User) -> None:
    with_authenticator(page)
    page.goto("/account/factors/passkeys/new/")
    sign_in(page, anna)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto("/account/sign-out/")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/alma/")
    sign_in(page, anna)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("button", name="Anna")).to_be_visible()


def test_what_was_typed_comes_back_after_signing_in(page: Page, anna: User) -> None:
    page.goto("/alma/settings/brands/new/")
    sign_in(page, anna)
    expect(page.get_by_role("heading", name="New brand")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Alma Bolt")
    page.get_by_label("Sender's name").fill("Alma, a bolt")
    page.get_by_label("From address").fill("bolt@alma.example")
    page.get_by_label("Postal address").fill("1011 Budapest,\nFő utca 2.")
    page.get_by_label("Only in total").check()
    sessions.end_all(anna, Ended.ELSEWHERE, at=NOON.replace(year=2090))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("you signed in elsewhere")).to_be_visible()
    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    assert violations(page) == []
    sign_in(page, anna)
    expect(page.get_by_text("What you typed before you were signed out")).to_be_visible()
    expect(page.get_by_label("Sender's name")).to_have_value("Alma, a bolt")
    expect(page.get_by_label("Postal address")).to_have_value("1011 Budapest,\nFő utca 2.")
    expect(page.get_by_label("Only in total")).to_be_checked()
    assert not Brand.objects.filter(name="Alma Bolt").exists()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The brand is made.")).to_be_visible()
    assert Brand.objects.get(name="Alma Bolt").measurement == "aggregate"
    page.goto("/alma/settings/brands/new/")
    expect(page.get_by_label("Sender's name")).to_have_value("")


def test_what_somebody_else_typed_does_not(page: Page, world: "World", anna: User) -> None:
    world.olga.set_password(PASSWORD)
    world.olga.save()
    page.goto("/alma/settings/brands/new/")
    sign_in(page, anna)
    page.get_by_label("Sender's name").fill("Alma, a bolt")
    sessions.end_all(anna, Ended.ELSEWHERE, at=NOON.replace(year=2090))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    page.goto("/account/sign-in/?next=/hirnok/settings/brands/new/")
    sign_in(page, world.olga)
    expect(page.get_by_label("Sender's name")).to_have_value("")
    assert page.evaluate("sessionStorage.getItem('hirnok-typed')") is None


def test_an_editor_that_saves_by_itself_loses_nothing(
    page: Page, world: "World", anna: User
) -> None:
    campaign = draft(world)
    page.goto(f"/alma/campaigns/{campaign.pk}/edit/")
    sign_in(page, anna)
    body = page.get_by_role("textbox", name="Body")
    expect(body).to_be_visible()
    held: list[Route] = []
    page.route("**/save/", lambda route: held.append(route), times=1)
    body.fill("Kedves kertbarátok, itt a tavasz")
    while not held:
        page.wait_for_timeout(50)
    sessions.end_all(anna, Ended.ELSEWHERE, at=NOON.replace(year=2090))
    held[0].continue_()  # saving leads to signing in
    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    with page.expect_response(re.compile(r"/save/$")) as saved:
        sign_in(page, anna)
    assert saved.value.ok
    expect(page.get_by_text("What you typed before you were signed out")).to_be_visible()
    expect(body).to_have_value("Kedves kertbarátok, itt a tavasz")
    page.goto(f"/alma/campaigns/{campaign.pk}/edit/")
    expect(body).to_have_value("Kedves kertbarátok, itt a tavasz")
