"""Settings: brands, members; and the operator's tenants."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hirnok.accounts import inviting, people, policy, reach
from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.forms import (
    ALL,
    SOME,
    BrandForm,
    MemberForm,
    RoleForm,
    TenantForm,
    brands_of,
    initial_of,
)
from hirnok.accounts.models import Membership, Role
from hirnok.lib import clock
from hirnok.register import founding
from hirnok.tenants import brands as brand_verbs
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Brand, Tenant
from hirnok.ui.confirmation import Confirmation, ConfirmForm
from hirnok.ui.paging import keyset


@member(Role.OWNER)
def settings(request: TenantRequest) -> HttpResponse:
    """Show what can be set."""
    return render(request, "accounts/settings.html", {"is_operator": _is_operator(request)})


@member(Role.OWNER)
def brands(request: TenantRequest) -> HttpResponse:
    """List the brands."""
    page = keyset(
        Brand.objects.of(request.tenant), key=("name", "pk"), after=request.GET.get("page")
    )
    return render(request, "accounts/brands.html", {"page": page})


@member(Role.OWNER)
def brand_new(request: TenantRequest) -> HttpResponse:
    """Make a brand."""
    initial = {"language": request.tenant.language, "measurement": "individual"}
    form = BrandForm(request.POST or None, request.FILES or None, initial=initial)
    del form.fields["no_logo"]  # there is none that could go
    if request.method == "POST" and form.is_valid():
        try:
            made = brand_verbs.make(
                request.tenant, form.details(), actor=request.actor, at=clock.now()
            )
            _set_logo(request, made, form)
        except brand_verbs.NameTaken:
            form.add_error("name", _("You have another brand of this name."))
        else:
            messages.success(request, _("The brand is made."))
            return redirect("accounts:brands", tenant=request.tenant.slug)
    return render(
        request, "accounts/brand.html", {"form": form, "cancel_url": _url(request, "brands")}
    )


@member(Role.OWNER)
def brand(request: TenantRequest, brand_id: int) -> HttpResponse:
    """Change a brand."""
    found: Brand = get_object_or_404(
        Brand.objects.of(request.tenant).select_related("tenant", "logo"), pk=brand_id
    )
    form = BrandForm(request.POST or None, request.FILES or None, initial=initial_of(found))
    if found.logo is None:
        del form.fields["no_logo"]  # there is none that could go
    if request.method == "POST" and form.is_valid():
        try:
            brand_verbs.change(found, form.details(), actor=request.actor, at=clock.now())
            _set_logo(request, found, form)
        except brand_verbs.NameTaken:
            form.add_error("name", _("You have another brand of this name."))
        else:
            messages.success(request, _("The brand is changed."))
            return redirect("accounts:brands", tenant=request.tenant.slug)
    context = {"form": form, "brand": found, "cancel_url": _url(request, "brands")}
    return render(request, "accounts/brand.html", context)


@member(Role.OWNER)
def members(request: TenantRequest) -> HttpResponse:
    """List who works here."""
    rows = Membership.objects.of(request.tenant).select_related("user")
    page = keyset(rows, key=("since", "pk"), after=request.GET.get("page"))
    reach.name_brands(page.rows)
    context = {
        "page": page,
        "may_invite": policy.of(request.tenant).owner_invites,
    }
    return render(request, "accounts/members.html", context)


@member(Role.OWNER)
def member_role(request: TenantRequest, membership_id: int) -> HttpResponse:
    """Change a member's role and brands."""
    found = _membership(request, membership_id)
    own = reach.of(found)
    initial = {
        "role": found.role,
        "reach": ALL if own is None else SOME,
        "brands": sorted(own or ()),
    }
    form = RoleForm(request.POST or None, brands=brands_of(request.tenant), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            people.change_role(
                found,
                Role(form.cleaned_data["role"]),
                brands=form.chosen(),
                actor=request.actor,
                at=clock.now(),
            )
        except people.LastOwner:
            form.add_error("role", _("This is the only owner. Make somebody else an owner first."))
        else:
            return redirect("accounts:members", tenant=request.tenant.slug)
    context = {"form": form, "membership": found, "cancel_url": _url(request, "members")}
    return render(request, "accounts/member_role.html", context)


@member(Role.OWNER)
def member_leave(request: TenantRequest, membership_id: int) -> HttpResponse:
    """End a membership, after asking."""
    found = _membership(request, membership_id)
    question = Confirmation(
        title=_("%(name)s will not work here any more") % {"name": found.user.name},
        text=_("The account stays, with what else it may see; here it sees nothing from now on."),
        action=_("End the membership"),
        cancel_url=_url(request, "members"),
        undo=True,
        danger=True,
    )
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            people.leave(found, actor=request.actor, at=clock.now())
        except people.LastOwner:
            messages.error(request, _("This is the only owner. Make somebody else an owner first."))
        return redirect("accounts:members", tenant=request.tenant.slug)
    return render(request, "ui/confirm.html", {"confirmation": question, "form": form})


@member(Role.OWNER)
def tenants(request: TenantRequest) -> HttpResponse:
    """List the tenants of the installation (operator only)."""
    _must_be_operator(request)
    page = keyset(Tenant.objects.all(), key=("name", "pk"), after=request.GET.get("page"))
    return render(request, "accounts/tenants.html", {"page": page})


@member(Role.OWNER)
def tenant_new(request: TenantRequest) -> HttpResponse:
    """Found a tenant (operator only)."""
    _must_be_operator(request)
    form = TenantForm(request.POST or None, initial={"language": request.tenant.language})
    if request.method == "POST" and form.is_valid():
        try:
            made = founding.found(**form.cleaned_data, actor=request.actor, at=clock.now())
        except founding.SlugTaken:
            form.add_error("slug", _("Another tenant has this short name."))
        else:
            return redirect(
                "accounts:tenant_members", tenant=request.tenant.slug, tenant_id=made.pk
            )
    context = {"form": form, "cancel_url": _url(request, "tenants")}
    return render(request, "accounts/tenant_new.html", context)


@member(Role.OWNER)
def tenant_members(request: TenantRequest, tenant_id: int) -> HttpResponse:
    """Show a tenant's members and bring somebody in (operator only, N7)."""
    _must_be_operator(request)
    found = get_object_or_404(Tenant, pk=tenant_id)
    with acting_for(found):
        brands = brands_of(found)
    initial = {"language": found.language, "role": Role.OWNER}
    form = MemberForm(request.POST or None, brands=brands, initial=initial)
    if request.method == "POST" and form.is_valid() and _invited(request, found, form):
        return redirect("accounts:tenant_members", tenant=request.tenant.slug, tenant_id=found.pk)
    with acting_for(found):
        rows = list(Membership.objects.of(found).select_related("user").order_by("since", "pk"))
        reach.name_brands(rows)
    context: dict[str, Any] = {"form": form, "found": found, "memberships": rows}
    return render(request, "accounts/tenant_members.html", context)


@require_POST
@member(Role.OWNER)
def password_letter(request: TenantRequest, membership_id: int) -> HttpResponse:
    """Send a member the letter in which a password is chosen."""
    found = _membership(request, membership_id)
    inviting.send_password_letter(request, found.user)
    messages.success(request, _("The letter is on its way."))
    return redirect("accounts:members", tenant=request.tenant.slug)


def _set_logo(request: TenantRequest, brand: Brand, form: BrandForm) -> None:
    data: bytes = form.cleaned_data["logo"]
    if data or (form.cleaned_data.get("no_logo") and brand.logo is not None):
        brand_verbs.set_logo(brand, data, actor=request.actor, at=clock.now())


def _invited(request: TenantRequest, tenant: Tenant, form: MemberForm) -> bool:
    try:
        inviting.invite(request, tenant, form.guest(), actor=request.actor, at=clock.now())
    except inviting.NameMissing:
        form.add_error("name", _("Nobody has this address yet, so give a name."))
        return False
    messages.success(request, _("A new user gets a letter with a link to choose a password."))
    return True


def _membership(request: TenantRequest, membership_id: int) -> Membership:
    rows = Membership.objects.of(request.tenant).select_related("user")
    found: Membership = get_object_or_404(rows, pk=membership_id)
    return found


def _is_operator(request: TenantRequest) -> bool:
    return request.tenant.is_operator


def _must_be_operator(request: TenantRequest) -> None:
    if not _is_operator(request):
        raise PermissionDenied


def _url(request: TenantRequest, name: str) -> str:
    return reverse(f"accounts:{name}", kwargs={"tenant": request.tenant.slug})
