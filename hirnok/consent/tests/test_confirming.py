"""Confirming: one contact, one line in the ledger, and the way back for those who had left."""

from datetime import timedelta

import pytest

from hirnok.consent import forming, leaving, signing_up
from hirnok.consent.models import ConsentEntry, PendingSignUp, Proof
from hirnok.consent.signing_up import NothingToConfirm
from hirnok.consent.tests.forms import LIZA, form_of, letters_to, sign_up, sign_up_in
from hirnok.contacts.models import Contact, List, Subscription
from hirnok.register import export, holdings, suppression
from hirnok.register.models import Hold, Holding
from hirnok.register.suppression import Reason
from hirnok.tenants.models import AuditEntry
from tests.world import NOON, World

LATER = NOON + timedelta(hours=2)
DAY = timedelta(days=1)


def _confirm(world: World, number: int = -1) -> Contact:
    pending = sign_up_in(letters_to()[number])
    contact, _ = signing_up.confirm(pending, tenant=world.alma.pk, at=LATER)
    return contact


def _suppressed(world: World) -> bool:
    index = holdings.index_of(world.alma.pk, LIZA)
    return bool(suppression.suppressed(world.alma, world.alma_brand, [index]))


def test_it_makes_one_contact_by_consent(world: World) -> None:
    sign_up(form_of(world.alma_list), first_name="Liza")

    contact = _confirm(world)

    assert (contact.email, contact.first_name, contact.language) == (LIZA, "Liza", "hu")
    assert contact.holding.legal_basis == "consent"
    assert contact.holding.source.kind == "person"
    assert Subscription.objects.filter(contact=contact, list=world.alma_list).exists()
    assert not PendingSignUp.objects.exists()
    assert not Holding.objects.filter(activity__code="sign_up").exists()


def test_it_writes_down_the_exact_words(world: World) -> None:
    form = form_of(world.alma_list)
    sign_up(form)
    forming.write(form, "hu", {}, consent="Mást is.", covers_welcome=False, actor="user:1", at=NOON)

    contact = _confirm(world)

    entry = ConsentEntry.objects.get(contact=contact)
    assert (entry.event, entry.language, entry.surface) == ("given", "hu", "form")
    assert (entry.agreed_at, entry.at) == (NOON, LATER)
    assert entry.text_hash == forming.hash_of(entry.text.text) == entry.text.hash
    assert (entry.text.version, entry.text.text != "Mást is.") == (1, True)


def test_it_is_confirmed_once(world: World) -> None:
    sign_up(form_of(world.alma_list))
    pending = sign_up_in(letters_to()[0])
    signing_up.confirm(pending, tenant=world.alma.pk, at=LATER)

    with pytest.raises(NothingToConfirm):
        signing_up.confirm(pending, tenant=world.alma.pk, at=LATER)

    assert Contact.objects.filter(email=LIZA).count() == 1


def test_many_sign_ups_make_one_contact(world: World) -> None:
    first, second = form_of(world.alma_list), form_of(world.alma_list, name="Bolt")
    sign_up(first)
    sign_up(second)
    sign_up(second, at=NOON + DAY)
    for text in letters_to():
        signing_up.confirm(sign_up_in(text), tenant=world.alma.pk, at=NOON + DAY)

    assert Contact.objects.filter(email=LIZA).count() == 1
    assert Subscription.objects.filter(contact__email=LIZA).count() == 1
    assert ConsentEntry.objects.count() == 2


def test_it_is_too_late_when_the_period_is_over(world: World) -> None:
    sign_up(form_of(world.alma_list))
    pending = sign_up_in(letters_to()[0])

    with pytest.raises(NothingToConfirm):
        signing_up.confirm(pending, tenant=world.alma.pk, at=NOON + 3 * DAY)


