"""What the views have in common: a form that does one thing, and the operator's door."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hirnok.accounts.door import TenantRequest
from hirnok.processing import agreeing, inspecting, instructing, staffing, subprocessing
from hirnok.tenants.models import Tenant

PROBLEMS: tuple[tuple[type[Exception], Promise], ...] = (
    (agreeing.TooSoon, gettext_lazy("This is sooner than the announcement allows.")),
    (agreeing.NoVersion, gettext_lazy("The operator has published no agreement yet.")),
    (agreeing.AnotherVersion, gettext_lazy("There is a newer version. Please read it first.")),
    (agreeing.AlreadyAccepted, gettext_lazy("This version was accepted already.")),
    (agreeing.NotTheOperator, gettext_lazy("The operator has no agreement with itself.")),
    (
        instructing.NotNow,
        gettext_lazy("This cannot be done in the present state of the instruction."),
    ),
    (instructing.NoReason, gettext_lazy("A reason is needed.")),
    (subprocessing.NoReason, gettext_lazy("A reason is needed.")),
    (subprocessing.NoPdf, gettext_lazy("Only PDF files of at most 10 MB are taken.")),
    (inspecting.TooSoon, gettext_lazy("This is sooner than the agreement allows.")),
    (inspecting.NoReason, gettext_lazy("First say when it was done and what came out.")),
    (inspecting.StillOpen, gettext_lazy("Findings are still open.")),
    (staffing.BadDates, gettext_lazy("These dates do not fit together.")),
)


def step(
    request: TenantRequest,
    form: forms.Form,
    title: str,
    do: Callable[[dict[str, Any]], object],
    back: str,
    **shown: Any,
) -> HttpResponse:
    """Show a form; once it is right do what it says and lead back. What cannot be done is said on the form."""
    if request.method == "POST" and form.is_valid():
        try:
            do(form.cleaned_data)
        except tuple(kind for kind, _text in PROBLEMS) as error:
            form.add_error(
                None, next(str(text) for kind, text in PROBLEMS if isinstance(error, kind))
            )
        else:
            messages.success(request, _("It is written down."))
            return redirect(back)
    context = {"form": form, "title": title, "cancel_url": back}
    return render(request, "processing/step.html", context | shown)


def posted(request: TenantRequest) -> forms.Form:
    """Return a form without fields, for steps that only have to be confirmed."""
    return forms.Form(request.POST if request.method == "POST" else None)


def home(request: TenantRequest) -> str:
    """Return the address of the page of the agreement."""
    return reverse("processing:agreement", kwargs={"tenant": request.tenant.slug})


def must_be_operator(request: TenantRequest) -> None:
    """Let in the operator only."""
    if not request.tenant.is_operator:
        raise PermissionDenied


def customer_of(request: TenantRequest, tenant_id: int) -> Tenant:
    """Return a customer, for the operator only."""
    must_be_operator(request)
    found: Tenant = get_object_or_404(Tenant.objects.filter(is_operator=False), pk=tenant_id)
    return found
