"""Letters of security: after each change, to the person, in the person's language, as text and as HTML."""

import re

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client, TestCase

from hirnok.accounts import notices
from hirnok.accounts.models import User
from hirnok.accounts.tests.test_factors import FACTORS, password_given, with_app
from tests.world import NOON, PASSWORD, World

SIGN_IN = "/account/sign-in/"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"


@pytest.fixture
def anna(world: World) -> User:
    world.anna.set_password(PASSWORD)
    world.anna.language = "hu"
    world.anna.save()
    return world.anna


def subjects(mailoutbox: list[EmailMultiAlternatives]) -> list[str]:
    return [message.subject for message in mailoutbox]


@pytest.mark.parametrize("language", ["en", "hu", "ro"])
@pytest.mark.parametrize("kind", notices.NOTICES)
def test_each_says_what_when_where_and_what_to_do(
    world: World, mailoutbox: list[EmailMultiAlternatives], kind: str, language: str
) -> None:
    world.anna.language = language
    where = notices.Where(BROWSER, "203.0.113.7")
    notices.send(kind, world.anna, where, at=NOON, detail="<b>Bolt</b>")
    [message] = mailoutbox
    assert message.to == ["anna@hirnok.example"]
    [html] = [one.content for one in message.alternatives]
    for body in (str(message.body), str(html)):
        assert "Anna" in body
        assert "203.0.113.7" in body
        assert "13:00" in body  # noon in UTC, by the tenant's clock
        assert "Firefox" in body
        assert ("/account/password/reset/" in body) == notices.NOTICES[kind].choose_password
    assert "<b>Bolt</b>" in str(message.body)
    assert "&lt;b&gt;Bolt" in str(html)
    assert f'lang="{language}"' in str(html)
    english = "If that was" in str(message.body)
    assert english == (language == "en")


def test_it_tells_of_a_new_password(
    world: World, anna: User, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    client = password_given(anna)
    fresh = "sárga-répa-barna-kavics"
    form = {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh}
    client.post("/account/password/change/", form)
    assert subjects(mailoutbox) == ["Megváltozott a jelszava"]


def test_it_tells_of_factors_and_of_a_recovery_code(
    world: World, anna: User, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    anna.language = "en"
    anna.save()
    client, _ = with_app(anna)
    assert subjects(mailoutbox) == ["An app with codes was set up"]
    codes = re.findall(r"<li><code>(\d+)</code></li>", client.get(f"{FACTORS}codes/").text)
    again = password_given(anna)
    again.post(f"{FACTORS}authenticate/", {"code": codes[0]})
    assert subjects(mailoutbox)[1:] == [
        "A recovery code was used",
        "You signed in from a new browser",
    ]
    assert "9 codes are left." in str(mailoutbox[1].body)
    again.post("/account/reauthenticate/", {"password": PASSWORD, "code": codes[1]})
    with TestCase.captureOnCommitCallbacks(execute=True):
        again.post(f"{FACTORS}codes/new/")
    again.post(f"{FACTORS}app/remove/")
    assert subjects(mailoutbox)[3:] == [
        "A recovery code was used",
        "New recovery codes were made",
        "The app with codes was removed",
    ]


def test_it_tells_of_a_browser_in_which_the_user_never_signed_in(
    world: World, anna: User, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    form = {"login": anna.email, "password": PASSWORD}
    first, second = Client(headers={"User-Agent": BROWSER}), Client()
    first.post(SIGN_IN, form)
    assert subjects(mailoutbox) == []  # the first one of all
    for _ in range(2):
        first.post("/account/sign-out/")
        first.post(SIGN_IN, form)
    assert subjects(mailoutbox) == []
    second.post(SIGN_IN, form)
    assert subjects(mailoutbox) == ["Új böngészőből jelentkezett be"]
    second.post("/account/sign-out/")
    second.post(SIGN_IN, form)
    assert len(mailoutbox) == 1


def test_a_browser_does_not_know_a_user_by_a_forged_mark(
    world: World, anna: User, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    form = {"login": anna.email, "password": PASSWORD}
    Client().post(SIGN_IN, form)
    forged = Client()
    forged.cookies["known_here"] = "0" * 64
    forged.post(SIGN_IN, form)
    assert len(mailoutbox) == 1


def test_it_tells_of_an_api_token(
    world: World, anna: User, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    form = {"name": "Webáruház", "scopes": ["contacts:read"], "days": "30", "reach": "all"}
    world.client(anna).post("/alma/settings/tokens/new/", form)
    [message] = mailoutbox
    assert "Webáruház" in str(message.body)
    assert "hirnok_" not in str(message.body)
