"""How many mails a tenant has sent in a month of its own time zone."""

import json
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from hirnok.outbox import counting, letters
from hirnok.outbox.counting import Sent
from hirnok.outbox.models import Delivery, Letter, Message, Relay, State
from tests.world import NOON, World

pytestmark = pytest.mark.django_db
NOVEMBER = date(2026, 11, 1)
LAST_OF_OCTOBER = datetime(2026, 10, 31, 22, 59, tzinfo=UTC)  # 23:59 in Budapest
FIRST_OF_NOVEMBER = datetime(2026, 10, 31, 23, 0, tzinfo=UTC)  # 0:00 in Budapest


def sent_letter(world: World, at: datetime, *, is_forwarded: bool = False) -> None:
    letter = letters.post(
        world.alma, world.dora.holding, recipient="dora@example.hu", return_path="", data=b"x", at=NOON, is_forwarded=is_forwarded
    )  # fmt: skip
    assert counting.sent_in_month(world.barack, at).total == 0
    Letter.objects.filter(pk=letter.pk).update(state=State.SENT, sent_at=at)


def launched(world: World) -> Message:
    relay, _ = Relay.objects.get_or_create(
        tenant=world.alma, name="Relay", defaults={"host": "127.0.0.1"}
    )
    return Message.objects.create(
        tenant=world.alma,
        brand=world.alma_brand,
        relay=relay,
        return_path="hirlevel@alma.example",
        compiled=b"",
        measurement="off",
        created_at=LAST_OF_OCTOBER,
        launched_at=LAST_OF_OCTOBER,
    )


def test_it_counts_letters_in_the_month_of_the_tenants_time_zone(world: World) -> None:
    for at in (LAST_OF_OCTOBER, FIRST_OF_NOVEMBER, NOON):
        sent_letter(world, at)
    sent_letter(world, NOON, is_forwarded=True)
    assert counting.sent_in_month(world.alma, NOON) == Sent(NOVEMBER, 0, 2, 1)
    assert counting.sent_in_month(world.alma, FIRST_OF_NOVEMBER).total == 3
    assert counting.sent_in_month(world.alma, LAST_OF_OCTOBER) == Sent(date(2026, 10, 1), 0, 1, 0)
    Letter.objects.all().delete()  # their period is over: what was sent was sent
    assert counting.sent_in_month(world.alma, NOON).total == 3


def test_it_counts_a_letter_once(world: World) -> None:
    sent_letter(world, NOON)
    Letter.objects.update(code=250)
    Letter.objects.update(state=State.SENT)
    assert counting.sent_in_month(world.alma, NOON).letters == 1


def test_it_counts_recipients_whatever_came_of_them(world: World) -> None:
    for number, (state, at) in enumerate(
        [
            (State.SENT, NOON),
            (State.BOUNCED, NOON),
            (State.SENT, LAST_OF_OCTOBER),
            (State.SENT, FIRST_OF_NOVEMBER),
            (State.SUPPRESSED, None),
        ],
        1,
    ):
        Delivery.objects.create(
            id=number, tenant=world.alma, contact=world.dora, message=launched(world), state=state, sent_at=at
        )  # fmt: skip
    Delivery.objects.update(contact=None)  # erased
    assert counting.sent_in_month(world.alma, NOON).newsletters == 3
    assert counting.sent_in_month(world.alma, LAST_OF_OCTOBER).newsletters == 1
    assert counting.sent_in_month(world.barack, NOON).total == 0
    Message.objects.update(finished_at=LAST_OF_OCTOBER)
    assert counting.sent_in_month(world.alma, NOON).newsletters == 0


def test_it_says_so_in_json(world: World) -> None:
    told = counting.sent_in_month(world.alma, datetime(2026, 12, 31, 12, tzinfo=UTC)).as_dict()
    assert told == {"month": "2026-12", "newsletters": 0, "letters": 0, "forwarded": 0, "total": 0}


def test_the_command_says_so_for_each_tenant(world: World) -> None:
    sent_letter(world, NOON)
    out = StringIO()
    call_command("sent", month="2026-11", json=True, stdout=out)
    told = {row["tenant"]: row["total"] for row in json.loads(out.getvalue())}
    assert told == {"alma": 1, "barack": 0, "hirnok": 0}
    out = StringIO()
    call_command("sent", tenant="alma", month="2026-10", stdout=out)
    assert out.getvalue() == "alma  2026-10: 0 sent (0 newsletters, 0 other mails, 0 forwarded)\n"
    for bad in ({"month": "2026-13"}, {"tenant": "nobody"}):
        with pytest.raises(CommandError):
            call_command("sent", **bad)
