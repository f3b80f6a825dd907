"""Passwords: of any composition, taken as typed, changed by the present one, forgotten without a way past the factor."""

import re

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.core.mail import EmailMessage
from django.test import Client

from hirnok.accounts.models import User
from hirnok.accounts.tests.test_factors import FACTORS, with_app
from tests.world import PASSWORD, World

SIGN_IN = "/account/sign-in/"
CHANGE = "/account/password/change/"
RESET = "/account/password/reset/"


@pytest.fixture
def anna(world: World) -> User:
    world.anna.set_password(PASSWORD)
    world.anna.save()
    return world.anna


def signed_in(user: User, password: str) -> bool:
    answer = Client().post(SIGN_IN, {"login": user.email, "password": password})
    return answer.status_code == 302


def changed(user: User, fresh: str, present: str = PASSWORD) -> bool:
    client = Client()
    client.post(SIGN_IN, {"login": user.email, "password": PASSWORD})
    form = {"oldpassword": present, "password1": fresh, "password2": fresh}
    return client.post(CHANGE, form).status_code == 302


@pytest.mark.parametrize(
    "fresh",
    ["730194286501", "vörösréka", "zöld kavics ~ 石ころ", "Ő" * 128, "  kavics a parton  "],
)
def test_it_takes_any_composition_and_length_as_typed(world: World, anna: User, fresh: str) -> None:
    fresh = fresh if len(fresh) >= 10 else f"{fresh}{fresh}"
    assert changed(anna, fresh)
    assert signed_in(anna, fresh)
    for other in (fresh.swapcase() if fresh.swapcase() != fresh else f"{fresh}1", fresh[:-1]):
        assert not signed_in(anna, other)
    anna.refresh_from_db()
    assert identify_hasher(anna.password).algorithm == "argon2"


def test_it_changes_only_by_the_present_one(world: World, anna: User) -> None:
    assert not changed(anna, "sárga-répa-barna-kavics", present="wrong")
    assert signed_in(anna, PASSWORD)


def test_its_fields_hide_what_is_typed_and_let_managers_fill_them(world: World, anna: User) -> None:
    client = Client()
    pages = [client.get(SIGN_IN).text]
    client.post(SIGN_IN, {"login": anna.email, "password": PASSWORD})
    pages.append(client.get(CHANGE).text)
    fields = re.findall(r'<input[^>]*name="[a-z]*password[12]?"[^>]*>', "".join(pages))
    assert len(fields) >= 3
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert "onpaste" not in field


def test_a_forgotten_one_is_set_once_by_the_link_and_not_past_the_factor(
    world: World, anna: User, mailoutbox: list[EmailMessage]
) -> None:
    with_app(anna)
    client = Client()
    client.post(RESET, {"email": anna.email})
    link = re.search(r"/account/password/reset/key/\S+", str(mailoutbox[-1].body))
    assert link is not None
    form = client.get(link[0])["Location"]
    fresh = "sárga-répa-barna-kavics"
    assert client.post(form, {"password1": fresh, "password2": fresh}).status_code == 302
    assert client.get("/alma/")["Location"].startswith(SIGN_IN)
    answer = client.post(SIGN_IN, {"login": anna.email, "password": fresh})
    assert answer["Location"] == f"{FACTORS}authenticate/"
    assert client.get("/alma/")["Location"].startswith(SIGN_IN)
    assert Client().get(link[0]).context["token_fail"]
