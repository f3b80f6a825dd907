"""The steps of an import: file, columns, origin, check. Going back loses nothing."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.contacts import columns, imports, parts, running, wording
from hirnok.contacts.import_forms import (
    BOUGHT_IS_REFUSED,
    ColumnsForm,
    OriginForm,
    ReadingForm,
    SuppressionUploadForm,
    UploadForm,
)
from hirnok.contacts.imports import Place
from hirnok.contacts.models import Import
from hirnok.contacts.opening import Opened
from hirnok.contacts.reading.problems import Problem
from hirnok.lib import clock
from hirnok.register.answers import BASES, SOURCES
from hirnok.register.holdings import NotInRegister
from hirnok.tenants.models import Brand
from hirnok.ui.wizard import Step, steps

FORECAST_ROWS = 5_000
FILE, COLUMNS, ORIGIN, CHECK = range(4)


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def import_upload(request: TenantRequest) -> HttpResponse:
    """Choose a file and where its rows go."""
    kind = Import.Kind.CONTACTS
    if request.GET.get("kind") == Import.Kind.SUPPRESSIONS:
        kind = Import.Kind.SUPPRESSIONS
    initial = {"list": request.GET.get("list")}
    form = _upload_form(request, kind, initial, has_file=False)
    if request.method == "POST" and form.is_valid():
        file: UploadedFile[bytes] = form.cleaned_data["file"]
        try:
            run = imports.upload(
                request.tenant,
                _place(request, form, kind),
                file.chunks(parts.PIECE),
                file_name=file.name or "",
                actor=request.actor,
                at=clock.now(),
            )
        except (Problem, NotInRegister) as fault:
            _say(form, fault)
        else:
            return _to(request, "import_columns", run.pk)
    return _show_upload(request, form, kind, None)


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def import_file(request: TenantRequest, pk: int) -> HttpResponse:
    """The first step again: another list, or another file in place of the first."""
    run = _import(request, pk)
    if run.status != Import.Status.UPLOADED:
        return _to(request, "import_progress", pk)
    initial = {
        "list": run.list_id,
        "tags": ", ".join(run.settings.get("tags", ())),
        "brand": None if run.settings.get("whole_tenant") else run.brand_id,
    }
    form = _upload_form(request, run.kind, initial, has_file=True)
    if request.method == "POST" and form.is_valid():
        file: UploadedFile[bytes] | None = form.cleaned_data["file"]
        try:
            imports.place(run, _place(request, form, run.kind))
            if file:
                imports.replace(run, file.chunks(parts.PIECE), file_name=file.name or "")
        except Problem as fault:
            _say(form, fault)
        else:
            return _to(request, "import_columns", pk)
    return _show_upload(request, form, run.kind, run)


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def import_columns(request: TenantRequest, pk: int) -> HttpResponse:
    """What each column means; how the file is read."""
    run = _import(request, pk)
    if run.status != Import.Status.UPLOADED:
        return _to(request, "import_progress", pk)
    opened = imports.inspect(run)
    reading = ReadingForm(opened, _given(request, "reading"), initial=_read_as(run, opened))
    if "reading" in request.POST and reading.is_valid():
        try:
            imports.reopen(run, reading.cleaned_data)
        except Problem as fault:
            _say(reading, fault)
        else:
            return _to(request, "import_columns", pk)
    custom = [(field.key, field.label) for field in opened.fields]
    form = ColumnsForm(opened.mapping.columns, custom, _given(request, "mapping"))
    if "mapping" in request.POST and form.is_valid():
        try:
            columns.choose(run, opened, form.targets(), actor=request.actor, at=clock.now())
        except Problem as fault:
            form.add_error(None, wording.problem(fault))
        else:
            is_list = run.kind == Import.Kind.CONTACTS
            return _to(request, "import_origin" if is_list else "import_check", pk)
    context = {
        "form": form,
        "reading": reading,
        "opened": opened,
        "columns": columns.shown(opened, form),
        "preview": opened.preview(),
        "status": opened.status,
        "submit_label": _("Continue"),
    }
    return _render(request, "import_columns", run, COLUMNS, context)


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def import_origin(request: TenantRequest, pk: int) -> HttpResponse:
    """Where the list comes from, and why these people may be written to."""
    run = _import(request, pk)
    if run.status != Import.Status.UPLOADED:
        return _to(request, "import_progress", pk)
    said = run.source
    initial = (
        {"kind": said.kind, "legal_basis": said.legal_basis, "description": said.description}
        if said
        else {}
    )
    form = OriginForm(
        request.POST or None,
        request.FILES or None,
        initial=initial,
        document_name=said.document_name if said else "",
    )
    if request.method == "POST" and form.is_valid():
        try:
            imports.declare(run, form.origin(), actor=request.actor, at=clock.now())
        except imports.BoughtList:
            form.add_error("kind", BOUGHT_IS_REFUSED)
        else:
            return _to(request, "import_check", pk)
    return _render(request, "import_origin", run, ORIGIN, {"form": form})


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def import_check(request: TenantRequest, pk: int) -> HttpResponse:
    """All that was set, and what would become of the rows; then it starts."""
    run = _import(request, pk)
    if run.status != Import.Status.UPLOADED:
        return _to(request, "import_progress", pk)
    if request.method == "POST":
        try:
            imports.start(run, actor=request.actor, at=clock.now())
        except imports.NotReady:
            name = "import_columns" if "email" not in run.mapping else "import_origin"
            return _to(request, name, pk)
        return _to(request, "import_progress", pk)
    opened = imports.inspect(run)
    context = {
        "form": Form(),
        "opened": opened,
        "chosen": columns.chosen(opened),
        "forecast": _forecast(run),
        "forecast_rows": FORECAST_ROWS,
        "source": SOURCES.get(run.source.kind) if run.source else "",
        "basis": BASES.get(run.source.legal_basis) if run.source else "",
        "submit_label": _("Start the import"),
    }
    return _render(request, "import_check", run, CHECK, context)


def _forecast(run: Import) -> Any:
    """Weigh the first rows; None when that would take too long."""
    try:
        with transaction.atomic(), parts.file_of(run) as path:
            return running.forecast(run, path, at=clock.now(), limit=FORECAST_ROWS)
    except (OperationalError, Problem):
        return None


def _upload_form(
    request: TenantRequest, kind: str, initial: dict[str, Any], *, has_file: bool
) -> Form:
    form = UploadForm if kind == Import.Kind.CONTACTS else SuppressionUploadForm
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    return form(request.tenant, *given, initial=initial, has_file=has_file)


def _place(request: TenantRequest, form: Form, kind: str) -> Place:
    given = form.cleaned_data
    if kind == Import.Kind.CONTACTS:
        return Place(given["list"].brand, given["list"], kind, tuple(given["tags"]))
    brand = given["brand"] or Brand.objects.of(request.tenant).order_by("pk").first()
    if brand is None:
        raise Problem("no_brand")
    return Place(brand, None, kind, whole_tenant=given["brand"] is None)


def _say(form: Form, fault: Problem | NotInRegister) -> None:
    field = "file" if "file" in form.fields else None
    if isinstance(fault, NotInRegister):
        form.add_error(None, wording.stored_problem({"code": "not_in_register"}))
    else:
        form.add_error(field, wording.problem(fault))


def _show_upload(request: TenantRequest, form: Form, kind: str, run: Import | None) -> HttpResponse:
    context = {
        "form": form,
        "kind": kind,
        "has_brand": Brand.objects.of(request.tenant).exists(),
        "has_list": kind != Import.Kind.CONTACTS or bool(_lists(form)),
    }
    return _render(request, "import_upload", run, FILE, context, kind=kind)


def _lists(form: Form) -> int:
    field: Any = form.fields["list"]
    return int(field.queryset.count())


def _given(request: TenantRequest, name: str) -> Any:
    return request.POST if name in request.POST else None


def _read_as(run: Import, opened: Opened) -> dict[str, Any]:
    return {
        "encoding": run.settings.get("encoding", ""),
        "delimiter": run.settings.get("delimiter", ""),
        "sheet": opened.table.sheet,
    }


def _render(
    request: TenantRequest,
    name: str,
    run: Import | None,
    current: int,
    context: dict[str, Any],
    *,
    kind: str = "",
) -> HttpResponse:
    slug, kind = request.tenant.slug, run.kind if run else kind
    shown = _steps(slug, run, kind, current)
    extra: dict[str, Any] = {"run": run, "steps": shown, "kind": kind, "cancel_url": ""}
    if run is not None and current > FILE:
        behind = [step.url for step in shown if step.state == "done"]
        extra["back_url"] = behind[-1]
    if run is None:
        extra["cancel_url"] = reverse("contacts:imports", args=[slug])
    return render(request, f"contacts/{name}.html", extra | context)


def _steps(slug: str, run: Import | None, kind: str, current: int) -> list[Step]:
    named = [
        (_("File"), "import_file"),
        (_("Columns"), "import_columns"),
        (_("Origin"), "import_origin"),
        (_("Check"), "import_check"),
    ]
    if kind == Import.Kind.SUPPRESSIONS:
        del named[ORIGIN]
        current -= current > ORIGIN
    urls = [
        (label, reverse(f"contacts:{name}", args=[slug, run.pk]) if run else "")
        for label, name in named
    ]
    return steps([*urls, (_("Import"), "")], current)


def _import(request: TenantRequest, pk: int) -> Import:
    rows = Import.objects.of(request.tenant).select_related("brand", "list", "source")
    run: Import = get_object_or_404(rows, pk=pk)
    return run


def _to(request: TenantRequest, name: str, pk: int) -> HttpResponse:
    return redirect(f"contacts:{name}", tenant=request.tenant.slug, pk=pk)
