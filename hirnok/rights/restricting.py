"""Restriction (GDPR Art. 18; X14): data are stored and nothing else, until the person was told that they thaw again."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet

from hirnok.register import holding_back
from hirnok.register.models import Hold, Holding
from hirnok.rights import outcomes
from hirnok.rights.outcomes import Kind, Outcome
from hirnok.tenants.models import Brand, Tenant


class Ground(StrEnum):
    """GDPR Art. 18 (1) a to d, and what a person may ask for beside them: that nothing be deleted for now."""

    ACCURACY = "accuracy"
    UNLAWFUL = "unlawful"
    CLAIMS = "claims"
    OBJECTION = "objection"
    PRESERVATION = "preservation"


ARTICLES = {
    Ground.ACCURACY: "18(1)(a)",
    Ground.UNLAWFUL: "18(1)(b)",
    Ground.CLAIMS: "18(1)(c)",
    Ground.OBJECTION: "18(1)(d)",
    Ground.PRESERVATION: "18(1)(c)",
}


@transaction.atomic
def restrict(  # noqa: PLR0913 - the columns of the hold
    tenant: Tenant,
    index: bytes,
    ground: str,
    *,
    actor: str,
    at: datetime,
    allowed_purposes: Collection[str] = (),
    until: datetime | None = None,
    brand: Brand | None = None,
    activities: Collection[str] = (),
) -> list[Outcome]:
    """Freeze what is held of a person (for these activities, by code; none: for all); ValueError for no such ground.

    `allowed_purposes`: of Hold.Purpose. What is frozen already is answered again, not frozen twice.
    """
    why = Ground(ground)
    held = [
        one
        for one in outcomes.held_of(tenant, index, brand)
        if not outcomes.is_about_rights(one.activity)
        and (not activities or one.activity.code in activities)
    ]
    frozen = _restrictions(tenant, held).values_list("holding_id", flat=True)
    new = [one.pk for one in held if one.pk not in set(frozen)]
    order = holding_back.Order(
        kind=Hold.Kind.RESTRICTION,
        ground=str(why),
        reason=ARTICLES[why],
        allowed=[Hold.Purpose(one) for one in allowed_purposes],
        until=until,
    )
    holding_back.hold(tenant, new, order, actor=actor, at=at)
    numbers = outcomes.rows_below(tenant, held)
    found = outcomes.of_holdings(numbers, held, Kind.RESTRICTED, article=ARTICLES[why])
    return outcomes.complete(found)


@transaction.atomic
def tell(
    tenant: Tenant, index: bytes, *, actor: str, at: datetime, brand: Brand | None = None
) -> int:
    """Write down that the person was told that the restriction will be lifted; returns how many holdings it is about."""
    held = list(outcomes.held_of(tenant, index, brand))
    holds = _restrictions(tenant, held).values_list("pk", flat=True)
    return holding_back.mark_told(tenant, holds, actor=actor, at=at)


@transaction.atomic
def lift(
    tenant: Tenant, index: bytes, *, actor: str, at: datetime, brand: Brand | None = None
) -> list[Outcome]:
    """Thaw what was restricted: holding_back.NotTold while the person was not told (Art. 18 (3))."""
    held = list(outcomes.held_of(tenant, index, brand))
    holds = _restrictions(tenant, held).values_list("pk", flat=True)
    free = set(holding_back.lift(tenant, holds, actor=actor, at=at))
    thawed = [one for one in held if one.pk in free]
    numbers = outcomes.rows_below(tenant, thawed)
    return outcomes.complete(outcomes.of_holdings(numbers, thawed, Kind.LIFTED))


def _restrictions(tenant: Tenant, held: Collection[Holding]) -> "QuerySet[Hold]":
    rows: QuerySet[Hold] = Hold.objects.of(tenant).filter(
        holding_id__in=[one.pk for one in held], kind=Hold.Kind.RESTRICTION
    )
    return rows
