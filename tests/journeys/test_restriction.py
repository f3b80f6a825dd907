"""Frozen: not listed, not counted, not sent to, not changed, not deleted; and thawed only after the person was told."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from hirnok.campaigns import audience, drafting
from hirnok.contacts import editing, finding
from hirnok.contacts.finding import Narrowing
from hirnok.contacts.models import Contact
from hirnok.register import expiring, holding_back, holdings
from hirnok.register.models import Hold, Holding
from hirnok.rights import copying, erasing, restricting
from hirnok.rights.outcomes import Kind
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World

LATER = NOON + timedelta(days=1)


@pytest.fixture(autouse=True)
def fresh_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRNOK_VAR", str(tmp_path))


def index_of(world: World) -> bytes:
    return holdings.index_of(world.alma.pk, "dora@example.hu")


def restrict(world: World, ground: str = "accuracy") -> None:
    with acting_for(world.alma):
        restricting.restrict(world.alma, index_of(world), ground, actor="user:1", at=NOON)


@pytest.mark.parametrize("ground", list(restricting.Ground))
def test_on_each_ground_every_package_freezes_what_it_has(world: World, ground: str) -> None:
    with acting_for(world.alma):
        done = restricting.restrict(world.alma, index_of(world), ground, actor="user:1", at=NOON)

    frozen = {(one.module, one.article) for one in done if one.kind is Kind.RESTRICTED}
    article = restricting.ARTICLES[restricting.Ground(ground)]
    assert frozen == {("contacts", article), ("register", article)}
    assert Holding.objects.get(pk=world.dora.pk).restricted_at == NOON
    assert Holding.objects.get(pk=world.emil.pk).restricted_at is None


def test_it_is_in_no_list_and_no_search(world: World) -> None:
    restrict(world)

    with acting_for(world.alma):
        for narrowing in (
            Narrowing(),
            Narrowing(words="dora"),
            Narrowing(list_id=world.alma_list.pk),
        ):
            assert world.dora not in finding.find(world.alma, narrowing)
        assert world.emil in finding.find(world.alma, Narrowing())


def test_it_gets_no_newsletter(world: World) -> None:
    restrict(world)

    with acting_for(world.alma):
        campaign = drafting.create(
            world.alma, world.alma_brand, name="Tavasz", actor="user:1", at=NOON
        )
        values = {"lists": [world.alma_list]}
        campaign = drafting.save(world.alma, campaign.pk, values, actor="user:1", at=NOON)
        found = audience.count(campaign)
    assert (found.recipients, found.left_out) == (1, {"restricted": 1})


def test_it_is_not_changed(world: World) -> None:
    restrict(world)

    contact = Contact.objects.get(pk=world.dora.pk)
    with acting_for(world.alma), pytest.raises(editing.IsRestricted):
        editing.change(contact, editing.Values(first_name="Más"), actor="user:1", at=LATER)


@pytest.mark.parametrize(
    "changed",
    [
        {"first_name": "Dorottya"},
        {"last_name": ""},
        {"email": "masik@example.hu"},
        {"language": "ro"},
        {"fields": {"town": "Pécs"}},
    ],
)
def test_the_database_refuses_to_change_it_whoever_asks(
    world: World, changed: dict[str, Any]
) -> None:
    restrict(world)

    with pytest.raises(IntegrityError, match="restricted"), transaction.atomic():
        Contact.objects.filter(pk=world.dora.pk).update(**changed)
    assert Contact.objects.filter(pk=world.emil.pk).update(**changed) == 1, "nobody froze his"


def test_it_can_be_changed_again_when_it_is_lifted(world: World) -> None:
    restrict(world)
    with acting_for(world.alma):
        restricting.tell(world.alma, index_of(world), actor="user:1", at=LATER)
        restricting.lift(world.alma, index_of(world), actor="user:1", at=LATER)

    assert Contact.objects.filter(pk=world.dora.pk).update(first_name="Dorottya") == 1


def test_it_is_neither_erased_nor_expired(world: World) -> None:
    restrict(world, "claims")
    Holding.objects.filter(pk=world.dora.pk).update(expires_at=LATER)

    with acting_for(world.alma):
        done = erasing.erase(world.alma, index_of(world), "unnecessary", actor="user:1", at=LATER)
    expiring.expire(LATER + timedelta(days=400))

    assert "legal_hold" in {one.reason for one in done}
    assert Contact.objects.filter(pk=world.dora.pk).exists()


def test_the_person_still_gets_a_copy_that_says_so(world: World) -> None:
    restrict(world)

    with acting_for(world.alma):
        copy = copying.copy_of(world.alma, index_of(world), "hu", LATER)
    assert [one["restricted"] for one in copy.data["held"]] == [True]


def test_it_is_lifted_only_after_the_person_was_told(world: World) -> None:
    restrict(world)

    with acting_for(world.alma):
        with pytest.raises(holding_back.NotTold):
            restricting.lift(world.alma, index_of(world), actor="user:1", at=LATER)
        assert restricting.tell(world.alma, index_of(world), actor="user:1", at=LATER) == 1
        done = restricting.lift(world.alma, index_of(world), actor="user:1", at=LATER)

    assert ("contacts", Kind.LIFTED) in {(one.module, one.kind) for one in done}
    assert Holding.objects.get(pk=world.dora.pk).restricted_at is None


def test_its_own_end_does_not_lift_it_in_silence(world: World) -> None:
    with acting_for(world.alma):
        restricting.restrict(
            world.alma, index_of(world), "accuracy", actor="user:1", at=NOON, until=LATER
        )
    expiring.expire(LATER)
    assert Hold.objects.filter(holding_id=world.dora.pk).exists()

    with acting_for(world.alma):
        restricting.tell(world.alma, index_of(world), actor="user:1", at=LATER)
    expiring.expire(LATER)
    assert Holding.objects.get(pk=world.dora.pk).restricted_at is None


def test_what_was_to_end_meanwhile_ends_when_it_is_lifted(world: World) -> None:
    restrict(world)
    with acting_for(world.alma):
        erasing.erase(world.alma, index_of(world), "withdrawn", actor="user:1", at=LATER)
        restricting.tell(world.alma, index_of(world), actor="user:1", at=LATER)
        restricting.lift(world.alma, index_of(world), actor="user:1", at=LATER)
    expiring.expire(LATER)

    assert not Contact.objects.filter(pk=world.dora.pk).exists()
