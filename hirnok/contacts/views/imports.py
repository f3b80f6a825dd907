"""Pages of imports: the list, progress, result, rejected rows."""

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.contacts import imports as verbs
from hirnok.contacts import rejected, wording
from hirnok.contacts.counting import Counts
from hirnok.contacts.models import Import
from hirnok.lib import clock
from hirnok.ui.paging import keyset
from hirnok.ui.progress import Progress, progress_response

AT_WORK = (Import.Status.WAITING, Import.Status.RUNNING)


@require_GET
@member(Role.VIEWER)
def imports(request: TenantRequest) -> HttpResponse:
    """Every import, the newest first."""
    rows = Import.objects.of(request.tenant).select_related("brand", "list")
    if words := request.GET.get("q", "").strip():
        rows = rows.filter(file_name__icontains=words)
    page = keyset(rows, key=("-created_at", "-pk"), after=request.GET.get("page"))
    shown = [(one, Counts.from_json(one.counts), page_of(one)) for one in page.rows]
    may_edit = Role(request.membership.role).includes(Role.MARKETER)
    context = {"page": page, "shown": shown, "may_edit": may_edit}
    return render(request, "contacts/imports.html", context)


@require_GET
@member(Role.MARKETER)
def import_progress(request: TenantRequest, pk: int) -> HttpResponse:
    """How far an import has come; it can be left and come back to."""
    run = _import(request, pk)
    if run.status not in AT_WORK:
        return redirect(page_of(run), tenant=request.tenant.slug, pk=pk)
    context = {"run": run, "progress": _progress(request, run)}
    return render(request, "contacts/import_progress.html", context)


@require_GET
@member(Role.MARKETER)
def import_poll(request: TenantRequest, pk: int) -> HttpResponse:
    """The figures of the progress page."""
    run = _import(request, pk)
    result = reverse("contacts:import_result", args=[request.tenant.slug, pk])
    return progress_response(request, _progress(request, run), then=result)


@require_POST
@member(Role.MARKETER)
def import_cancel(request: TenantRequest, pk: int) -> HttpResponse:
    """Stop an import: at once before it runs, after the rows in hand while it does."""
    run = _import(request, pk)
    verbs.cancel(run, actor=request.actor, at=clock.now())
    run.refresh_from_db()
    return redirect(page_of(run), tenant=request.tenant.slug, pk=pk)


@require_GET
@member(Role.VIEWER)
def import_result(request: TenantRequest, pk: int) -> HttpResponse:
    """What became of the rows, with numbers that add up."""
    run = _import(request, pk)
    if run.finished_at is None:
        return redirect(page_of(run), tenant=request.tenant.slug, pk=pk)
    counts = Counts.from_json(run.counts)
    context = {
        "run": run,
        "counts": counts,
        "problem": wording.stored_problem(run.problem) if run.problem else "",
        "reasons": [
            (wording.reason_in_short(code), count) for code, count in sorted(counts.reasons.items())
        ],
        "warnings": [
            (column or _("(beyond the header)"), wording.warning(code), count)
            for column, codes in sorted(counts.warnings.items())
            for code, count in sorted(codes.items())
        ],
        "has_rejected": bool(counts.rejected or counts.duplicate) and run.expires_at > clock.now(),
    }
    return render(request, "contacts/import_result.html", context)


@require_GET
@member(Role.MARKETER)
def import_rejected(request: TenantRequest, pk: int) -> HttpResponse:
    """The rows that were not taken, each with its reason, as CSV."""
    run = _import(request, pk)
    pieces = rejected.streamed_csv(request.tenant, run, get_language() or "en")
    name = f"{request.tenant.slug}-rejected-{run.pk}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=headers)  # type: ignore[return-value]


def page_of(run: Import) -> str:
    """Return the name of the page on which an import is now."""
    if run.status in AT_WORK:
        return "contacts:import_progress"
    if run.status == Import.Status.UPLOADED:
        return "contacts:import_columns"
    return "contacts:import_result"


def _import(request: TenantRequest, pk: int) -> Import:
    rows = Import.objects.of(request.tenant).select_related("brand", "list", "source")
    run: Import = get_object_or_404(rows, pk=pk)
    return run


def _progress(request: TenantRequest, run: Import) -> Progress:
    at = (request.tenant.slug, run.pk)
    seconds = (clock.now() - run.started_at).total_seconds() if run.started_at else 0
    return Progress(
        label=_label(run),
        done=run.rows_done,
        total=run.rows_total,
        seconds=seconds,
        poll_url=reverse("contacts:import_poll", args=at),
        cancel_url="" if run.cancel_asked_at else reverse("contacts:import_cancel", args=at),
        finished=run.finished_at is not None,
        unit=_("rows"),
    )


def _label(run: Import) -> str:
    if run.cancel_asked_at is not None:
        return _("Stopping after the rows in hand")
    if run.status == Import.Status.WAITING:
        return _("Waiting for its turn")
    if run.rows_total is None:
        return _("Checking the whole file")
    return _("Importing %(file)s") % {"file": run.file_name}
