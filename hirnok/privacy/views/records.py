"""The records of Art. 30 for download: what the register says, as a table, as a letter, as data."""

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.lib import clock
from hirnok.privacy import printing, records, vocabulary
from hirnok.privacy.records import Record

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@member(Role.PRIVACY_OFFICER)
def record(request: TenantRequest, kind: str) -> HttpResponse:
    """Hand out the controller's record (Art. 30 (1))."""
    today = clock.now().date()
    if kind == "jsonld":
        base = f"{settings.PUBLIC_URL.rstrip('/')}{request.path}"
        return _linked(vocabulary.record(request.tenant, today, base))
    return _file(records.of_controller(request.tenant, _language(request), today), kind, "art-30-1")


@require_safe
@member(Role.PRIVACY_OFFICER, all_brands=True)
def processor_record(request: TenantRequest, kind: str) -> HttpResponse:
    """Hand out the operator's record over all its tenants (Art. 30 (2))."""
    if not request.tenant.is_operator:
        raise Http404
    made = records.of_processor(request.tenant, _language(request), clock.now().date())
    return _file(made, kind, "art-30-2")


def _file(record: Record, kind: str, name: str) -> HttpResponse:
    if kind == "xlsx":
        response = HttpResponse(records.as_workbook(record), content_type=XLSX)
    elif kind == "pdf":
        made = printing.pdf(records.as_document(record))
        response = HttpResponse(made, content_type="application/pdf")
    else:
        raise Http404
    filename = f"{name}-{record.on:%Y-%m-%d}-{record.language}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _linked(document: dict[str, Any]) -> HttpResponse:
    text = json.dumps(document, ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/ld+json")
    response["Content-Disposition"] = 'attachment; filename="register.jsonld"'
    return response


def _language(request: TenantRequest) -> str:
    asked = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else get_language() or "en"
