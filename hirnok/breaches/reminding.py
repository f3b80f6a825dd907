"""Reminders while the 72 hours run, at the hours of `HIRNOK_BREACH_REMINDERS`, and every day when it is late."""

from datetime import datetime

from django.db import transaction

from hirnok.breaches import hours, letters, reports
from hirnok.breaches.models import Breach, BreachEvent
from hirnok.lib import env
from hirnok.tenants.acting import acting_for

ACTOR = "job:breaches"


def marks() -> tuple[int, ...]:
    """Return after how many hours it is reminded; ValueError for a setting that has no numbers."""
    return tuple(int(word) for word in env.get("HIRNOK_BREACH_REMINDERS").replace(",", " ").split())


def remind(at: datetime) -> int:
    """Write what is due for every open breach, the latest mark only; return how many. Runs as edge, for all tenants."""
    open_ones = Breach.objects.filter(state__in=(Breach.State.SUSPECTED, Breach.State.CONFIRMED))
    return sum(_remind(breach, at) for breach in open_ones.order_by("pk"))


def _remind(breach: Breach, at: datetime) -> bool:
    with transaction.atomic(), acting_for(breach.tenant_id):
        found = Breach.objects.select_for_update().get(pk=breach.pk)
        if not reports.clock_runs(found):
            return False
        clock = reports.clock_of(found, at)
        limit = reports.limit_hours(found.tenant_id, clock.since)
        due = hours.due_reminders(clock.elapsed, marks(), limit)
        if due and due[-1] == limit and not clock.is_late:
            due.pop()  # the hour of knowledge is not counted, so the period is not over to the minute
        told = (
            BreachEvent.objects.filter(breach=found, hours__isnull=False).order_by("-hours").first()
        )
        if not due or (told is not None and (told.hours or 0) >= due[-1]):
            return False
        mark = due[-1]
        BreachEvent.objects.create(
            tenant_id=found.tenant_id, breach=found, at=at, actor=ACTOR, kind="remind", hours=mark
        )
        letters.to_officers(found, "late" if mark >= limit else "reminder", at=at, hours=mark)
    return True
