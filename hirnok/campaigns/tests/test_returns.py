"""A brand with a return domain: what its newsletters say of it, and the report once some of them came back."""

from typing import TYPE_CHECKING

from hirnok.campaigns import launch, recipients, reports
from hirnok.campaigns.tests.drafts import draft
from hirnok.lib import keys, tokens
from hirnok.mail.message import Compiled
from hirnok.mail.tests import returned as mails
from hirnok.outbox.models import Delivery, State
from hirnok.returns import applying, domains, storing
from hirnok.returns.models import Returned
from tests.world import NOON

if TYPE_CHECKING:
    from hirnok.campaigns.models import Campaign
    from tests.world import World

DOMAIN = "vissza.alma.example"


def sent(world: "World") -> "Campaign":
    """Launch with a return domain; every delivery was taken by the relay."""
    domains.choose(world.alma, world.alma_brand, DOMAIN, actor="user:1", at=NOON)
    campaign = launch.launch(world.alma, draft(world).pk, actor="user:1", at=NOON)
    Delivery.objects.filter(message=campaign.message).update(state=State.SENT, sent_at=NOON)
    return campaign


def test_it_names_the_return_domain_in_envelope_and_header(world: "World") -> None:
    campaign = sent(world)
    assert campaign.message is not None
    assert campaign.message.return_path == f"@{DOMAIN}"
    leave = tokens.recipient(keys.derive("leave"), 7)
    mail = Compiled.load(bytes(campaign.message.compiled)).render(
        {"email": "dora@example.hu"}, track="", leave=leave, delivery_id=7, date="x"
    )
    assert f"<mailto:u-{tokens.in_address(leave)}@{DOMAIN}?subject=unsubscribe>".encode() in mail


def test_the_report_counts_what_came_back_and_says_why(world: "World") -> None:
    campaign = sent(world)
    dora = Delivery.objects.get(message=campaign.message, contact=world.dora)
    emil = Delivery.objects.get(message=campaign.message, contact=world.emil)
    refusal = mails.report(mails.status("dora@example.hu", said="550 5.1.1 No such mailbox"))
    complaint = mails.report(
        "Feedback-Type: abuse\nUser-Agent: F/1\nVersion: 1", kind="feedback-report"
    )
    for raw, delivery in ((refusal, dora), (complaint, emil)):
        storing.keep(world.alma, [raw], road="smtp", at=NOON)
        Returned.objects.filter(state="new").update(delivery=delivery)
        applying.apply_new(world.alma, at=NOON)
    report = reports.summary(campaign)
    assert (report.states["bounced"], report.states["sent"]) == (1, 1)
    assert (report.complaints, report.unsubscribed) == (1, 1)
    assert report.as_json()["complaints"] == 1
    (line,) = recipients.outcomes(world.alma, [Delivery.objects.get(pk=dora.pk)])
    assert (line.state, line.code, line.reply) == ("bounced", 550, "550 5.1.1 No such mailbox")
