"""Pages of the register: what is in it, what is wrong with it, and its parts to change."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.consent import transferring
from hirnok.lib import clock
from hirnok.privacy import keeping, wording
from hirnok.privacy.forms import (
    ActivityForm,
    ControllerForm,
    RecipientForm,
    initial_of_activity,
    initial_of_recipient,
)
from hirnok.register import categories, consistency, describing
from hirnok.register.answers import BASES, name_of
from hirnok.register.models import Activity, Controller, Notice, Recipient
from hirnok.ui.downloads import csv_response


@require_GET
@member(Role.PRIVACY_OFFICER)
def register(request: TenantRequest) -> HttpResponse:
    """Show the whole register at a glance."""
    language = get_language() or "en"
    found = consistency.examine(request.tenant, clock.now().date())
    activities = Activity.objects.of(request.tenant).order_by("-active", "pk")
    context = {
        "controller": Controller.objects.of(request.tenant).first(),
        "findings": wording.findings(request.tenant, found, language),
        "activities": [(one, name_of(one, language)) for one in activities],
        "recipients": Recipient.objects.of(request.tenant).order_by("name", "pk"),
        "notices": [
            (one, describing.in_language(one.title, language) or one.code)
            for one in Notice.objects.of(request.tenant).order_by("pk")
        ],
    }
    return render(request, "privacy/register.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def controller(request: TenantRequest) -> HttpResponse:
    """Say who answers for the data."""
    found = get_object_or_404(Controller.objects.of(request.tenant))
    initial = {name: getattr(found, name) for name in ControllerForm.base_fields}
    form = ControllerForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        keeping.change_controller(
            request.tenant, form.cleaned_data, actor=request.actor, at=clock.now()
        )
        messages.success(request, _("The register is changed. Publish the notice to say so."))
        return redirect(_register_url(request))
    context = {"form": form, "cancel_url": _register_url(request), "title": _("The controller")}
    return render(request, "privacy/part.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def activity(request: TenantRequest, pk: int) -> HttpResponse:
    """Show an activity with its purposes, and change what a tenant may change of it."""
    found = get_object_or_404(Activity.objects.of(request.tenant), pk=pk)
    language = get_language() or "en"
    form = ActivityForm(request.POST or None, initial=initial_of_activity(found))
    if request.method == "POST" and form.is_valid():
        keeping.change_activity(found, form.values(), actor=request.actor, at=clock.now())
        messages.success(request, _("The register is changed. Publish the notice to say so."))
        return redirect(_register_url(request))
    purposes = [
        {
            "text": describing.in_language(one.text, language),
            "grounds": [BASES.get(ground.basis, ground.basis) for ground in one.grounds],
            "items": [categories.words(item.category) for item in one.items],
        }
        for one in describing.purposes(found)
    ]
    context = {
        "form": form,
        "purposes": purposes,
        "cancel_url": _register_url(request),
        "title": name_of(found, language),
    }
    return render(request, "privacy/activity.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def recipient_new(request: TenantRequest) -> HttpResponse:
    """Add somebody who gets data."""
    return _recipient(request, None)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def recipient(request: TenantRequest, pk: int) -> HttpResponse:
    """Change somebody who gets data."""
    return _recipient(request, get_object_or_404(Recipient.objects.of(request.tenant), pk=pk))


@require_POST
@member(Role.PRIVACY_OFFICER)
def hand_over(request: TenantRequest, pk: int) -> HttpResponse:
    """Hand out who agreed to be handed to this recipient, and nobody else (C4)."""
    found = get_object_or_404(Recipient.objects.of(request.tenant), pk=pk)
    table = transferring.handed_over(request.tenant, found, actor=request.actor, at=clock.now())
    return csv_response(table, "agreed.csv")


def _recipient(request: TenantRequest, found: Recipient | None) -> HttpResponse:
    language = get_language() or "en"
    rows = Activity.objects.of(request.tenant).order_by("pk")
    choices = [(one.code, name_of(one, language)) for one in rows]
    initial = initial_of_recipient(found) if found else {"since": clock.now().date()}
    form = RecipientForm(choices, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        keeping.keep_recipient(
            request.tenant, found, form.values(), actor=request.actor, at=clock.now()
        )
        messages.success(request, _("The register is changed. Publish the notice to say so."))
        return redirect(_register_url(request))
    title = found.name if found else _("New recipient")
    context = {"form": form, "cancel_url": _register_url(request), "title": title}
    if found is not None and found.kind == Recipient.Kind.CONTROLLER:
        context |= {
            "recipient": found,
            "agreed": transferring.agreed(request.tenant, found).count(),
        }
    return render(request, "privacy/part.html", context)


def _register_url(request: TenantRequest) -> str:
    return reverse("privacy:register", kwargs={"tenant": request.tenant.slug})
