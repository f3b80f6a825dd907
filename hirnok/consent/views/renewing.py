"""The page of a mail that asks to agree anew: the new words, a button for yes, one for no; GET changes nothing."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hirnok.consent import leaving, reading, renewing
from hirnok.consent.models import Renewal
from hirnok.lib import clock, keys, tokens
from hirnok.mail.message import PREVIEW
from hirnok.register import notices
from hirnok.register.readymade import NEWSLETTER
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant
from hirnok.ui.failures import for_readers


@for_readers
@csrf_exempt  # the signed token is the authority
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def renew(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is asked, and take the answer."""
    if token == PREVIEW:
        return render(request, "consent/preview_link.html")
    try:
        contact_id = tokens.read_recipient(keys.derive(renewing.PURPOSE), token)
    except tokens.BadToken:
        return render(request, "consent/no_own_page.html", status=404)
    tenant = leaving.tenant_of_contact(contact_id)
    if tenant is None:
        return render(request, "consent/no_own_page.html", status=410)
    with acting_for(tenant):
        asked = renewing.of_contact(contact_id, tenant=tenant)
        if asked is None or leaving.has_left(asked.contact):
            return render(request, "consent/no_own_page.html", status=410)
        wanted = request.POST.get("do", "") if request.method == "POST" else ""
        return _answer(request, asked, wanted)


def _answer(request: HttpRequest, asked: Renewal, wanted: str) -> HttpResponse:
    contact, at = asked.contact, clock.now()
    if wanted == "agree":
        renewing.renew(contact.pk, tenant=contact.tenant_id, at=at)
        return _render(request, asked, "consent/renewed.html", {})
    if wanted == "leave":
        left = leaving.leave_all(contact.pk, tenant=contact.tenant_id, at=at)
        return _render(request, asked, "consent/left.html", {"held": left.held})
    return _render(request, asked, "consent/renew.html", {})


def _render(
    request: HttpRequest, asked: Renewal, template: str, context: dict[str, Any]
) -> HttpResponse:
    contact = asked.contact
    tenant = Tenant.objects.get(pk=contact.tenant_id)
    language = asked.text.language if asked.text else reading.language_of(contact)
    notice = notices.covering(tenant, NEWSLETTER, clock.now().date())
    shown = {
        "brand": reading.sender(contact.brand, tenant.accent),
        "address": reading.masked(contact.email),
        "asked": asked,
        "notice_url": reverse("privacy:public_notice", args=[notice.token]) if notice else "",
    }
    with translation.override(language), timezone.override(tenant.time_zone):
        response = render(request, template, shown | context)
        response["Content-Language"] = language
    return response
