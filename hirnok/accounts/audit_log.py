"""Questions to the audit log: who did what, when, narrowed; and the same as CSV."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from hirnok.accounts import audit_words
from hirnok.accounts.models import Membership, User
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import AuditEntry, Tenant
from hirnok.ui.downloads import Cell, csv_pieces

FETCHED = 1000


@dataclass(frozen=True)
class Narrowing:
    """What to show: an action, an actor such as user:7, days as the tenant counts them."""

    action: str = ""
    actor: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Told:
    """An entry in words."""

    entry: AuditEntry
    who: str
    what: str
    about: str
    details: list[tuple[str, str]]


def entries(tenant: Tenant, narrowing: Narrowing) -> QuerySet[AuditEntry]:
    """Return the entries that fit, in no order."""
    rows: QuerySet[AuditEntry] = AuditEntry.objects.of(tenant)
    if narrowing.action:
        rows = rows.filter(action=narrowing.action)
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


def names(rows: Iterable[AuditEntry]) -> dict[str, str]:
    """Return the names of the users among those who acted."""
    return names_of(row.actor for row in rows)


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """Return the names of the users among actors."""
    ids = {int(actor[5:]) for actor in actors if actor.startswith("user:")}
    return {f"user:{user.pk}": user.name for user in User.objects.filter(pk__in=ids)}


def in_words(rows: list[AuditEntry]) -> list[Told]:
    """Return entries as a page tells them, in the active language."""
    known = names(rows)
    return [
        Told(
            entry=row,
            who=audit_words.actor(row.actor, known),
            what=audit_words.action(row.action),
            about=audit_words.about(row.object_kind, row.object_id),
            details=audit_words.details(row.details),
        )
        for row in rows
    ]


def streamed_csv(tenant: Tenant, narrowing: Narrowing, *, language: str) -> Iterator[bytes]:
    """Yield a CSV, newest first, in a transaction of its own: it is sent after the view has ended."""
    with acting_for(tenant), override(language), timezone.override(tenant.time_zone):
        for piece in csv_pieces(_table(tenant, narrowing), language):
            yield piece.encode()


def _table(tenant: Tenant, narrowing: Narrowing) -> Iterator[list[Cell]]:
    yield [_("When"), _("Who"), _("What"), _("About"), _("Details"), _("Code of who"), _("Code")]
    found = entries(tenant, narrowing).order_by("-at", "-pk").iterator(chunk_size=FETCHED)
    while rows := list(islice(found, FETCHED)):
        for told in in_words(rows):
            details = ", ".join(f"{word}: {value}" for word, value in told.details)
            row = told.entry
            yield [row.at, told.who, told.what, told.about, details, row.actor, row.action]


def _midnight(tenant: Tenant, on: date) -> datetime:
    return datetime.combine(on, time(), ZoneInfo(tenant.time_zone))
