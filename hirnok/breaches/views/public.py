"""Open to everybody: reporting that rights were violated, and whom to tell of a hole in security (RFC 9116)."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from hirnok.breaches import opening
from hirnok.breaches.forms import ClaimForm
from hirnok.consent import throttling
from hirnok.lib import clock
from hirnok.register import notices
from hirnok.register.models import Controller, Notice
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant
from hirnok.tracker.visitor import client_address
from hirnok.ui.failures import for_readers

HOLDS_FOR = timedelta(days=180)  # RFC 9116 2.5.5 wants less than a year


@for_readers
@csrf_exempt  # nobody is signed in here
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_violation(request: HttpRequest, token: str) -> HttpResponse:
    """Take what a person or a third party says (N35); the token is that of the tenant's privacy notice."""
    tenant = _tenant(token)
    language = _language(request)
    with acting_for(tenant), translation.override(language):
        controller = Controller.objects.of(tenant).first()
        brand = {"name": controller.name if controller else tenant.name, "accent": tenant.accent}
        form = ClaimForm(request.POST or None)
        context: dict[str, Any] = {
            "brand": brand,
            "form": form,
            "language": language,
            "token": token,
        }
        if request.method == "POST" and form.is_valid():
            if not _is_quiet(request, tenant):
                return render(request, "breaches/too_many.html", context, status=429)
            if _take(tenant, form, language):
                return render(request, "breaches/violation_reported.html", context)
        return render(request, "breaches/report_violation.html", context)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Say whom to tell of a vulnerability, from the operator's controller row (RFC 9116, C14)."""
    operator = Tenant.objects.filter(is_operator=True).first()
    if operator is None:
        raise Http404
    with acting_for(operator):
        controller = Controller.objects.of(operator).first()
        notice = Notice.objects.of(operator).order_by("pk").first()
    if controller is None or not controller.security_email:
        raise Http404
    day = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: mailto:{controller.security_email}",
        f"Expires: {(day + HOLDS_FOR).strftime('%Y-%m-%dT%H:%M:%SZ')}",
        "Preferred-Languages: " + ", ".join(code for code, _name in settings.LANGUAGES),
        f"Canonical: {settings.PUBLIC_URL}{reverse('breaches:security_txt')}",
    ]
    if notice is not None:
        path = reverse("privacy:public_notice", kwargs={"token": notice.token})
        lines.insert(0, f"# Privacy notice: {settings.PUBLIC_URL}{path}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _take(tenant: Tenant, form: ClaimForm, language: str) -> bool:
    told = opening.Told(
        form.cleaned_data["address"],
        form.cleaned_data["text"],
        form.cleaned_data["name"],
        language,
        form.cleaned_data["by"] == "person",
    )
    try:
        opening.claim(tenant, told, actor="person", at=clock.now())
    except opening.BadAddress:
        form.add_error("address", _("Nobody can be written to at this address."))
        return False
    return True


def _is_quiet(request: HttpRequest, tenant: Tenant) -> bool:
    address = client_address(
        request.META.get("REMOTE_ADDR", ""),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        settings.PROXIES,
    )
    most = throttling.NETWORK_MOST_UNPROVED
    return throttling.network_is_quiet(tenant.pk, address, clock.now(), most=most)


def _tenant(token: str) -> Tenant:
    number = notices.tenant_of(token)
    tenant = Tenant.objects.filter(pk=number).first() if number is not None else None
    if tenant is None:
        raise Http404
    return tenant


def _language(request: HttpRequest) -> str:
    known = {code for code, _name in settings.LANGUAGES}
    asked = request.GET.get("lang") or translation.get_language_from_request(request)
    return asked if asked in known else "en"
