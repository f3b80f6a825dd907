"""Signing up: what is asked of whom, how often, and that nobody becomes a contact by it."""

import itertools
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hirnok.consent import forming, signing_up, throttling
from hirnok.consent.models import FormCount, PendingSignUp, Throttle
from hirnok.consent.signing_up import Outcome
from hirnok.consent.tests.forms import (
    LIZA,
    SHORTLY,
    arrival,
    form_of,
    letters_to,
    sign_up,
    stamp_of,
)
from hirnok.contacts.models import Contact
from hirnok.outbox.models import Letter
from hirnok.register import expiring, holdings, suppression
from hirnok.register.models import Holding, Person
from hirnok.register.suppression import Reason
from tests.world import NOON, World

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def _person(world: World, address: str = LIZA) -> Person | None:
    index = holdings.index_of(world.alma.pk, address)
    return Person.objects.filter(tenant=world.alma, blind_index=index).first()


def test_it_asks_by_mail_and_makes_no_contact(world: World) -> None:
    assert sign_up(form_of(world.alma_list), first_name="Liza") == Outcome.ASKED

    (letter,) = letters_to()
    assert "/k/" in letter
    assert not Contact.objects.filter(email=LIZA).exists()
    pending = PendingSignUp.objects.get()
    assert (pending.first_name, pending.holding.activity.code) == ("Liza", "sign_up")
    assert pending.holding.expires_at == NOON + 3 * DAY


def test_it_writes_in_the_language_of_the_form(world: World) -> None:
    form = form_of(world.alma_list)
    forming.write(
        form,
        "ro",
        {"confirm_subject": "Vă rugăm să confirmați"},
        consent="Doresc newsletterul.",
        covers_welcome=False,
        actor="user:1",
        at=NOON,
    )

    sign_up(form, language="ro")

    assert letters_to()[0].startswith("Vă rugăm să confirmați")
    assert PendingSignUp.objects.get().text.text == "Doresc newsletterul."


def test_it_never_sends_what_was_typed(world: World) -> None:
    sign_up(form_of(world.alma_list), first_name="Visit spam.example")

    assert "spam" not in letters_to()[0]


def test_it_sends_one_mail_a_day_and_three_in_all(world: World) -> None:
    form = form_of(world.alma_list)

    at = [NOON, NOON + 23 * HOUR, NOON + DAY, NOON + 2 * DAY, NOON + 4 * DAY, NOON + 9 * DAY]
    outcomes = [sign_up(form, at=one) for one in at]

    assert outcomes == ["asked", "quiet", "asked", "asked", "quiet", "quiet"]
    assert len(letters_to()) == 3
    assert PendingSignUp.objects.count() == 1


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.integers(0, 72), min_size=1, max_size=12))
def test_however_often_somebody_is_signed_up_the_mails_stay_few(
    world: World, pauses: list[int]
) -> None:
    PendingSignUp.objects.all().delete()
    Letter.objects.all().delete()
    Throttle.objects.all().delete()
    form = form_of(world.alma_list, name=f"f{holdings.index_of(1, str(pauses)).hex()}{id(pauses)}")
    sent: list[datetime] = []
    at = NOON
    for pause in pauses:
        at += pause * HOUR
        if sign_up(form, at=at) == Outcome.ASKED:
            sent.append(at)

    assert len(letters_to()) == len(sent) <= throttling.MAIL_MOST
    assert all(later - one >= DAY for one, later in itertools.pairwise(sent))
    assert not Contact.objects.filter(email=LIZA).exists()


def test_two_spellings_of_an_address_are_one(world: World) -> None:
    form = form_of(world.alma_list)

    assert [sign_up(form), sign_up(form, "LIZA@example.hu")] == [Outcome.ASKED, Outcome.QUIET]


def test_it_tells_a_reader_once_a_day_that_there_is_nothing_to_do(world: World) -> None:
    form = form_of(world.alma_list)

    outcomes = [sign_up(form, world.dora.email, at=NOON + n * 13 * HOUR) for n in range(3)]

    assert outcomes == [Outcome.SUBSCRIBED] * 3
    first, second = letters_to(world.dora.email)
    assert "/k/" not in first
    assert "/p/" in second


