"""What the overview shows of a tenant: first steps, what runs, the last campaigns with their figures, lists."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hirnok.accounts.models import Role
from hirnok.campaigns import checking, reports
from hirnok.campaigns.models import Campaign
from hirnok.contacts import finding, imports
from hirnok.contacts.models import Contact, Import, List
from hirnok.outbox.models import Relay
from hirnok.register.models import Suppression
from hirnok.tenants.models import Brand, Tenant

CAMPAIGNS_SHOWN = 5
LISTS_SHOWN = 8
FOUND_SHOWN = 20


@dataclass(frozen=True)
class FirstStep:
    """Something to do before the first newsletter can leave; `url` is empty for who may not do it."""

    label: str | Promise
    help: str | Promise
    done: bool
    url: str


@dataclass(frozen=True)
class Work:
    """Something that runs: an import or a sending."""

    label: str
    icon: str
    done: int
    total: int | None
    url: str

    @property
    def share(self) -> float | None:
        """How much of it is done, 0…1; None while nobody knows."""
        return min(1.0, self.done / self.total) if self.total else None


@dataclass(frozen=True)
class Sent:
    """A campaign and its most important figures; opens and clicks by people, None where not measured."""

    campaign: Campaign
    states: dict[str, int]
    opened: int | None
    clicked: int | None

    @property
    def reached(self) -> int:
        """How many have got it."""
        return self.states["sent"]

    @property
    def open_rate(self) -> float | None:
        """The share of those who got it that opened."""
        return None if self.opened is None or not self.reached else self.opened / self.reached

    @property
    def click_rate(self) -> float | None:
        """The share of those who got it that clicked."""
        return None if self.clicked is None or not self.reached else self.clicked / self.reached


def first_steps(tenant: Tenant, role: Role) -> list[FirstStep]:
    """Return the steps to a first newsletter, [] once one has been sent."""
    if Campaign.objects.of(tenant).filter(launched_at__isnull=False).exists():
        return []
    steps = [
        (
            gettext_lazy("Make a brand"),
            gettext_lazy("The name, address and language you write under."),
            Brand.objects.of(tenant).exists(),
            "accounts:brand_new",
            Role.OWNER,
        ),
        (
            gettext_lazy("Connect a relay"),
            gettext_lazy("The mail server that takes your newsletters; a test says what is wrong."),
            Relay.objects.of(tenant).exists(),
            "outbox:relay_new",
            Role.OWNER,
        ),
        (
            gettext_lazy("Make a list"),
            gettext_lazy("Readers are on lists, and a newsletter goes to lists."),
            List.objects.of(tenant).exists(),
            "contacts:new_list",
            Role.MARKETER,
        ),
        (
            gettext_lazy("Import your readers"),
            gettext_lazy("From Excel, CSV or the export of another program."),
            Contact.objects.of(tenant).exists(),
            "contacts:import_upload",
            Role.MARKETER,
        ),
        (
            gettext_lazy("Write the first newsletter"),
            gettext_lazy("Nothing leaves before you have seen it and confirmed to how many."),
            False,
            "campaigns:new_campaign",
            Role.MARKETER,
        ),
    ]
    return [
        FirstStep(
            label, text, done, reverse(name, args=[tenant.slug]) if role.includes(needed) else ""
        )
        for label, text, done, name, needed in steps
    ]


def counts(tenant: Tenant) -> dict[str, int]:
    """Return how many contacts and suppressed addresses there are."""
    return {
        "contacts": Contact.objects.of(tenant).count(),
        "suppressed": Suppression.objects.of(tenant).values("key").distinct().count(),
    }


def lists(tenant: Tenant) -> Sequence[List]:
    """Return the lists in use, with `members`."""
    return [one for one in finding.lists_with_counts(tenant) if one.archived_at is None][
        :LISTS_SHOWN
    ]


def running(tenant: Tenant, role: Role) -> list[Work]:
    """Return what runs now: imports, and campaigns that are being sent."""
    return [
        *(_import(tenant, run, role) for run in imports.running(tenant)),
        *(_sending(tenant, campaign) for campaign in _under_way(tenant)),
    ]


def last_sent(tenant: Tenant) -> list[Sent]:
    """Return the campaigns launched last, the newest first."""
    campaigns = list(
        Campaign.objects.of(tenant)
        .filter(message__isnull=False)
        .select_related("message", "brand")
        .order_by("-launched_at", "-pk")[:CAMPAIGNS_SHOWN]
    )
    return [_sent(campaign) for campaign in campaigns]


def drafts(tenant: Tenant) -> list[Campaign]:
    """Return what is being written or waits for its time, changed last first."""
    states = (Campaign.Status.DRAFT, Campaign.Status.SCHEDULED)
    rows = Campaign.objects.of(tenant).filter(status__in=states).order_by("-updated_at", "-pk")
    return list(rows[:CAMPAIGNS_SHOWN])


def campaigns_with(tenant: Tenant, words: str) -> list[Campaign]:
    """Return the newest campaigns whose name or subject has these words."""
    rows = Campaign.objects.of(tenant).order_by("-created_at", "-pk")
    for word in words.split()[:5]:
        rows = rows.filter(Q(name__icontains=word) | Q(subject__icontains=word))
    return list(rows[:FOUND_SHOWN])


def contacts_with(tenant: Tenant, words: str) -> list[Contact]:
    """Return contacts whose address or name has these words."""
    rows = finding.find(tenant, finding.Narrowing(words=words)).select_related("brand")
    return list(rows.order_by("email", "pk")[:FOUND_SHOWN])


def _under_way(tenant: Tenant) -> list[Campaign]:
    status = Campaign.Status
    states = (status.STARTING, status.SENDING, status.PAUSED)
    rows = Campaign.objects.of(tenant).filter(status__in=states).select_related("message")
    return list(rows.order_by("-launched_at")[:20])


def _import(tenant: Tenant, run: Import, role: Role) -> Work:
    at = [tenant.slug, run.pk]
    return Work(
        label=_("Importing %(file)s") % {"file": run.file_name},
        icon="file-import",
        done=run.rows_done,
        total=run.rows_total,
        url=reverse("contacts:import_progress", args=at) if role.includes(Role.MARKETER) else "",
    )


def _sending(tenant: Tenant, campaign: Campaign) -> Work:
    done, total = checking.sent_so_far(campaign)
    is_paused = campaign.status == Campaign.Status.PAUSED
    label = _("Paused: %(name)s") if is_paused else _("Sending %(name)s")
    return Work(
        label=label % {"name": campaign.name},
        icon="player-pause" if is_paused else "send",
        done=done,
        total=total,
        url=reverse("campaigns:campaign", args=[tenant.slug, campaign.pk]),
    )


def _sent(campaign: Campaign) -> Sent:
    message = campaign.message
    assert message is not None
    opened, clicked = reports.people_of(message)
    which = {"individual": 0, "aggregate": 1}.get(message.measurement)
    return Sent(
        campaign=campaign,
        states=reports.states_of(message),
        opened=None if which is None else opened[which],
        clicked=None if which is None else clicked[which],
    )
