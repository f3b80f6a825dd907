"""Pages on which owners and the operator help somebody who lost a factor, or show people out (ASVS 6.4.4, 7.4.5)."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hirnok.accounts import helping
from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Membership, Role
from hirnok.accounts.security_forms import HelpForm
from hirnok.lib import clock
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant
from hirnok.ui.confirmation import Confirmation, ConfirmForm


@member(Role.OWNER)
def member_help(request: TenantRequest, membership_id: int) -> HttpResponse:
    """Help a member of this tenant."""
    rows = Membership.objects.of(request.tenant).select_related("user")
    found: Membership = get_object_or_404(rows, pk=membership_id)
    back = reverse("accounts:members", kwargs={"tenant": request.tenant.slug})
    return _help(request, found, back)


@member(Role.OWNER)
def tenant_member_help(request: TenantRequest, tenant_id: int, membership_id: int) -> HttpResponse:
    """Help a member of any tenant (operator only)."""
    if not request.tenant.is_operator:
        raise PermissionDenied
    tenant = get_object_or_404(Tenant, pk=tenant_id)
    with acting_for(tenant):
        rows = Membership.objects.of(tenant).select_related("user")
        found: Membership = get_object_or_404(rows, pk=membership_id)
    keys = {"tenant": request.tenant.slug, "tenant_id": tenant.pk}
    return _help(request, found, reverse("accounts:tenant_members", kwargs=keys))


@member(Role.OWNER)
def sign_everybody_out(request: TenantRequest) -> HttpResponse:
    """End the sessions of all who work here, in the operator's tenant of everybody there is; but one's own."""
    back = reverse("accounts:security", kwargs={"tenant": request.tenant.slug})
    question = Confirmation(
        title=_("Sign everybody out"),
        text=_("Everybody on this installation has to sign in again, only you stay.")
        if request.tenant.is_operator
        else _("Everybody who works here has to sign in again, only you stay."),
        action=_("Sign everybody out"),
        cancel_url=back,
        danger=True,
    )
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        count = helping.end_everybodys_sessions(
            request.tenant, but=request.user, actor=request.actor, at=clock.now()
        )
        text = ngettext("%(count)s session is over.", "%(count)s sessions are over.", count)
        messages.success(request, text % {"count": count})
        return redirect(back)
    return render(request, "ui/confirm.html", {"confirmation": question, "form": form})


def _help(request: TenantRequest, found: Membership, back: str) -> HttpResponse:
    form = HelpForm(request.POST or None)
    if request.method == "POST":
        raise_if_reauthentication_required(request, app="hirnok.accounts")
    if request.method == "POST" and form.is_valid() and _helped(request, found, form):
        return redirect(back)
    context = {"form": form, "membership": found, "cancel_url": back}
    return render(request, "accounts/member_help.html", context)


def _helped(request: TenantRequest, found: Membership, form: HelpForm) -> bool:
    user, at = found.user, clock.now()
    if form.cleaned_data["what"] == "sessions":
        helping.end_sessions(request.tenant, user, actor=request.actor, at=at)
        messages.success(request, _("The sessions are over."))
        return True
    how = form.cleaned_data["how"]
    try:
        helping.forget_factors(request.tenant, user, how=how, actor=request.actor, at=at)
    except helping.WorksElsewhere:
        form.add_error("what", _("This person works for other firms here too: ask the operator."))
        return False
    get_adapter(request).tell(user, "factors_forgotten")
    messages.success(request, _("The second factor is taken away."))
    return True
