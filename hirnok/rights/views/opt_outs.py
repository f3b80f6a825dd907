"""Opt-outs from everything (A7): pages of the operator."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.lib import clock
from hirnok.rights import opting_out, receiving
from hirnok.rights.forms import CheckListForm, OptOutForm
from hirnok.rights.models import OptOut
from hirnok.ui.paging import keyset


@require_GET
@member(Role.PRIVACY_OFFICER)
def opt_outs(request: TenantRequest) -> HttpResponse:
    """List the letters that came, the newest first."""
    _operators_only(request)
    rows = OptOut.objects.of(request.tenant).defer("scan")
    page = keyset(rows, key=("-received_on", "-pk"), after=request.GET.get("page"), size=50)
    return render(request, "rights/opt_outs.html", {"page": page})


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def opt_out_new(request: TenantRequest) -> HttpResponse:
    """Take in a scan."""
    _operators_only(request)
    at = clock.now()
    initial = {"received_on": receiving.day_of(request.tenant, at)}
    form = OptOutForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            letter = opting_out.Letter(
                given["who"], given["name"], given["addresses"], given["received_on"]
            )
            made = opting_out.take(
                request.tenant, letter, given["scan"], actor=request.actor, at=at
            )
        except opting_out.NoAddresses:
            form.add_error("addresses", _("Give at least one e-mail address."))
        else:
            return redirect("rights:opt_out", tenant=request.tenant.slug, pk=made.pk)
    context = {"form": form, "title": _("New opt-out"), "cancel_url": _list_url(request)}
    return render(request, "rights/part.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def opt_out(request: TenantRequest, pk: int) -> HttpResponse:
    """Check a scan by the list, and decide."""
    found = _find(request, pk)
    data = request.POST if request.method == "POST" else None
    form = CheckListForm(found.who, data)
    if data is not None and form.is_valid() and _decide(request, found, form):
        return redirect("rights:opt_out", tenant=request.tenant.slug, pk=found.pk)
    context = {"found": found, "form": form, "back": _list_url(request)}
    return render(request, "rights/opt_out.html", context)


@require_GET
@member(Role.PRIVACY_OFFICER)
def opt_out_scan(request: TenantRequest, pk: int) -> HttpResponse:
    """Show the scan."""
    found = _find(request, pk)
    response = HttpResponse(bytes(found.scan), content_type=found.scan_type)
    ending = found.scan_type.rpartition("/")[2]
    response["Content-Disposition"] = f'inline; filename="opt-out-{found.pk}.{ending}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _decide(request: TenantRequest, found: OptOut, form: CheckListForm) -> bool:
    """Grant or refuse; False where the form has to say what is missing."""
    at = clock.now()
    try:
        if request.POST.get("do") == "grant":
            added = opting_out.grant(found, form.seen(), actor=request.actor, at=at)
            messages.success(
                request,
                ngettext(
                    "Nobody on this installation writes to %(count)s more address.",
                    "Nobody on this installation writes to %(count)s more addresses.",
                    added,
                )
                % {"count": added},
            )
        else:
            reasons = form.cleaned_data["reasons"]
            opting_out.refuse(found, form.seen(), reasons, actor=request.actor, at=at)
            messages.success(request, _("It is refused."))
    except opting_out.NotComplete as fact:
        for name in fact.args:
            form.add_error(name, _("Without it the letter does not count."))
        return False
    except opting_out.NoReasons:
        form.add_error("reasons", _("Say why."))
        return False
    except opting_out.AlreadyDecided:
        messages.error(request, _("It has been decided already."))
    return True


def _find(request: TenantRequest, pk: int) -> OptOut:
    _operators_only(request)
    found: OptOut = get_object_or_404(
        OptOut.objects.of(request.tenant).select_related("tenant", "holding__activity"), pk=pk
    )
    return found


def _operators_only(request: TenantRequest) -> None:
    if not request.tenant.is_operator:
        raise PermissionDenied


def _list_url(request: TenantRequest) -> str:
    return reverse("rights:opt_outs", kwargs={"tenant": request.tenant.slug})
