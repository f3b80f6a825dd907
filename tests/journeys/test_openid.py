"""Signing in through an OpenID provider: a real little one on loopback, and everything that can be wrong with it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from hirnok.accounts import policy
from hirnok.accounts.models import User, UserSession
from hirnok.accounts.policy import Rules
from hirnok.lib import clock
from hirnok.tenants.models import AuditEntry
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, Provider, new_key, running
from tests.world import NOON, World

START, BACK = "/account/oidc/", "http://testserver/account/oidc/callback/"
FAILED = "Signing in with Alma Login did not work."


@pytest.fixture
def provider(settings: Any, world: World) -> Iterator[Provider]:
    """A provider at which Anna is signed in, and Hirnok as its client."""
    policy.change(world.alma, Rules(second_factor=False), actor="command:test", at=NOON)
    with running(BACK) as provider:
        provider.claims = {"sub": "4711", "email": "Anna@hirnok.example", "email_verified": True}
        settings.OIDC_ISSUER, settings.OIDC_NAME = provider.issuer, "Alma Login"
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
        yield provider


def way_back(client: Client, next_page: str = "") -> str:
    """Go to the provider and return where it sends the browser."""
    page = client.post(START, {"next": next_page} if next_page else {})
    assert page.status_code == 200
    found = re.search(r'content="0;url=([^"]+)"', page.text)
    assert found is not None
    answer = requests.get(unescape(found[1]), allow_redirects=False, timeout=10)
    return answer.headers["Location"].removeprefix("http://testserver")


def arrives(client: Client, url: str) -> str:
    """Come back from the provider and return the text of the page on which one ends."""
    return client.get(url, follow=True).text


def is_signed_in(client: Client) -> bool:
    return client.get("/alma/").status_code == 200


def test_a_known_person_signs_in_and_is_known_by_subject_from_then_on(
    provider: Provider, world: World
) -> None:
    client = Client()
    assert "Sign in with Alma Login" in client.get("/account/sign-in/").text
    url = way_back(client, next_page="/alma/lists/")
    answer = client.get(url)
    assert (answer.status_code, answer["Location"]) == (302, "/alma/lists/")
    assert is_signed_in(client)
    known = SocialAccount.objects.get()
    assert (known.user, known.extra_data) == (world.anna, {})
    assert "4711" not in known.uid
    assert AuditEntry.objects.filter(action="user.oidc", object_id=world.anna.pk).count() == 1
    provider.claims |= {"email": "someone.else@hirnok.example", "email_verified": False}
    again = Client()
    arrives(again, way_back(again))
    assert is_signed_in(again), "the address does not matter any more"
    assert User.objects.count() == 6
    assert SocialAccount.objects.count() == 1


def test_userinfo_is_asked_when_the_token_has_no_address(provider: Provider) -> None:
    provider.in_token = False
    client = Client()
    arrives(client, way_back(client))
    assert is_signed_in(client)
    assert "/userinfo" in provider.asked


def test_one_session_holds_and_idle_time(provider: Provider) -> None:
    first, second = Client(), Client()
    arrives(first, way_back(first))
    arrives(second, way_back(second))
    assert "you signed in elsewhere" in first.get("/alma/", follow=True).text
    assert is_signed_in(second)
    session = second.session
    session["seen"] = (clock.now() - timedelta(minutes=25)).timestamp()
    session.save()
    assert "You were away for a while" in second.get("/alma/", follow=True).text
    assert not UserSession.objects.filter(ended="").exists()


def test_a_second_factor_that_a_tenant_asks_for_is_asked_for(
    provider: Provider, world: World
) -> None:
    policy.change(world.alma, Rules(second_factor=True), actor="command:test", at=NOON)
    client = Client()
    arrives(client, way_back(client))
    answer = client.get("/alma/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/factors/")


def test_an_account_that_is_switched_off_stays_so(provider: Provider, world: World) -> None:
    User.objects.filter(pk=world.anna.pk).update(is_active=False)
    client = Client()
    assert "This account is switched off." in arrives(client, way_back(client))
    assert not is_signed_in(client)


def test_a_first_password_that_is_over_does_not_matter(provider: Provider, world: World) -> None:
    User.objects.filter(pk=world.anna.pk).update(password_until=NOON)
    client = Client()
    arrives(client, way_back(client))
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"email": "stranger@example.hu"}, "Nobody here is known"),
        ({"email": None}, "has not verified your e-mail address"),
        ({"email_verified": False}, "has not verified your e-mail address"),
        ({"email_verified": None}, "has not verified your e-mail address"),
        ({"email_verified": "true"}, "has not verified your e-mail address"),
    ],
)
def test_nobody_becomes_a_user_by_it(provider: Provider, claims: dict[str, Any], says: str) -> None:
    provider.claims |= claims
    provider.told = {"sub": "4711"}
    client = Client()
    assert says in arrives(client, way_back(client))
    assert not is_signed_in(client)
    assert User.objects.count() == 6
    assert not SocialAccount.objects.exists()


def test_an_address_that_changed_hands_does_not_take_the_account(provider: Provider) -> None:
    client = Client()
    arrives(client, way_back(client))
    provider.claims["sub"] = "another person with Anna's address"
    other = Client()
    assert "Nobody here is known" in arrives(other, way_back(other))
    assert not is_signed_in(other)


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "another client"},
        {"azp": "another client"},
        {"iss": "https://another.example"},
        {"exp": 1_700_000_000},
        {"iat": None},
        {"sub": None},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    provider: Provider, wrong: dict[str, Any]
) -> None:
    provider.token_claims = wrong
    client = Client()
    assert FAILED in arrives(client, way_back(client))
    assert not is_signed_in(client)


def test_a_token_that_another_key_signed_is_refused(provider: Provider) -> None:
    provider.published = new_key()
    client = Client()
    assert FAILED in arrives(client, way_back(client))
    assert not is_signed_in(client)


def test_userinfo_of_somebody_else_is_refused(provider: Provider) -> None:
    provider.in_token = False
    provider.told = provider.claims | {"sub": "4712"}
    client = Client()
    assert FAILED in arrives(client, way_back(client))


def test_a_way_back_works_once_and_in_the_browser_that_left(provider: Provider) -> None:
    client, thief = Client(), Client()
    url = way_back(client)
    assert FAILED in arrives(thief, url), "another browser has not this state"
    state = dict(parse_qsl(urlsplit(url).query))["state"]
    other = ("y" if state[0] == "x" else "x") + state[1:]
    assert FAILED in arrives(client, url.replace(state, other))
    client = Client()
    url = way_back(client)
    arrives(client, url)
    client.post("/account/sign-out/")
    assert FAILED in arrives(client, url), "state and code are used up"
    assert not is_signed_in(client)


def test_an_expired_code_is_refused(provider: Provider) -> None:
    provider.code_expired = True
    client = Client()
    assert FAILED in arrives(client, way_back(client))
    assert not is_signed_in(client)


def test_it_says_so_when_the_person_gave_up_there(provider: Provider) -> None:
    client = Client()
    state = dict(parse_qsl(urlsplit(way_back(client)).query))["state"]
    answer = arrives(client, f"/account/oidc/callback/?error=access_denied&state={state}")
    assert FAILED in answer


@pytest.mark.parametrize("when", ["before", "after"])
def test_it_says_so_when_the_provider_is_down(provider: Provider, when: str) -> None:
    client = Client()
    url = way_back(client)
    provider.is_down = True
    if when == "before":
        assert FAILED in client.post(START, follow=True).text
    else:
        assert FAILED in arrives(client, url)
    assert not is_signed_in(client)


def test_it_says_so_when_nobody_answers(provider: Provider, settings: Any) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:1"
    assert FAILED in Client().post(START, follow=True).text


def test_without_a_provider_there_is_nothing(world: World, settings: Any) -> None:
    settings.OIDC_ISSUER = ""
    client = Client()
    assert START not in client.get("/account/sign-in/").text
    assert client.post(START).status_code == 404
    assert client.get("/account/oidc/callback/").status_code == 404


@pytest.mark.parametrize(
    ("language", "words"),
    [("hu", "Bejelentkezés ezzel: Alma Login"), ("ro", "Autentificare cu Alma Login")],
)
def test_the_button_speaks_the_language(provider: Provider, language: str, words: str) -> None:
    page = Client(headers={"Accept-Language": language}).get("/account/sign-in/")
    assert words in page.text
