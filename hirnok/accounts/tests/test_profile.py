"""One's own name, language and address."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from django.test import Client

from hirnok.accounts import policy
from hirnok.accounts.models import AddressChange, User, UserSession
from hirnok.accounts.policy import Rules
from hirnok.lib import clock
from hirnok.outbox.models import Letter
from hirnok.register.models import Hold, Holding, Person
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, PASSWORD, World

PROFILE, ADDRESS = "/account/profile/", "/account/address/"
NEW = "anna.uj@hirnok.example"


@pytest.fixture(autouse=True)
def letters_are_written(settings: Any) -> None:
    settings.EMAIL_BACKEND = "hirnok.outbox.letters.LetterBackend"


@pytest.fixture
def anna(world: World) -> User:
    world.anna.set_password(PASSWORD)
    world.anna.save()
    return world.anna


def signed_in(user: User) -> Client:
    client = Client()
    answer = client.post("/account/sign-in/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def letters(to: str) -> list[str]:
    rows = Letter.objects.filter(recipient=to).order_by("pk")
    parsed = [message_from_bytes(bytes(row.data), policy=default) for row in rows]
    plain = [(one, one.get_body(("plain",))) for one in parsed]
    return [str(one["Subject"]) + "\n" + body.get_content() for one, body in plain if body]


def link(client: Client, email: str = NEW) -> str:
    """Ask for another address and return the link of the letter to it."""
    assert client.post(ADDRESS, {"email": email}).status_code == 302
    found = re.search(
        r"http://testserver(/account/address/confirm/\S+)", letters(email.lower())[-1]
    )
    assert found is not None
    return found[1]


def test_it_changes_name_and_language(world: World, anna: User) -> None:
    client = signed_in(anna)
    answer = client.post(PROFILE, {"name": "Kovács Anna", "language": "hu"}, follow=True)
    assert "A fiókja módosult." in answer.text
    assert '<html lang="hu"' in answer.text
    anna.refresh_from_db()
    assert (anna.name, anna.language) == ("Kovács Anna", "hu")
    entry = AuditEntry.objects.get(action="user.change")
    assert (entry.tenant_id, entry.details) == (world.operator.pk, {"fields": "name, language"})
    assert '<html lang="hu"' in client.get("/alma/").text


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "", "language": "hu"},
        {"name": "x" * 201, "language": "hu"},
        {"name": "A", "language": "de"},
    ],
)
def test_it_refuses_what_is_no_name_or_language(anna: User, typed: dict[str, str]) -> None:
    answer = signed_in(anna).post(PROFILE, typed)
    assert answer.status_code == 200
    assert "is-invalid" in answer.text
    anna.refresh_from_db()
    assert anna.name == "Anna"


def test_the_menu_leads_there(anna: User) -> None:
    assert f'href="{PROFILE}"' in signed_in(anna).get("/alma/").text


def test_a_new_address_holds_once_its_link_was_used(world: World, anna: User) -> None:
    client, before = signed_in(anna), anna.holding_id
    url = link(client)
    assert client.get(url).status_code == 200
    assert User.objects.get(pk=anna.pk).email == "anna@hirnok.example", "a GET changes nothing"
    answer = client.post(url, follow=True)
    assert "From now on you sign in with the new address." in answer.text
    user = User.objects.get(pk=anna.pk)
    assert user.email == NEW
    assert not Holding.objects.filter(pk=before).exists()
    assert Person.objects.filter(tenant=world.operator, pk=user.holding.person_id).exists()
    assert "another e-mail address" in letters("anna@hirnok.example")[-1]
    assert client.get("/alma/").status_code == 200, "the session in which it was done goes on"
    assert client.get(url).status_code == 404, "the link works once"
    assert (
        Client().post("/account/sign-in/", {"login": NEW, "password": PASSWORD}).status_code == 302
    )
    actions = AuditEntry.objects.filter(actor=f"user:{anna.pk}").values_list("action", flat=True)
    assert {"user.ask_address", "user.change_address"} <= set(actions)


def test_other_sessions_end_and_are_told(world: World, anna: User) -> None:
    policy.change(world.alma, Rules(one_session=False), actor="command:test", at=NOON)
    elsewhere, client = signed_in(anna), signed_in(anna)
    client.post(link(client))
    assert "address was changed" in elsewhere.get("/alma/", follow=True).text
    assert UserSession.objects.filter(user=anna, ended="").count() == 1


def test_a_link_of_somebody_else_an_old_or_a_forged_one_is_refused(
    world: World, anna: User
) -> None:
    client = signed_in(anna)
    url = link(client)
    assert Client().get(url).status_code == 302, "signing in is asked for"
    stranger = world.client(world.bela)
    for wrong in (stranger.get(url), stranger.post(url), client.post(f"{url[:-2]}x/")):
        assert wrong.status_code == 404
        assert "This link does not work any more" in wrong.text
    second = link(client, "anna.masik@hirnok.example")
    assert client.post(url).status_code == 404, "only the last request counts"
    AddressChange.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert client.post(second).status_code == 404
    assert User.objects.get(pk=anna.pk).email == "anna@hirnok.example"


def test_it_does_not_tell_which_addresses_have_accounts(world: World, anna: User) -> None:
    client = signed_in(anna)
    free = client.post(ADDRESS, {"email": NEW}, follow=True)
    taken = client.post(ADDRESS, {"email": world.bela.email.upper()}, follow=True)
    words = "If the address is free, a letter is on its way"
    assert words in free.text
    assert words in taken.text
    assert letters(world.bela.email) == []
    assert not AddressChange.objects.exists()


def test_an_address_that_was_taken_meanwhile_is_refused(world: World, anna: User) -> None:
    client = signed_in(anna)
    url = link(client)
    User.objects.filter(pk=world.nobody.pk).update(email=NEW)
    assert "This address is taken." in client.post(url, follow=True).text
    assert User.objects.get(pk=anna.pk).email == "anna@hirnok.example"


def test_a_legal_hold_on_the_account_stands_against_it(anna: User) -> None:
    client = signed_in(anna)
    url = link(client)
    Hold.objects.create(
        tenant_id=anna.tenant_id,
        holding_id=anna.holding_id,
        reason="claim",
        ordered_by="user:1",
        since=NOON,
    )
    assert "A legal hold stands" in client.post(url, follow=True).text
    assert User.objects.get(pk=anna.pk).email == "anna@hirnok.example"
    assert letters("anna@hirnok.example") == []


@pytest.mark.parametrize(
    "typed", ["", "anna", "anna@hirnok.example", "ANNA@hirnok.example", "a@b\r\nBcc: x@y.hu"]
)
def test_it_refuses_what_is_no_new_address(anna: User, typed: str) -> None:
    answer = signed_in(anna).post(ADDRESS, {"email": typed})
    assert answer.status_code == 200
    assert "is-invalid" in answer.text
    assert not AddressChange.objects.exists()


def test_the_password_is_asked_for_again(world: World, anna: User) -> None:
    client = world.client(anna)
    for answer in (client.get(ADDRESS), client.post(ADDRESS, {"email": NEW})):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/reauthenticate/")
    assert letters(NEW) == []


def test_letters_are_limited(anna: User) -> None:
    client = signed_in(anna)
    codes = [client.post(ADDRESS, {"email": f"a{n}@hirnok.example"}).status_code for n in range(6)]
    assert codes == [302] * 5 + [429]
