"""Settings: forwarding what comes back to an address of the tenant's own."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.lib import clock
from hirnok.outbox import counting
from hirnok.returns import forwarding
from hirnok.returns.forms import ForwardingForm


@member(Role.OWNER)
def forward_returned(request: TenantRequest) -> HttpResponse:
    """Choose whether and where to it is forwarded, and show what was sent this month."""
    chosen = forwarding.of(request.tenant)
    names = ("address", "autoreplies", "per_hour")
    initial = {name: getattr(chosen, name) for name in names} if chosen else {}
    form = ForwardingForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and _is_chosen(request, form):
        said = (
            _("What comes back is forwarded from now on.")
            if form.wish()
            else _("Nothing is forwarded any more.")
        )
        messages.success(request, said)
        return redirect("returns:forward_returned", tenant=request.tenant.slug)
    context = {
        "form": form,
        "chosen": chosen,
        "sent": counting.sent_in_month(request.tenant, clock.now()),
        "cancel_url": reverse("returns:roads_back", kwargs={"tenant": request.tenant.slug}),
    }
    return render(request, "returns/forward_returned.html", context)


def _is_chosen(request: TenantRequest, form: ForwardingForm) -> bool:
    try:
        forwarding.choose(request.tenant, form.wish(), actor=request.actor, at=clock.now())
    except forwarding.NoAddress:
        form.add_error("address", _("This is no e-mail address. An example: office@example.hu"))
    except forwarding.WouldComeBack:
        form.add_error(
            "address",
            _("Mail to this address comes back to Hírnök itself. Choose one that people read."),
        )
    return not form.errors
