"""Reminding staff: ten, five, one day before, and when the day has passed; once each."""

from datetime import timedelta

import pytest
from django.core import mail

from hirnok.accounts import people
from hirnok.accounts.models import Role
from hirnok.register import expiring
from hirnok.register.models import Activity
from hirnok.rights import reminding
from hirnok.rights.models import Request, Right
from hirnok.rights.tests.asked import DORA, taken
from hirnok.tenants.acting import acting_for
from tests.world import NOON, World

pytestmark = pytest.mark.django_db
ANNA = "anna@hirnok.example"


@pytest.mark.parametrize(
    ("days_left", "step"),
    [(25, None), (11, None), (10, 10), (6, 10), (5, 5), (2, 5), (1, 1), (0, 1), (-1, -1), (-9, -1)],
)
def test_it_knows_which_step_is_reached(days_left: int, step: int | None) -> None:
    assert reminding.step(days_left) == step


def test_it_reminds_once_a_step(world: World) -> None:
    taken(world.alma, Right.ACCESS, at=NOON)  # due on 27 November
    written = {}
    for day in range(40):
        if reminding.remind(NOON + timedelta(days=day)):
            written[day] = Request.objects.get().reminded

    assert written == {15: 10, 20: 5, 24: 1, 26: -1}
    assert [one.to for one in mail.outbox] == [[ANNA]] * 4


def test_a_job_that_did_not_run_for_days_says_the_last_step_only(world: World) -> None:
    taken(world.alma, Right.ACCESS, at=NOON)
    assert reminding.remind(NOON + timedelta(days=24)) == 1
    assert Request.objects.get().reminded == 1


def test_it_names_references_and_dates_and_nobody(world: World) -> None:
    made = taken(world.alma, Right.ACCESS, at=NOON)
    reminding.remind(NOON + timedelta(days=30))

    text = mail.outbox[-1].body
    assert made.reference in text
    assert "LATE" in text
    assert DORA not in text and "Dóra" not in text
    assert "/alma/privacy/requests/" in text


def test_privacy_officers_come_before_owners(world: World) -> None:
    with acting_for(world.alma):
        people.join(world.alma, world.nobody, Role.PRIVACY_OFFICER, actor="command:setup", at=NOON)
    taken(world.alma, Right.ACCESS, at=NOON)
    assert reminding.remind(NOON + timedelta(days=20)) == 1
    assert [one.to for one in mail.outbox] == [["nobody@hirnok.example"]]


def test_what_has_ended_is_not_spoken_of(world: World) -> None:
    made = taken(world.alma, Right.ACCESS, at=NOON)
    Request.objects.filter(pk=made.pk).update(status="withdrawn")
    assert reminding.remind(NOON + timedelta(days=30)) == 0


def test_an_open_request_does_not_expire(world: World) -> None:
    Activity.objects.filter(code__startswith="rights").update(retention_period="P10D")
    taken(world.alma, Right.ACCESS, at=NOON)
    for day in range(60):
        reminding.remind(NOON + timedelta(days=day))
        expiring.expire(NOON + timedelta(days=day, hours=1))
    assert Request.objects.count() == 1
