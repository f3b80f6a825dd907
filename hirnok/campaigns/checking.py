"""What stands between a draft and its launch, item by item, and the facts of a launch in people's words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hirnok.campaigns import audience, composing, launch, previewing
from hirnok.campaigns.audience import Audience
from hirnok.campaigns.composing import Composed
from hirnok.campaigns.models import Campaign
from hirnok.doctor import content
from hirnok.mail.compile import HasErrors
from hirnok.mail.merge import CannotRender
from hirnok.outbox import probing, tallies
from hirnok.outbox.models import Relay, State
from hirnok.tenants.models import AuditEntry, Measurement, Tenant

WHY: dict[type[Exception], str | Promise] = {
    launch.AlreadyLaunched: gettext_lazy("The campaign has been launched already."),
    launch.NobodyToSendTo: gettext_lazy("Nobody on the chosen lists may get the campaign."),
    launch.NoRelay: gettext_lazy("There is no relay to send it. Add one in the settings."),
    launch.NotSending: gettext_lazy("The campaign is not in a state in which this can be done."),
    launch.HasProblems: gettext_lazy("Something in the campaign must be mended first."),
    launch.InThePast: gettext_lazy("This time has passed already."),
    launch.NoSuchTime: gettext_lazy("On this day the clocks skip this time. Choose another one."),
}
FACTS = tuple(WHY)


NOT_LAUNCHED = {kind.__name__: words for kind, words in WHY.items()} | {
    launch.TOO_LATE_REASON: gettext_lazy("Nothing ran at that time, and now it is long past."),
}


@dataclass(frozen=True)
class Item:
    """A line of the checklist: its state is one of `ui.states`: passed, warning, failed."""

    state: str
    label: str
    text: str = ""


@dataclass(frozen=True)
class Checked:
    """The checklist with what it was made from."""

    items: list[Item]
    audience: Audience | None  # None: not counted
    made: Composed
    relay: Relay | None

    @property
    def can_be_sent(self) -> bool:
        """Whether nothing stands against the launch."""
        return all(item.state != "failed" for item in self.items)


def why(fact: Exception) -> str:
    """Return a fact in the words of the page."""
    return str(WHY[type(fact)])


def checklist(campaign: Campaign, *, at: datetime, count: bool | None = None) -> Checked:
    """Check everything that a launch needs, and what a sender would like to know before.

    `count`: whether the audience is counted, which takes seconds for a million; None: where it is quick.
    """
    made = composing.compose_campaign(campaign)
    if count is None:
        count = not audience.is_large(campaign)
    counted = audience.count(campaign) if count else None
    relay = launch.relay_of(campaign)
    items = [
        _content(made),
        *_each_message(campaign, made, at),
        _audience(campaign, counted),
        _relay(relay),
        _measurement(campaign),
    ]
    return Checked(items, counted, made, relay)


def not_launched(campaign: Campaign) -> str:
    """Return why a scheduled campaign is a draft again, "" when that is not the last thing that happened."""
    entries = AuditEntry.objects.filter(
        tenant_id=campaign.tenant_id, object_kind="campaign", object_id=campaign.pk
    ).exclude(action__in=("campaign.change", "campaign.test"))
    last = entries.order_by("-at", "-pk").first()
    if last is None or last.action != "campaign.not_launched":
        return ""
    return str(NOT_LAUNCHED.get(last.details.get("reason", ""), ""))


def sent_so_far(campaign: Campaign) -> tuple[int, int]:
    """Return how many deliveries of a launched campaign have an outcome, and how many there are."""
    numbers = tallies.states(launch.message_of(campaign))
    total = sum(numbers.values())
    return total - numbers.get(State.QUEUED, 0) - numbers.get(State.DEFERRED, 0), total


def _content(made: Composed) -> Item:
    label = _("Content")
    if made.errors:
        return Item("failed", label, _("Something in the campaign must be mended first."))
    if made.warnings:
        return Item("warning", label, " ".join(finding.text for finding in made.warnings))
    return Item("passed", label, _("Subject, body and footer are complete."))


def _each_message(campaign: Campaign, made: Composed, at: datetime) -> list[Item]:
    """Make the message for the first reader: what only shows then, and how long it is."""
    label = _("A message as it is sent")
    if made.errors:
        return []
    tenant = Tenant.objects.get(pk=campaign.tenant_id)
    contact = previewing.reader(tenant, campaign, None)
    values = previewing.values(tenant, campaign, contact)
    try:
        data = composing.rendered(made, campaign, values, at=at)
    except (CannotRender, HasErrors) as error:
        return [Item("failed", label, _("The message cannot be made: %(why)s") % {"why": error})]
    if len(previewing.parse(data).html.encode()) > content.GMAIL_SHOWS:
        text = _("The HTML is longer than 102 kB: Gmail will cut it and hide the unsubscribe link.")
        return [Item("warning", label, text)]
    return [Item("passed", label, _("It can be made, with both parts."))]


def _audience(campaign: Campaign, counted: Audience | None) -> Item:
    label = _("Audience")
    somebody = counted.recipients if counted else audience.recipients(campaign).exists()
    if not somebody:
        text = (
            _("Nobody on the chosen lists may get the campaign.")
            if (counted.total if counted else audience.members(campaign).exists())
            else _("No list is chosen, or nobody is on it.")
        )
        return Item("failed", label, text)
    return Item("passed", label, _("Each person gets it once, whatever lists they are on."))


def _relay(relay: Relay | None) -> Item:
    label = _("Relay")
    if relay is None:
        return Item("failed", label, str(WHY[launch.NoRelay]))
    if relay.failing_since:
        text = _("%(name)s does not take mail at present: %(error)s")
        return Item("warning", label, text % {"name": relay.name, "error": probing.failure(relay)})
    return Item("passed", label, relay.name)


def _measurement(campaign: Campaign) -> Item:
    words = {
        Measurement.OFF: _("Opens and clicks are not measured."),
        Measurement.AGGREGATE: _("Opens and clicks are counted, without persons."),
        Measurement.INDIVIDUAL: _("Opens and clicks are measured."),
    }
    brand = composing.brand_of(campaign)
    return Item("passed", _("Measurement"), words[Measurement(brand.measurement)])
