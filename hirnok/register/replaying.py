"""After a restore from a backup: what was erased since is erased again, from the erasure ledger.

A holding is ended only if number, person and time fit the entry, for numbers are given out again after a restore.
A legal hold that the backup brought back was lifted before the erasure and is lifted again. Who had left or objected
is suppressed again, and so is everybody of the trail of suppressions. What could not be done is told, entry by entry.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import DatabaseError, transaction

from hirnok.register import closing, ledger, suppression, trailing
from hirnok.register.closing import Reason
from hirnok.register.ledger import Entry
from hirnok.register.models import Hold, Holding
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

ACTOR = "command:replay_erasures"
FOR_GOOD = {Reason.ERASED, Reason.OBJECTED, Reason.WITHDRAWN, Reason.RELEASED}
SUPPRESSING = {
    Reason.WITHDRAWN: suppression.Reason.UNSUBSCRIBED,
    Reason.OBJECTED: suppression.Reason.OBJECTION,
}


class NotGone(Exception):
    """These holdings came back with the backup, and something keeps them."""


@dataclass
class Replayed:
    """How many entries there were, how many holdings had come back and are gone again, how many suppressions
    stand again, and what has failed."""

    entries: int = 0
    holdings: int = 0
    suppressions: int = 0
    failures: list[str] = field(default_factory=list)


def replay(at: datetime, *, since: datetime | None = None) -> Replayed:
    """End again what the ledger says was ended. Repeating it changes nothing.

    With `since`, the time of the backup, rows outside holdings and suppressions of after that are seen to as well.
    """
    done = Replayed()
    tenants = set(Tenant.objects.values_list("pk", flat=True))
    for entry in list(ledger.entries()):
        done.entries += 1
        if entry.tenant not in tenants:
            continue
        try:
            with transaction.atomic(), acting_for(entry.tenant):
                done.holdings += _replay(entry, at)
                if since is not None and entry.at >= since and entry.reason in FOR_GOOD:
                    closing.delete_traces(entry.tenant, entry.indexes, expired=False)
        except (DatabaseError, ValueError, OSError, NotGone) as error:
            done.failures.append(f"{entry.at.isoformat()}, tenant {entry.tenant}: {error!r}")
    if since is not None:
        done.suppressions = trailing.replay(since)
    return done


def _replay(entry: Entry, at: datetime) -> int:
    back = list(
        Holding.objects.filter(
            tenant_id=entry.tenant,
            pk__in=entry.holdings,
            person__blind_index__in=entry.indexes,
            held_since__lte=entry.at,
        ).select_related("person")
    )
    reason = Reason(entry.reason)
    for holding in back:
        if reason in SUPPRESSING and holding.brand_id:
            suppression.suppress(
                entry.tenant,
                [bytes(holding.person.blind_index)],
                brand=holding.brand_id,
                reason=SUPPRESSING[reason],
                actor=ACTOR,
                at=entry.at,
            )
    numbers = [holding.pk for holding in back]
    lifted, _ = Hold.objects.filter(
        tenant_id=entry.tenant, holding_id__in=numbers, since__lte=entry.at
    ).delete()
    if lifted:
        audit.record(entry.tenant, "hold.lift", actor=ACTOR, at=at, count=lifted)
    ended = closing.end(entry.tenant, numbers, reason=reason, actor=ACTOR, at=at)
    if ended.holdings != len(numbers):
        raise NotGone(numbers)
    return ended.holdings
