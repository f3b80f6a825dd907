"""What a right came to, module by module: each package that holds personal data gives an answer, or the request stays open."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Count, F, Q, QuerySet

from hirnok.register import declarations
from hirnok.register.models import Activity, Holding, Person
from hirnok.register.readymade import NEWSLETTER
from hirnok.tenants.models import Brand, Tenant

MODULE = "register"  # which answers for what hangs from no holding


class Kind(StrEnum):
    """What a module did, or why not."""

    EXPORTED = "exported"
    REMOVED = "removed"
    ANONYMISED = "anonymised"
    RETAINED = "retained"
    RECTIFIED = "rectified"
    RESTRICTED = "restricted"
    LIFTED = "lifted"
    PASSED_ON = "passed_on"
    NONE_FOUND = "none_found"
    FAILED = "failed"
    NEEDS_HUMAN = "needs_human"


@dataclass(frozen=True)
class Outcome:
    """One answer: of which package (app label), for which activity, how many rows; kept by which article, until when."""

    module: str
    kind: Kind
    activity: str = ""
    count: int = 0
    article: str = ""
    until: datetime | None = None
    reason: str = ""


def modules() -> set[str]:
    """Return the packages that hold personal data below a holding: each has to answer."""
    return {one.model.partition(".")[0] for one in declarations.below_holdings()}


def complete(found: Iterable[Outcome]) -> list[Outcome]:
    """Return the answers in order, with "none found" for every package that had nothing to say."""
    given = list(found)
    silent = modules() - {one.module for one in given}
    given += [Outcome(module, Kind.NONE_FOUND) for module in silent]
    return sorted(given, key=lambda one: (one.module, one.activity, one.kind))


def person_of(tenant: Tenant, index: bytes) -> Person | None:
    """Return the tenant's person with this blind index."""
    found: Person | None = Person.objects.of(tenant).filter(blind_index=index).first()
    return found


def held_of(tenant: Tenant, index: bytes, brand: Brand | None = None) -> "QuerySet[Holding]":
    """Return what is held of a person, in the whole tenant or for one brand (and for none in particular)."""
    rows: QuerySet[Holding] = Holding.objects.of(tenant).filter(person__blind_index=index)
    if brand is not None:
        rows = rows.filter(Q(brand=brand) | Q(brand=None))
    return rows.select_related("activity", "brand").order_by("pk")


def rows_below(tenant: Tenant, holdings: Iterable[Holding]) -> dict[tuple[str, int], int]:
    """Return how many rows hang from these holdings, by package and holding."""
    numbers: dict[tuple[str, int], int] = defaultdict(int)
    ids = [one.pk for one in holdings]
    for declaration in declarations.below_holdings() if ids else ():
        path = "pk" if declaration.holding == "self" else declaration.holding
        module = declaration.model.partition(".")[0]
        rows = declaration.of_model()._default_manager.filter(**{f"{path}__in": ids})
        if any(field.name == "tenant" for field in declaration.of_model()._meta.fields):
            rows = rows.filter(tenant_id=tenant.pk)
        counted = rows.order_by().values(holding_=F(path)).annotate(number=Count("*"))
        for holding, number in counted.values_list("holding_", "number"):
            numbers[module, holding] += number
    return dict(numbers)


def of_holdings(
    numbers: Mapping[tuple[str, int], int],
    holdings: Iterable[Holding],
    kind: Kind,
    *,
    article: str = "",
    reason: str = "",
    until: datetime | None = None,
) -> list[Outcome]:
    """Return the answers of the packages whose rows hang from these holdings; one for each package and activity."""
    by_id = {one.pk: one for one in holdings}
    grouped: dict[tuple[str, str], tuple[int, datetime | None]] = {}
    for (module, pk), number in numbers.items():
        if (holding := by_id.get(pk)) is None:
            continue
        key = module, holding.activity.code
        count, end = grouped.get(key, (0, None))
        ends = [one for one in (end, until or holding.expires_at) if one]
        grouped[key] = count + number, max(ends, default=None)
    return [
        Outcome(
            module,
            kind,
            activity=activity,
            count=count,
            article=article,
            until=end if kind is Kind.RETAINED else None,
            reason=reason,
        )
        for (module, activity), (count, end) in grouped.items()
    ]


def is_about_rights(activity: Activity) -> bool:
    """Whether an activity keeps the proof that rights were honoured: it goes by its own period only."""
    return activity.code in {"rights", "rights_letters"}


def newsletters(holdings: Iterable[Holding]) -> list[Holding]:
    """Return those that are contacts of a newsletter."""
    return [one for one in holdings if one.activity.code == NEWSLETTER]
