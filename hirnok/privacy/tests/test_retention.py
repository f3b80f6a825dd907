import pytest
from django.core import mail
from django.test import override_settings

from hirnok.accounts import people
from hirnok.accounts.models import Membership, Role
from hirnok.contacts.models import Contact
from hirnok.lib import clock
from hirnok.outbox.models import Letter
from hirnok.privacy import telling
from hirnok.register import disposals, expiring
from hirnok.register.models import DisposalRun, Holding
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World

PAGE = "/alma/privacy/retention/"


def _due(world: World) -> None:
    Holding.objects.filter(pk__in=[world.dora.pk, world.emil.pk]).update(expires_at=NOON)


def test_it_shows_what_goes_lets_somebody_agree_and_shows_what_went(world: World) -> None:
    _due(world)
    anna = world.client(world.anna)
    assert anna.post(PAGE, {"approve_above": "1"}).status_code == 302
    expiring.expire(clock.now())
    page = anna.get(PAGE).content.decode()
    assert "approve/" in page and Contact.objects.of(world.alma).count() == 2

    assert "2" in anna.get(f"{PAGE}approve/").content.decode()
    assert Contact.objects.of(world.alma).count() == 2
    anna.post(f"{PAGE}approve/")
    expiring.expire(clock.now())

    assert not Contact.objects.of(world.alma).exists()
    assert "contacts.Contact" in anna.get(PAGE).content.decode()


@pytest.mark.parametrize("typed", ["-1", "", "many", "99999999999999"])
def test_it_refuses_a_threshold_that_is_none(world: World, typed: str) -> None:
    assert world.client(world.anna).post(PAGE, {"approve_above": typed}).status_code == 200
    assert disposals.policy_of(world.alma).approve_above == 0


def test_it_is_for_privacy_officers_and_owners_of_the_tenant(world: World) -> None:
    for user, status in ((world.mark, 403), (world.vera, 403), (world.bela, 404)):
        for path in (PAGE, f"{PAGE}approve/"):
            assert world.client(user).get(path).status_code == status
            assert world.client(user).post(path, {"approve_above": "5"}).status_code == status


@override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
def test_it_writes_once_a_day_when_something_goes_and_never_otherwise(world: World) -> None:
    assert telling.tell_forecast(NOON) == 0
    _due(world)
    with acting_for(world.alma):
        mark = Membership.objects.of(world.alma).get(user=world.mark)
        people.change_role(mark, Role.PRIVACY_OFFICER, actor="user:1", at=NOON)

    assert telling.tell_forecast(NOON) == 1
    assert telling.tell_forecast(NOON) == 0

    (letter,) = mail.outbox
    assert letter.to == ["mark@hirnok.example"] and "2" in letter.body
    assert "dora" not in letter.body


@override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
def test_it_writes_when_a_run_has_failed(world: World) -> None:
    assert telling.tell_failures(NOON) == 0
    DisposalRun.objects.create(
        tenant=world.alma, started_at=NOON, ended_at=NOON, status=DisposalRun.Status.FAILED
    )
    assert (telling.tell_failures(NOON), telling.tell_failures(NOON)) == (1, 0)
    assert mail.outbox[0].to == ["anna@hirnok.example"]
    assert not Letter.objects.exists()
