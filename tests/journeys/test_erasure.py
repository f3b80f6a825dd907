"""Erasure on each ground: at once, everywhere, and what the law makes stay is named with its article and its end."""

from datetime import timedelta
from pathlib import Path

import pytest

from hirnok.consent.models import ConsentEntry, Proof
from hirnok.contacts.models import Contact
from hirnok.register import closing, expiring, holding_back, holdings, ledger
from hirnok.register.models import Activity, Hold, Holding, LegalBasis, Person, Suppression
from hirnok.rights import erasing, outcomes, withdrawing
from hirnok.rights.outcomes import Kind
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World

LATER = NOON + timedelta(days=1)


@pytest.fixture(autouse=True)
def fresh_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRNOK_VAR", str(tmp_path))


def index_of(world: World, address: str = "dora@example.hu") -> bytes:
    return holdings.index_of(world.alma.pk, address)


@pytest.mark.parametrize("ground", list(erasing.Ground))
def test_on_each_ground_the_data_are_gone_when_it_returns(world: World, ground: str) -> None:
    with acting_for(world.alma):
        done = erasing.erase(world.alma, index_of(world), ground, actor="user:1", at=LATER)

    kinds = {(one.module, one.kind) for one in done}
    assert ("contacts", Kind.REMOVED) in kinds
    assert not Contact.objects.filter(tenant_id=world.alma.pk, email="dora@example.hu").exists()
    assert not Person.objects.filter(tenant_id=world.alma.pk, blind_index=index_of(world)).exists()
    assert {one.module for one in done} >= outcomes.modules(), "every package has answered"
    assert [entry.reason for entry in ledger.entries()] == [closing.Reason.ERASED]
    hashed = Suppression.objects.filter(tenant_id=world.alma.pk, key=index_of(world))
    assert hashed.exists() == (ground in {"withdrawn", "objected", "unlawful"})


def test_other_tenants_and_other_people_keep_theirs(world: World) -> None:
    with acting_for(world.alma):
        erasing.erase(world.alma, index_of(world), "objected", actor="user:1", at=LATER)

    assert Contact.objects.filter(pk__in=[world.emil.pk, world.barack_dora.pk]).count() == 2


def test_it_can_be_repeated_and_says_that_nothing_is_left(world: World) -> None:
    with acting_for(world.alma):
        erasing.erase(world.alma, index_of(world), "unnecessary", actor="user:1", at=LATER)
        again = erasing.erase(world.alma, index_of(world), "unnecessary", actor="user:1", at=LATER)

    assert {one.kind for one in again} == {Kind.NONE_FOUND}


def test_what_the_law_makes_stay_is_told_with_article_and_end(world: World) -> None:
    Activity.objects.filter(tenant=world.alma, code="customers").update(active=True)
    with acting_for(world.alma):
        invoice = holdings.open_for(
            world.dora.person,
            activity="customers",
            legal_basis=LegalBasis.LEGAL_OBLIGATION,
            at=NOON,
        )
        done = erasing.erase(world.alma, index_of(world), "unnecessary", actor="user:1", at=LATER)

    kept = [one for one in done if one.kind is Kind.RETAINED]
    assert [(one.module, one.article, one.until) for one in kept] == [
        ("register", "17(3)(b)", invoice.expires_at)
    ]
    assert invoice.expires_at is not None
    assert Holding.objects.filter(pk=invoice.pk).exists()


def test_what_a_claim_needs_stays_frozen_and_goes_when_the_hold_is_lifted(world: World) -> None:
    order = holding_back.Order(
        kind=Hold.Kind.LEGAL, reason="lawsuit", until=NOON + timedelta(days=90)
    )
    with acting_for(world.alma):
        holding_back.hold(world.alma, [world.dora.pk], order, actor="user:1", at=NOON)
        done = erasing.erase(world.alma, index_of(world), "withdrawn", actor="user:1", at=LATER)

    kept = [one for one in done if one.kind is Kind.RETAINED and one.module == "contacts"]
    assert [(one.article, one.reason, one.until) for one in kept] == [
        ("17(3)(e)", "legal_hold", NOON + timedelta(days=90))
    ]
    assert Holding.objects.get(pk=world.dora.pk).restricted_at == LATER

    expiring.expire(NOON + timedelta(days=91))

    assert not Holding.objects.filter(pk=world.dora.pk).exists()


def test_an_account_is_not_taken_from_somebody_who_works_with_it(world: World) -> None:
    index = holdings.index_of(world.operator.pk, world.anna.email)
    with acting_for(world.operator):
        done = erasing.erase(world.operator, index, "unnecessary", actor="user:1", at=LATER)

    assert [(one.kind, one.reason) for one in done if one.module == "accounts"] == [
        (Kind.NEEDS_HUMAN, "account_in_use")
    ]
    assert Holding.objects.filter(pk=world.anna.holding_id).exists()


def test_the_proof_of_a_consent_stays_for_claims_without_the_address(world: World) -> None:
    ConsentEntry.objects.create(
        tenant=world.alma,
        contact=world.dora,
        event=ConsentEntry.Event.GIVEN,
        surface="form",
        at=NOON,
    )
    with acting_for(world.alma):
        withdrawing.withdraw(world.alma, index_of(world), [], actor="person", at=LATER)
        done = erasing.erase(world.alma, index_of(world), "withdrawn", actor="user:1", at=LATER)

    assert [(one.module, one.article) for one in done if one.activity == "sign_up_proof"] == [
        ("consent", "17(3)(e)"),
        ("register", "17(3)(e)"),
    ]
    assert Proof.objects.filter(tenant_id=world.alma.pk).count() == 1


def test_there_is_no_seventh_ground(world: World) -> None:
    with acting_for(world.alma), pytest.raises(ValueError, match="because"):
        erasing.erase(world.alma, index_of(world), "because", actor="user:1", at=LATER)
