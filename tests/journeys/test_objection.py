"""Objection: against marketing at once and for good, in every brand; against the rest frozen until it is weighed."""

from datetime import timedelta
from pathlib import Path

import pytest

from hirnok.contacts import editing
from hirnok.contacts.models import Contact
from hirnok.mail.addresses import Address, normalise
from hirnok.register import holdings, suppression
from hirnok.register.models import Holding, LegalBasis, Suppression
from hirnok.rights import erasing, objecting, restricting, withdrawing
from hirnok.rights.outcomes import Kind
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World, brand_with_list, contact

LATER = NOON + timedelta(days=1)


@pytest.fixture(autouse=True)
def fresh_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRNOK_VAR", str(tmp_path))


def index_of(world: World, address: str = "dora@example.hu") -> bytes:
    return holdings.index_of(world.alma.pk, address)


def test_marketing_ends_at_once_in_every_brand_and_nobody_can_bring_it_back(world: World) -> None:
    with acting_for(world.alma):
        _, other = brand_with_list(world.alma, "Körte")
    contact(other, "dora@example.hu")

    with acting_for(world.alma):
        done = objecting.object_to(
            world.alma, index_of(world), "marketing", actor="person", at=LATER
        )

    assert ("contacts", Kind.REMOVED) in {(one.module, one.kind) for one in done}
    assert not Contact.objects.filter(tenant_id=world.alma.pk, email="dora@example.hu").exists()
    address = normalise("dora@example.hu")
    assert isinstance(address, Address)
    declared = editing.Declared(LegalBasis.CONSENT, "phone")
    with acting_for(world.alma), pytest.raises(editing.IsSuppressed):
        editing.add(
            world.alma,
            world.alma_brand,
            address,
            editing.Values(),
            declared,
            actor="user:1",
            at=LATER,
        )


def test_one_brand_may_be_objected_to_alone(world: World) -> None:
    with acting_for(world.alma):
        brand, other = brand_with_list(world.alma, "Körte")
    kept = contact(other, "dora@example.hu")

    with acting_for(world.alma):
        objecting.object_to(
            world.alma,
            index_of(world),
            "marketing",
            actor="person",
            at=LATER,
            brand=world.alma_brand,
        )

    assert not Contact.objects.filter(pk=world.dora.pk).exists()
    assert Contact.objects.filter(pk=kept.pk, brand=brand).exists()


def test_somebody_unknown_may_object_beforehand(world: World) -> None:
    index = index_of(world, "senki@example.hu")
    with acting_for(world.alma):
        objecting.object_to(world.alma, index, "marketing", actor="person", at=LATER)

        assert suppression.suppressed(world.alma, world.alma_brand, [index]) == {index}


def test_an_interest_is_frozen_until_it_is_weighed(world: World) -> None:
    with acting_for(world.alma):
        log = holdings.open_for(
            world.dora.person,
            activity="sending_log",
            legal_basis=LegalBasis.LEGITIMATE_INTEREST,
            at=NOON,
        )
        done = objecting.object_to(
            world.alma, index_of(world), ["sending_log"], actor="person", at=LATER
        )

    assert [(one.kind, one.article) for one in done if one.activity == "sending_log"] == [
        (Kind.RESTRICTED, "18(1)(d)")
    ]
    assert Holding.objects.get(pk=log.pk).restricted_at == LATER
    assert Holding.objects.get(pk=world.dora.pk).restricted_at is None

    with acting_for(world.alma):  # the person's interest prevails
        restricting.tell(world.alma, index_of(world), actor="user:1", at=LATER)
        restricting.lift(world.alma, index_of(world), actor="user:1", at=LATER)
        erasing.erase(world.alma, index_of(world), "objected", actor="user:1", at=LATER)
    assert not Holding.objects.filter(pk=log.pk).exists()


def test_to_a_legal_obligation_nobody_can_object(world: World) -> None:
    with acting_for(world.alma):
        log = holdings.open_for(
            world.dora.person,
            activity="sending_log",
            legal_basis=LegalBasis.LEGAL_OBLIGATION,
            at=NOON,
        )
        done = objecting.object_to(
            world.alma, index_of(world), ["sending_log"], actor="person", at=LATER
        )

    assert [one.reason for one in done if one.activity == "sending_log"] == [
        "not_open_to_objection"
    ]
    assert Holding.objects.get(pk=log.pk).restricted_at is None


def test_a_withdrawal_leaves_the_proof_and_takes_the_rest(world: World) -> None:
    with acting_for(world.alma):
        done = withdrawing.withdraw(world.alma, index_of(world), [], actor="person", at=LATER)

    assert ("contacts", Kind.REMOVED) in {(one.module, one.kind) for one in done}
    assert not Contact.objects.filter(pk=world.dora.pk).exists()
    assert list(
        Suppression.objects.filter(tenant_id=world.alma.pk).values_list("reason", flat=True)
    ) == [Suppression.Reason.UNSUBSCRIBED]


def test_measurement_can_be_refused_while_the_newsletter_goes_on(world: World) -> None:
    with acting_for(world.alma):
        done = withdrawing.withdraw(
            world.alma, index_of(world), ["measurement"], actor="person", at=LATER
        )

    assert [(one.module, one.kind) for one in done if one.kind is Kind.RECTIFIED] == [
        ("consent", Kind.RECTIFIED)
    ]
    assert Contact.objects.filter(pk=world.dora.pk).exists()
