"""Owners and the operator help who lost a factor, and end sessions of others."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client

from hirnok.accounts import factors, people
from hirnok.accounts.models import Membership, Role, User
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, PASSWORD, World

SIGN_IN = "/account/sign-in/"
AGAIN = "/account/reauthenticate/"


@pytest.fixture
def cast(world: World) -> World:
    for user in (world.anna, world.mark, world.olga):
        user.set_password(PASSWORD)
        user.save()
    return world


def signed_in(user: User) -> Client:
    client = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"})
    client.post(SIGN_IN, {"login": user.email, "password": PASSWORD})
    return client


def proven(user: User) -> Client:
    client = signed_in(user)
    client.post(AGAIN, {"password": PASSWORD})
    return client


def with_factor(user: User) -> None:
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    Authenticator.objects.create(user=user, type="recovery_codes", data={"hashes": []})


def help_url(world: World, user: User) -> str:
    return f"/alma/settings/members/{Membership.objects.get(user=user).pk}/help/"


def test_an_owner_ends_somebodys_sessions(cast: World) -> None:
    mark, anna = signed_in(cast.mark), proven(cast.anna)
    assert mark.get("/alma/").status_code == 200
    assert anna.post(help_url(cast, cast.mark), {"what": "sessions"}).status_code == 302
    assert "An administrator ended your session" in mark.get("/alma/", follow=True).text
    assert anna.get("/alma/").status_code == 200
    entry = AuditEntry.objects.get(action="user.end_sessions")
    assert (entry.tenant, entry.object_id) == (cast.alma, cast.mark.pk)


def test_it_asks_the_owner_for_the_password_first(cast: World) -> None:
    mark, anna = signed_in(cast.mark), signed_in(cast.anna)
    asked = anna.post(help_url(cast, cast.mark), {"what": "sessions"})["Location"]
    assert asked.startswith(AGAIN)
    assert mark.get("/alma/").status_code == 200
    anna.post(asked, {"password": PASSWORD})  # and what was asked for is done
    assert mark.get("/alma/").status_code == 302


def test_who_lost_the_factor_gets_in_again_once_an_owner_is_sure_who_asks(
    cast: World, mailoutbox: list[object]
) -> None:
    with_factor(cast.mark)
    anna = proven(cast.anna)
    url = help_url(cast, cast.mark)
    assert "Say how you made sure" in anna.post(url, {"what": "factors"}).text
    assert factors.has_one(cast.mark)
    anna.post(url, {"what": "factors", "how": "called_back"})
    assert not Authenticator.objects.filter(user=cast.mark).exists()
    entry = AuditEntry.objects.get(action="user.forget_factors", tenant=cast.alma)
    assert entry.details == {"how": "called_back"}
    told = mailoutbox[-1]
    assert (told.to, "taken away" in told.subject) == ([cast.mark.email], True)  # type: ignore[attr-defined]
    assert signed_in(cast.mark).get("/alma/").status_code == 200


def test_an_owner_takes_no_factor_from_who_works_elsewhere_too(cast: World) -> None:
    people.join(cast.barack, cast.mark, Role.VIEWER, actor="command:test", at=NOON)
    with_factor(cast.mark)
    url = f"/alma/settings/members/{Membership.objects.get(user=cast.mark, tenant=cast.alma).pk}/help/"
    form = {"what": "factors", "how": "in_person"}
    assert "ask the operator" in proven(cast.anna).post(url, form).text
    assert factors.has_one(cast.mark)
    found = Membership.objects.get(user=cast.mark, tenant=cast.alma)
    url = f"/hirnok/settings/tenants/{cast.alma.pk}/members/{found.pk}/help/"
    assert proven(cast.olga).post(url, form).status_code == 302
    assert not factors.has_one(cast.mark)
    told = AuditEntry.objects.filter(action="user.forget_factors").values_list("tenant", flat=True)
    assert set(told) == {cast.alma.pk, cast.barack.pk, cast.operator.pk}


@pytest.mark.parametrize("who", ["mark", "vera", "bela"])
def test_nobody_else_helps(cast: World, who: str) -> None:
    client = cast.client(getattr(cast, who))
    status = 404 if who == "bela" else 403
    for url in (help_url(cast, cast.anna), "/alma/settings/security/sign-out/"):
        assert client.get(url).status_code == client.post(url, {}).status_code == status
    found = Membership.objects.get(user=cast.anna)
    url = f"/alma/settings/tenants/{cast.alma.pk}/members/{found.pk}/help/"
    assert cast.client(cast.anna).get(url).status_code == 403


def test_an_owner_signs_everybody_out(cast: World) -> None:
    mark, anna, olga = signed_in(cast.mark), signed_in(cast.anna), signed_in(cast.olga)
    assert "only you stay" in anna.get("/alma/settings/security/sign-out/").text
    anna.post("/alma/settings/security/sign-out/")
    assert mark.get("/alma/").status_code == 302
    assert anna.get("/alma/").status_code == olga.get("/hirnok/").status_code == 200
    olga.post("/hirnok/settings/security/sign-out/")  # the operator: on the whole installation
    assert anna.get("/alma/").status_code == 302
    assert olga.get("/hirnok/").status_code == 200


def test_whoever_has_the_machine_lets_the_last_owner_in(
    cast: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with_factor(cast.olga)
    before = signed_in(cast.olga)
    call_command("access", cast.olga.email, password=True, factors=True, sessions=True)
    password = re.search(r"shown only now: (\S+)", capsys.readouterr().out)
    assert password
    assert before.get("/hirnok/").status_code == 302
    client = Client()
    client.post(SIGN_IN, {"login": cast.olga.email, "password": password[1]})
    assert client.get("/hirnok/")["Location"] == "/account/password/change/"
    for wrong in (["nobody@example.hu", "--password"], [cast.olga.email]):
        with pytest.raises(CommandError):
            call_command("access", *wrong)
