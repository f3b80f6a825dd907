"""What is restricted or held for a claim: the list, holding back, looking for a purpose, telling, lifting."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hirnok.accounts.audit_log import names_of
from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Membership, Role
from hirnok.contacts.models import Contact
from hirnok.lib import clock
from hirnok.register import answers, holding_back, holdings
from hirnok.register.models import Hold
from hirnok.rights import copying, lifting, outcomes, restricting
from hirnok.rights.hold_forms import GROUNDS, KINDS, PURPOSES, HoldForm, LookForm
from hirnok.tenants import audit
from hirnok.ui.paging import keyset


@require_GET
@member(Role.PRIVACY_OFFICER)
def holds(request: TenantRequest) -> HttpResponse:
    """List what is held back, the newest first."""
    rows = Hold.objects.of(request.tenant).defer("document").select_related("holding__activity")
    page = keyset(rows, key=("-since", "-pk"), after=request.GET.get("page"), size=50)
    context = {"page": page, "rows": _lines(request, page.rows)}
    return render(request, "rights/holds.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def hold_new(request: TenantRequest) -> HttpResponse:
    """Hold data of a person back: of a contact (`?contact=`, as its page leads here) or of any address."""
    language = get_language() or "en"
    form = HoldForm(
        request.tenant,
        language,
        request.POST or None,
        request.FILES or None,
        initial={"email": _address_of(request)},
    )
    back = reverse("rights:holds", kwargs={"tenant": request.tenant.slug})
    if request.method == "POST" and form.is_valid():
        made = _hold(request, form)
        if made:
            messages.success(request, _("The data are held back."))
            return redirect(back)
        form.add_error("email", _("Nothing is held of this person for what you marked."))
    context = {"form": form, "title": _("Hold data back"), "cancel_url": back, "has_files": True}
    return render(request, "rights/part.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def hold(request: TenantRequest, pk: int) -> HttpResponse:
    """One hold: what it says, and for a purpose (POST) the data themselves, which the audit log remembers."""
    found = _hold_of(request, pk)
    form = LookForm(found.allowed, request.POST or None)
    document = None
    if request.method == "POST" and form.is_valid():
        language = get_language() or "en"
        index = bytes(found.holding.person.blind_index)
        at = clock.now()
        document = copying.copy_of(request.tenant, index, language, at).document
        audit.record(
            request.tenant,
            "hold.look",
            actor=request.actor,
            at=at,
            about=found,
            purpose=form.cleaned_data["purpose"],
        )
    (line,) = _lines(request, [found])
    context = {"hold": found, "line": line, "form": form, "document": document}
    return render(request, "rights/hold.html", context)


@require_GET
@member(Role.PRIVACY_OFFICER)
def hold_document(request: TenantRequest, pk: int) -> HttpResponse:
    """The paper that shows the interest."""
    found = _hold_of(request, pk)
    data = bytes(found.document or b"")
    kind = "application/pdf" if data.startswith(b"%PDF") else "application/octet-stream"
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="hold-{found.pk}"'
    return answer


@require_POST
@member(Role.PRIVACY_OFFICER)
def hold_approve(request: TenantRequest, pk: int) -> HttpResponse:
    """Agree as the second person."""
    found = _hold_of(request, pk)
    try:
        holding_back.approve(request.tenant, found.pk, actor=request.actor, at=clock.now())
    except holding_back.NotApproved:
        messages.error(request, _("Somebody else than the one who ordered it has to agree."))
    else:
        messages.success(request, _("Agreed."))
    return _to(request, pk)


@require_POST
@member(Role.PRIVACY_OFFICER)
def hold_tell(request: TenantRequest, pk: int) -> HttpResponse:
    """Tell the person that the restriction will be lifted; by mail where there is an address."""
    found = _hold_of(request, pk)
    if lifting.tell(request.tenant, found, actor=request.actor, at=clock.now()):
        messages.success(request, _("The person was told by mail."))
    else:
        messages.warning(
            request, _("No address is known. It is written down that you told the person.")
        )
    return _to(request, pk)


@require_POST
@member(Role.PRIVACY_OFFICER)
def hold_lift(request: TenantRequest, pk: int) -> HttpResponse:
    """Lift a hold; what was to end meanwhile ends at the next turn of the retention run."""
    found = _hold_of(request, pk)
    try:
        holding_back.lift(request.tenant, [found.pk], actor=request.actor, at=clock.now())
    except holding_back.NotTold:
        messages.error(request, _("The person has to be told before (Art. 18 (3) GDPR)."))
        return _to(request, pk)
    messages.success(request, _("The hold is lifted."))
    return redirect("rights:holds", tenant=request.tenant.slug)


def _hold(request: TenantRequest, form: HoldForm) -> bool:
    given, at = form.cleaned_data, clock.now()
    index = holdings.index_of(request.tenant.pk, given["email"])
    if given["kind"] == Hold.Kind.RESTRICTION:
        done = restricting.restrict(
            request.tenant,
            index,
            given["ground"],
            actor=request.actor,
            at=at,
            allowed_purposes=given["allowed"],
            until=form.ends(),
            activities=given["activities"],
        )
        return any(one.kind is outcomes.Kind.RESTRICTED for one in done)
    held = [
        one.pk
        for one in outcomes.held_of(request.tenant, index)
        if not outcomes.is_about_rights(one.activity)
        and (not given["activities"] or one.activity.code in given["activities"])
    ]
    order = holding_back.Order(
        kind=Hold.Kind.LEGAL,
        reason=given["reason"],
        requester=given["requester"],
        allowed=given["allowed"],
        until=form.ends(),
        document=given["document"],
    )
    return bool(holding_back.hold(request.tenant, held, order, actor=request.actor, at=at))


def _address_of(request: TenantRequest) -> str:
    number = request.GET.get("contact", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return ""
    return str(get_object_or_404(Contact.objects.of(request.tenant), pk=int(number)).email)


def _has_second(request: TenantRequest) -> bool:
    """Whether somebody else of the tenant could agree to a hold: then somebody has to."""
    rows = Membership.objects.of(request.tenant).filter(
        role__in=(Role.OWNER, Role.PRIVACY_OFFICER), visit_until=None, user__is_active=True
    )
    return int(rows.count()) > 1


def _hold_of(request: TenantRequest, pk: int) -> Hold:
    rows = Hold.objects.of(request.tenant).select_related("holding__activity", "holding__person")
    found: Hold = get_object_or_404(rows, pk=pk)
    return found


def _lines(request: TenantRequest, rows: Iterable[Hold]) -> list[dict[str, Any]]:
    found = list(rows)
    language = get_language() or "en"
    people = dict(
        Contact.objects.of(request.tenant)
        .filter(pk__in=[one.holding_id for one in found])
        .values_list("pk", "email")
    )
    second = _has_second(request)
    names = names_of({one.ordered_by for one in found} | {one.approved_by for one in found})
    return [
        {
            "hold": one,
            "who": people.get(one.holding_id, ""),
            "activity": answers.name_of(one.holding.activity, language),
            "kind": KINDS[Hold.Kind(one.kind)],
            "ground": GROUNDS[restricting.Ground(one.ground)] if one.ground else "",
            "allowed": [PURPOSES[Hold.Purpose(purpose)] for purpose in one.allowed],
            "waits": second and not one.approved_by,
            "may_agree": not one.approved_by and one.ordered_by != request.actor,
            "ordered_by": names.get(one.ordered_by, one.ordered_by),
            "approved_by": names.get(one.approved_by, one.approved_by),
        }
        for one in found
    ]


def _to(request: TenantRequest, pk: int) -> HttpResponse:
    return redirect("rights:hold", tenant=request.tenant.slug, pk=pk)
