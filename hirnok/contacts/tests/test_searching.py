"""A search finds what comparing every contact finds, whether keys are made or wait, and forgets who is erased."""

from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hirnok.contacts import finding, searching
from hirnok.contacts.finding import Narrowing
from hirnok.contacts.models import Contact, SearchKey, Unsearched
from hirnok.lib import sql
from hirnok.register import closing
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World, build, contact

ALPHABET = "abAB1.őŐșßıİ_%\\"
names = st.text(ALPHABET, max_size=6)
words = st.text(ALPHABET, min_size=1, max_size=3)


def found(world: World, text: str) -> set[int]:
    with acting_for(world.alma):
        return {one.pk for one in finding.find(world.alma, Narrowing(words=text))}


def compared(world: World, text: str) -> set[int]:
    """Let the database compare every contact."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM contacts_contact WHERE tenant_id = %(tenant)s AND (position(upper(%(word)s) in upper(email)) > 0"
            " OR position(upper(%(word)s) in upper(first_name)) > 0 OR position(upper(%(word)s) in upper(last_name)) > 0)",
            {"tenant": world.alma.pk, "word": text},
        )
        return {number for (number,) in cursor.fetchall()}


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    people=st.lists(st.tuples(names, names), max_size=6),
    asked=st.lists(words, max_size=5),
    made=st.integers(0, 6),
)
def test_it_finds_what_comparing_each_finds(
    people: list[tuple[str, str]], asked: list[str], made: int
) -> None:
    with transaction.atomic():
        world = build()
        for number, (first, last) in enumerate(people):
            contact(world.alma_list, f"a{number}@example.hu", first, last)
            if number == made:
                searching.make_keys(at_once=2)
        for word in asked:
            assert found(world, word) == compared(world, word), word
        searching.make_keys(at_once=2)
        assert not Unsearched.objects.exists()
        for word in asked:
            assert found(world, word) == compared(world, word), word
        transaction.set_rollback(True)


def test_the_worker_may_do_it(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        cursor.execute(f'SET ROLE "{sql.role_name(cursor.fetchone()[0], "edge")}"')
        assert searching.make_keys() == 3
        cursor.execute("RESET ROLE")
    assert SearchKey.objects.count() == 3


def test_a_changed_name_is_found_at_once_and_the_old_one_no_more(world: World) -> None:
    searching.make_keys()
    Contact.objects.filter(pk=world.dora.pk).update(last_name="Kővári")
    for _each in range(2):
        assert found(world, "kővár") == {world.dora.pk}
        assert found(world, "ŐRI") == set()
        searching.make_keys()


def test_it_keeps_tenants_apart(world: World) -> None:
    searching.make_keys()
    assert found(world, "dora") == {world.dora.pk}
    with acting_for(world.barack):
        with connection.cursor() as cursor:
            cursor.execute("SELECT contacts_candidates(%s, %s, 9)", [world.alma.pk, [ord("D")]])
            assert cursor.fetchall() == [(None,)]
        assert searching.candidates(world.barack, ["dora"]) == [world.barack_dora.pk]


def test_too_many_are_not_listed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    searching.make_keys()
    monkeypatch.setattr(searching, "FEW", 1)
    with acting_for(world.alma):
        assert searching.candidates(world.alma, ["example"]) is None
    assert found(world, "example") == {world.dora.pk, world.emil.pk}


def test_a_key_goes_with_its_contact(world: World) -> None:
    searching.make_keys()
    assert SearchKey.objects.filter(pk=world.dora.pk).exists()
    closing.end(world.alma, [world.dora.pk], reason=closing.Reason.ERASED, actor="user:1", at=NOON)
    assert not SearchKey.objects.filter(pk=world.dora.pk).exists()
    assert searching.make_keys() == 0


def test_a_contact_that_is_gone_before_its_key_is_made_does_no_harm(world: World) -> None:
    closing.end(world.alma, [world.dora.pk], reason=closing.Reason.ERASED, actor="user:1", at=NOON)
    assert searching.make_keys() == 3
    assert set(SearchKey.objects.values_list("pk", flat=True)) == {
        world.emil.pk,
        world.barack_dora.pk,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", set()), ("a", {65}), ("ß", {0xDF}), ("ab", {65, 66, searching._PAIRS + 65 * 4099 + 66})],
)
def test_letters(text: str, expected: set[Any]) -> None:
    assert searching.letters(text) == expected


@pytest.mark.django_db(transaction=True)
def test_the_worker_has_the_rights_for_it() -> None:
    with connection.cursor() as cursor, connection.cursor() as back:
        world = build()
        cursor.execute(f'SET ROLE "{sql.role_name(connection.settings_dict["NAME"], "edge")}"')
        try:
            assert searching.make_keys() >= 3
        finally:
            back.execute("RESET ROLE")
    assert SearchKey.objects.of(world.alma).count() == 2
