"""Questions to the audit log: who did what, when, narrowed; and the same as CSV."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from hirnok.accounts.models import Membership, User
from hirnok.lib.sheets import csv_lines
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import AuditEntry, Tenant

FETCHED = 1000


@dataclass(frozen=True)
class Narrowing:
    """What to show: a part of the action, an actor such as user:7, days as the tenant counts them."""

    action: str = ""
    actor: str = ""
    since: date | None = None
    until: date | None = None


def entries(tenant: Tenant, narrowing: Narrowing) -> QuerySet[AuditEntry]:
    """Return the entries that fit, in no order."""
    rows: QuerySet[AuditEntry] = AuditEntry.objects.of(tenant)
    if narrowing.action:
        rows = rows.filter(action__icontains=narrowing.action)
    if narrowing.actor:
        rows = rows.filter(actor=narrowing.actor)
    if narrowing.since:
        rows = rows.filter(at__gte=_midnight(tenant, narrowing.since))
    if narrowing.until:
        rows = rows.filter(at__lt=_midnight(tenant, narrowing.until + timedelta(days=1)))
    return rows


def actors(tenant: Tenant) -> list[tuple[str, str]]:
    """Return (actor, name) of the members, by name: whom one can ask for."""
    members = Membership.objects.of(tenant).select_related("user").order_by("user__name")
    return [(f"user:{one.user_id}", one.user.name) for one in members]


def names(rows: list[AuditEntry]) -> dict[str, str]:
    """Return the names of the users among the actors."""
    ids = {int(row.actor[5:]) for row in rows if row.actor.startswith("user:")}
    return {f"user:{user.pk}": user.name for user in User.objects.filter(pk__in=ids)}


def streamed_csv(tenant: Tenant, narrowing: Narrowing, *, language: str) -> Iterator[bytes]:
    """Yield a CSV, newest first, in a transaction of its own: it is sent after the view has ended.

    Hungarian and Romanian spreadsheet programs expect semicolons.
    """
    delimiter = "," if language.startswith("en") else ";"
    with acting_for(tenant):
        for line in csv_lines(_table(tenant, narrowing), delimiter=delimiter):
            yield line.encode()


def _table(tenant: Tenant, narrowing: Narrowing) -> Iterator[list[str]]:
    yield ["at", "actor", "action", "about", "id", "details"]
    rows = entries(tenant, narrowing).order_by("-at", "-pk")
    for row in rows.iterator(chunk_size=FETCHED):
        details = " ".join(f"{key}={value}" for key, value in row.details.items())
        about = [row.object_kind, str(row.object_id or ""), details]
        yield [row.at.isoformat(), row.actor, row.action, *about]


def _midnight(tenant: Tenant, on: date) -> datetime:
    return datetime.combine(on, time(), ZoneInfo(tenant.time_zone))
