"""Settings of security: how people sign in, who may bring in others, who did what."""

from dataclasses import asdict

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hirnok.accounts import audit_log, inviting, policy
from hirnok.accounts.audit_log import Narrowing
from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.forms import brands_of
from hirnok.accounts.models import Membership, Role
from hirnok.accounts.security_forms import AuditForm, ColleagueForm, SecurityForm
from hirnok.lib import clock
from hirnok.tenants import audit as audit_verbs
from hirnok.ui.paging import keyset


@member(Role.OWNER)
def security(request: TenantRequest) -> HttpResponse:
    """Set how the tenant's people sign in."""
    form = SecurityForm(request.POST or None, initial=asdict(policy.of(request.tenant)))
    if request.method == "POST" and form.is_valid():
        policy.change(request.tenant, form.rules(), actor=request.actor, at=clock.now())
        request.session.pop("seen", None)  # it holds for this session at once
        messages.success(request, _("The settings are changed."))
        return redirect("accounts:settings", tenant=request.tenant.slug)
    cancel_url = reverse("accounts:settings", kwargs={"tenant": request.tenant.slug})
    return render(request, "accounts/security.html", {"form": form, "cancel_url": cancel_url})


@member(Role.OWNER)
def member_new(request: TenantRequest) -> HttpResponse:
    """Bring in a colleague, where the tenant lets its owners do so (N7)."""
    if not policy.of(request.tenant).owner_invites:
        raise PermissionDenied
    initial = {"language": request.tenant.language, "role": Role.MARKETER}
    form = ColleagueForm(request.POST or None, brands=brands_of(request.tenant), initial=initial)
    if request.method == "POST" and form.is_valid() and _brought_in(request, form):
        return redirect("accounts:members", tenant=request.tenant.slug)
    cancel_url = reverse("accounts:members", kwargs={"tenant": request.tenant.slug})
    return render(request, "accounts/member_new.html", {"form": form, "cancel_url": cancel_url})


@member(Role.OWNER)
def audit(request: TenantRequest) -> HttpResponse:
    """Show who did what."""
    form = AuditForm(request.GET, actors=audit_log.actors(request.tenant))
    rows = audit_log.entries(request.tenant, form.narrowing())
    page = keyset(rows, key=("-at", "-pk"), after=request.GET.get("page"), size=50)
    context = {"page": page, "form": form, "entries": audit_log.in_words(page.rows)}
    return render(request, "accounts/audit.html", context)


@require_GET
@member(Role.OWNER)
def audit_csv(request: TenantRequest) -> HttpResponse:
    """Give the audit log as CSV; that this was done is noted, too."""
    form = AuditForm(request.GET, actors=audit_log.actors(request.tenant))
    narrowing: Narrowing = form.narrowing()
    audit_verbs.record(request.tenant, "audit.export", actor=request.actor, at=clock.now())
    pieces = audit_log.streamed_csv(request.tenant, narrowing, language=get_language() or "en")
    headers = {"Content-Disposition": f'attachment; filename="{request.tenant.slug}-audit.csv"'}
    return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=headers)  # type: ignore[return-value]


def _brought_in(request: TenantRequest, form: ColleagueForm) -> bool:
    email = form.cleaned_data["email"]
    if Membership.objects.of(request.tenant).filter(user__email=email).exists():
        form.add_error("email", _("This person works here already."))
        return False
    inviting.invite(request, request.tenant, form.guest(), actor=request.actor, at=clock.now())
    messages.success(request, _("A new user gets a letter with a link to choose a password."))
    return True
