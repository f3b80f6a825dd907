"""The one door: visitors sign in, strangers see nothing, colleagues need the role; roles include each other."""

import pytest
from django.test import Client

from hirnok.accounts import people
from hirnok.accounts.models import Role, User
from hirnok.register.models import Holding
from tests.world import NOON, PASSWORD, World


def test_it_sends_visitors_to_sign_in_and_back(world: World) -> None:
    world.anna.set_password(PASSWORD)
    world.anna.save()
    client = Client()
    answer = client.get("/alma/")
    assert answer.status_code == 302
    assert answer["Location"].endswith("?next=/alma/")
    signed = client.post(answer["Location"], {"login": "Anna@hirnok.example", "password": PASSWORD})
    assert (signed.status_code, signed["Location"]) == (302, "/alma/")
    assert client.get("/alma/").status_code == 200


def test_it_does_not_sign_in_with_a_wrong_password(world: World) -> None:
    world.anna.set_password(PASSWORD)
    world.anna.save()
    client = Client()
    answer = client.post("/account/sign-in/", {"login": "anna@hirnok.example", "password": "no"})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert client.get("/alma/").status_code == 302


def test_it_shows_strangers_nothing(world: World) -> None:
    assert world.client(world.bela).get("/alma/").status_code == 404
    assert world.client(world.nobody).get("/alma/").status_code == 404
    assert world.client(world.anna).get("/unheard-of/").status_code == 404


def test_it_leads_home(world: World) -> None:
    assert world.client(world.anna).get("/")["Location"] == "/alma/"
    people.join(world.barack, world.anna, Role.VIEWER, actor="command:test", at=NOON)
    choice = world.client(world.anna).get("/")
    assert "Barack Kft." in choice.text
    assert "Alma Kertészet" in choice.text
    assert world.client(world.nobody).get("/").status_code == 200


@pytest.mark.parametrize(
    ("has", "wanted", "expected"),
    [
        (Role.OWNER, Role.PRIVACY_OFFICER, True),
        (Role.MARKETER, Role.VIEWER, True),
        (Role.MARKETER, Role.PRIVACY_OFFICER, False),
        (Role.PRIVACY_OFFICER, Role.MARKETER, False),
        (Role.VIEWER, Role.OWNER, False),
    ],
)
def test_it_knows_which_role_includes_which(has: Role, wanted: Role, expected: bool) -> None:
    assert has.includes(wanted) is expected


def test_it_closes_sign_up(world: World) -> None:
    assert Client().get("/account/signup/").status_code == 404


def test_it_makes_users_under_a_holding_and_once(world: World) -> None:
    user = people.create_user(
        email=" Gréta@hirnok.example ".replace("é", "e"),
        name="Gréta",
        password=PASSWORD,
        actor="command:test",
        at=NOON,
    )
    assert user.email == "greta@hirnok.example"
    assert user.check_password(PASSWORD)
    assert Holding.objects.get(pk=user.holding_id).activity.code == "accounts"
    with pytest.raises(people.EmailTaken):
        people.create_user(
            email="GRETA@hirnok.example", name="x", password=None, actor="command:test", at=NOON
        )
    assert User.objects.get_by_natural_key("Greta@hirnok.example") == user


def test_it_writes_times_as_the_clock_of_the_tenant_shows_them(world: World) -> None:
    page = world.client(world.anna).get(f"/alma/contacts/{world.dora.pk}/why/")
    assert "13:00:00" in page.text or "1:00:00" in page.text  # noon in UTC, in Budapest
    assert "UTC" not in page.text
