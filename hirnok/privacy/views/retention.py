"""Retention: what goes until tomorrow, what waits for somebody's word, and what the runs have done."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.lib import clock
from hirnok.privacy import wording
from hirnok.register import disposals
from hirnok.register.answers import name_of
from hirnok.register.models import DisposalRun
from hirnok.ui.confirmation import Confirmation, ConfirmForm
from hirnok.ui.words import number

AHEAD = timedelta(days=1)
RUNS = 20


class ThresholdForm(forms.Form):
    """From how many at once somebody has to agree."""

    approve_above = forms.IntegerField(
        label=gettext_lazy("Somebody has to agree when more than so many end at once"),
        help_text=gettext_lazy("0: never. What needs agreement waits; nothing else does."),
        min_value=0,
        max_value=1_000_000_000,
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def retention(request: TenantRequest) -> HttpResponse:
    """Show the forecast and the last runs; set the threshold."""
    tenant, at, language = request.tenant, clock.now(), get_language() or "en"
    policy = disposals.policy_of(tenant)
    form = ThresholdForm(request.POST or None, initial={"approve_above": policy.approve_above})
    if request.method == "POST" and form.is_valid():
        threshold = form.cleaned_data["approve_above"]
        disposals.set_threshold(tenant, threshold, actor=request.actor, at=at)
        messages.success(request, _("Saved."))
        return redirect(_url(request))
    lines = disposals.forecast(tenant, at + AHEAD)
    runs = DisposalRun.objects.of(tenant).prefetch_related("items")
    newest = list(runs.order_by("-started_at", "-pk")[:RUNS])
    context = {
        "form": form,
        "lines": [
            (name_of(one.activity, language) if one.activity else wording.place(one.model), one)
            for one in lines
        ],
        "waiting": sum(one.waiting for one in lines),
        "failed": bool(newest) and newest[0].status == DisposalRun.Status.FAILED,
        "runs": [
            (run, [(wording.place(item.model), item) for item in run.items.all()]) for run in newest
        ],
    }
    return render(request, "privacy/retention.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def approve_retention(request: TenantRequest) -> HttpResponse:
    """Agree that everything ends that is due until tomorrow."""
    at = clock.now()
    waiting = sum(one.waiting for one in disposals.forecast(request.tenant, at + AHEAD))
    if request.method == "POST":
        count = disposals.approve(request.tenant, at + AHEAD, actor=request.actor, at=at)
        done = ngettext(
            "%(count)s record will be deleted by the next run.",
            "%(count)s records will be deleted by the next run.",
            count,
        )
        messages.success(request, done % {"count": number(count)})
        return redirect(_url(request))
    title = ngettext(
        "Delete %(count)s record whose period is over?",
        "Delete %(count)s records whose period is over?",
        waiting,
    ) % {"count": number(waiting)}
    question = Confirmation(
        title=title, action=_("Agree"), cancel_url=_url(request), undo=False, danger=True
    )
    return render(request, "ui/confirm.html", {"confirmation": question, "form": ConfirmForm()})


def _url(request: TenantRequest) -> str:
    return reverse("privacy:retention", kwargs={"tenant": request.tenant.slug})
