"""`hirnok send`."""

import json
from io import StringIO
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.core.management import CommandError, call_command

from hirnok.campaigns.tests.drafts import draft
from hirnok.outbox.models import Delivery, Message, State
from tests.world import NOON

if TYPE_CHECKING:
    from tests.world import World


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("send", *arguments, "--tenant", "alma", stdout=out, stderr=StringIO())
    return out.getvalue()


def test_it_sends_by_number_and_by_name(world: "World") -> None:
    first, second = draft(world), draft(world, name="Tavaszi")
    assert json.loads(run(str(first.pk), "--json")) == {
        "campaign": first.pk,
        "status": "sending",
        "recipients": 2,
        "left_out": {},
    }
    assert run("Tavaszi") == "Tavaszi: sending, 2 recipients.\n"
    second.refresh_from_db()
    assert second.status == "sending"


def test_it_only_counts_in_a_dry_run(world: "World") -> None:
    campaign = draft(world)
    assert run(str(campaign.pk), "--dry-run") == "November: draft, 2 recipients.\n"
    assert not Delivery.objects.exists()


@time_machine.travel(NOON, tick=False)
def test_it_schedules(world: "World") -> None:
    campaign = draft(world)
    run(str(campaign.pk), "--at", "2026-11-03T09:00")
    campaign.refresh_from_db()
    assert campaign.scheduled_at is not None
    assert campaign.scheduled_at.isoformat() == "2026-11-03T08:00:00+00:00"


def test_it_waits_for_the_end(world: "World") -> None:
    campaign = draft(world)
    run(str(campaign.pk))
    Delivery.objects.update(state=State.SENT)
    Message.objects.update(finished_at=NOON)
    from hirnok.campaigns.management.commands.send import Command

    campaign.refresh_from_db()
    assert Command(stderr=StringIO())._wait(world.alma, campaign).status == "sent"


def test_it_says_what_stands_in_the_way(world: "World") -> None:
    campaign = draft(world, subject="")
    with pytest.raises(CommandError, match="The subject is missing"):
        run(str(campaign.pk))
    with pytest.raises(CommandError, match="no campaign Nincs"):
        run("Nincs")
    with pytest.raises(CommandError, match="--at takes"):
        run(str(draft(world).pk), "--at", "soon")
    with pytest.raises(CommandError, match="Give the zone"):
        run(str(draft(world).pk), "--at", "2027-01-01T09:00+02:00")
    with pytest.raises(CommandError, match="no tenant"):
        call_command("send", "1", "--tenant", "nobody")
