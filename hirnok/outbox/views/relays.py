"""Relay pages: list, form, connection test, removal."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.lib import clock
from hirnok.outbox import probing
from hirnok.outbox import relays as relay_verbs
from hirnok.outbox.forms import RelayForm, initial_of
from hirnok.outbox.models import Relay
from hirnok.ui.confirmation import Confirmation, ConfirmForm
from hirnok.ui.paging import keyset


@member(Role.OWNER)
def relays(request: TenantRequest) -> HttpResponse:
    """List the servers that take the tenant's mail."""
    page = keyset(
        Relay.objects.of(request.tenant), key=("name", "pk"), after=request.GET.get("page")
    )
    failures = {relay.pk: probing.failure(relay) for relay in page.rows if relay.failing_since}
    rows = [(relay, failures.get(relay.pk, "")) for relay in page.rows]
    return render(request, "outbox/relays.html", {"page": page, "relays": rows})


@member(Role.OWNER)
def relay_new(request: TenantRequest) -> HttpResponse:
    """Make a relay, then test it."""
    initial = {
        "security": Relay.Security.STARTTLS,
        "is_default": relay_verbs.default_of(request.tenant) is None,
    }
    form = RelayForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        relay = relay_verbs.make(
            request.tenant, form.details(), actor=request.actor, at=clock.now()
        )
        return redirect("outbox:relay", tenant=request.tenant.slug, relay_id=relay.pk)
    return render(request, "outbox/relay.html", {"form": form, "cancel_url": _relays_url(request)})


@member(Role.OWNER)
def relay(request: TenantRequest, relay_id: int) -> HttpResponse:
    """Change a relay."""
    found = _relay(request, relay_id)
    form = RelayForm(request.POST or None, initial=initial_of(found), stored=found)
    if request.method == "POST" and form.is_valid():
        relay_verbs.change(found, form.details(), actor=request.actor, at=clock.now())
        messages.success(request, _("The relay is changed."))
        return redirect("outbox:relay", tenant=request.tenant.slug, relay_id=found.pk)
    context = {"form": form, "relay": found, "cancel_url": _relays_url(request)}
    return render(request, "outbox/relay.html", context)


@require_POST
@member(Role.OWNER)
def relay_test(request: TenantRequest, relay_id: int) -> HttpResponse:
    """Connect as the engine would, step by step, and say where it ends; sends nothing."""
    found = _relay(request, relay_id)
    context = {"relay": found, "steps": probing.probe(found), "back": _relays_url(request)}
    return render(request, "outbox/relay_test.html", context)


@member(Role.OWNER)
def relay_remove(request: TenantRequest, relay_id: int) -> HttpResponse:
    """Remove a relay, after asking."""
    found = _relay(request, relay_id)
    question = Confirmation(
        title=_("Remove the relay %(name)s") % {"name": found.name},
        text=_(
            "Its address and password are deleted. Newsletters are not sent through it any more."
        ),
        action=_("Remove"),
        cancel_url=_relays_url(request),
        undo=False,
        danger=True,
    )
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            relay_verbs.remove(found, actor=request.actor, at=clock.now())
        except relay_verbs.InUse:
            messages.error(
                request, _("Newsletters were sent through this relay, so it stays on record.")
            )
        return redirect("outbox:relays", tenant=request.tenant.slug)
    return render(request, "ui/confirm.html", {"confirmation": question, "form": form})


def _relay(request: TenantRequest, relay_id: int) -> Relay:
    found: Relay = get_object_or_404(Relay.objects.of(request.tenant), pk=relay_id)
    return found


def _relays_url(request: TenantRequest) -> str:
    return reverse("outbox:relays", kwargs={"tenant": request.tenant.slug})
