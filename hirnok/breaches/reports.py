"""Questions about breaches: the clock, what is missing, what the register of holdings says, the register of breaches."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hirnok.accounts import audit_words
from hirnok.accounts.audit_log import names_of
from hirnok.breaches import enisa, hours
from hirnok.breaches.models import Breach, BreachEvent, BreachNotification, ToldPerson
from hirnok.register import declarations, describing, law
from hirnok.register.models import Activity, Controller, Holding, Look
from hirnok.tenants.models import Tenant

MOST_LOOKERS = 20
MISSING: dict[str, Promise] = {
    "confirm": _("Find out whether it is a breach, and confirm it or say that it is none."),
    "kind": _("Say what was lost: confidentiality, integrity or availability."),
    "describe": _("Describe what happened, the likely consequences and what was done."),
    "whose": _("Say whose data are affected, which, and of about how many persons."),
    "assess": _("Assess how severe it is."),
    "decide_authority": _("Decide whether the authority is notified."),
    "decide_persons": _("Decide whether the persons concerned are told."),
    "authority": _(
        "Notify the authority completely; until now nothing or only a first part has gone."
    ),
    "late": _("Say why the authority is notified later than 72 hours."),
    "persons": _("Tell the persons concerned."),
    "exempt": _("At a high risk, name the exemption under which persons are not told."),
    "lessons": _("Write down what is to be learnt."),
}


@dataclass(frozen=True)
class Affected:
    """What the register says of chosen activities: how many persons and records, which categories of data."""

    persons: int
    records: int
    categories: list[str]


@dataclass(frozen=True)
class Looked:
    """Who looked while it happened: how often, and how many rows were shown."""

    who: str
    looks: int
    rows: int


def limit_hours(tenant: Tenant | int, at: datetime) -> int:
    """Return within how many hours the authority is notified, by the law of the tenant's country on the day."""
    number = tenant if isinstance(tenant, int) else tenant.pk
    controller = Controller.objects.filter(tenant_id=number).first()
    place = controller.jurisdiction if controller else "EU"
    return hours.hours_of(law.rule(place, "notify_authority", at.date()).value)


def clock_of(breach: Breach, at: datetime) -> hours.Clock:
    """Return the clock: from knowledge, while there is only a suspicion from that; it stops at the first notification."""
    since = breach.aware_at or breach.suspected_at
    first = first_notice(breach)
    until = min(filter(None, (at, first.at if first else None, breach.closed_at)))
    return hours.clock(since, limit_hours(breach.tenant_id, since), until)


def first_notice(breach: Breach) -> BreachNotification | None:
    """Return the first notification to the authority, which keeps the limit."""
    found: BreachNotification | None = authority_notices(breach).order_by("phase").first()
    return found


def authority_notices(breach: Breach) -> Any:
    """Return the notifications to the authority."""
    return BreachNotification.objects.filter(
        tenant_id=breach.tenant_id, breach=breach, to=BreachNotification.To.AUTHORITY
    )


def clock_runs(breach: Breach) -> bool:
    """Whether something is still to be done within the limit: not decided, or to be notified and not yet done."""
    if not breach.is_open or breach.notify_authority is False:
        return False
    return first_notice(breach) is None


def running(tenant: Tenant, at: datetime) -> list[hours.Clock]:
    """Return the clocks of a tenant that run, the oldest first."""
    rows = Breach.objects.of(tenant).filter(
        state__in=(Breach.State.SUSPECTED, Breach.State.CONFIRMED)
    )
    return [clock_of(one, at) for one in rows.order_by("number") if clock_runs(one)]


