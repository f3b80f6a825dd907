"""The tenant's steps, as controller: instructions, objections, audits and their findings."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hirnok.accounts import audit_log, audit_words
from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.lib import clock
from hirnok.processing import agreeing, inspecting, instructing, subprocessing, texts
from hirnok.processing.forms import (
    FindingForm,
    InspectionForm,
    InspectionReportForm,
    InstructionForm,
    ObjectionForm,
)
from hirnok.processing.models import (
    Finding,
    Inspection,
    Instruction,
    InstructionEvent,
    SubProcessorChange,
)
from hirnok.processing.views.stepping import home, posted, step
from hirnok.register.models import Recipient
from hirnok.tenants.acting import acting_for


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def instruction_new(request: TenantRequest) -> HttpResponse:
    """Give the operator an instruction."""
    return step(
        request,
        InstructionForm(request.POST or None),
        _("Give an instruction"),
        lambda told: instructing.give(
            request.tenant,
            instructing.Given(told["text"], request.user.name, is_urgent=told["is_urgent"]),
            actor=request.actor,
            at=clock.now(),
        ),
        home(request),
    )


@require_GET
@member(Role.PRIVACY_OFFICER)
def instruction(request: TenantRequest, pk: int) -> HttpResponse:
    """Show an instruction with its steps."""
    found = get_object_or_404(Instruction.objects.of(request.tenant).defer("evidence"), pk=pk)
    events = list(
        InstructionEvent.objects.of(request.tenant).filter(instruction=found).order_by("at", "pk")
    )
    names = audit_log.names_of(one.actor for one in events)
    context = {
        "instruction": found,
        "events": [
            (one, texts.EVENTS.get(one.kind, one.kind), audit_words.actor(one.actor, names))
            for one in events
        ],
        "cancel_url": home(request),
    }
    return render(request, "processing/instruction.html", context)


@require_GET
@member(Role.PRIVACY_OFFICER)
def instruction_evidence(request: TenantRequest, pk: int) -> HttpResponse:
    """Hand out the file that shows that an instruction was carried out."""
    found = get_object_or_404(Instruction.objects.of(request.tenant), pk=pk)
    if found.evidence is None:  # there is none: its page says so
        return redirect(_url(request, "instruction", pk))
    response = HttpResponse(bytes(found.evidence), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="instruction-{found.number}"'
    return response


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def instruction_confirm(request: TenantRequest, pk: int) -> HttpResponse:
    """Confirm in writing what was said."""
    found = get_object_or_404(Instruction.objects.of(request.tenant), pk=pk)
    return step(
        request,
        posted(request),
        _("Confirm the instruction in writing"),
        lambda told: instructing.confirm(found, actor=request.actor, at=clock.now()),
        _url(request, "instruction", pk),
        note=found.text,
        submit_label=_("Confirm"),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def instruction_uphold(request: TenantRequest, pk: int) -> HttpResponse:
    """Stand by it in spite of the operator's objection."""
    found = get_object_or_404(Instruction.objects.of(request.tenant), pk=pk)
    return step(
        request,
        posted(request),
        _("Stand by the instruction"),
        lambda told: instructing.uphold(found, actor=request.actor, at=clock.now()),
        _url(request, "instruction", pk),
        note=_("The operator believes that it is unlawful: %(objection)s")
        % {"objection": found.objection},
        submit_label=_("Stand by it"),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def instruction_withdraw(request: TenantRequest, pk: int) -> HttpResponse:
    """Take it back."""
    found = get_object_or_404(Instruction.objects.of(request.tenant), pk=pk)
    return step(
        request,
        posted(request),
        _("Withdraw the instruction"),
        lambda told: instructing.withdraw(found, actor=request.actor, at=clock.now()),
        _url(request, "instruction", pk),
        note=found.text,
        submit_label=_("Withdraw"),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def objection_new(request: TenantRequest) -> HttpResponse:
    """Object to a sub-processor, announced or in use."""
    by = agreeing.operator()
    with acting_for(by):
        announced = dict(
            SubProcessorChange.objects.of(by).order_by("number").values_list("name", "number")
        )
        rows = Recipient.objects.of(by).filter(kind=Recipient.Kind.SUB_PROCESSOR)
        names = sorted({*announced, *rows.values_list("name", flat=True)})
    return step(
        request,
        ObjectionForm(names, request.POST or None),
        _("Object to a sub-processor"),
        lambda told: subprocessing.object_to(
            request.tenant,
            told["name"],
            told["reason"],
            announcement=announced.get(told["name"], 0),
            actor=request.actor,
            at=clock.now(),
        ),
        home(request),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def inspection_new(request: TenantRequest) -> HttpResponse:
    """Announce an audit."""
    at = clock.now()
    earliest = inspecting.earliest(request.tenant, at)
    return step(
        request,
        InspectionForm(request.POST or None, initial={"planned_on": earliest}),
        _("Announce an audit"),
        lambda told: inspecting.announce(
            request.tenant,
            told["scope"],
            told["auditor"],
            told["planned_on"],
            urgency=told["urgency"],
            actor=request.actor,
            at=at,
        ),
        home(request),
    )


@require_GET
@member(Role.PRIVACY_OFFICER)
def inspection(request: TenantRequest, pk: int) -> HttpResponse:
    """Show an audit with its findings."""
    found = get_object_or_404(Inspection.objects.of(request.tenant), pk=pk)
    findings = Finding.objects.of(request.tenant).filter(inspection=found).order_by("due_on", "pk")
    context = {"inspection": found, "findings": findings, "cancel_url": home(request)}
    return render(request, "processing/inspection.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def inspection_report(request: TenantRequest, pk: int) -> HttpResponse:
    """Say when it was done and what came out."""
    found = get_object_or_404(Inspection.objects.of(request.tenant), pk=pk)
    initial = {"performed_on": found.performed_on or found.planned_on, "result": found.result}
    return step(
        request,
        InspectionReportForm(request.POST or None, initial=initial),
        _("Result of the audit"),
        lambda told: inspecting.report(
            found,
            performed_on=told["performed_on"],
            result=told["result"],
            actor=request.actor,
            at=clock.now(),
        ),
        _url(request, "inspection", pk),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def finding_new(request: TenantRequest, pk: int) -> HttpResponse:
    """Add a finding."""
    found = get_object_or_404(Inspection.objects.of(request.tenant), pk=pk)
    return step(
        request,
        FindingForm(request.POST or None),
        _("Add a finding"),
        lambda told: inspecting.find(
            found, told["text"], told["due_on"], actor=request.actor, at=clock.now()
        ),
        _url(request, "inspection", pk),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def finding_close(request: TenantRequest, pk: int) -> HttpResponse:
    """Say that a finding is mended."""
    found = get_object_or_404(Finding.objects.of(request.tenant), pk=pk)
    return step(
        request,
        posted(request),
        _("Close the finding"),
        lambda told: inspecting.close_finding(found, actor=request.actor, at=clock.now()),
        _url(request, "inspection", found.inspection_id),
        note=found.text,
        submit_label=_("Close"),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def inspection_close(request: TenantRequest, pk: int) -> HttpResponse:
    """End an audit."""
    found = get_object_or_404(Inspection.objects.of(request.tenant), pk=pk)
    return step(
        request,
        posted(request),
        _("Close the audit"),
        lambda told: inspecting.close(found, actor=request.actor, at=clock.now()),
        _url(request, "inspection", pk),
        submit_label=_("Close"),
    )


def _url(request: TenantRequest, name: str, pk: int) -> str:
    return reverse(f"processing:{name}", kwargs={"tenant": request.tenant.slug, "pk": pk})
