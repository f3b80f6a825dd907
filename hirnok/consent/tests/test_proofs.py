"""Proof of work: what is accepted, and which limit holds with it and without."""

from datetime import timedelta
from itertools import count

import pytest
from django.test import Client

from hirnok.consent import proofs, throttling
from hirnok.consent.models import Form
from hirnok.consent.room_forms import FormForm
from hirnok.consent.signing_up import Admission, Outcome, admit
from hirnok.consent.tests.forms import SHORTLY, arrival, form_of, stamp_of
from tests.world import NOON, World

FORM_STAMP = "1.2.signature"


def proof_of(stamp: str) -> str:
    """Work for it."""
    return next(str(n) for n in count() if proofs.is_valid(stamp, str(n)))


def test_a_proof_holds_for_its_stamp_only(monkeypatch: pytest.MonkeyPatch) -> None:
    proof = proof_of(FORM_STAMP)
    assert proofs.is_valid(FORM_STAMP, proof)
    assert not proofs.is_valid("1.2.another", proof)
    monkeypatch.setattr(proofs, "BITS", 8)
    easy = proof_of(FORM_STAMP)
    monkeypatch.setattr(proofs, "BITS", 16)
    assert easy != proof
    assert not proofs.is_valid(FORM_STAMP, easy)


@pytest.mark.parametrize("proof", ["", "x", "-1", "1.5", " 1", "1\n", "\u0661", "9" * 13])
def test_what_is_no_number_proves_nothing(proof: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "BITS", 0)
    assert proofs.is_valid(FORM_STAMP, "1")
    assert not proofs.is_valid(FORM_STAMP, proof)


@pytest.mark.django_db
def test_without_a_proof_a_tighter_limit_holds(world: World) -> None:
    form = form_of(world.alma_list)
    Form.objects.filter(pk=form.pk).update(proof_of_work=True)
    form.refresh_from_db()
    at, proof = NOON + SHORTLY, proof_of(stamp_of(form))
    other = stamp_of(form, NOON + timedelta(seconds=1))
    for _ in range(throttling.NETWORK_MOST_UNPROVED):
        assert isinstance(admit(form, arrival(form), at=at), Admission)
    assert admit(form, arrival(form), at=at) == Outcome.TOO_MANY
    assert admit(form, arrival(form, stamp=other, proof=proof), at=at) == Outcome.TOO_MANY
    assert isinstance(admit(form, arrival(form, proof=proof), at=at), Admission)
    late = at + timedelta(hours=13)
    assert admit(form, arrival(form, proof=proof), at=late) == Outcome.TOO_OLD


@pytest.mark.django_db
def test_the_script_is_on_forms_that_ask_for_it(world: World) -> None:
    form = form_of(world.alma_list)
    assert b"proof.js" not in Client().get(f"/f/{form.token}/").content
    Form.objects.filter(pk=form.pk).update(proof_of_work=True)
    assert b"proof.js" in Client().get(f"/f/{form.token}/").content


@pytest.mark.django_db
def test_the_setting_is_made_in_the_room(world: World) -> None:
    form = form_of(world.alma_list)
    client = world.client(world.mark)
    filled = {"name": "Kert", "languages": ["hu", "ro"]}
    filled |= {name: "not" for name in FormForm(form.tenant, form).fields if name[:4] == "ask_"}
    for chosen in (True, False):
        answer = client.post(
            f"/alma/forms/{form.pk}/edit/", filled | ({"proof_of_work": "on"} if chosen else {})
        )
        assert answer.status_code == 302
        form.refresh_from_db()
        assert form.proof_of_work is chosen
