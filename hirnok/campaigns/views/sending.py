"""Pages that send: state of a campaign, checklist and launch, schedule, pause, resume, cancel."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.campaigns import audience, checking, drafting, launch
from hirnok.campaigns.forms import ScheduleForm
from hirnok.campaigns.models import Campaign
from hirnok.lib import clock
from hirnok.ui import words
from hirnok.ui.confirmation import Confirmation, ConfirmForm
from hirnok.ui.progress import STOP_POLLING, Progress, progress_response

Status = Campaign.Status


@require_GET
@member(Role.VIEWER)
def campaign(request: TenantRequest, pk: int) -> HttpResponse:
    """What a campaign is, where it stands, what can be done; drafts are written on their own page."""
    found = _campaign(request, pk)
    may_write = Role(request.membership.role).includes(Role.MARKETER)
    if found.status == Status.DRAFT and may_write:
        return redirect("campaigns:edit_campaign", tenant=request.tenant.slug, pk=pk)
    context: dict[str, Any] = {
        "campaign": found,
        "may_write": may_write,
        "lists": drafting.lists_of(found),
        "excluded": drafting.lists_of(found, excluded=True),
        "progress": _progress(request, found),
        "earlier": found.resent_from,
    }
    if found.status == Status.SCHEDULED:
        context["scheduled"] = checking.checklist(found, at=clock.now(), count=False)
        with timezone.override(ZoneInfo(found.time_zone or request.tenant.time_zone)):
            context["when"] = words.moment(found.scheduled_at)
    if found.launched_at:
        context["left_out"] = audience.in_words(found.left_out)
    return render(request, "campaigns/campaign.html", context)


@require_GET
@member(Role.VIEWER)
def campaign_progress(request: TenantRequest, pk: int) -> HttpResponse:
    """How far sending has come: polled by the page."""
    found = _campaign(request, pk)
    progress = _progress(request, found)
    is_another = request.GET.get("was", found.status) != found.status
    if progress is None or not progress.poll_url or is_another:
        return HttpResponse(status=STOP_POLLING, headers={"HX-Refresh": "true"})
    return progress_response(request, progress, then="")


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def send_campaign(request: TenantRequest, pk: int) -> HttpResponse:
    """Checklist, and the confirmation that launches. A large audience is counted after the page is there, and once more
    when it is confirmed: what is sent is what was confirmed."""
    found = _campaign(request, pk)
    if found.status not in {Status.DRAFT, Status.SCHEDULED}:
        return redirect("campaigns:campaign", tenant=request.tenant.slug, pk=pk)
    asks = request.method == "POST" or "part" in request.GET or "counted" in request.GET
    checked = checking.checklist(found, at=clock.now(), count=asks or None)
    recipients = checked.audience.recipients if checked.audience else 0
    word = _("SEND")
    form = ConfirmForm(request.POST or None, word=word)
    if request.method == "POST" and form.is_valid():
        if request.POST.get("recipients") != str(recipients):
            messages.warning(request, _("The number of recipients has changed. Please look again."))
        elif _done(request, launch.begin, pk):
            messages.success(request, _("The campaign is on its way."))
            return redirect("campaigns:campaign", tenant=request.tenant.slug, pk=pk)
    question = Confirmation(
        title=ngettext("Send to %(number)s person", "Send to %(number)s people", recipients)
        % {"number": words.number(recipients)},
        action=_("Send now"),
        undo=False,
        danger=True,
        word=word,
        cancel_url=_url(request, "campaign", pk),
    )
    context = {"campaign": found, "checked": checked, "confirmation": question, "form": form}
    template = "campaigns/send_campaign.html"
    return render(request, f"{template}#confirm" if "part" in request.GET else template, context)


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def schedule_campaign(request: TenantRequest, pk: int) -> HttpResponse:
    """Choose the time at which it is sent by itself."""
    found = _campaign(request, pk)
    if found.status not in {Status.DRAFT, Status.SCHEDULED}:
        return redirect("campaigns:campaign", tenant=request.tenant.slug, pk=pk)
    zone = found.time_zone or request.tenant.time_zone
    form = ScheduleForm(request.POST or None, initial={"time_zone": zone})
    if request.method == "POST" and form.is_valid() and _scheduled(request, pk, form):
        messages.success(request, _("The campaign is scheduled."))
        return redirect("campaigns:campaign", tenant=request.tenant.slug, pk=pk)
    context = {
        "campaign": found,
        "checked": checking.checklist(found, at=clock.now()),
        "form": form,
        "submit_label": _("Schedule"),
        "cancel_url": _url(request, "send_campaign", pk),
    }
    return render(request, "campaigns/schedule_campaign.html", context)


@require_POST
@member(Role.MARKETER)
def unschedule_campaign(request: TenantRequest, pk: int) -> HttpResponse:
    """Make a scheduled campaign a draft again."""
    return _act(request, launch.unschedule, pk, _("The campaign is a draft again."))


@require_POST
@member(Role.MARKETER)
def pause_campaign(request: TenantRequest, pk: int) -> HttpResponse:
    """Stop sending for now."""
    return _act(request, launch.pause, pk, _("Sending pauses. What is on its way still arrives."))


@require_POST
@member(Role.MARKETER)
def resume_campaign(request: TenantRequest, pk: int) -> HttpResponse:
    """Go on sending."""
    return _act(request, launch.resume, pk, _("Sending goes on."))


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def cancel_campaign(request: TenantRequest, pk: int) -> HttpResponse:
    """Ask, then end sending for good."""
    found = _campaign(request, pk)
    if found.status not in {Status.STARTING, Status.SENDING, Status.PAUSED}:
        messages.warning(request, _("Only a campaign that is being sent can be cancelled."))
        return redirect("campaigns:campaign", tenant=request.tenant.slug, pk=pk)
    word = _("CANCEL")
    form = ConfirmForm(request.POST or None, word=word)
    if request.method == "POST" and form.is_valid():
        return _act(request, launch.cancel, pk, _("Sending has ended."))
    progress = _progress(request, found)
    done = progress.done if progress and found.status != Status.STARTING else 0
    left = progress.total - done if progress and progress.total else 0
    question = Confirmation(
        title=_("End sending “%(name)s”") % {"name": found.name},
        text=ngettext(
            "%(number)s person who has not got it yet will not get it.",
            "%(number)s people who have not got it yet will not get it.",
            left,
        )
        % {"number": words.number(left)},
        action=_("End sending"),
        undo=False,
        danger=True,
        word=word,
        cancel_url=_url(request, "campaign", pk),
    )
    return render(request, "ui/confirm.html", {"confirmation": question, "form": form})


def _act(
    request: TenantRequest, act: Callable[..., Campaign], pk: int, success: str
) -> HttpResponse:
    _campaign(request, pk)
    if _done(request, act, pk):
        messages.success(request, success)
    return redirect("campaigns:campaign", tenant=request.tenant.slug, pk=pk)


def _done(request: TenantRequest, act: Callable[..., Campaign], pk: int, **more: Any) -> bool:
    """Do it, or say why it cannot be done."""
    try:
        act(request.tenant, pk, actor=request.actor, at=clock.now(), **more)
    except checking.FACTS as fact:
        messages.error(request, checking.why(fact))
        return False
    return True


def _scheduled(request: TenantRequest, pk: int, form: ScheduleForm) -> bool:
    local: datetime = form.cleaned_data["when"]
    zone = form.cleaned_data["time_zone"]
    try:
        launch.schedule(
            request.tenant,
            pk,
            local=local,
            time_zone=zone,
            actor=request.actor,
            at=clock.now(),
        )
    except (launch.InThePast, launch.NoSuchTime) as fact:
        form.add_error("when", checking.why(fact))
    except checking.FACTS as fact:
        form.add_error(None, checking.why(fact))
    else:
        return True
    return False


def _progress(request: TenantRequest, found: Campaign) -> Progress | None:
    if found.launched_at is None:
        return None
    if found.status == Status.STARTING:
        return _starting(request, found)
    if found.status not in {Status.SENDING, Status.PAUSED}:
        return None
    done, total = checking.sent_so_far(found)
    paused = found.status == Status.PAUSED
    return Progress(
        label=_("Sending pauses") if paused else _("Sending"),
        done=done,
        total=total,
        seconds=0 if paused else (clock.now() - found.launched_at).total_seconds(),
        poll_url="" if paused else _url(request, "campaign_progress", found.pk),
        unit=_("messages"),
    )


def _starting(request: TenantRequest, found: Campaign) -> Progress:
    """How many recipients the worker has written; how many there are is known once they were taken down."""
    size = found.audience_size
    url = _url(request, "campaign_progress", found.pk)
    return Progress(
        label=_("Preparing the recipients"),
        done=found.message.recipients if found.message else 0,
        total=None if size is None else size - sum(found.left_out.values()),
        poll_url=f"{url}?was={Status.STARTING}",
        unit=_("recipients"),
    )


def _campaign(request: TenantRequest, pk: int) -> Campaign:
    found: Campaign = get_object_or_404(
        Campaign.objects.of(request.tenant).select_related("brand", "message", "relay"), pk=pk
    )
    return found


def _url(request: TenantRequest, name: str, pk: int) -> str:
    return reverse(f"campaigns:{name}", kwargs={"tenant": request.tenant.slug, "pk": pk})
