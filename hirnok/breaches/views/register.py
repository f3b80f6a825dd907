"""The register of breaches: the list with its clocks, a breach with all that belongs to it, files to take away."""

from django.contrib import messages
from django.http import FileResponse, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hirnok.accounts import audit_log, audit_words
from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.breaches import (
    drafts,
    enisa,
    evidence,
    exporting,
    opening,
    reports,
    spreading,
    story,
    wording,
)
from hirnok.breaches.forms import BreachForm, EvidenceForm, StaffClaimForm
from hirnok.breaches.models import (
    Breach,
    BreachEvent,
    BreachFile,
    BreachNotification,
    ViolationClaim,
)
from hirnok.breaches.views.finding import back, find, url_of
from hirnok.lib import clock
from hirnok.register import categories
from hirnok.register.models import Notice
from hirnok.tenants import audit
from hirnok.ui.paging import keyset

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@member(Role.PRIVACY_OFFICER)
def breaches(request: TenantRequest) -> HttpResponse:
    """Show every breach and suspicion, the newest first, with the clocks that run."""
    at = clock.now()
    rows = Breach.objects.of(request.tenant)
    page = keyset(rows, key=("-number",), after=request.GET.get("page"), size=50)
    context = {
        "page": page,
        "rows": [
            (
                one,
                reports.clock_of(one, at) if reports.clock_runs(one) else None,
                enisa.LEVELS.get(one.severity, ""),
            )
            for one in page.rows
        ],
        "notice": Notice.objects.of(request.tenant).order_by("pk").first(),
    }
    return render(request, "breaches/breaches.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def breach_new(request: TenantRequest) -> HttpResponse:
    """Enter a breach or a suspicion."""
    form = BreachForm(request.POST or None, at=clock.now())
    if request.method == "POST" and form.is_valid():
        at = clock.now()
        aware_at = (form.cleaned_data["aware_at"] or at) if form.cleaned_data["is_sure"] else None
        made = opening.open_breach(
            request.tenant, form.values(), actor=request.actor, at=at, aware_at=aware_at
        )
        messages.success(request, _("It is in the register."))
        return back(request, made)
    return render(request, "breaches/breach_new.html", {"form": form})


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def claim_new(request: TenantRequest) -> HttpResponse:
    """Take down a claim that came by phone, by post or in person."""
    form = StaffClaimForm(request.POST or None, initial={"language": request.tenant.language})
    if request.method == "POST" and form.is_valid():
        told = opening.Told(
            form.cleaned_data["address"],
            form.cleaned_data["text"],
            form.cleaned_data["name"],
            form.cleaned_data["language"],
            form.cleaned_data["by"] == "person",
        )
        try:
            made = opening.claim(request.tenant, told, actor=request.actor, at=clock.now())
        except opening.BadAddress:
            form.add_error("address", _("Nobody can be written to at this address."))
        else:
            messages.success(request, _("It is in the register as a suspected breach."))
            return back(request, made.breach)
    return render(request, "breaches/claim_new.html", {"form": form})


@require_GET
@member(Role.PRIVACY_OFFICER)
def breach(request: TenantRequest, pk: int) -> HttpResponse:
    """Show a breach: its clock, what is missing, facts, severity, decisions, notifications, evidence, story."""
    found = find(request, pk)
    at = clock.now()
    events = list(
        BreachEvent.objects.of(request.tenant).filter(breach=found).order_by("-at", "-pk")
    )
    names = audit_log.names_of(one.actor for one in events)
    notices = (
        BreachNotification.objects.of(request.tenant).filter(breach=found).order_by("at", "pk")
    )
    context = {
        "breach": found,
        "clock": reports.clock_of(found, at),
        "clock_runs": reports.clock_runs(found),
        "limit": reports.limit_hours(request.tenant, found.aware_at or found.suspected_at),
        "missing": [reports.MISSING[code] for code in reports.missing(found, at)]
        if found.is_open
        else [],
        "kinds": drafts.kinds(found),
        "categories": [categories.words(one) for one in found.categories],
        "level": enisa.LEVELS.get(found.severity, ""),
        "computed": enisa.LEVELS.get(found.level, ""),
        "meaning": enisa.MEANINGS.get(found.severity, ""),
        "authority_notices": [one for one in notices if one.to == BreachNotification.To.AUTHORITY],
        "person_notices": [
            (one, reports.told_count(one))
            for one in notices
            if one.to == BreachNotification.To.PERSONS
        ],
        "claims": ViolationClaim.objects.of(request.tenant).filter(breach=found).order_by("pk"),
        "files": BreachFile.objects.of(request.tenant)
        .filter(breach=found)
        .defer("data")
        .order_by("pk"),
        "events": [
            (one, wording.event(one.kind), audit_words.actor(one.actor, names)) for one in events
        ],
        "affected": spreading.affected(found) if request.tenant.is_operator else [],
        "evidence": EvidenceForm(),
    }
    return render(request, "breaches/breach.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def breach_evidence(request: TenantRequest, pk: int) -> HttpResponse:
    """Take a file of evidence."""
    found = find(request, pk)
    form = EvidenceForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        problem = _keep(request, found, file.name, file.size, file, form.cleaned_data["about"])
        if not problem:
            messages.success(request, _("The file is kept."))
            return back(request, found)
        form.add_error("file", problem)
    context = {
        "form": form,
        "breach": found,
        "cancel_url": url_of(request, found),
        "title": _("Add evidence"),
    }
    return render(request, "breaches/step.html", context)


@require_GET
@member(Role.PRIVACY_OFFICER)
def breach_file(request: TenantRequest, pk: int, file_id: int) -> HttpResponse:
    """Hand out a piece of evidence, never to be shown by the browser itself."""
    found = find(request, pk)
    file = get_object_or_404(BreachFile.objects.of(request.tenant), breach=found, pk=file_id)
    response = HttpResponse(bytes(file.data), content_type=file.content_type)
    response.headers["Content-Disposition"] = FileResponse(
        as_attachment=True, filename=file.name
    ).headers.get("Content-Disposition", "attachment")
    return response


@require_GET
@member(Role.PRIVACY_OFFICER)
def breaches_json(request: TenantRequest) -> HttpResponse:
    """Hand out the register of breaches for programs."""
    _record(request, "json")
    found = {"tenant": request.tenant.slug, "breaches": reports.register_of(request.tenant)}
    response = JsonResponse(found, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = 'attachment; filename="breaches.json"'
    return response


@require_GET
@member(Role.PRIVACY_OFFICER)
def breaches_xlsx(request: TenantRequest) -> HttpResponse:
    """Hand out the register of breaches as a workbook."""
    _record(request, "xlsx")
    response = HttpResponse(exporting.xlsx(request.tenant), content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="breaches.xlsx"'
    return response


@require_GET
@member(Role.PRIVACY_OFFICER)
def breaches_pdf(request: TenantRequest) -> HttpResponse:
    """Hand out the register of breaches as PDF."""
    _record(request, "pdf")
    response = HttpResponse(
        exporting.pdf(request.tenant, clock.now()), content_type="application/pdf"
    )
    response["Content-Disposition"] = 'attachment; filename="breaches.pdf"'
    return response


def _record(request: TenantRequest, kind: str) -> None:
    audit.record(request.tenant, "breach.export", actor=request.actor, at=clock.now(), kind=kind)


def _keep(
    request: TenantRequest, found: Breach, name: str, size: int, file: object, about: str
) -> str:
    """Keep the file; return what is wrong with it, "" for nothing."""
    if size > evidence.largest():
        return _("The file is too large.")
    try:
        evidence.add(found, name, file.read(), about=about, actor=request.actor, at=clock.now())  # type: ignore[attr-defined]
    except evidence.Unusable:
        return _(
            "Only texts, PDFs, pictures (PNG, JPEG) and archives (ZIP, GZ) are taken, and none that is empty."
        )
    except evidence.AlreadyThere:
        return _("This file is among the evidence already.")
    except story.NotOpen:
        return _("The breach is closed. Take it up again first.")
    return ""
