"""How one tenant stands with the operator: what the operator's page of obligations shows of it."""

from dataclasses import dataclass
from datetime import datetime

from hirnok.processing import agreeing, staffing
from hirnok.processing.models import Agreement, Finding, Inspection, Instruction, Objection
from hirnok.register import notices
from hirnok.register.models import Notice
from hirnok.rights.models import Request
from hirnok.tenants.models import Tenant


@dataclass(frozen=True)
class Obligations:
    """Figures of one tenant. `version`: what it accepted; `notice`: the number in force; None: none."""

    version: int | None
    is_newest: bool
    instructions: int  # open
    suspended: int
    objections: int  # not decided
    inspections: int  # open
    findings: int  # open
    overdue_findings: int
    requests: int  # of persons, open
    overdue_requests: int
    notice: int | None
    staff_due: int


def obligations(tenant: Tenant, newest: int | None, at: datetime) -> Obligations:
    """Return the figures; the transaction acts for the tenant."""
    signed: Agreement | None = agreeing.accepted(tenant)
    instructions = [
        one
        for one in Instruction.objects.of(tenant).defer("evidence").filter(withdrawn_at=None)
        if one.state != "executed"
    ]
    findings = Finding.objects.of(tenant).filter(closed_at=None)
    requests = Request.objects.of(tenant).filter(status__in=Request.OPEN)
    notice = Notice.objects.of(tenant).order_by("pk").first()
    version = notices.in_force(tenant, notice, at.date()) if notice else None
    return Obligations(
        version=signed.version if signed else None,
        is_newest=signed is not None and signed.version == newest,
        instructions=len(instructions),
        suspended=sum(one.is_suspended for one in instructions),
        objections=Objection.objects.of(tenant).filter(decided_at=None).count(),
        inspections=Inspection.objects.of(tenant).filter(closed_at=None).count(),
        findings=findings.count(),
        overdue_findings=findings.filter(due_on__lt=at.date()).count(),
        requests=requests.count(),
        overdue_requests=requests.filter(legal_due__lt=at.date()).count(),
        notice=version.number if version else None,
        staff_due=sum(one.is_due for one in staffing.standings(tenant, at.date())),
    )
