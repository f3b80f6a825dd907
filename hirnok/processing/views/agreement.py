"""Pages of the agreement: how it stands, accepting it, its annexes as PDF; publishing, for the operator."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.lib import clock
from hirnok.privacy import printing
from hirnok.processing import agreeing, measures, staffing
from hirnok.processing.forms import AcceptForm, UndertakingForm, VersionForm
from hirnok.processing.models import (
    Agreement,
    Commitment,
    Inspection,
    Instruction,
    Objection,
    SubProcessorChange,
)
from hirnok.processing.views.stepping import home, must_be_operator, step
from hirnok.register import describing
from hirnok.register.models import Recipient
from hirnok.tenants.acting import acting_for


@require_GET
@member(Role.PRIVACY_OFFICER)
def agreement(request: TenantRequest) -> HttpResponse:
    """Show how tenant and operator stand: agreement, instructions, sub-processors, audits, secrecy and training."""
    language = get_language() or "en"
    at = clock.now()
    by = agreeing.operator()
    with acting_for(by):
        announcements = list(SubProcessorChange.objects.of(by).order_by("-number"))
        commitments = list(
            Commitment.objects.of(by)
            .defer("data")
            .select_related("recipient")
            .order_by("name", "pk")
        )
        subs = list(
            Recipient.objects.of(by)
            .filter(kind=Recipient.Kind.SUB_PROCESSOR)
            .order_by("name", "pk")
        )
    versions = agreeing.versions()
    signed = Agreement.objects.of(request.tenant).defer("documents").order_by("-version")
    context = {
        "versions": [
            (one, describing.in_language(one.summary, language) if one.summary else "")
            for one in versions
        ],
        "signed": list(signed),
        "is_signed": bool(versions) and any(one.version == versions[0].number for one in signed),
        "may_sign": not request.tenant.is_operator
        and Role(request.membership.role).includes(Role.OWNER),
        "instructions": Instruction.objects.of(request.tenant)
        .defer("evidence")
        .order_by("-number"),
        "subs": [
            (one, describing.in_language(one.task, language) if one.task else "") for one in subs
        ],
        "announcements": [
            (one, describing.in_language(one.text, language), one.effective_from > at.date())
            for one in announcements
        ],
        "commitments": commitments,
        "objections": Objection.objects.of(request.tenant).order_by("-pk"),
        "inspections": Inspection.objects.of(request.tenant).order_by("-number"),
        "standings": staffing.standings(request.tenant, at.date()),
    }
    return render(request, "processing/agreement.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.OWNER)
def agreement_accept(request: TenantRequest) -> HttpResponse:
    """Read the newest version with its annexes, and accept it."""
    language = get_language() or "en"
    at = clock.now()
    try:
        version = agreeing.offered()
    except agreeing.NoVersion:
        return redirect(home(request))
    if request.tenant.is_operator:
        return redirect(home(request))
    form = AcceptForm(
        request.POST or None, initial={"version": version.number, "name": request.user.name}
    )
    return step(
        request,
        form,
        _("Data-processing agreement"),
        lambda told: agreeing.accept(
            request.tenant,
            told["version"],
            name=told["name"],
            language=language,
            actor=request.actor,
            at=at,
        ),
        home(request),
        document=agreeing.document(request.tenant, version, language, at),
        submit_label=_("Accept"),
    )


@require_GET
@member(Role.PRIVACY_OFFICER)
def agreement_pdf(request: TenantRequest, pk: int) -> HttpResponse:
    """Hand out what was accepted as PDF, in the language of `?lang=`, else that in which it was accepted."""
    found = get_object_or_404(Agreement.objects.of(request.tenant), pk=pk)
    language = request.GET.get("lang", found.language)
    if language not in found.documents:
        return redirect(home(request))
    return _pdf(printing.pdf(found.documents[language]), f"agreement-{found.version}-{language}")


@require_GET
@member(Role.PRIVACY_OFFICER)
def measures_document(request: TenantRequest) -> HttpResponse:
    """Show the technical and organisational measures, or hand them out as PDF (`?format=pdf`)."""
    language = get_language() or "en"
    document = measures.document(request.tenant, language, clock.now())
    if request.GET.get("format") == "pdf":
        return _pdf(printing.pdf(document), f"measures-{language}")
    context = {"document": document, "cancel_url": home(request)}
    return render(request, "processing/document.html", context)


@require_GET
@member(Role.PRIVACY_OFFICER)
def commitment(request: TenantRequest, commitment_id: int) -> HttpResponse:
    """Hand out a copy of a sub-processor's commitments: the own, or the operator's, which every tenant may have (N38)."""
    found = Commitment.objects.of(request.tenant).filter(pk=commitment_id).first()
    by = agreeing.operator()
    if found is None:
        with acting_for(by):
            found = get_object_or_404(Commitment.objects.of(by), pk=commitment_id)
    response = _pdf(bytes(found.data), "commitment")
    response["Content-Disposition"] = f'attachment; filename="commitment-{found.pk}.pdf"'
    return response


@require_http_methods(["GET", "POST"])
@member(Role.OWNER)
def version_new(request: TenantRequest) -> HttpResponse:
    """Publish the operator's next version."""
    must_be_operator(request)
    form = VersionForm(request.POST or None)

    def do(told: dict[str, object]) -> None:
        texts = form.told()
        terms = agreeing.Terms(
            objection_days=form.cleaned_data["objection_days"],
            audit_days=form.cleaned_data["audit_days"],
            breach_hours=form.cleaned_data["breach_hours"],
            more=texts["more"],
            summary=texts["summary"],
            effective_from=form.cleaned_data["effective_from"],
        )
        agreeing.publish(request.tenant, terms, actor=request.actor, at=clock.now())

    note = _(
        "The clauses of Article 28 are in it already. Every customer gets a mail; the first version holds at once."
    )
    return step(
        request,
        form,
        _("Publish a version"),
        do,
        home(request),
        note=note,
        submit_label=_("Publish"),
    )


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def undertaking_new(request: TenantRequest) -> HttpResponse:
    """Write down a secrecy undertaking or a training of a member."""
    users = {
        str(one.user.pk): one.user for one in staffing.standings(request.tenant, clock.now().date())
    }
    form = UndertakingForm([(key, user.name) for key, user in users.items()], request.POST or None)
    return step(
        request,
        form,
        _("Secrecy or training"),
        lambda told: staffing.record(
            request.tenant,
            users[told["user"]],
            staffing.Done(told["kind"], told["name"], told["done_on"], told["renewal_on"]),
            actor=request.actor,
            at=clock.now(),
        ),
        home(request),
    )


def _pdf(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
