"""How often one may try to sign in, what the audit log says of it, and which passwords are refused (N7)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from hirnok.accounts import counters
from hirnok.accounts.models import User
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, PASSWORD, World

SIGN_IN = "/account/sign-in/"


@pytest.fixture
def anna(world: World) -> User:
    world.anna.set_password(PASSWORD)
    world.anna.save()
    return world.anna


def attempt(user: User, password: str, ip: str = "192.0.2.7") -> Any:
    form = {"login": user.email, "password": password}
    return Client(REMOTE_ADDR=ip).post(SIGN_IN, form)


def test_it_refuses_even_the_right_password_after_five_wrong_ones(world: World, anna: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for number in range(5):
            assert attempt(anna, "wrong", ip=f"192.0.2.{number}").status_code == 200
        assert "Too many" in attempt(anna, PASSWORD).text
        clock.shift(timedelta(minutes=5, seconds=1))
        assert attempt(anna, PASSWORD).status_code == 302


def test_it_counts_by_address_of_the_network_too(world: World, anna: User) -> None:
    everybody = (world.mark, world.vera, world.bela, world.olga, world.nobody)
    with time_machine.travel(NOON, tick=False):
        for user in everybody * 2:
            attempt(user, "wrong")
        assert attempt(anna, PASSWORD).status_code == 200
        assert attempt(anna, PASSWORD, ip="192.0.2.8").status_code == 302


def test_it_shows_a_page_when_forms_come_too_fast(world: World, anna: User) -> None:
    with time_machine.travel(NOON, tick=False):
        answers = [Client().post(SIGN_IN, {"login": f"{n}@x.example"}) for n in range(31)]
    assert answers[-1].status_code == 429
    assert "Too many attempts" in answers[-1].text


def test_its_counters_name_nobody_and_go(world: World, anna: User) -> None:
    with time_machine.travel(NOON, tick=False):
        attempt(anna, "wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(cache_key, ' ') FROM accounts_counter")
        names = str(cursor.fetchone())
        assert "192.0.2.7" not in names
        assert "login" not in names
    assert counters.forget(NOON + timedelta(hours=1)) > 0
    cache.clear()


def test_it_records_sign_ins_and_failed_ones(world: World, anna: User) -> None:
    attempt(anna, "wrong")
    attempt(anna, PASSWORD)
    Client().post(SIGN_IN, {"login": "stranger@x.example", "password": "wrong"})
    for tenant in (world.alma, world.operator):
        rows = AuditEntry.objects.of(tenant).filter(action__startswith="user.sign_in")
        assert list(rows.order_by("pk").values_list("action", "actor", "object_id", "details")) == [
            ("user.sign_in_failed", "visitor", anna.pk, {}),
            ("user.sign_in", f"user:{anna.pk}", anna.pk, {"by": "password"}),
        ]
    assert not AuditEntry.objects.of(world.barack).filter(action__contains="sign_in").exists()


def test_it_says_the_same_of_addresses_that_nobody_has(world: World, anna: User) -> None:
    known, unknown = (
        attempt(anna, "wrong"),
        Client().post(SIGN_IN, {"login": "stranger@x.example", "password": "wrong"}),
    )
    assert known.context["form"].errors == unknown.context["form"].errors
    for email in (anna.email, "stranger@x.example"):
        answer = Client().post("/account/password/reset/", {"email": email})
        assert answer["Location"] == "/account/password/reset/done/"


def test_a_local_file_names_further_passwords(tmp_path: Path) -> None:
    path = tmp_path / "common.txt"
    path.write_text("kertészet2026\nhírnök2026\n")
    validator = CommonPasswordValidator(password_list_path=path)
    with pytest.raises(ValidationError):
        validator.validate("Kertészet2026")
    validator.validate(PASSWORD)


@pytest.mark.parametrize("bad", ["rövid", "1234567890", "password123", "anna@hirnok.example"])
def test_it_refuses_poor_passwords(world: World, anna: User, bad: str) -> None:
    client = Client()
    client.post(SIGN_IN, {"login": anna.email, "password": PASSWORD})
    form = {"oldpassword": PASSWORD, "password1": bad, "password2": bad}
    answer = client.post("/account/password/change/", form)
    assert answer.status_code == 200
    assert answer.context["form"].errors["password1"]
