"""The operator's staff in a customer's tenant (N8)."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hirnok.accounts import visiting
from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.accounts.security_forms import VisitForm
from hirnok.lib import clock
from hirnok.tenants.models import Tenant


@member(Role.OWNER)
def tenant_enter(request: TenantRequest, tenant_id: int) -> HttpResponse:
    """Enter a tenant for maintenance (operator only)."""
    if not request.tenant.is_operator or request.membership.visit_until:
        raise PermissionDenied
    found = get_object_or_404(Tenant.objects.filter(is_operator=False), pk=tenant_id)
    form = VisitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            visiting.enter(
                request.user,
                found,
                reason=form.cleaned_data["reason"],
                actor=request.actor,
                at=clock.now(),
            )
        except visiting.WorksHere:
            form.add_error(None, _("You work there already."))
        else:
            return redirect("site:overview", tenant=found.slug)
    where = {"tenant": request.tenant.slug, "tenant_id": found.pk}
    cancel_url = reverse("accounts:tenant_members", kwargs=where)
    context = {"form": form, "found": found, "submit_label": _("Enter"), "cancel_url": cancel_url}
    return render(request, "accounts/tenant_enter.html", context)


@require_POST
@member(Role.VIEWER)
def visit_leave(request: TenantRequest) -> HttpResponse:
    """Leave after maintenance."""
    if not request.membership.visit_until:
        raise Http404
    visiting.leave(request.membership, actor=request.actor, at=clock.now())
    return redirect("site:home")
