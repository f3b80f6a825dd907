"""Who gets a campaign, and why others on its lists do not.

One list of conditions gives both the recipients and the counts, so that they always add up: everybody on the
lists is either a recipient or left out for exactly one reason, the first that applies. Each person is one
contact here (unique per brand and activity), so each gets it once. The engine looks at suppression once more
when it sends.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    TextChoices,
    Value,
    When,
)
from django.utils.translation import gettext_lazy as _

from hirnok.campaigns.models import Campaign, CampaignList
from hirnok.contacts.models import Contact, Subscription
from hirnok.outbox.models import Delivery, State
from hirnok.register import suppression
from hirnok.register.models import Activity, Suppression
from hirnok.register.readymade import NEWSLETTER

LARGE = 50_000


class LeftOut(TextChoices):
    """Why somebody on the lists does not get it, in the order in which it is asked."""

    EXCLUDED = "excluded", _("On a list that is left out")
    SUPPRESSED = "suppressed", _("On the suppression list")
    RESTRICTED = "restricted", _("Processing is restricted")
    HAD_IT = "had_it", _("Already got it from the campaign before")
    BOUNCED = "bounced", _("Bounced in the campaign before")


@dataclass(frozen=True)
class Audience:
    """`total` people on the lists = `recipients` + the sum of `left_out`."""

    total: int
    recipients: int
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """What is left out in words, with the number of people."""
        return in_words(self.left_out)


def in_words(left_out: dict[str, int]) -> list[tuple[str, int]]:
    """Return reasons in words, with the number of people."""
    return [(str(LeftOut(code).label), number) for code, number in left_out.items()]


def members(campaign: Campaign) -> "QuerySet[Contact]":
    """Return everybody on the campaign's lists, whether they may get it or not."""
    on_lists = Subscription.objects.filter(
        tenant_id=campaign.tenant_id,
        contact_id=OuterRef("pk"),
        list_id__in=_lists(campaign, excluded=False),
    )
    domain = Func(F("email"), Value("@"), Value(2), function="split_part", output_field=CharField())
    activity = Activity.objects.filter(tenant_id=campaign.tenant_id, code=NEWSLETTER).first()
    people: QuerySet[Contact] = Contact.objects.filter(
        Exists(on_lists),
        tenant_id=campaign.tenant_id,
        brand_id=campaign.brand_id,
        activity=activity,
    ).alias(domain=domain)
    return people


def recipients(campaign: Campaign) -> "QuerySet[Contact]":
    """Return those who get it."""
    people = members(campaign)
    for _reason, condition in _conditions(campaign):
        people = people.filter(~Q(condition))
    return people


def classified(campaign: Campaign) -> "QuerySet[Contact, tuple[int, str]]":
    """Return everybody on the campaign's lists as (contact, reason): the reason is "" for those who get it."""
    found: QuerySet[Contact, tuple[int, str]] = _with_reason(campaign).values_list("pk", "reason")
    return found


def count(campaign: Campaign) -> Audience:
    """Return how many get it and how many do not, by reason; reasons without anybody are not listed."""
    rows = _with_reason(campaign).values_list("reason").order_by().annotate(number=Count("*"))
    return of_numbers(dict(rows))


def is_large(campaign: Campaign) -> bool:
    """Whether counting takes longer than a page may: so many stand on the lists."""
    on_lists = Subscription.objects.filter(
        tenant_id=campaign.tenant_id, list_id__in=_lists(campaign, excluded=False)
    )
    return bool(on_lists.order_by()[:LARGE].count() >= LARGE)


def of_numbers(numbers: dict[str, int]) -> Audience:
    """Return an audience from how many there are by reason, "" for those who get it."""
    reached = numbers.get("", 0)
    left_out = {str(code): numbers[code] for code in LeftOut.values if code in numbers}
    return Audience(total=reached + sum(left_out.values()), recipients=reached, left_out=left_out)


def _with_reason(campaign: Campaign) -> "QuerySet[Any]":
    reason = Case(
        *(When(condition, then=Value(str(code))) for code, condition in _conditions(campaign)),
        default=Value(""),
        output_field=CharField(),
    )
    return members(campaign).annotate(reason=reason)


def earlier(campaign: Campaign) -> list[Campaign]:
    """Return the campaigns to whose rest this one is sent, the nearest first."""
    chain: list[Campaign] = []
    at = campaign
    while at.resent_from_id and len(chain) < 20:
        at = Campaign.objects.get(tenant_id=campaign.tenant_id, pk=at.resent_from_id)
        chain.append(at)
    return chain


def _conditions(campaign: Campaign) -> list[tuple[LeftOut, Q]]:
    excluded = Subscription.objects.filter(
        tenant_id=campaign.tenant_id,
        contact_id=OuterRef("pk"),
        list_id__in=_lists(campaign, excluded=True),
    )
    conditions = [
        (LeftOut.EXCLUDED, Q(Exists(excluded))),
        (LeftOut.SUPPRESSED, _suppressed(campaign)),
        (LeftOut.RESTRICTED, Q(holding__restricted_at__isnull=False)),
    ]
    messages = [one.message_id for one in earlier(campaign) if one.message_id]
    if messages:
        before = Delivery.objects.filter(
            tenant_id=campaign.tenant_id, contact_id=OuterRef("pk"), message_id__in=messages
        )
        conditions += [
            (LeftOut.HAD_IT, Q(Exists(before.filter(state=State.SENT)))),
            (LeftOut.BOUNCED, Q(Exists(before.filter(state=State.BOUNCED)))),
        ]
    return conditions


def _suppressed(campaign: Campaign) -> Q:
    scopes = Q(scope=Suppression.Scope.TENANT) | Q(
        scope=Suppression.Scope.BRAND, scope_id=campaign.brand_id
    )
    rows = Suppression.objects.filter(
        scopes,
        tenant_id=campaign.tenant_id,
        kind=Suppression.Kind.ADDRESS,
        key=OuterRef("person__blind_index"),
    )
    domains = _suppressed_domains(campaign)
    condition = Q(Exists(rows))
    return condition | Q(domain__in=domains) if domains else condition


def _suppressed_domains(campaign: Campaign) -> list[str]:
    """Return the domains among the members' addresses that are suppressed: their hashes cannot be joined."""
    some = Suppression.objects.filter(
        tenant_id=campaign.tenant_id, kind=Suppression.Kind.DOMAIN
    ).exists()
    if not some:
        return []
    domains = members(campaign).order_by().values_list(F("domain"), flat=True).distinct()
    return sorted(
        suppression.suppressed_domains(campaign.tenant_id, campaign.brand_id, list(domains))
    )


def lists_of(campaign: Campaign) -> list[int]:
    """Return the lists whose members get it."""
    return _lists(campaign, excluded=False)


def _lists(campaign: Campaign, *, excluded: bool) -> list[int]:
    rows = CampaignList.objects.filter(
        tenant_id=campaign.tenant_id, campaign_id=campaign.pk, excluded=excluded
    )
    return list(rows.values_list(F("list_id"), flat=True))