def missing(breach: Breach, at: datetime) -> list[str]:
    """Return what has to be done before it can be closed, as codes of `MISSING`, in the order of doing."""
    notices = list(authority_notices(breach))
    told = BreachNotification.objects.filter(
        tenant_id=breach.tenant_id, breach=breach, to=BreachNotification.To.PERSONS
    )
    lacks_letter = breach.notify_persons is True and not told.exists()
    wanted = (
        ("confirm", breach.aware_at is None),
        ("kind", not (breach.confidentiality or breach.integrity or breach.availability)),
        ("describe", not (breach.description and breach.consequences and breach.measures_taken)),
        ("whose", not breach.categories or breach.persons is None),
        ("assess", not breach.severity),
        ("decide_authority", breach.notify_authority is None),
        ("authority", breach.notify_authority is True and not any(one.is_final for one in notices)),
        (
            "late",
            breach.notify_authority is True
            and clock_of(breach, at).is_late
            and not breach.late_reason,
        ),
        ("decide_persons", breach.notify_persons is None),
        ("persons", lacks_letter),
        (
            "exempt",
            breach.notify_persons is False
            and enisa.is_high(breach.severity)
            and not breach.exemption,
        ),
        ("lessons", not breach.lessons),
    )
    return [code for code, lacks in wanted if lacks]


def affected(tenant: Tenant, activities: Iterable[str]) -> Affected:
    """Return what is held for activities: the counts a notification asks for, drawn from the register."""
    codes = list(activities)
    rows = Holding.objects.of(tenant).filter(activity__code__in=codes)
    counts = rows.aggregate(records=Count("pk"), persons=Count("person", distinct=True))
    found: dict[str, None] = {}
    held = declarations.categories()
    for activity in Activity.objects.of(tenant).filter(code__in=codes).order_by("pk"):
        for purpose in describing.purposes(activity):
            found |= dict.fromkeys(item.category for item in purpose.items)
        found |= dict.fromkeys(sorted(held.get(activity.code, ())))
    return Affected(counts["persons"], counts["records"], list(found))


def looks(breach: Breach, at: datetime) -> list[Looked]:
    """Return who looked at personal data while it happened (until now where its end is not known), most rows first."""
    if breach.happened_from is None:
        return []
    rows = Look.objects.filter(
        tenant_id=breach.tenant_id,
        at__gte=breach.happened_from,
        at__lte=breach.happened_until or at,
    )
    if breach.activities:
        rows = rows.filter(activities__overlap=breach.activities)
    grouped = rows.order_by().values("actor").annotate(looks=Count("pk"), shown=Sum("rows"))
    found = list(grouped.order_by("-shown", "actor")[:MOST_LOOKERS])
    names = names_of(row["actor"] for row in found)
    return [
        Looked(str(audit_words.actor(row["actor"], names)), row["looks"], row["shown"] or 0)
        for row in found
    ]


def told_count(notification: BreachNotification) -> int:
    """Return how many persons were told by a notification."""
    count: int = ToldPerson.objects.filter(
        tenant_id=notification.tenant_id, notification=notification
    ).count()
    return count


def register_of(tenant: Tenant) -> list[dict[str, Any]]:
    """Return the register of breaches, ready for JSON: facts, effects, what was done (33 (5)); oldest first."""
    return [_entry(breach) for breach in Breach.objects.of(tenant).order_by("number")]


def _entry(breach: Breach) -> dict[str, Any]:
    plain = {
        field.name: getattr(breach, field.name)
        for field in breach._meta.concrete_fields
        if field.name not in {"id", "tenant"}
    }
    notices = BreachNotification.objects.filter(tenant_id=breach.tenant_id, breach=breach).order_by(
        "at", "pk"
    )
    events = BreachEvent.objects.filter(tenant_id=breach.tenant_id, breach=breach).order_by(
        "at", "pk"
    )
    return {
        **{name: _plain(value) for name, value in plain.items()},
        "notifications": [
            {
                "to": one.to,
                "phase": one.phase,
                "final": one.is_final,
                "at": one.at.isoformat(),
                "channel": one.channel,
                "reference": one.reference,
                "sha256": bytes(one.digest).hex(),
                "persons": told_count(one) if one.to == BreachNotification.To.PERSONS else None,
            }
            for one in notices
        ],
        "events": [
            {"at": one.at.isoformat(), "actor": one.actor, "kind": one.kind, "text": one.text}
            for one in events
        ],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | bool | list | dict | None) else str(value)
