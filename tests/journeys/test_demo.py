"""`make demo`: everything from nothing on one command, with figures that add up; the second start repeats nothing."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hirnok.process.tests.places import eventually
from tests.journeys.installation import Installation, installation, prepared


@pytest.mark.timeout(900)
def test_it_does_the_main_job_once_and_reports_figures_that_add_up(
    tmp_path: Path, database_url: Any
) -> None:
    with prepared(tmp_path) as environment:
        with installation(tmp_path, "--demo", environment=environment) as first:
            ready(first)
            figures = reported(first)
            assert "2000 rows = 1975 new" in first.said
            assert "16 were put off by greylisting" in first.said
            mails = first.accepted
            assert len({recipient for _, recipient in mails}) == figures["sent"] == 1949
            assert figures["recipients"] == figures["sent"] + figures["bounced"] + figures["failed"]
            assert (figures["bounced"], figures["failed"]) == (22, 4)
            assert figures["unsubscribed"] > 0
            assert figures["opens"]["people_unique"] > figures["clicks"]["people_unique"] > 0
            assert {country["country"] for country in figures["countries"]} >= {"HU", "RO", "AT"}
            assert re.search(r"anna@alma\.example +Alma Anna, owner of alma", first.said)
        with installation(tmp_path, "--demo", environment=environment) as second:
            ready(second)
            assert "sending the newsletter" not in second.said
            assert second.accepted == mails
            assert reported(second) == figures


def ready(running: Installation) -> None:
    """Wait as long as it gets on."""
    length = -1
    while "the demo is ready" not in running.said:
        assert "the demo failed" not in running.said, running.said
        length = eventually(lambda before=length: (now := len(running.said)) > before and now)


def reported(running: Installation) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(
        running.command("report", "Novemberi kert", "--tenant", "alma", "--json")
    )
    return figures
