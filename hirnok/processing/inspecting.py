"""Audits by the controller (28 (3) h; N37): announced, urgent or not, done, with findings that are mended and closed."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from hirnok.processing import agreeing, letters
from hirnok.processing.models import Finding, Inspection
from hirnok.register.models import Controller
from hirnok.rights import clock as working
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant
from hirnok.ui.words import day


class TooSoon(ValueError):
    """Fewer working days lie between than the agreement asks for."""


class NoReason(ValueError):
    """An urgent audit, and closing, need words."""


class StillOpen(Exception):
    """Findings are not closed yet."""


def earliest(tenant: Tenant, at: datetime) -> date:
    """Return the first day on which an audit announced now may be, by the version in force."""
    controller = Controller.objects.of(tenant).first()
    place = controller.jurisdiction if controller else "HU"
    try:
        needed = agreeing.offered().audit_days
    except agreeing.NoVersion:
        return at.date()
    on = at.date()
    while needed > 0:
        on += timedelta(days=1)
        needed -= working.is_working(on, place)
    return on


@transaction.atomic
def announce(
    tenant: Tenant,
    scope: str,
    auditor: str,
    planned_on: date,
    *,
    urgency: str = "",
    actor: str,
    at: datetime,
) -> Inspection:
    """Announce an audit; with `urgency`, its reason, for any day from today. TooSoon; the operator is told."""
    if planned_on < (at.date() if urgency.strip() else earliest(tenant, at)):
        raise TooSoon
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('processing.number'), %s)", [tenant.pk]
        )
    last = Inspection.objects.of(tenant).aggregate(Max("number"))["number__max"] or 0
    made: Inspection = Inspection.objects.create(
        tenant=tenant,
        number=last + 1,
        scope=scope,
        auditor=auditor,
        is_urgent=bool(urgency.strip()),
        reason=urgency,
        announced_at=at,
        planned_on=planned_on,
    )
    audit.record(tenant, "inspection.announce", actor=actor, at=at, about=made, number=made.number)
    _write_operator(
        lambda: (
            _("%(name)s announces an audit for %(day)s")
            % {"name": tenant.name, "day": day(planned_on)},
            scope,
        )
    )
    return made


@transaction.atomic
def report(
    inspection: Inspection, *, performed_on: date, result: str, actor: str, at: datetime
) -> Inspection:
    """Say when it was done and what came out."""
    found: Inspection = _locked(inspection)
    found.performed_on, found.result = performed_on, result
    found.save(update_fields=["performed_on", "result"])
    audit.record(
        found.tenant_id, "inspection.report", actor=actor, at=at, about=found, number=found.number
    )
    return found


@transaction.atomic
def find(inspection: Inspection, text: str, due_on: date, *, actor: str, at: datetime) -> Finding:
    """Add a finding with the day until which it is mended; the operator is told."""
    made: Finding = Finding.objects.create(
        tenant_id=inspection.tenant_id, inspection=inspection, text=text, due_on=due_on
    )
    tenant = Tenant.objects.get(pk=inspection.tenant_id)
    audit.record(
        tenant, "inspection.find", actor=actor, at=at, about=made, number=inspection.number
    )
    _write_operator(lambda: (_("A finding of the audit of %(name)s") % {"name": tenant.name}, text))
    return made


@transaction.atomic
def answer(finding: Finding, text: str, *, actor: str, at: datetime) -> Finding:
    """Say, for the operator, how a finding was mended; NoReason. The tenant is told and closes it."""
    if not text.strip():
        raise NoReason
    found: Finding = (
        Finding.objects.filter(tenant_id=finding.tenant_id).select_for_update().get(pk=finding.pk)
    )
    found.answer = text
    found.save(update_fields=["answer"])
    audit.record(found.tenant_id, "inspection.answer", actor=actor, at=at, about=found)
    tenant = Tenant.objects.get(pk=found.tenant_id)
    letters.write(tenant, lambda: (_("A finding was answered"), text))
    return found


@transaction.atomic
def close_finding(finding: Finding, *, actor: str, at: datetime) -> Finding:
    """Say, for the tenant, that it is mended."""
    found: Finding = (
        Finding.objects.filter(tenant_id=finding.tenant_id).select_for_update().get(pk=finding.pk)
    )
    found.closed_at = at
    found.save(update_fields=["closed_at"])
    audit.record(found.tenant_id, "inspection.close_finding", actor=actor, at=at, about=found)
    return found


@transaction.atomic
def close(inspection: Inspection, *, actor: str, at: datetime) -> Inspection:
    """End an audit that was done and whose findings are closed; NoReason, StillOpen."""
    found = _locked(inspection)
    if found.performed_on is None:
        raise NoReason
    if Finding.objects.filter(tenant_id=found.tenant_id, inspection=found, closed_at=None).exists():
        raise StillOpen
    found.closed_at = at
    found.save(update_fields=["closed_at"])
    audit.record(
        found.tenant_id, "inspection.close", actor=actor, at=at, about=found, number=found.number
    )
    return found


def _locked(inspection: Inspection) -> Inspection:
    rows = Inspection.objects.filter(tenant_id=inspection.tenant_id)
    found: Inspection = rows.select_for_update().get(pk=inspection.pk)
    return found


def _write_operator(said: Callable[[], tuple[str, str]]) -> None:
    by = agreeing.operator()
    with acting_for(by):
        letters.write(by, said)
