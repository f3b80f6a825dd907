"""Ending what is held: erasing, expiring, withdrawing and objecting are this one thing.

`end` deletes holdings; the database deletes all that hangs from them, and the person with the last one. Held
ones (`Hold`) stay, restricted, and are ended by the retention run once the hold is gone. The erasure ledger
has its entry on the disk before the commit. No other code deletes personal data.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Least

from hirnok.register import declarations, ledger
from hirnok.register.models import Hold, Holding
from hirnok.tenants import audit
from hirnok.tenants.models import Tenant
from hirnok.tenants.retrying import retried

BATCH = 2000


class Reason(StrEnum):
    """Why something is no longer held."""

    EXPIRED = "expired"  # the period of its activity is over
    WITHDRAWN = "withdrawn"  # the person withdrew the consent or left
    OBJECTED = "objected"
    ERASED = "erased"  # at the person's request, or by a user of the tenant
    RELEASED = "released"  # was to end before, a legal hold stood against it
    REPLACED = (
        "replaced"  # the same is held under another address from now on; nothing to erase again
    )
    CLOSED = "closed"  # the tenant or the user account is no more


@dataclass(frozen=True)
class Ended:
    """What came of it: how many holdings and persons are gone, and which holdings a legal hold keeps."""

    holdings: int
    persons: int
    held: tuple[int, ...]


@dataclass(frozen=True)
class _Gone:
    holding: int
    index: bytes
    person_gone: bool


@transaction.atomic
def end(
    tenant: Tenant | int, holdings: Iterable[int], *, reason: Reason, actor: str, at: datetime
) -> Ended:
    """End holdings of a tenant, by id, and all that hangs from them; waits for those that are in use.

    Ids that are gone already or belong to another tenant count as nothing, so that it can be repeated.
    """
    number = tenant if isinstance(tenant, int) else tenant.pk
    wanted = sorted(set(holdings))
    gone, held = _end_all(number, wanted, reason, at)
    done = Ended(len(gone), len({one.index for one in gone if one.person_gone}), tuple(held))
    _write_down(number, gone, done, reason=reason, actor=actor, at=at)
    return done


@retried
def _end_all(
    tenant: int, wanted: list[int], reason: Reason, at: datetime
) -> tuple[list[_Gone], list[int]]:
    """End them, batch by batch; return what is gone and what a legal hold keeps."""
    held: list[int] = []
    gone: list[_Gone] = []
    for batch in _batches(wanted):
        held += _keep_held(tenant, batch, at)
        gone += _end_batch(tenant, batch)
    delete_traces(
        tenant,
        [one.index for one in gone if one.person_gone or reason is not Reason.EXPIRED],
        expired=reason is Reason.EXPIRED,
    )
    return gone, held


def _write_down(
    tenant: int, gone: list[_Gone], done: Ended, *, reason: Reason, actor: str, at: datetime
) -> None:
    """Into the ledger, but for plain expiries and what is only held elsewhere, and into the audit log."""
    if gone and reason not in {Reason.EXPIRED, Reason.REPLACED}:
        ledger.append(
            tenant=tenant,
            holdings=[one.holding for one in gone],
            indexes=[one.index for one in gone],
            reason=reason,
            at=at,
        )
    if gone or done.held:
        audit.record(
            tenant,
            "holding.end",
            actor=actor,
            at=at,
            reason=str(reason),
            holdings=done.holdings,
            persons=done.persons,
            held=len(done.held),
        )


def _batches(ids: list[int]) -> Iterator[list[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _keep_held(tenant: int, batch: list[int], at: datetime) -> list[int]:
    """Lock the batch, restrict those under a legal hold, and let them fall due when the hold goes."""
    list(
        Holding.objects.filter(tenant_id=tenant, pk__in=batch)
        .order_by("pk")
        .select_for_update()
        .values_list("pk", flat=True)
    )
    held = sorted(
        Hold.objects.filter(tenant_id=tenant, holding_id__in=batch)
        .values_list("holding_id", flat=True)
        .distinct()
    )
    if held:
        Holding.objects.filter(tenant_id=tenant, pk__in=held).update(
            restricted_at=Coalesce(F("restricted_at"), at),
            expires_at=Least(Coalesce(F("expires_at"), at), at),
        )
    return held


def _end_batch(tenant: int, batch: list[int]) -> list[_Gone]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT holding_id, blind_index, person_gone FROM register_end_holdings(%s, %s)",
            [tenant, batch],
        )
        return [
            _Gone(holding, bytes(index), person_gone)
            for holding, index, person_gone in cursor.fetchall()
        ]


def delete_traces(tenant: int, indexes: list[bytes], *, expired: bool) -> None:
    """Delete the rows outside holdings in which these persons are found, as the packages declare."""
    for batch in (indexes[start : start + BATCH] for start in range(0, len(indexes), BATCH)):
        for model, column in declarations.traces(expired=expired):
            model._default_manager.filter(**{"tenant_id": tenant, f"{column}__in": batch}).delete()
