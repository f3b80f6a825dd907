"""The second factor: codes of an app, recovery codes, passkeys; asked for where a tenant says so (N7)."""

import re
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.hashers import check_password
from django.test import Client, TestCase

from hirnok.accounts import factors, policy
from hirnok.accounts.models import User
from hirnok.accounts.policy import Rules
from hirnok.lib import clock, env
from tests.world import NOON, PASSWORD, World

SIGN_IN = "/account/sign-in/"
FACTORS = "/account/factors/"


@pytest.fixture
def anna(world: World) -> User:
    world.anna.set_password(PASSWORD)
    world.anna.save()
    return world.anna


def code(secret: str, *, later: int = 0) -> str:
    """What the app shows now."""
    counters = list(totp.yield_hotp_counters_from_time())
    return str(
        totp.format_hotp_value(totp.hotp_value(secret, counters[len(counters) // 2] + later))
    )


def password_given(user: User) -> Client:
    client = Client()
    client.post(SIGN_IN, {"login": user.email, "password": PASSWORD})
    return client


def with_app(user: User) -> tuple[Client, str]:
    """Set the app up as people do; return the browser and the app's secret."""
    client = password_given(user)
    asked = client.get(f"{FACTORS}app/")["Location"]  # the password, once more
    page = client.post(asked, {"password": PASSWORD}, follow=True)
    secret = page.context["form"].secret
    assert secret in page.text
    # a code holds for half a minute, and not a second longer
    with (
        time_machine.travel(clock.now(), tick=False),
        TestCase.captureOnCommitCallbacks(execute=True),
    ):
        answer = client.post(f"{FACTORS}app/", {"code": code(secret)})
    assert answer["Location"] == f"{FACTORS}codes/"
    return client, secret


def test_it_asks_for_the_code_of_the_app(world: World, anna: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        _, secret = with_app(anna)
        clock.shift(120)
        client = Client()
        answer = client.post(SIGN_IN, {"login": anna.email, "password": PASSWORD})
        assert answer["Location"] == f"{FACTORS}authenticate/"
        assert client.get("/alma/").status_code == 302
        assert "Second factor" in client.get(answer["Location"]).text
        wrong = client.post(answer["Location"], {"code": "000000"})
        assert "This is not the code" in wrong.text
        assert client.post(answer["Location"], {"code": code(secret)}).status_code == 302
        assert client.get("/alma/").status_code == 200


def test_a_code_is_taken_once(world: World, anna: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        _, secret = with_app(anna)
        clock.shift(120)
        first, second = password_given(anna), password_given(anna)
        assert first.post(f"{FACTORS}authenticate/", {"code": code(secret)}).status_code == 302
        assert second.post(f"{FACTORS}authenticate/", {"code": code(secret)}).status_code == 200


def test_a_recovery_code_works_once(world: World, anna: User) -> None:
    client, _ = with_app(anna)
    codes = re.findall(r"<li><code>(\d+)</code></li>", client.get(f"{FACTORS}codes/").text)
    assert len(codes) == 10
    client = password_given(anna)
    assert client.post(f"{FACTORS}authenticate/", {"code": codes[0]}).status_code == 302
    assert client.get("/alma/").status_code == 200
    again = password_given(anna)
    assert again.post(f"{FACTORS}authenticate/", {"code": codes[0]}).status_code == 200


def test_secrets_are_not_stored_as_they_are(world: World, anna: User) -> None:
    _, secret = with_app(anna)
    stored = str([one.data for one in Authenticator.objects.filter(user=anna)])
    assert secret not in stored


def test_a_tenant_that_asks_for_it_gets_it_before_anything_else(world: World, anna: User) -> None:
    policy.change(world.alma, Rules(second_factor=True), actor="command:test", at=NOON)
    client = password_given(anna)
    for page in ("/", "/alma/", "/alma/settings/"):
        assert client.get(page)["Location"] == FACTORS
    fragment = client.get("/alma/", headers={"HX-Request": "true"})
    assert fragment.headers["HX-Redirect"] == FACTORS
    assert "Set one up to go on" in client.get(FACTORS).text
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    secret = client.get(f"{FACTORS}app/").context["form"].secret
    client.post(f"{FACTORS}app/", {"code": code(secret)})
    assert factors.has_one(anna)
    assert client.get("/alma/").status_code == 200


def test_who_is_not_of_that_tenant_is_left_alone(world: World) -> None:
    policy.change(world.alma, Rules(second_factor=True), actor="command:test", at=NOON)
    assert world.client(world.bela).get("/barack/").status_code == 200
    assert world.client(world.mark).get("/alma/")["Location"] == FACTORS


def test_it_removes_the_app_after_password_and_code(world: World, anna: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        _, secret = with_app(anna)
        client = world.client(anna)  # without a recent proof
        answer = client.get(f"{FACTORS}app/remove/", follow=True)
        assert "Confirm that it is you" in answer.text
        url = answer.redirect_chain[-1][0]
        clock.shift(60)
        for half in (
            {"password": PASSWORD},
            {"password": PASSWORD, "code": "000000"},
            {"password": "?", "code": code(secret)},
        ):
            assert client.post(url, half).status_code == 200
            assert client.get(f"{FACTORS}app/remove/").status_code == 302
        client.post(url, {"password": PASSWORD, "code": code(secret)})
        assert client.get(f"{FACTORS}app/remove/").status_code == 200
        assert client.post(f"{FACTORS}app/remove/").status_code == 302
        assert not factors.has_one(anna)


def test_a_code_alone_is_no_proof_of_who_has_a_password(world: World, anna: User) -> None:
    client, secret = with_app(anna)
    answer = client.post(f"{FACTORS}reauthenticate/?next=/", {"code": code(secret)})
    assert answer["Location"].startswith("/account/reauthenticate/")
    assert "Use a code" not in client.get("/account/reauthenticate/").text


def test_recovery_codes_are_stored_as_slow_salted_hashes_and_shown_once(
    world: World, anna: User
) -> None:
    client, _ = with_app(anna)
    page = client.get(f"{FACTORS}codes/").text
    codes = re.findall(r"<li><code>(\d+)</code></li>", page)
    row = Authenticator.objects.get(user=anna, type="recovery_codes")
    assert len(row.data["hashes"]) == 10
    assert all(one.startswith("argon2$argon2id$") for one in row.data["hashes"])
    assert not any(one in str(row.data) for one in codes)
    assert not any(one in client.get(f"{FACTORS}codes/").text for one in codes)
    assert check_password(codes[3], row.data["hashes"][3])
    stored = str(dict(client.session))
    assert not any(one in stored for one in codes)


def test_a_code_of_the_app_holds_for_its_thirty_seconds(world: World, anna: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        _, secret = with_app(anna)
        clock.shift(300)
        for later, status in ((-1, 200), (1, 200), (0, 302)):
            browser = password_given(anna)
            answer = browser.post(f"{FACTORS}authenticate/", {"code": code(secret, later=later)})
            assert answer.status_code == status, later


def test_a_change_of_a_factor_ends_the_other_sessions(world: World, anna: User) -> None:
    policy.change(world.alma, Rules(one_session=False), actor="command:test", at=NOON)
    other = password_given(anna)
    assert other.get("/alma/").status_code == 200
    client, _ = with_app(anna)
    assert client.get("/alma/").status_code == 200
    assert "The second factor was changed" in other.get("/alma/", follow=True).text


def test_everybody_is_asked_for_one_where_nothing_else_was_decided(
    world: World, anna: User, settings: Any
) -> None:
    settings.SECOND_FACTOR = True
    assert password_given(anna).get("/alma/")["Location"] == FACTORS
    policy.change(world.alma, Rules(second_factor=False), actor="command:test", at=NOON)
    assert password_given(anna).get("/alma/").status_code == 200


def test_it_is_on_unless_the_environment_says_otherwise() -> None:
    assert env.flag("HIRNOK_SECOND_FACTOR")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("", "Set up."),
        ("codes/", "Recovery codes"),
        ("codes/new/", "will not be accepted any more"),
        ("passkeys/", "There is no passkey yet."),
        ("passkeys/new/", "Sign in with it alone"),
        ("app/remove/", "Remove the app"),
    ],
)
def test_its_pages_have_the_look_of_the_others(
    world: World, anna: User, path: str, says: str
) -> None:
    client, _ = with_app(anna)
    page = client.get(f"{FACTORS}{path}")
    assert says in page.text
    assert "app.css" in page.text
