"""`hirnok report`: the figures of a campaign without a browser."""

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command

from hirnok.campaigns import launch
from hirnok.campaigns.models import Campaign
from hirnok.campaigns.tests.drafts import draft
from tests.world import NOON

if TYPE_CHECKING:
    from tests.world import World


@pytest.fixture
def campaign(world: "World") -> Campaign:
    return launch.launch(world.alma, draft(world).pk, actor="user:1", at=NOON)


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    call_command("report", *words)
    return capsys.readouterr().out


def test_it_has_one_key_for_each_state(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = json.loads(printed(capsys, str(campaign.pk), "--tenant", "alma", "--json"))
    states = (
        "queued", "sent", "deferred", "bounced", "failed", "suppressed", "unknown", "cancelled", "erased",
    )  # fmt: skip
    assert figures["queued"] == sum(figures[state] for state in states) == figures["recipients"]
    assert figures["status"] == "sending"


def test_it_finds_a_campaign_by_its_name(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    table = printed(capsys, campaign.name, "--tenant", "alma")
    assert table.startswith(f"{campaign.name} (sending)")
    assert [line.split() for line in table.splitlines() if "recipients" in line] == [
        ["recipients", "2"]
    ]


def test_it_writes_csv(campaign: Campaign, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, str(campaign.pk), "--tenant", "alma", "--csv")
    assert ["recipients", "audience", "2"] in list(csv.reader(io.StringIO(text)))


def test_it_says_what_is_not_there(campaign: Campaign) -> None:
    for words in (
        ("no such", "--tenant", "alma"),
        (str(campaign.pk), "--tenant", "barack"),
        (str(campaign.pk), "--tenant", "nobody"),
    ):
        with pytest.raises(CommandError):
            call_command("report", *words)


def test_it_says_that_a_draft_has_no_report(world: "World") -> None:
    with pytest.raises(CommandError, match="has not been launched"):
        call_command("report", str(draft(world).pk), "--tenant", "alma")
