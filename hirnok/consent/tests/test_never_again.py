"""Where the tenant's policy is that who left is never added again (A6): leaving is leaving everything, for good."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from hirnok.consent import leaving, signing_up
from hirnok.consent.leaving import Left, Surface
from hirnok.consent.models import PendingSignUp, Proof
from hirnok.consent.signing_up import NothingToConfirm, Outcome
from hirnok.consent.tests.forms import form_of, letters_to, sign_up
from hirnok.consent.tests.sent import delivery_to, leave_token
from hirnok.consent.writing import preferences_path
from hirnok.contacts import editing
from hirnok.contacts.editing import Declared, IsSuppressed, Values
from hirnok.contacts.models import Contact, List
from hirnok.mail.addresses import Address, normalise
from hirnok.register import suppression
from hirnok.register.models import LegalBasis, Suppression
from tests.world import NOON, World, brand_with_list, contact

DORA = "dora@example.hu"
LATER = NOON + timedelta(days=2)


@pytest.fixture
def other_list(world: World) -> List:
    """Another brand's of the tenant, where Dóra is too; who leaves leaves for good."""
    suppression.set_never_again(world.alma, True, actor="user:1", at=NOON)
    _, made = brand_with_list(world.alma, "Körte")
    contact(made, DORA, "Dóra", language="hu")
    return made


def test_leaving_one_brand_ends_what_every_brand_of_the_tenant_holds(
    world: World, other_list: List
) -> None:
    left = leaving.unsubscribe(delivery_to(world.dora), surface=Surface.ONE_CLICK, at=LATER)

    assert left == Left(already=False, proof=True)
    assert list(Contact.objects.filter(email=DORA)) == [world.barack_dora]
    assert Proof.objects.filter(tenant=world.alma).count() == 2
    row = Suppression.objects.get()
    assert (row.scope, row.reason) == ("tenant", "unsubscribed")


def test_nobody_comes_back_by_a_form_whoever_signs_the_address_up(
    world: World, other_list: List
) -> None:
    leaving.unsubscribe(delivery_to(world.dora), surface=Surface.PAGE, at=NOON)

    for shown in (world.alma_list, other_list):
        form = form_of(shown, name=str(shown.pk))
        assert sign_up(form, DORA, at=LATER) == Outcome.BARRED
    assert letters_to(DORA) == [] and not PendingSignUp.objects.exists()


def test_nobody_comes_back_by_hand(world: World, other_list: List) -> None:
    leaving.unsubscribe(delivery_to(world.dora), surface=Surface.PAGE, at=NOON)
    found = normalise(DORA)
    assert isinstance(found, Address)

    with pytest.raises(IsSuppressed):
        editing.add(
            world.alma,
            other_list.brand,
            found,
            Values(lists=(other_list,)),
            Declared(LegalBasis.CONSENT, "Bolt"),
            actor="user:1",
            at=LATER,
        )


def test_who_left_before_the_policy_stays_away_too_and_comes_back_when_it_ends(
    world: World,
) -> None:
    form = form_of(world.alma_list)
    leaving.unsubscribe(delivery_to(world.dora), surface=Surface.PAGE, at=NOON)
    suppression.set_never_again(world.alma, True, actor="user:1", at=NOON)
    assert sign_up(form, DORA, at=LATER) == Outcome.BARRED

    suppression.set_never_again(world.alma, False, actor="user:1", at=NOON)
    assert sign_up(form, DORA, at=LATER) == Outcome.ASKED


def test_a_sign_up_that_waited_when_the_policy_came_is_not_confirmed(world: World) -> None:
    form = form_of(world.alma_list)
    leaving.unsubscribe(delivery_to(world.dora), surface=Surface.PAGE, at=NOON)
    sign_up(form, DORA, at=LATER)
    suppression.set_never_again(world.alma, True, actor="user:1", at=LATER)

    with pytest.raises(NothingToConfirm):
        signing_up.confirm(PendingSignUp.objects.get().pk, tenant=world.alma.pk, at=LATER)
    assert not Contact.objects.filter(tenant=world.alma, email=DORA).exists()


def test_a_list_that_was_left_is_never_joined_again_the_others_are(world: World) -> None:
    suppression.set_never_again(world.alma, True, actor="user:1", at=NOON)
    more = List.objects.create(
        tenant=world.alma, brand=world.alma_brand, name="Receptek", created_at=NOON
    )
    form, other = form_of(world.alma_list), form_of(more, name="Receptek")
    sign_up(other, DORA)
    signing_up.confirm(PendingSignUp.objects.get().pk, tenant=world.alma.pk, at=NOON)
    leaving.leave_list(world.dora.pk, world.alma_list, tenant=world.alma.pk, at=NOON)

    assert sign_up(form, DORA, at=LATER) == Outcome.BARRED
    assert sign_up(other, DORA, at=LATER) == Outcome.SUBSCRIBED


@pytest.mark.parametrize("language", ["hu", "ro", "en"])
def test_the_reader_is_told_before_and_after(world: World, other_list: List, language: str) -> None:
    world.dora.language = language
    world.dora.save(update_fields=["language"])
    token = leave_token(delivery_to(world.dora))
    words = {"hu": "végleges", "ro": "definitiv", "en": "for good"}[language]
    client = Client()
    with time_machine.travel(LATER, tick=False):
        assert words in client.get(f"/u/{token}").content.decode()
        assert words in client.get(preferences_path(world.dora.pk)).content.decode()
        assert world.alma.name in client.post(f"/u/{token}").content.decode()


def test_only_the_owner_chooses_it(world: World) -> None:
    url = "/alma/settings/leaving/"
    assert (
        world.client(world.mark).post(url, {"never_again": "on", "renewal_days": "30"}).status_code
        == 403
    )

    answer = world.client(world.anna).post(
        url, {"never_again": "on", "renewal_days": "30"}, follow=True
    )

    assert answer.status_code == 200
    assert suppression.is_never_again(world.alma)
    assert not suppression.is_never_again(world.barack)
    assert "checked" in world.client(world.anna).get(url).content.decode()
