"""What a contact agreed to, for who has to demonstrate it (N28): the exact words, when, where."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from hirnok.accounts.door import TenantRequest, member, must_see_people
from hirnok.accounts.models import Role
from hirnok.consent.models import ConsentEntry
from hirnok.contacts.models import Contact

EVENTS = {
    ConsentEntry.Event.GIVEN: _("Agreed and confirmed"),
    ConsentEntry.Event.LIST_LEFT: _("Left a list"),
    ConsentEntry.Event.MEASUREMENT_REFUSED: _("Refused that opens and clicks are recorded"),
    ConsentEntry.Event.MEASUREMENT_ALLOWED: _("Allowed that opens and clicks are recorded"),
}


@require_GET
@member(Role.VIEWER)
def consent_ledger(request: TenantRequest, pk: int) -> HttpResponse:
    """The ledger of one contact, the newest first; viewers see no people (A8)."""
    must_see_people(request)
    contact: Contact = get_object_or_404(
        Contact.objects.of(request.tenant).select_related("holding"), pk=pk
    )
    rows = ConsentEntry.objects.of(request.tenant).filter(contact_id=contact.pk)
    context = {
        "contact": contact,
        "entries": [
            (entry, EVENTS[ConsentEntry.Event(entry.event)])
            for entry in rows.select_related("text", "list").order_by("-at", "-pk")
        ],
        "may_edit": Role(request.membership.role).includes(Role.MARKETER),
        "may_erase": True,
    }
    return render(request, "consent/consent_ledger.html", context)
