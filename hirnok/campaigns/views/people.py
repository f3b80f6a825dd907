"""The tab of a contact's page that campaigns fill: what was written to this person, and what came of it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from hirnok.accounts.door import Locked, TenantRequest, member, must_see_people
from hirnok.accounts.models import Role
from hirnok.campaigns import recipients
from hirnok.contacts.models import Contact
from hirnok.ui.paging import keyset


@require_GET
@member(Role.VIEWER)
def contact_newsletters(request: TenantRequest, pk: int) -> HttpResponse:
    """List the newsletters of one contact, the newest first; viewers see no people (A8)."""
    must_see_people(request)
    contact: Contact = get_object_or_404(
        Contact.objects.of(request.tenant).select_related("holding"), pk=pk
    )
    if contact.holding.restricted_at is not None:
        raise Locked
    page = keyset(
        recipients.of_contact(contact), key=("-pk",), after=request.GET.get("page"), size=50
    )
    campaigns = recipients.campaigns_of(request.tenant, list(page.rows))
    lines = zip(page.rows, recipients.outcomes(request.tenant, list(page.rows)), strict=True)
    context = {
        "contact": contact,
        "page": page,
        "newsletters": [(campaigns.get(row.message_id), outcome) for row, outcome in lines],
        "may_edit": Role(request.membership.role).includes(Role.MARKETER),
        "may_erase": True,
    }
    return render(request, "campaigns/contact_newsletters.html", context)