def test_it_brings_back_who_had_left_and_keeps_the_proof_of_before(world: World) -> None:
    form = form_of(world.alma_list)
    sign_up(form)
    leaving.leave_all(_confirm(world).pk, tenant=world.alma.pk, at=LATER)
    assert _suppressed(world)

    sign_up(form, at=NOON + DAY)
    assert _suppressed(world)
    contact = _confirm(world)

    assert not _suppressed(world)
    assert Contact.objects.filter(pk=contact.pk).exists()
    proof = Proof.objects.get()
    text = ConsentEntry.objects.get().text
    assert proof.text == f"{text.pk} {text.hash[:32]}"
    assert (proof.given_at, proof.surface) == (LATER, "preferences")


def test_it_does_not_stand_against_an_objection_of_meanwhile(world: World) -> None:
    sign_up(form_of(world.alma_list))
    index = holdings.index_of(world.alma.pk, LIZA)
    suppression.suppress(world.alma, [index], reason=Reason.OBJECTION, actor="user:1", at=NOON)

    with pytest.raises(NothingToConfirm):
        _confirm(world)

    assert not Contact.objects.filter(email=LIZA).exists()


def test_a_legal_hold_on_what_was_before_stands_against_it(world: World) -> None:
    form = form_of(world.alma_list)
    sign_up(form)
    contact = _confirm(world)
    Hold.objects.create(
        tenant=world.alma, holding_id=contact.pk, reason="court", ordered_by="user:1", since=NOON
    )
    assert leaving.leave_all(contact.pk, tenant=world.alma.pk, at=LATER).held

    assert sign_up(form, at=NOON + DAY) == signing_up.Outcome.BARRED


def test_it_welcomes_only_where_the_words_cover_it(world: World) -> None:
    form = form_of(world.alma_list)
    sign_up(form)
    _confirm(world)
    assert [("/p/" in text) for text in letters_to()] == [True]  # the first went with its holding

    forming.write(
        form, "hu", {}, consent="Hírlevél.", covers_welcome=False, actor="user:1", at=NOON
    )
    sign_up(form, "vera@example.hu")
    pending = sign_up_in(letters_to("vera@example.hu")[0])
    signing_up.confirm(pending, tenant=world.alma.pk, at=LATER)
    assert letters_to("vera@example.hu") == []


def test_it_adds_a_list_to_somebody_who_is_there(world: World) -> None:
    form = form_of(world.alma_list)
    Subscription.objects.filter(contact=world.dora).delete()
    sign_up(form, world.dora.email)
    pending = sign_up_in(letters_to(world.dora.email)[0])

    contact, _ = signing_up.confirm(pending, tenant=world.alma.pk, at=LATER)

    assert contact.pk == world.dora.pk
    assert contact.first_name == "Dóra"  # what was left empty stays


def test_it_is_in_the_audit_log_without_the_address(world: World) -> None:
    form = form_of(world.alma_list)
    sign_up(form)
    _confirm(world)

    entry = AuditEntry.objects.get(action="sign_up.confirm")
    assert (entry.actor, entry.object_id, entry.details) == ("person", form.pk, {})


def test_who_leaves_has_no_other_sign_up_waiting(world: World) -> None:
    sign_up(form_of(world.alma_list))
    contact = _confirm(world)
    other = List.objects.create(
        tenant=world.alma, brand=world.alma_brand, name="Akciók", created_at=NOON
    )
    sign_up(form_of(other, name="Bolt"), at=NOON + DAY)
    assert PendingSignUp.objects.exists()

    leaving.leave_all(contact.pk, tenant=world.alma.pk, at=NOON + DAY)

    assert not PendingSignUp.objects.exists()


def test_the_export_has_the_words_that_were_agreed_to(world: World) -> None:
    sign_up(form_of(world.alma_list))
    contact = _confirm(world)

    (entry,) = export.about(world.alma, contact.person_id)["consent.ConsentEntry"]

    assert entry["text"] == ConsentEntry.objects.get().text.text
    assert entry["list"] == "Olvasók"
