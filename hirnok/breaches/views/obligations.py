"""The operator's page of what it owes to all its customers: agreement, instructions, audits, breaches, requests, notices."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.breaches import reports as breach_reports
from hirnok.lib import clock
from hirnok.processing import agreeing, reports
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant


@require_GET
@member(Role.PRIVACY_OFFICER)
def obligations(request: TenantRequest) -> HttpResponse:
    """Show one line for each customer."""
    if not request.tenant.is_operator:
        raise PermissionDenied
    at = clock.now()
    versions = agreeing.versions()
    newest = versions[0].number if versions else None
    rows = []
    for tenant in Tenant.objects.filter(is_operator=False).order_by("name"):
        with acting_for(tenant):
            rows.append(
                (
                    tenant,
                    reports.obligations(tenant, newest, at),
                    breach_reports.running(tenant, at),
                )
            )
    context = {
        "rows": rows,
        "newest": newest,
        "staff": reports.obligations(request.tenant, newest, at).staff_due,
    }
    return render(request, "breaches/obligations.html", context)
