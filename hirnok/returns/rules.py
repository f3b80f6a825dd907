"""When an address is dead: the tenant's rules over the failures that came back, and when it may be tried again.

Only failures that are the address's own (`COUNTABLE`) can be counted; refusals for policy, reputation, content and the like
never suppress anybody. A count looks back over the rule's days, so old failures stop counting by themselves.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from hirnok.contacts.models import Contact
from hirnok.mail.replies import COUNTED, ReplyClass
from hirnok.mail.verdicts import Permanence
from hirnok.register import suppression
from hirnok.returns.models import Failure, Lapse, Rule
from hirnok.tenants import audit
from hirnok.tenants.models import Tenant

ACTOR: Final = "job:returns"
COUNTABLE: Final = COUNTED

# What hardly comes, or says nothing of the address: not offered, so it never suppresses.
RARE: Final = frozenset(
    {
        (ReplyClass.ADDRESS, Permanence.TRANSIENT),
        (ReplyClass.MAILBOX_DISABLED, Permanence.TRANSIENT),
    }
)


@dataclass(frozen=True)
class Line:
    """A rule as it is read and typed: `count` failures of a class within `days` suppress for `lasts_days` (None: for good)."""

    kind: str
    permanence: str
    count: int
    days: int
    lasts_days: int | None = None


# What holds until a tenant writes rules of its own.
READYMADE: Final = (
    Line(ReplyClass.ADDRESS, Permanence.PERMANENT, 1, 1),
    Line(ReplyClass.MAILBOX_DISABLED, Permanence.PERMANENT, 1, 1),
    Line(ReplyClass.DOMAIN, Permanence.PERMANENT, 2, 30, 365),
    Line(ReplyClass.MAILBOX_FULL, Permanence.PERMANENT, 5, 60, 180),
    Line(ReplyClass.MAILBOX_FULL, Permanence.TRANSIENT, 5, 60, 180),
    Line(ReplyClass.NETWORK, Permanence.TRANSIENT, 8, 60, 90),
)


def of(tenant: Tenant) -> list[Line]:
    """Return the rules that hold for a tenant, as its page shows them."""
    rows = Rule.objects.of(tenant).order_by("kind", "permanence")
    own = [Line(row.kind, row.permanence, row.count, row.days, row.lasts_days) for row in rows]
    return own or list(READYMADE)


@transaction.atomic
def write(tenant: Tenant, lines: list[Line], *, actor: str, at: datetime) -> None:
    """Replace a tenant's rules; none at all means the readymade ones again."""
    Rule.objects.of(tenant).delete()
    Rule.objects.bulk_create(
        Rule(
            tenant=tenant,
            kind=line.kind,
            permanence=line.permanence,
            count=line.count,
            days=line.days,
            lasts_days=line.lasts_days,
        )
        for line in lines
    )
    audit.record(tenant, "returns.rules", actor=actor, at=at, count=len(lines))


def judge(tenant: Tenant, contact: Contact, *, at: datetime) -> bool:
    """Suppress the address of a contact as dead if a rule says so now; whether it was."""
    met = [line for line in of(tenant) if _count(tenant, contact, line, at) >= line.count]
    if not met:
        return False
    key = bytes(contact.person.blind_index)
    reason = suppression.Reason.DEAD_ADDRESS
    added = suppression.suppress(tenant, [key], reason=reason, actor=ACTOR, at=at)
    lasting = [line.lasts_days for line in met]
    if added and None not in lasting:
        until = at + timedelta(days=max(days for days in lasting if days is not None))
        Lapse.objects.update_or_create(tenant=tenant, key=key, defaults={"at": until})
    elif None in lasting:
        Lapse.objects.of(tenant).filter(key=key).delete()
    return bool(added)


def judge_new(tenant: Tenant, *, at: datetime, most: int = 500) -> int:
    """Judge the failures which the engine met in the session, oldest first; return how many."""
    new = Failure.objects.of(tenant).filter(is_judged=False).order_by("pk")
    with transaction.atomic():
        waiting = list(
            new.select_for_update(skip_locked=True, of=("self",)).select_related("contact__person")[
                :most
            ]
        )
        Failure.objects.of(tenant).filter(pk__in=[one.pk for one in waiting]).update(is_judged=True)
        for contact in {one.contact_id: one.contact for one in waiting}.values():
            judge(tenant, contact, at=at)
    return len(waiting)


def revive(tenant: Tenant, key: bytes, *, actor: str, at: datetime) -> int:
    """Lift a dead address: a mail arrived there."""
    Lapse.objects.of(tenant).filter(key=key).delete()
    return suppression.lift_dead_address(tenant, key, actor=actor, at=at)


def lapse(tenant: Tenant, *, at: datetime) -> int:
    """Lift the dead addresses whose time has passed; return how many."""
    keys = [
        bytes(key)
        for key in Lapse.objects.of(tenant).filter(at__lte=at).values_list("key", flat=True)
    ]
    for key in keys:
        revive(tenant, key, actor=ACTOR, at=at)
    return len(keys)


def _count(tenant: Tenant, contact: Contact, line: Line, at: datetime) -> int:
    return int(
        Failure.objects.of(tenant)
        .filter(
            contact__person_id=contact.person_id,
            kind=line.kind,
            permanence=line.permanence,
            at__gt=at - timedelta(days=line.days),
        )
        .count()
    )
