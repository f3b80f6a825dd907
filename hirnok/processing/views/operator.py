"""The operator's steps, as processor, for one customer: instructions, objections, findings; and for all: announcing."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.lib import clock
from hirnok.processing import inspecting, instructing, subprocessing
from hirnok.processing.forms import (
    AnnouncementForm,
    CommitmentForm,
    ExecutionForm,
    TakenDownForm,
    WordsForm,
)
from hirnok.processing.models import Agreement, Finding, Inspection, Instruction, Objection
from hirnok.processing.views.stepping import customer_of, home, must_be_operator, posted, step
from hirnok.register.models import Recipient
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

Do = Callable[[dict[str, Any]], object]


@require_GET
@member(Role.PRIVACY_OFFICER)
def customer(request: TenantRequest, tenant_id: int) -> HttpResponse:
    """Show how the operator stands with one customer."""
    found = customer_of(request, tenant_id)
    with acting_for(found):
        context = {
            "customer": found,
            "agreements": list(Agreement.objects.of(found).defer("documents").order_by("-version")),
            "instructions": list(
                Instruction.objects.of(found).defer("evidence").order_by("-number")
            ),
            "objections": list(Objection.objects.of(found).order_by("-pk")),
            "inspections": list(Inspection.objects.of(found).order_by("-number")),
            "findings": list(
                Finding.objects.of(found).select_related("inspection").order_by("due_on", "pk")
            ),
        }
    return render(request, "processing/customer.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def customer_instruction_new(request: TenantRequest, tenant_id: int) -> HttpResponse:
    """Take down an instruction that came orally, by mail or letter."""
    found = customer_of(request, tenant_id)

    def do(told: dict[str, Any]) -> None:
        given = instructing.Given(
            told["text"], told["given_by"], told["channel"], told["is_urgent"]
        )
        instructing.give(found, given, actor=_actor(request), at=clock.now())

    note = _(
        "One that was given orally waits for the written confirmation of the customer, who gets a mail."
    )
    return step(
        request,
        TakenDownForm(request.POST or None),
        _("Take down an instruction"),
        _in(found, do),
        _back(request, found),
        note=note,
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def customer_instruction_acknowledge(
    request: TenantRequest, tenant_id: int, instruction_id: int
) -> HttpResponse:
    """Confirm in writing that an instruction has arrived and is understood."""
    found = customer_of(request, tenant_id)
    one = _instruction(found, instruction_id)

    def do(told: dict[str, Any]) -> None:
        instructing.acknowledge(one, actor=_actor(request), at=clock.now())

    return step(
        request,
        posted(request),
        _("Confirm the instruction in writing"),
        _in(found, do),
        _back(request, found),
        note=one.text,
        submit_label=_("Confirm"),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def customer_instruction_object(
    request: TenantRequest, tenant_id: int, instruction_id: int
) -> HttpResponse:
    """Object to an instruction as unlawful."""
    found = customer_of(request, tenant_id)
    one = _instruction(found, instruction_id)

    def do(told: dict[str, Any]) -> None:
        instructing.object_to(one, reason=told["text"], actor=_actor(request), at=clock.now())

    return step(
        request,
        WordsForm(request.POST or None),
        _("Object as unlawful"),
        _in(found, do),
        _back(request, found),
        note=one.text,
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def customer_instruction_execute(
    request: TenantRequest, tenant_id: int, instruction_id: int
) -> HttpResponse:
    """Say that an instruction is carried out."""
    found = customer_of(request, tenant_id)
    one = _instruction(found, instruction_id)

    def do(told: dict[str, Any]) -> None:
        file = told["file"]
        evidence = (file.name[:200], file.read()) if file else None
        instructing.execute(
            one, done=told["text"], evidence=evidence, actor=_actor(request), at=clock.now()
        )

    form = ExecutionForm(request.POST or None, request.FILES or None)
    return step(
        request, form, _("It is carried out"), _in(found, do), _back(request, found), note=one.text
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def customer_objection(request: TenantRequest, tenant_id: int, objection_id: int) -> HttpResponse:
    """Write down what comes of an objection to a sub-processor."""
    found = customer_of(request, tenant_id)
    with acting_for(found):
        one = get_object_or_404(Objection.objects.of(found), pk=objection_id)

    def do(told: dict[str, Any]) -> None:
        subprocessing.decide(one, consequence=told["text"], actor=_actor(request), at=clock.now())

    return step(
        request,
        WordsForm(request.POST or None),
        _("What comes of the objection"),
        _in(found, do),
        _back(request, found),
        note=one.reason,
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def customer_finding(request: TenantRequest, tenant_id: int, finding_id: int) -> HttpResponse:
    """Say how a finding was mended."""
    found = customer_of(request, tenant_id)
    with acting_for(found):
        one = get_object_or_404(Finding.objects.of(found), pk=finding_id)

    def do(told: dict[str, Any]) -> None:
        inspecting.answer(one, told["text"], actor=_actor(request), at=clock.now())

    return step(
        request,
        WordsForm(request.POST or None),
        _("How it was mended"),
        _in(found, do),
        _back(request, found),
        note=one.text,
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def announcement_new(request: TenantRequest) -> HttpResponse:
    """Announce a change of sub-processors to every customer."""
    must_be_operator(request)
    rows = _sub_processors(request)
    form = AnnouncementForm([(key, one.name) for key, one in rows.items()], request.POST or None)

    def do(told: dict[str, Any]) -> None:
        subprocessing.announce(
            rows[told["recipient"]],
            told["kind"],
            form.told()["text"],
            told["effective_from"],
            actor=request.actor,
            at=clock.now(),
        )

    note = _(
        "First enter the sub-processor among the recipients of the register. Every customer gets a mail."
    )
    return step(
        request, form, _("Announce a change of sub-processors"), do, home(request), note=note
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def commitment_new(request: TenantRequest) -> HttpResponse:
    """Keep a copy of a sub-processor's commitments."""
    must_be_operator(request)
    rows = _sub_processors(request)
    form = CommitmentForm(
        [(key, one.name) for key, one in rows.items()], request.POST or None, request.FILES or None
    )

    def do(told: dict[str, Any]) -> None:
        file = told["file"]
        if file.size > subprocessing.LARGEST:
            raise subprocessing.NoPdf
        subprocessing.commit(
            rows[told["recipient"]], file.name, file.read(), actor=request.actor, at=clock.now()
        )

    return step(request, form, _("Commitments of a sub-processor"), do, home(request))


def _sub_processors(request: TenantRequest) -> dict[str, Recipient]:
    rows = Recipient.objects.of(request.tenant).filter(kind=Recipient.Kind.SUB_PROCESSOR)
    return {str(one.pk): one for one in rows.order_by("name", "pk")}


def _instruction(found: Tenant, pk: int) -> Instruction:
    with acting_for(found):
        one: Instruction = get_object_or_404(Instruction.objects.of(found).defer("evidence"), pk=pk)
    return one


def _in(found: Tenant, do: Do) -> Do:
    """The same, for a customer."""

    def inside(told: dict[str, Any]) -> None:
        with acting_for(found):
            do(told)

    return inside


def _actor(request: TenantRequest) -> str:
    return f"operator:{request.user.pk}"


def _back(request: TenantRequest, found: Tenant) -> str:
    return reverse(
        "processing:customer", kwargs={"tenant": request.tenant.slug, "tenant_id": found.pk}
    )
