"""What the product says of every recipient, held against what the mail server has written down."""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.chaos import count
from tests.chaos.campaigns import Campaign, Campaigns
from tests.chaos.ground import Ground

STATES = (
    "queued", "sent", "deferred", "bounced", "failed", "suppressed", "unknown", "cancelled", "erased",
)  # fmt: skip
_DELIVERIES = """
SELECT c.email, d.state FROM outbox_delivery d JOIN contacts_contact c ON c.tenant_id = d.tenant_id AND c.id = d.contact_id
WHERE d.message_id = %s
"""
_REPLIES = """
SELECT c.email, r.code, r.kind, r.text FROM outbox_deliveryreply r
JOIN outbox_delivery d ON d.id = r.delivery_id JOIN contacts_contact c ON c.tenant_id = d.tenant_id AND c.id = d.contact_id
WHERE d.message_id = %s ORDER BY r.at
"""


@dataclass
class Verdict:
    """Figures of all campaigns together; `remarks` say where something is wrong."""

    recipients: int = 0
    lost: int = 0
    repeated: int = 0
    unknown: int = 0
    miscounted: int = 0
    uncertain: dict[str, int] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def wrong(self, campaign: Campaign, what: str, who: set[str], facts: "_Facts") -> int:
        """Note a set of recipients that should be empty; returns its size."""
        if who:
            shown = ", ".join(f"{one} {facts.of(one)}" for one in sorted(who)[:5])
            self.remarks.append(f"{campaign.name}: {len(who)} {what} ({shown})")
        return len(who)


def judge(ground: Ground, campaigns: Campaigns) -> Verdict:
    """Compare: `lost` should have arrived and did not; `miscounted` stand otherwise than they are."""
    log = ground.sink.folder / "accepted.log"
    command = [sys.executable, "-m", "tests.chaos.count", str(log)]
    counted = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    refused: dict[str, set[str]] = defaultdict(set)
    for line in (ground.sink.folder / "refused.log").read_text().splitlines():
        name, recipient = line.split("\t")
        refused[count.newsletter(name)].add(recipient)
    verdict = Verdict()
    uncertain: Counter[str] = Counter()
    for campaign in campaigns.all:
        number = str(campaign.message)
        got = counted.get(number, {"times": {}, "torn": []})
        report = _report(ground, campaign)
        _one(verdict, campaign, _Facts(ground, campaign, got, refused[number], report))
        uncertain["cancelled" if campaign.cancelled else campaign.policy] += report["unknown"]
        if report["opens"]["total"] < campaigns.opened[campaign.message]:
            verdict.remarks.append(f"{campaign.name}: openings lost")
            verdict.miscounted += campaigns.opened[campaign.message] - report["opens"]["total"]
    verdict.unknown = uncertain["repeat"]
    verdict.uncertain = dict(uncertain)
    return verdict


class _Facts:
    """One campaign as the mail server, the report and the rows tell it."""

    def __init__(
        self,
        ground: Ground,
        campaign: Campaign,
        got: dict[str, Any],
        refused: set[str],
        report: dict[str, Any],
    ) -> None:
        self.times: dict[str, int] = got["times"]
        self.got = set(self.times)
        self.torn = set(got["torn"])
        self.refused, self.report = refused, report
        rows = ground.ask(_DELIVERIES, campaign.message)
        self.by_state: dict[str, set[str]] = {state: set() for state in STATES}
        for recipient, state in rows:
            self.by_state[STATES[state]].add(recipient)
        self.everybody = {recipient for recipient, _ in rows}
        replies = ground.ask(_REPLIES, campaign.message)
        self.replies = {
            recipient: f"{code} {kind} {text}" for recipient, code, kind, text in replies
        }

    def of(self, recipient: str) -> str:
        """What is known of one."""
        states = [state for state, who in self.by_state.items() if recipient in who]
        return f"{states} arrived {self.times.get(recipient, 0)} times, last {self.replies.get(recipient)}"


def _one(verdict: Verdict, campaign: Campaign, facts: _Facts) -> None:
    sent, unknown = facts.by_state["sent"], facts.by_state["unknown"]
    twice = {who for who, times in facts.times.items() if times > 1}
    lost, wrong = set(sent - facts.got), set(facts.got - sent)
    if campaign.cancelled:
        wrong -= unknown
    elif campaign.policy == "report":
        wrong -= unknown
        lost |= facts.everybody - facts.got - facts.refused - unknown
        wrong |= twice
    else:
        lost |= facts.everybody - facts.got - facts.refused
    wrong |= facts.by_state["queued"] | facts.by_state["deferred"]
    wrong |= (facts.by_state["failed"] | facts.by_state["bounced"]) - facts.refused
    verdict.recipients += len(facts.everybody)
    verdict.repeated += sum(facts.times.values()) - len(facts.times)
    verdict.lost += verdict.wrong(campaign, "lost", lost, facts)
    verdict.miscounted += verdict.wrong(
        campaign, "stand otherwise than they are", wrong - lost, facts
    )
    verdict.miscounted += verdict.wrong(campaign, "under several Message-IDs", facts.torn, facts)
    unlisted = twice - set(facts.report["repeated_recipients"])
    verdict.miscounted += verdict.wrong(
        campaign, "got it twice and are not listed", unlisted, facts
    )
    said = {state: facts.report[state] for state in STATES}
    if said != {state: len(who) for state, who in facts.by_state.items()}:
        verdict.miscounted += 1
        verdict.remarks.append(f"{campaign.name}: the report says {said}")
    if not sum(said.values()) == facts.report["recipients"] == len(facts.everybody):
        verdict.miscounted += 1
        verdict.remarks.append(f"{campaign.name}: the states do not add up to the recipients")


def _report(ground: Ground, campaign: Campaign) -> dict[str, Any]:
    printed = ground.installation.command(
        "report", str(campaign.pk), "--tenant", "operator", "--json"
    )
    told: dict[str, Any] = json.loads(printed)
    return told
