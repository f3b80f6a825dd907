"""Questions to the log of who looked at whose data; and the same as CSV."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from hirnok.accounts import audit_log, audit_words
from hirnok.register.answers import name_of
from hirnok.register.models import Activity, Look
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant
from hirnok.ui.downloads import Cell, csv_pieces

FETCHED = 1000
CHANNELS = {
    Look.Channel.PAGE: gettext_lazy("Page"),
    Look.Channel.EXPORT: gettext_lazy("File"),
    Look.Channel.API: gettext_lazy("Program interface"),
    Look.Channel.COMMAND: gettext_lazy("Command"),
}


@dataclass(frozen=True)
class Narrowing:
    """What to show: a person by blind index, an actor such as user:7, a channel, days as the tenant counts them."""

    person: bytes = b""
    actor: str = ""
    channel: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Told:
    """An entry in words."""

    look: Look
    who: str
    how: str
    why: str


def looks(tenant: Tenant, narrowing: Narrowing) -> QuerySet[Look]:
    """Return the entries that fit, in no order."""
    rows: QuerySet[Look] = Look.objects.of(tenant)
    if narrowing.person:
        rows = rows.filter(persons__contains=[narrowing.person])
    if narrowing.actor:
        rows = rows.filter(actor=narrowing.actor)
    if narrowing.channel:
        rows = rows.filter(channel=narrowing.channel)
    if narrowing.since:
        rows = rows.filter(at__gte=_midnight(tenant, narrowing.since))
    if narrowing.until:
        rows = rows.filter(at__lt=_midnight(tenant, narrowing.until + timedelta(days=1)))
    return rows


def in_words(tenant: Tenant, rows: list[Look]) -> list[Told]:
    """Return entries as a page tells them, in the active language."""
    known = audit_log.names_of(row.actor for row in rows)
    activities = {
        one.code: name_of(one, get_language() or "en") for one in Activity.objects.of(tenant)
    }
    return [
        Told(
            look=row,
            who=audit_words.actor(row.actor, known),
            how=str(CHANNELS[Look.Channel(row.channel)]),
            why=", ".join(activities.get(code, code) for code in row.activities),
        )
        for row in rows
    ]


def streamed_csv(tenant: Tenant, narrowing: Narrowing) -> Iterator[bytes]:
    """Yield a CSV, newest first, in a transaction of its own: it is sent after the view has ended."""
    language = get_language() or "en"
    return _pieces(tenant, narrowing, language)


def _pieces(tenant: Tenant, narrowing: Narrowing, language: str) -> Iterator[bytes]:
    with acting_for(tenant), override(language), timezone.override(tenant.time_zone):
        for piece in csv_pieces(_table(tenant, narrowing), language):
            yield piece.encode()


def _table(tenant: Tenant, narrowing: Narrowing) -> Iterator[list[Cell]]:
    yield [_("When"), _("Who"), _("How"), _("Page"), _("Why"), _("Rows"), _("Persons named")]
    found = looks(tenant, narrowing).order_by("-at", "-pk").iterator(chunk_size=FETCHED)
    while rows := list(islice(found, FETCHED)):
        for told in in_words(tenant, rows):
            look = told.look
            rows_read = "" if look.rows is None else look.rows
            yield [
                look.at, told.who, told.how, look.room, told.why, rows_read, len(look.persons),
            ]  # fmt: skip


def _midnight(tenant: Tenant, on: date) -> datetime:
    return datetime.combine(on, time(), ZoneInfo(tenant.time_zone))
