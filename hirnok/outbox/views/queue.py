"""What waits, why, and what can be done about it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.lib import clock
from hirnok.outbox import pacing, queues
from hirnok.outbox.models import Relay
from hirnok.ui import words

_LONGEST_NAME = 253


@member(Role.MARKETER, all_brands=True)
def queue(request: TenantRequest) -> HttpResponse:
    """Show the tenant's queues; renewed while somebody looks. The operator also sees how much waits elsewhere."""
    lines = queues.of_tenant(request.tenant, clock.now())
    totals = queues.totals() if request.tenant.is_operator else []
    context = {
        "groups": queues.by_relay(lines),
        "total": sum(line.total for line in lines),
        "totals": [one for one in totals if one.tenant_id != request.tenant.pk],
    }
    template = (
        "outbox/queue.html#lines" if request.GET.get("part") == "lines" else "outbox/queue.html"
    )
    return render(request, template, context)


@require_POST
@member(Role.MARKETER, all_brands=True)
def queue_suspend(request: TenantRequest, relay_id: int) -> HttpResponse:
    """Stop a queue by hand."""
    relay, provider = _chosen(request, relay_id)
    pacing.suspend(relay, provider, actor=request.actor, at=clock.now())
    messages.success(request, _("The queue is suspended. What is on its way arrives."))
    return redirect("outbox:queue", tenant=request.tenant.slug)


@require_POST
@member(Role.MARKETER, all_brands=True)
def queue_resume(request: TenantRequest, relay_id: int) -> HttpResponse:
    """Let a queue go on at full speed."""
    return _called_back(request, relay_id, pacing.resume)


@require_POST
@member(Role.MARKETER, all_brands=True)
def queue_try(request: TenantRequest, relay_id: int) -> HttpResponse:
    """Try everything of a queue at once."""
    return _called_back(request, relay_id, pacing.try_now)


@require_POST
@member(Role.OWNER)
def relay_hold(request: TenantRequest, relay_id: int) -> HttpResponse:
    """Take a relay out of use."""
    relay, _provider = _chosen(request, relay_id)
    pacing.hold_relay(relay, actor=request.actor, at=clock.now())
    messages.success(request, _("The relay is out of use. Its mail waits, or takes another route."))
    return redirect("outbox:queue", tenant=request.tenant.slug)


@require_POST
@member(Role.OWNER)
def relay_release(request: TenantRequest, relay_id: int) -> HttpResponse:
    """Use a relay again, at once."""
    relay, _provider = _chosen(request, relay_id)
    pacing.release_relay(relay, actor=request.actor, at=clock.now())
    messages.success(request, _("The relay is tried again now."))
    return redirect("outbox:queue", tenant=request.tenant.slug)


def _called_back(
    request: TenantRequest, relay_id: int, verb: Callable[..., pacing.CalledBack]
) -> HttpResponse:
    relay, provider = _chosen(request, relay_id)
    found = verb(relay, provider, actor=request.actor, at=clock.now())
    said = (
        ngettext(
            "%(number)s message is tried again in a moment.",
            "%(number)s messages are tried again in a moment.",
            found.number,
        )
        if found.is_all
        else ngettext(
            "%(number)s message is tried again in a moment, all others follow; this page shows how many still wait.",
            "%(number)s messages are tried again in a moment, all others follow; this page shows how many still wait.",
            found.number,
        )
    )
    messages.success(request, said % {"number": words.number(found.number)})
    return redirect("outbox:queue", tenant=request.tenant.slug)


def _chosen(request: TenantRequest, relay_id: int) -> tuple[Relay, str]:
    relay: Relay = get_object_or_404(Relay.objects.of(request.tenant), pk=relay_id)
    return relay, request.POST.get("provider", "")[:_LONGEST_NAME]
