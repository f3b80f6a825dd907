"""The notice for everybody, at its permanent address: the version in force, the announced one, the old ones."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hirnok.lib import clock
from hirnok.privacy import printing, wording
from hirnok.register import notices, portals
from hirnok.register.models import Controller, Notice, NoticeVersion
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant


@require_safe
def public_notice(request: HttpRequest, token: str, number: int | None = None) -> HttpResponse:
    """Show a version of a notice in the reader's language."""
    tenant, notice = _notice(token)
    with acting_for(tenant):
        version = _version(tenant, notice, number)
        language = _language(request)
        today = clock.now().date()
        every = NoticeVersion.objects.of(tenant).filter(notice=notice).order_by("-number")
        announced = next(
            (one for one in every if one.effective_from > today and one.pk != version.pk), None
        )
        older = [one for one in every if one.pk != version.pk and one != announced]
        controller = Controller.objects.of(tenant).first()
        changes = wording.changes(tenant, version.difference, language)
    with translation.override(language):
        context = {
            "brand": {"name": controller.name if controller else tenant.name},
            "document": version.documents[language],
            "version": version,
            "changes": changes,
            "token": token,
            "portal_url": f"{portals.path(tenant.pk)}?lang={language}",
            "language": language,
            "announced": announced,
            "older": older,
            "languages": [code for code, _name in settings.LANGUAGES if code != language],
        }
        response = render(request, "privacy/public_notice.html", context)
    response["Content-Language"] = language
    return response


@require_safe
def notice_pdf(request: HttpRequest, token: str, number: int) -> HttpResponse:
    """Hand out a version as PDF."""
    document, name = _document(request, token, number)
    response = HttpResponse(printing.pdf(document), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


@require_safe
def notice_json(request: HttpRequest, token: str, number: int) -> HttpResponse:
    """Hand out a version as JSON."""
    document, _name = _document(request, token, number)
    return JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 1})


def _document(request: HttpRequest, token: str, number: int) -> tuple[dict[str, Any], str]:
    tenant, notice = _notice(token)
    with acting_for(tenant):
        version = _version(tenant, notice, number)
    language = _language(request)
    with translation.override(language):
        stand = _("Version %(number)s, in force from %(day)s") % {
            "number": version.number,
            "day": date_format(version.effective_from),
        }
    document = {**version.documents[language], "stand": stand}
    return document, f"{notice.code}-{version.number}-{language}"


def _notice(token: str) -> tuple[Tenant, Notice]:
    number = notices.tenant_of(token)
    tenant = Tenant.objects.filter(pk=number).first() if number is not None else None
    if tenant is None:
        raise Http404
    with acting_for(tenant):
        notice = Notice.objects.of(tenant).filter(token=token).first()
    if notice is None:
        raise Http404
    return tenant, notice


def _version(tenant: Tenant, notice: Notice, number: int | None) -> NoticeVersion:
    if number is None:
        found = notices.in_force(tenant, notice, clock.now().date())
    else:
        found = NoticeVersion.objects.of(tenant).filter(notice=notice, number=number).first()
    if found is None:
        raise Http404
    return found


def _language(request: HttpRequest) -> str:
    known = {code for code, _name in settings.LANGUAGES}
    asked = request.GET.get("lang") or translation.get_language_from_request(request)
    return asked if asked in known else "en"
