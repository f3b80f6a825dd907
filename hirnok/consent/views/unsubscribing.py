"""Pages of readers, authorised by the token in their mail: no session, no cookie, no script.

GET shows and changes nothing (mail scanners follow links), POST acts. The one-click POST of RFC 8058 has the same
address as the page.
"""

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from hirnok.consent import leaving, reading, writing
from hirnok.consent.leaving import Surface
from hirnok.consent.reading import Invitation
from hirnok.lib import clock, keys, tokens
from hirnok.mail.message import PREVIEW
from hirnok.register import portals
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Image
from hirnok.ui.failures import for_readers

PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
A_YEAR = 365 * 24 * 3600


@for_readers
@csrf_exempt  # the signed token is the authority; a mail program's POST has no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Leave a brand's newsletter: the page, its button, and the mail program's one click."""
    if token == PREVIEW:
        return render(request, "consent/preview_link.html")
    try:
        delivery_id = tokens.read_recipient(keys.derive("leave"), token)
    except tokens.BadToken:
        return render(request, "consent/unknown_link.html", status=404)
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    tenant = leaving.tenant_of_delivery(delivery_id)
    if tenant is None:
        return (
            _plain() if one_click else render(request, "consent/nothing_to_leave.html", status=410)
        )
    with acting_for(tenant):
        invitation = reading.invitation(delivery_id)
        if request.method == "POST":
            surface = Surface.ONE_CLICK if one_click else Surface.PAGE
            leaving.unsubscribe(invitation.delivery, surface=surface, at=clock.now())
            invitation = replace(reading.invitation(delivery_id), language=invitation.language)
        return _plain() if one_click else _page(request, invitation)


@for_readers
@require_safe
def image(request: HttpRequest, token: str) -> HttpResponse:
    """Serve a picture of a newsletter, as a picture and as nothing else."""
    tenant = leaving.tenant_of_image(token)
    if tenant is None:
        raise Http404
    with acting_for(tenant):
        found = Image.objects.filter(tenant_id=tenant, token=token).first()
    if found is None or found.content_type not in PICTURES:
        raise Http404
    response = HttpResponse(bytes(found.data), content_type=found.content_type)
    response["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _page(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """The page in the reader's language: what will happen, or that it has."""
    contact = invitation.delivery.contact_id if invitation.address else None
    context = {
        "brand": invitation.sender,
        "address": invitation.address,
        "held": invitation.held,
        "final": invitation.final,
        "tenant": invitation.tenant,
        "portal_url": portals.path(
            invitation.delivery.tenant_id, invitation.delivery.message.brand_id
        )
        + f"?lang={invitation.language}",
        "preferences_url": writing.preferences_path(contact) if contact else "",
    }
    with translation.override(invitation.language):
        page = "consent/unsubscribe.html" if invitation.address else "consent/left.html"
        response = render(request, page, context)
        response["Content-Language"] = translation.get_language() or invitation.language
    return response


def _plain() -> HttpResponse:
    return HttpResponse("OK", content_type="text/plain")
