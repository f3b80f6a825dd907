"""What a contact agreed to, for who has to demonstrate it (N28): the exact words, when, where."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hirnok.accounts.door import Locked, TenantRequest, member, must_see_people
from hirnok.accounts.models import Role
from hirnok.consent import leaving
from hirnok.consent.evidencing import EVENTS
from hirnok.consent.models import ConsentEntry, Renewal
from hirnok.consent.withdrawal_forms import WithdrawalForm
from hirnok.contacts.models import Contact
from hirnok.lib import clock


@require_GET
@member(Role.VIEWER)
def consent_ledger(request: TenantRequest, pk: int) -> HttpResponse:
    """The ledger of one contact, the newest first; viewers see no people (A8)."""
    must_see_people(request)
    contact: Contact = get_object_or_404(
        Contact.objects.of(request.tenant).select_related("holding"), pk=pk
    )
    if contact.holding.restricted_at is not None:
        raise Locked
    rows = ConsentEntry.objects.of(request.tenant).filter(contact_id=contact.pk)
    context = {
        "contact": contact,
        "entries": [
            (entry, EVENTS[entry.event])
            for entry in rows.select_related("text__recipient", "list").order_by("-at", "-pk")
        ],
        "may_edit": Role(request.membership.role).includes(Role.MARKETER),
        "may_erase": True,
        "renewal": Renewal.objects.of(request.tenant).filter(pk=contact.pk).first(),
        "has_left": leaving.has_left(contact),
    }
    return render(request, "consent/consent_ledger.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def withdraw(request: TenantRequest, pk: int) -> HttpResponse:
    """Take down that the person withdrew the consent in another way than by a link, with what shows it."""
    contact: Contact = get_object_or_404(
        Contact.objects.of(request.tenant).select_related("holding", "person"), pk=pk
    )
    at = clock.now()
    form = WithdrawalForm(at, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        leaving.leave_at_the_persons_word(
            contact.pk, form.told(), tenant=request.tenant.pk, actor=request.actor, at=at
        )
        messages.success(request, _("The consent is withdrawn; the evidence is kept."))
        return redirect("contacts:contacts", tenant=request.tenant.slug)
    return render(request, "consent/withdraw.html", {"contact": contact, "form": form})
