"""After a restore from a backup: what was erased since is erased again, from the erasure ledger.

A holding is ended only if number, person and time fit the entry, for numbers are given out again after a restore.
Who had left or objected is suppressed again; other suppressions since the backup are in no ledger and are lost.
"""

from dataclasses import dataclass
from datetime import datetime

from hirnok.register import closing, ledger, suppression
from hirnok.register.closing import Reason
from hirnok.register.ledger import Entry
from hirnok.register.models import Holding
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

ACTOR = "command:replay_erasures"
SUPPRESSING = {
    Reason.WITHDRAWN: suppression.Reason.UNSUBSCRIBED,
    Reason.OBJECTED: suppression.Reason.OBJECTION,
}


@dataclass
class Replayed:
    """How many entries there were, and how many holdings had come back and are gone again."""

    entries: int = 0
    holdings: int = 0


def replay(at: datetime) -> Replayed:
    """End again what the ledger says was ended. Repeating it changes nothing."""
    done = Replayed()
    tenants = set(Tenant.objects.values_list("pk", flat=True))
    for entry in list(ledger.entries()):
        done.entries += 1
        if entry.tenant in tenants:
            with acting_for(entry.tenant):
                done.holdings += _replay(entry, at)
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
    return closing.end(
        entry.tenant, [holding.pk for holding in back], reason=reason, actor=ACTOR, at=at
    ).holdings
