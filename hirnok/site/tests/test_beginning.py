"""The first owner of an empty installation."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from hirnok.accounts.models import Membership, User
from hirnok.site import beginning
from hirnok.site.beginning import Owner
from hirnok.tenants.models import Tenant
from tests.world import NOON, PASSWORD, World

pytestmark = pytest.mark.django_db
CHANGE = "/account/password/change/"


def test_it_makes_the_operator_and_an_owner_who_can_sign_in(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert not beginning.has_owner()
    call_command("begin", email="Kata@Example.hu", name="Kata", operator="Hírnök Kft.")
    printed = capsys.readouterr().out
    password = printed.partition("shown only now: ")[2].split()[0]
    assert beginning.has_owner()
    assert Tenant.objects.get(is_operator=True).name == "Hírnök Kft."
    client = Client()
    answer = client.post("/account/sign-in/", {"login": "kata@example.hu", "password": password})
    assert answer.status_code == 302
    assert client.get("/operator/")["Location"] == client.get("/")["Location"] == CHANGE
    assert "made up for the first sign-in" in client.get(CHANGE).text
    own = {"oldpassword": password, "password1": PASSWORD, "password2": PASSWORD}
    client.post(CHANGE, own)
    client.post("/account/sign-in/", {"login": "kata@example.hu", "password": PASSWORD})
    assert client.get("/operator/").status_code == 200


def test_the_first_password_expires_unused(capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        call_command("begin", email="kata@example.hu", name="Kata")
        password = capsys.readouterr().out.partition("shown only now: ")[2].split()[0]
        form = {"login": "kata@example.hu", "password": password}
        clock.shift(timedelta(days=3, seconds=1))
        client = Client()
        answer = client.post("/account/sign-in/", form, follow=True)
        assert "This first password has expired" in answer.text
        assert client.get("/operator/")["Location"].startswith("/account/sign-in/")


def test_no_account_is_the_same_on_two_installations(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("begin")
    first = User.objects.get()
    assert re.fullmatch(r"owner-[a-z2-9]{6}@localhost", first.email)
    assert beginning.made_up_address() != first.email
    assert first.password_until is not None
    assert len({beginning.made_up_password() for _ in range(50)}) == 50


def test_it_does_nothing_the_second_time(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("begin", email="kata@example.hu", name="Kata")
    capsys.readouterr()
    call_command("begin")
    assert capsys.readouterr().out == ""
    call_command("begin", email="kata@example.hu", name="Kata")
    assert "left as it is" in capsys.readouterr().out
    assert User.objects.count() == Membership.objects.count() == 1


def test_it_makes_somebody_who_is_there_an_owner_without_touching_the_account(world: World) -> None:
    before = world.nobody.password
    begun = beginning.begin(Owner("nobody@hirnok.example", "?"), operator_name="?", at=NOON)
    assert begun is None
    world.nobody.refresh_from_db()
    assert (world.nobody.name, world.nobody.password) == ("Nobody", before)
    assert Membership.objects.get(user=world.nobody).role == "owner"


def test_it_refuses_an_address_that_is_none() -> None:
    with pytest.raises(CommandError):
        call_command("begin", email="kata")
    assert not User.objects.exists()