def test_it_asks_those_who_left_by_the_newsletter(world: World) -> None:
    index = holdings.index_of(world.alma.pk, LIZA)
    for reason in (Reason.UNSUBSCRIBED, Reason.COMPLAINT):
        suppression.suppress(
            world.alma, [index], reason=reason, actor="person", at=NOON, brand=world.alma_brand
        )

    assert sign_up(form_of(world.alma_list)) == Outcome.ASKED


@pytest.mark.parametrize("reason", [Reason.OBJECTION, Reason.OPT_OUT, Reason.DEAD_ADDRESS])
def test_it_does_not_write_to_who_objected(world: World, reason: str) -> None:
    index = holdings.index_of(world.alma.pk, LIZA)
    suppression.suppress(world.alma, [index], reason=reason, actor="user:1", at=NOON)

    assert sign_up(form_of(world.alma_list)) == Outcome.BARRED

    assert letters_to() == []
    assert not PendingSignUp.objects.exists()


def test_what_was_never_confirmed_is_gone_in_time(world: World) -> None:
    sign_up(form_of(world.alma_list))

    expiring.expire(NOON + 3 * DAY)

    assert _person(world) is None
    assert not Letter.objects.exists()


def test_the_hashes_go_by_themselves(world: World) -> None:
    form = form_of(world.alma_list)
    sign_up(form)
    signing_up.admit(form, arrival(form), at=NOON + SHORTLY)
    assert set(Throttle.objects.values_list("kind", flat=True)) == {"network", "confirmation"}

    expiring.expire(NOON + 31 * DAY)

    assert not Throttle.objects.exists()


def test_many_refused_submissions_leave_a_count_and_nothing_else(world: World) -> None:
    """Some hundreds here; each adds to one of a handful of rows, so ten thousand leave the same."""
    form = form_of(world.alma_list)
    ways = {
        Outcome.TRAPPED: arrival(form, trap="https://spam.example"),
        Outcome.TOO_SOON: arrival(form, NOON + SHORTLY),
        Outcome.TOO_OLD: arrival(form, NOON - DAY),
        Outcome.UNSTAMPED: arrival(form, stamp="x.1.y"),
    }
    before = Holding.objects.count(), Person.objects.count()

    for number in range(300):
        outcome = list(ways)[number % len(ways)]
        assert signing_up.admit(form, ways[outcome], at=NOON + SHORTLY) == outcome

    assert dict(FormCount.objects.values_list("outcome", "count")) == dict.fromkeys(ways, 75)
    assert (Holding.objects.count(), Person.objects.count()) == before
    assert not (PendingSignUp.objects.exists() or Letter.objects.exists())
    assert not Throttle.objects.exists()


def test_one_network_cannot_send_without_end(world: World) -> None:
    form = form_of(world.alma_list)
    at = NOON + SHORTLY
    for number in range(throttling.NETWORK_MOST):
        last = arrival(form, network=f"192.0.2.{number}")
        assert not isinstance(signing_up.admit(form, last, at=at), Outcome)

    assert signing_up.admit(form, arrival(form), at=at) == Outcome.TOO_MANY
    elsewhere = arrival(form, network="2001:db8::1")
    assert not isinstance(signing_up.admit(form, elsewhere, at=at), Outcome)
    later = arrival(form, NOON + HOUR)
    assert not isinstance(signing_up.admit(form, later, at=at + HOUR), Outcome)
    assert Throttle.objects.count() == 2


def test_the_stamp_of_one_form_is_none_of_another(world: World) -> None:
    form, other = form_of(world.alma_list), form_of(world.alma_list, name="Bolt")
    foreign = arrival(form, stamp=stamp_of(other))

    assert signing_up.admit(form, foreign, at=NOON + SHORTLY) == Outcome.UNSTAMPED


def test_a_closed_form_takes_nobody(world: World) -> None:
    form = form_of(world.alma_list)
    forming.close(form, actor="user:1", at=NOON)

    assert signing_up.admit(form, arrival(form), at=NOON + SHORTLY) == Outcome.CLOSED
