"""One live session per user, idle time, and being told why a session is over (N7)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from hirnok.accounts import people, policy
from hirnok.accounts.models import Role, User, UserSession
from hirnok.accounts.policy import Rules
from hirnok.register import expiring
from tests.world import NOON, PASSWORD, World

SIGN_IN = "/account/sign-in/"


@pytest.fixture
def anna(world: World) -> User:
    world.anna.set_password(PASSWORD)
    world.anna.save()
    return world.anna


def signed_in(user: User) -> Client:
    """A browser in which the user has signed in as people do."""
    client = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"})
    answer = client.post(SIGN_IN, {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def test_a_second_sign_in_ends_the_first_and_says_so(world: World, anna: User) -> None:
    first = signed_in(anna)
    assert first.get("/alma/").status_code == 200
    second = signed_in(anna)
    assert second.get("/alma/").status_code == 200
    answer = first.get("/alma/", follow=True)
    assert "you signed in elsewhere" in answer.text
    assert "you signed in elsewhere" not in first.get(SIGN_IN).text
    assert second.get("/alma/").status_code == 200


def test_it_lets_a_tenant_allow_several_sessions(world: World, anna: User) -> None:
    policy.change(world.alma, Rules(one_session=False), actor="command:test", at=NOON)
    first = signed_in(anna)
    signed_in(anna)
    assert first.get("/alma/").status_code == 200


def test_the_strictest_of_a_users_tenants_holds(world: World, anna: User) -> None:
    lax = Rules(one_session=False, idle_minutes=60)
    policy.change(world.alma, lax, actor="command:test", at=NOON)
    assert policy.for_user(anna) == lax
    people.join(world.barack, anna, Role.VIEWER, actor="command:test", at=NOON)
    assert policy.for_user(anna) == Rules()
    assert policy.for_user(world.nobody) == Rules()


def test_it_ends_a_session_after_24_minutes_without_a_request(world: World, anna: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(anna)
        clock.shift(timedelta(minutes=23))
        assert client.get("/alma/").status_code == 200
        clock.shift(timedelta(minutes=24))
        assert client.get("/alma/").status_code == 200
        clock.shift(timedelta(minutes=24, seconds=1))
        answer = client.get("/alma/", follow=True)
        assert answer.redirect_chain == [(f"{SIGN_IN}?next=/alma/", 302)]
        assert "You were away" in answer.text
        assert not UserSession.objects.exists()


def test_what_a_page_asks_for_by_itself_does_not_count(world: World, anna: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(anna)
        client.get("/alma/")
        for _ in range(3):
            clock.shift(timedelta(minutes=12))
            answer = client.get("/alma/", headers={"HX-Request": "true"})
        assert answer.headers["HX-Redirect"].startswith(SIGN_IN)


def test_it_knows_the_idle_time_of_the_tenant(world: World, anna: User) -> None:
    policy.change(world.alma, Rules(idle_minutes=60), actor="command:test", at=NOON)
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(anna)
        client.get("/alma/")
        clock.shift(timedelta(minutes=59))
        assert client.get("/alma/").status_code == 200


def test_a_browser_that_comes_back_later_is_still_told(world: World, anna: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(anna)
        clock.shift(timedelta(hours=9))
        assert "You were away" in client.get("/alma/", follow=True).text


def test_a_new_password_ends_every_session(world: World, anna: User) -> None:
    policy.change(world.alma, Rules(one_session=False), actor="command:test", at=NOON)
    other, client = signed_in(anna), signed_in(anna)
    fresh = "sárga-répa-barna-kavics"
    form = {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh}
    assert client.post("/account/password/change/", form).status_code == 302
    assert client.get("/alma/").status_code == 302
    assert "The password was changed" in other.get("/alma/", follow=True).text
    anna.refresh_from_db()
    assert anna.check_password(fresh)


def test_it_lists_ones_sessions_and_ends_one(world: World, anna: User) -> None:
    policy.change(world.alma, Rules(one_session=False), actor="command:test", at=NOON)
    other, client = signed_in(anna), signed_in(anna)
    first, second = UserSession.objects.order_by("pk")
    page = client.get("/account/sessions/")
    assert page.text.count("Firefox on Linux") == 2
    assert f"/account/sessions/{first.pk}/end/" in page.text
    assert f"/account/sessions/{second.pk}/end/" not in page.text
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert client.post(f"/account/sessions/{first.pk}/end/").status_code == 302
    assert "This session was ended" in other.get("/alma/", follow=True).text
    assert "Firefox on Linux" in client.get("/account/sessions/").text


def test_it_ends_no_session_of_somebody_else(world: World, anna: User) -> None:
    client = signed_in(anna)
    row = UserSession.objects.get()
    stranger = world.client(world.bela)
    assert stranger.post(f"/account/sessions/{row.pk}/end/").status_code == 404
    assert client.get("/alma/").status_code == 200


def test_signing_out_leaves_no_trace(world: World, anna: User) -> None:
    client = signed_in(anna)
    client.post("/account/sign-out/")
    assert not UserSession.objects.exists()


def test_it_leads_back_to_the_page_with_the_form(world: World) -> None:
    client = Client()
    page = "/alma/settings/brands/new/?from=x"
    came = {"Referer": f"http://testserver{page}"}
    answer = client.post("/alma/settings/brands/new/", {}, headers=came)
    assert answer["Location"] == f"{SIGN_IN}?next=/alma/settings/brands/new/%3Ffrom%3Dx"
    elsewhere = {"Referer": "https://evil.example/alma/settings/"}
    answer = client.post("/alma/settings/brands/new/", {}, headers=elsewhere)
    assert answer["Location"] == f"{SIGN_IN}?next=/alma/settings/brands/new/"


def test_rows_of_sessions_go_by_themselves(world: World, anna: User) -> None:
    with time_machine.travel(NOON, tick=False):
        signed_in(anna)
    expiring.expire(NOON + timedelta(days=2))
    assert not UserSession.objects.exists()


def test_it_lists_no_session_that_is_idle_for_too_long(world: World, anna: User) -> None:
    policy.change(world.alma, Rules(one_session=False), actor="command:test", at=NOON)
    with time_machine.travel(NOON, tick=False) as clock:
        signed_in(anna)
        clock.shift(timedelta(minutes=30))
        page = signed_in(anna).get("/account/sessions/")
        assert page.text.count("Firefox on Linux") == 1


def test_signing_in_makes_a_new_key_and_signing_out_makes_it_worthless(
    world: World, anna: User
) -> None:
    client = Client()
    client.get(SIGN_IN)
    client.post(SIGN_IN, {"login": anna.email, "password": "wrong"})
    before = client.session.session_key
    client.post(SIGN_IN, {"login": anna.email, "password": PASSWORD})
    key = client.cookies["sessionid"].value
    assert len(key) == 32
    assert key != before
    client.post("/account/sign-out/")
    client.cookies["sessionid"] = key
    assert client.get("/alma/")["Location"].startswith(SIGN_IN)


def test_a_user_who_is_switched_off_is_out_at_once(world: World, anna: User) -> None:
    client = signed_in(anna)
    assert client.get("/alma/").status_code == 200
    anna.is_active = False
    anna.save(update_fields=["is_active"])
    assert client.get("/alma/")["Location"].startswith(SIGN_IN)
    browser = Client()
    form = {"login": anna.email, "password": PASSWORD}
    assert "This account is switched off" in browser.post(SIGN_IN, form, follow=True).text
    assert browser.get("/alma/")["Location"].startswith(SIGN_IN)


@pytest.mark.parametrize("page", ["/alma/", "/alma/settings/", "/alma/contacts/"])
def test_signing_out_is_on_the_pages_of_a_tenant(world: World, anna: User, page: str) -> None:
    assert "/account/sign-out/" in signed_in(anna).get(page).text


def test_ending_a_session_asks_for_the_password(world: World, anna: User) -> None:
    policy.change(world.alma, Rules(one_session=False), actor="command:test", at=NOON)
    other, client = signed_in(anna), signed_in(anna)
    row = UserSession.objects.earliest("pk")
    asked = client.post(f"/account/sessions/{row.pk}/end/")["Location"]
    assert asked.startswith("/account/reauthenticate/")
    client.post(asked, {"password": "wrong"})
    assert other.get("/alma/").status_code == 200
    client.post(asked, {"password": PASSWORD})  # and what was asked for is done
    assert "This session was ended" in other.get("/alma/", follow=True).text


def test_it_ends_a_session_after_twelve_hours_of_work(world: World, anna: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(anna)
        for _ in range(36):
            assert client.get("/alma/").status_code == 200
            clock.shift(timedelta(minutes=20))
        assert client.get("/alma/").status_code == 200
        clock.shift(timedelta(seconds=1))
        answer = client.get("/alma/", follow=True)
        assert answer.redirect_chain == [(f"{SIGN_IN}?next=/alma/", 302)]
        assert "You were signed in for a long time" in answer.text
        assert not UserSession.objects.exists()


def test_it_knows_the_longest_life_of_the_tenant(world: World, anna: User) -> None:
    rules = Rules(life_hours=1, idle_minutes=480)
    policy.change(world.alma, rules, actor="command:test", at=NOON)
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(anna)
        client.get("/alma/")
        clock.shift(timedelta(minutes=61))
        assert "for a long time" in client.get("/alma/", follow=True).text


def test_proving_oneself_again_makes_a_new_key(world: World, anna: User) -> None:
    client = signed_in(anna)
    client.get("/alma/")
    before = client.cookies["sessionid"].value
    client.post("/account/reauthenticate/", {"password": "wrong"})
    assert client.cookies["sessionid"].value == before
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    after = client.cookies["sessionid"].value
    assert after != before
    assert UserSession.objects.get().session_key == after
    assert client.get("/alma/").status_code == 200
    client.cookies["sessionid"] = before
    assert client.get("/alma/")["Location"].startswith(SIGN_IN)


def test_it_ends_all_other_sessions(world: World, anna: User) -> None:
    policy.change(world.alma, Rules(one_session=False), actor="command:test", at=NOON)
    others, client = [signed_in(anna), signed_in(anna)], signed_in(anna)
    asked = client.post("/account/sessions/end/")["Location"]
    client.post(asked, {"password": PASSWORD})
    for other in others:
        assert "This session was ended" in other.get("/alma/", follow=True).text
    assert client.get("/account/sessions/").text.count("Firefox on Linux") == 1


@pytest.mark.parametrize(
    "page", ["sessions/", "factors/", "password/change/", "reauthenticate/", "factors/codes/new/"]
)
def test_signing_out_is_on_the_pages_of_ones_account(world: World, anna: User, page: str) -> None:
    shown = signed_in(anna).get(f"/account/{page}", follow=True)
    assert shown.status_code == 200
    assert 'action="/account/sign-out/"' in shown.text
