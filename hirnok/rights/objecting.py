"""Objection (GDPR Art. 21; X17): against marketing absolute and immediate, against the rest until it is decided."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from hirnok.consent import leaving
from hirnok.register import suppression
from hirnok.register.models import Holding, LegalBasis, Suppression
from hirnok.register.readymade import MEASUREMENT, NEWSLETTER, SIGN_UP
from hirnok.rights import outcomes, restricting
from hirnok.rights.outcomes import Kind, Outcome
from hirnok.tenants.models import Brand, Tenant

MARKETING = "marketing"
MARKETING_ACTIVITIES = frozenset({NEWSLETTER, MEASUREMENT, SIGN_UP})
_OBJECTABLE = frozenset({LegalBasis.LEGITIMATE_INTEREST, LegalBasis.PUBLIC_TASK})


@transaction.atomic
def object_to(
    tenant: Tenant,
    index: bytes,
    activities: Collection[str] | str,
    *,
    actor: str,
    at: datetime,
    brand: Brand | None = None,
) -> list[Outcome]:
    """Stop marketing at once and for good ("marketing"), or freeze what is objected to while the interests are weighed.

    Marketing: also for an address of which nothing is held yet, so that no later list brings it back.
    """
    if activities == MARKETING:
        return _stop_marketing(tenant, index, actor, at, brand)
    wanted = {activities} if isinstance(activities, str) else set(activities)
    held = list(outcomes.held_of(tenant, index, brand))
    if wanted & MARKETING_ACTIVITIES:
        stopped = _stop_marketing(tenant, index, actor, at, brand)
        rest = wanted - MARKETING_ACTIVITIES
        return (
            stopped
            if not rest
            else _both(stopped, _freeze(tenant, index, held, rest, actor, at, brand))
        )
    return _freeze(tenant, index, held, wanted, actor, at, brand)


def _stop_marketing(
    tenant: Tenant, index: bytes, actor: str, at: datetime, brand: Brand | None
) -> list[Outcome]:
    held = list(outcomes.held_of(tenant, index, brand))
    numbers = outcomes.rows_below(tenant, held)
    suppression.suppress(
        tenant, [index], brand=brand, reason=Suppression.Reason.OBJECTION, actor=actor, at=at
    )
    found: list[Outcome] = []
    for one in outcomes.newsletters(held):
        done = leaving.leave_all(one.pk, tenant=tenant.pk, at=at)
        if done.held:
            found += outcomes.of_holdings(
                numbers, [one], Kind.RETAINED, article="17(3)(e)", reason="legal_hold"
            )
        else:
            found += outcomes.of_holdings(numbers, [one], Kind.REMOVED, article="21(3)")
    found.append(
        Outcome(outcomes.MODULE, Kind.RETAINED, "suppression", 1, "21(3)", reason="never_again")
    )
    return outcomes.complete(found)


def _freeze(
    tenant: Tenant,
    index: bytes,
    held: list[Holding],
    wanted: set[str],
    actor: str,
    at: datetime,
    brand: Brand | None,
) -> list[Outcome]:
    """Freeze what rests on an interest or a public task; to what rests on something else nobody can object."""
    mine = [one for one in held if one.activity.code in wanted or not wanted]
    open_to = {one.activity.code for one in mine if one.legal_basis in _OBJECTABLE}
    open_to -= {one.activity.code for one in mine if outcomes.is_about_rights(one.activity)}
    found: list[Outcome] = []
    if open_to:
        found = restricting.restrict(
            tenant,
            index,
            restricting.Ground.OBJECTION,
            actor=actor,
            at=at,
            brand=brand,
            activities=open_to,
        )
    others = [one for one in mine if one.activity.code not in open_to]
    numbers = outcomes.rows_below(tenant, others)
    return _both(
        found,
        outcomes.of_holdings(
            numbers, others, Kind.RETAINED, article="21(1)", reason="not_open_to_objection"
        ),
    )


def _both(one: list[Outcome], other: list[Outcome]) -> list[Outcome]:
    """Join two lists of answers; "none found" of one says nothing where the other has something."""
    return outcomes.complete(
        answer for answer in (*one, *other) if answer.kind is not Kind.NONE_FOUND
    )
