"""Passwords that are refused: known ones, leaked ones, and those near to the installation."""

import hashlib
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, ValidationError
from hypothesis import given
from hypothesis import strategies as st

from hirnok.accounts.passwords import KnownPasswords, LeakedPasswords, LocalPasswords, NearWords
from tests.world import PASSWORD, World


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "qwertyuiop",
        "password123",
        "Password123",
        "iloveyou123",
        "1q2w3e4r5t6y",
        "Schalke0404",
    ],
)
def test_it_refuses_known_ones(password: str) -> None:
    with pytest.raises(ValidationError, match="is known"):
        KnownPasswords().validate(password)


@pytest.mark.parametrize(
    "password", [PASSWORD, "kilenc", "sárga-répa-barna-kavics", "vq8-xhtz-rr2-mmkd"]
)
def test_it_lets_others_pass(password: str) -> None:
    KnownPasswords().validate(password)


def test_the_rules_in_force_refuse_known_ones_and_near_ones(world: World) -> None:
    for password in ("password123", "AlmaKerteszet2026", "barack-alma"):
        with pytest.raises(ValidationError):
            validate_password(password, world.anna)
    validate_password(PASSWORD, world.anna)


def test_it_takes_a_file_of_the_operators_own(tmp_path: Path) -> None:
    file = tmp_path / "own.txt"
    file.write_text("Kiskutya-Nagykutya\n\nhideg nyár tavaly\n", encoding="utf-8")
    for password in ("kiskutya-nagykutya", "Hideg Nyár Tavaly"):
        with pytest.raises(ValidationError):
            LocalPasswords(str(file)).validate(password)
    LocalPasswords(str(file)).validate(PASSWORD)
    with pytest.raises(ImproperlyConfigured):
        LocalPasswords(str(tmp_path / "none.txt"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "password",
    [
        "Alma-2026!!",
        "almakertészet",
        "ALMA KERTÉSZET 1",
        "hirnok12345",
        "Hírnök-hírnök",
        "localhost99",
        "hirnok-alma-77",
    ],
)
def test_it_refuses_what_is_little_more_than_a_name_around(world: World, password: str) -> None:
    with pytest.raises(ValidationError, match="too near"):
        NearWords().validate(password, world.anna)


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["barack-nyári", "alma a fán, kavics a vízben", PASSWORD])
def test_it_lets_names_stand_in_longer_ones(world: World, password: str) -> None:
    NearWords().validate(password, world.anna)


@pytest.mark.django_db
def test_names_of_others_are_nobodys_business(world: World) -> None:
    NearWords().validate("barack2026", world.anna)
    with pytest.raises(ValidationError):
        NearWords().validate("barack2026", world.bela)


def _sums(passwords: list[str]) -> list[str]:
    return sorted(hashlib.sha1(one.encode()).hexdigest().upper() for one in passwords)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=40, unique=True), st.data())
def test_it_finds_each_leaked_one_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, passwords: list[str], data: st.DataObject
) -> None:
    leaked, others = passwords[::2], passwords[1::2]
    file = tmp_path_factory.mktemp("leaked") / "sums.txt"
    ends = data.draw(st.sampled_from(["\n", "\r\n"]))
    counted = data.draw(st.booleans())
    lines = [f"{one}:{number}" if counted else one for number, one in enumerate(_sums(leaked))]
    file.write_bytes(ends.join(lines).encode() + data.draw(st.sampled_from([b"", ends.encode()])))
    validator = LeakedPasswords(str(file))
    for one in leaked:
        with pytest.raises(ValidationError, match="has leaked"):
            validator.validate(one)
    for one in others:
        validator.validate(one)


def test_it_says_when_its_file_is_none(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured):
        LeakedPasswords(str(tmp_path / "none.txt"))
    (tmp_path / "text.txt").write_text("this is no sum\n" * 3)
    with pytest.raises(ImproperlyConfigured):
        LeakedPasswords(str(tmp_path / "text.txt")).validate(PASSWORD)
    (tmp_path / "empty.txt").write_text("")
    LeakedPasswords(str(tmp_path / "empty.txt")).validate(PASSWORD)
