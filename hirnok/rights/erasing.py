"""Erasure (GDPR Art. 17; X13): on each of the six grounds, at once, over all packages, and what the law makes stay.

Promises: what may go is gone when the function returns, through `closing.end` and by that out of every table that hangs
from a holding, out of what waits to be sent and out of what was staged; what stays is told with its article and its
end. Leaves to others: deciding whether the ground is given (staff), telling the recipients (`told`).
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from hirnok.register import closing, suppression
from hirnok.register.models import Hold, Holding, LegalBasis, Suppression
from hirnok.register.readymade import ACCOUNTS, SIGN_UP_PROOF
from hirnok.rights import outcomes
from hirnok.rights.outcomes import Kind, Outcome
from hirnok.tenants.models import Brand, Tenant


class Ground(StrEnum):
    """GDPR Art. 17 (1) a to f."""

    UNNECESSARY = "unnecessary"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"
    UNLAWFUL = "unlawful"
    OBLIGATION = "obligation"
    CHILD = "child"


# Who says one of these is not to be written to again by the brand: the keyed hash that stays says so.
_NEVER_AGAIN = {
    Ground.WITHDRAWN: Suppression.Reason.UNSUBSCRIBED,
    Ground.OBJECTED: Suppression.Reason.OBJECTION,
    Ground.UNLAWFUL: Suppression.Reason.OBJECTION,
}


@transaction.atomic
def erase(
    tenant: Tenant,
    index: bytes,
    ground: str,
    *,
    actor: str,
    at: datetime,
    brand: Brand | None = None,
) -> list[Outcome]:
    """End all that is held of a person and may go, in the tenant or at one brand; ValueError for no such ground.

    Repeating it is harmless: what is gone is answered with "none found", what stays with its reason.
    """
    why = Ground(ground)
    held = list(outcomes.held_of(tenant, index, brand).select_for_update(of=("self",)))
    numbers = outcomes.rows_below(tenant, held)
    kept = {one.pk: reason for one in held if (reason := _kept(one)) is not None}
    going = [one for one in held if one.pk not in kept]
    if why in _NEVER_AGAIN and outcomes.newsletters(held):
        suppression.suppress(
            tenant, [index], brand=brand, reason=_NEVER_AGAIN[why], actor=actor, at=at
        )
    ended = closing.end(
        tenant, [one.pk for one in going], reason=closing.Reason.ERASED, actor=actor, at=at
    )
    gone = [one for one in going if one.pk not in ended.held]
    found = outcomes.of_holdings(numbers, gone, Kind.REMOVED)
    for one in held:
        if one.pk in ended.held:
            found += _held_back(tenant, numbers, one)
        elif (reason := kept.get(one.pk)) is not None:
            kind, article, words = reason
            found += outcomes.of_holdings(numbers, [one], kind, article=article, reason=words)
    return outcomes.complete(_merged(found) + _suppressed(tenant, index))


def _kept(holding: Holding) -> tuple[Kind, str, str] | None:
    """Why a holding stays although the person asks for erasure; None where it may go."""
    for applies, answer in _EXCEPTIONS:
        if applies(holding):
            return answer
    return None


_EXCEPTIONS: tuple[tuple[Callable[[Holding], bool], tuple[Kind, str, str]], ...] = (
    (
        lambda one: outcomes.is_about_rights(one.activity),
        (Kind.RETAINED, "17(3)(b)", "proof_of_rights"),
    ),
    (
        lambda one: one.activity.code == SIGN_UP_PROOF,
        (Kind.RETAINED, "17(3)(e)", "legal_claims"),
    ),
    (
        lambda one: one.activity.code == ACCOUNTS,
        (Kind.NEEDS_HUMAN, "17(1)(a)", "account_in_use"),
    ),
    (
        lambda one: one.legal_basis == LegalBasis.LEGAL_OBLIGATION,
        (Kind.RETAINED, "17(3)(b)", "legal_obligation"),
    ),
)


def _held_back(
    tenant: Tenant, numbers: dict[tuple[str, int], int], holding: Holding
) -> list[Outcome]:
    hold = Hold.objects.of(tenant).filter(holding=holding).order_by("until").last()
    return outcomes.of_holdings(
        numbers,
        [holding],
        Kind.RETAINED,
        article="17(3)(e)",
        reason="legal_hold",
        until=hold.until if hold else None,
    )


def _suppressed(tenant: Tenant, index: bytes) -> list[Outcome]:
    """That a keyed hash stays so that nobody writes again, which the law itself wants (Art. 21 (3))."""
    rows = Suppression.objects.of(tenant).filter(key=index).count()
    if not rows:
        return []
    return [
        Outcome(outcomes.MODULE, Kind.RETAINED, "suppression", rows, "21(3)", reason="never_again")
    ]


def _merged(found: list[Outcome]) -> list[Outcome]:
    """Join the answers that differ in nothing but their number."""
    sums: dict[tuple[str, Kind, str, str, str], Outcome] = {}
    for one in found:
        key = one.module, one.kind, one.activity, one.article, one.reason
        before = sums.get(key)
        ends = [end for end in (one.until, before.until if before else None) if end]
        sums[key] = Outcome(
            one.module,
            one.kind,
            one.activity,
            one.count + (before.count if before else 0),
            one.article,
            max(ends, default=None),
            one.reason,
        )
    return list(sums.values())
