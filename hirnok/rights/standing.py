"""How requests stand: for the list, for the figures above it, for one request."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum

from hirnok.rights import asking, receiving, wording
from hirnok.rights.models import Correspondence, PortalCount, Request, Task
from hirnok.rights.performing import MARKETING, SEND_TO
from hirnok.rights.portal import REFUSED
from hirnok.tenants.models import Tenant

SOON = 5  # days: from here on it is amber
DAYS = timedelta(days=30)


@dataclass(frozen=True)
class Row:
    """A request as the list shows it; `who` is empty once its letters are gone."""

    pk: int
    who: str
    rights: str


@dataclass(frozen=True)
class Counts:
    """What the head of the list says; the last two of thirty days."""

    open: int
    late: int
    answered: int
    refused_submissions: int


def of_requests(tenant: Tenant, requests: Iterable[Request]) -> list[Row]:
    """Return who asks for what, for some requests."""
    numbers = [one.pk for one in requests]
    who = {
        one.request_id: one.name or one.email or one.postal_address
        for one in Correspondence.objects.of(tenant).filter(request_id__in=numbers)
    }
    rights: dict[int, list[str]] = {}
    for task in Task.objects.of(tenant).filter(request_id__in=numbers).order_by("pk"):
        rights.setdefault(task.request_id, []).append(wording.right(task.right))
    return [Row(pk, who.get(pk, ""), ", ".join(rights.get(pk, []))) for pk in numbers]


def counts(tenant: Tenant, at: datetime) -> Counts:
    """Return how many requests are open, late, were answered, and how many submissions were refused."""
    today = receiving.day_of(tenant, at)
    is_open = Q(status__in=Request.OPEN)
    found = Request.objects.of(tenant).aggregate(
        open=Count("pk", filter=is_open),
        late=Count("pk", filter=is_open & Q(target_due__lt=today)),
        answered=Count("pk", filter=~is_open & Q(closed_at__gt=at - DAYS)),
    )
    refused = (
        PortalCount.objects.of(tenant)
        .filter(day__gt=(at - DAYS).date(), outcome__in=[str(one) for one in REFUSED])
        .aggregate(sum=Sum("count"))["sum"]
    )
    return Counts(**found, refused_submissions=refused or 0)


def details(task: Task) -> list[str]:
    """Return what goes with a right, in words."""
    found: list[str] = []
    if task.details.get(MARKETING):
        found.append(str(asking.OBJECTIONS[MARKETING]))
    if send_to := task.details.get(SEND_TO):
        found.append(send_to)
    ground = task.details.get("ground", "")
    for grounds in (wording.ERASURE_GROUNDS, wording.RESTRICTION_GROUNDS):
        same = (task.right == "erasure") == (grounds is wording.ERASURE_GROUNDS)
        if ground in grounds and same:
            found.append(str(grounds[ground]))
    return found
