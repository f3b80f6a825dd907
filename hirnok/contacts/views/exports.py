"""Downloads of contacts, with the search and filters of the list."""

from tempfile import TemporaryFile

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.contacts import export, finding
from hirnok.lib import clock
from hirnok.ui.paging import sort_key

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@member(Role.MARKETER)
def export_csv(request: TenantRequest) -> HttpResponse:
    """The contacts as CSV, such as the spreadsheet programs of the language expect it."""
    narrowing = finding.Narrowing.of_query(request.GET)
    _record(request, narrowing, "csv")
    pieces = export.streamed_csv(request.tenant, narrowing, _order(request), get_language() or "en")
    headers = {"Content-Disposition": f'attachment; filename="{_name(request)}.csv"'}
    return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=headers)  # type: ignore[return-value]


@require_GET
@member(Role.MARKETER)
def export_xlsx(request: TenantRequest) -> HttpResponse:
    """The contacts as a workbook."""
    narrowing = finding.Narrowing.of_query(request.GET)
    _record(request, narrowing, "xlsx")
    contacts = finding.find(request.tenant, narrowing).order_by(*_order(request))
    file = TemporaryFile(prefix="hirnok-export-")  # noqa: SIM115 - the response closes it
    export.write_xlsx(export.rows(request.tenant, contacts), file, sheet=_("Contacts"))
    file.seek(0)
    return FileResponse(  # type: ignore[return-value]
        file, as_attachment=True, filename=f"{_name(request)}.xlsx", content_type=XLSX
    )


def _order(request: TenantRequest) -> tuple[str, ...]:
    return tuple(sort_key(request.GET.get("sort"), finding.ORDERS))


def _record(request: TenantRequest, narrowing: finding.Narrowing, format: str) -> None:
    export.record(request.tenant, narrowing, format=format, actor=request.actor, at=clock.now())


def _name(request: TenantRequest) -> str:
    return f"{request.tenant.slug}-contacts-{clock.now():%Y-%m-%d}"
