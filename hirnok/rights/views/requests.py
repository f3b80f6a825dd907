"""Requests of persons for staff: the list, one request, taking a new one, its letters."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hirnok.accounts import audit_words
from hirnok.accounts.audit_log import names_of
from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.lib import clock
from hirnok.register import answers, holdings, portals
from hirnok.register.models import Activity
from hirnok.rights import answering, letters, performing, receiving, standing, wording
from hirnok.rights.forms import DeliveredForm, RequestForm
from hirnok.rights.models import Document, Paper, Request, Task
from hirnok.tenants.models import Brand
from hirnok.ui.paging import keyset


@require_GET
@member(Role.PRIVACY_OFFICER)
def requests(request: TenantRequest) -> HttpResponse:
    """List the requests, those that are due first on top."""
    at = clock.now()
    today = receiving.day_of(request.tenant, at)
    which = request.GET.get("state", "open")
    rows = Request.objects.of(request.tenant)
    if which == "closed":
        page = keyset(
            rows.exclude(status__in=Request.OPEN),
            key=("-received_at", "-pk"),
            after=request.GET.get("page"),
            size=50,
        )
    else:
        page = keyset(
            rows.filter(status__in=Request.OPEN),
            key=("target_due", "pk"),
            after=request.GET.get("page"),
            size=50,
        )
    found = {one.pk: one for one in standing.of_requests(request.tenant, page.rows)}
    brands = Brand.objects.of(request.tenant).order_by("name", "pk")
    context = {
        "page": page,
        "rows": [(one, found[one.pk], _due(one, today)) for one in page.rows],
        "which": which,
        "counts": standing.counts(request.tenant, at),
        "portal": portals.url(request.tenant),
        "brand_portals": [(one.name, portals.url(request.tenant, one)) for one in brands],
    }
    return render(request, "rights/requests.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def request_new(request: TenantRequest) -> HttpResponse:
    """Take a request that came by phone, on paper or by mail."""
    at = clock.now()
    initial = {
        "received_on": receiving.day_of(request.tenant, at),
        "language": request.tenant.language,
    }
    form = RequestForm(
        request.tenant, at, request.POST or None, request.FILES or None, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = receiving.receive(
                request.tenant,
                form.asker(),
                form.asked(),
                receiving.Arrival(
                    given["channel"], given["language"], form.received_at(), given["brand"]
                ),
                actor=request.actor,
                at=at,
            )
        except holdings.NotInRegister:
            form.add_error(None, _("The register has struck the activity “Requests of persons”."))
        else:
            if given["scan"]:
                receiving.keep_scan(made, given["scan"], actor=request.actor, at=at)
            letters.send(made, "receipt", actor=request.actor, at=at)
            messages.success(
                request, _("The request is taken; its reference is %s.") % made.reference
            )
            return redirect(request_url(request, made))
    return render(
        request,
        "rights/part.html",
        {
            "form": form,
            "title": _("New request"),
            "submit_label": _("Take the request"),
            "cancel_url": _list_url(request),
        },
    )


@require_GET
@member(Role.PRIVACY_OFFICER)
def request(request: TenantRequest, pk: int) -> HttpResponse:
    """Show one request: who, what, its clock, what each module answered, its letters, what happened."""
    found = find(request, pk)
    today = receiving.day_of(request.tenant, clock.now())
    language = get_language() or "en"
    tasks = list(Task.objects.of(request.tenant).filter(request=found).order_by("pk"))
    events = list(found.events.filter(tenant_id=request.tenant.pk).order_by("at", "pk"))
    names = names_of({one.actor for one in events})
    rows = Document.objects.of(request.tenant).filter(request=found).order_by("pk")
    context = {
        "found": found,
        "due": _due(found, today),
        "correspondence": receiving.letters_of(found),
        "tasks": [_task(request, one, language) for one in tasks],
        "events": [
            (one, wording.event(one.what, one.code), actor_words(one.actor, names))
            for one in events
        ],
        "letters": [
            (one, wording.DOCUMENTS.get(one.kind, one.kind), hasattr(one, "paper"))
            for one in rows.select_related("paper")
        ],
        "can_extend": found.is_open and found.extended_at is None and today <= found.first_due,
        "can_answer": found.is_open and all(one.decision != "pending" for one in tasks),
        "back": _list_url(request),
        "status_url": letters.status_url(found),
        "fee_words": wording.fee_ground(found.fee_ground) if found.fee_ground else "",
    }
    return render(request, "rights/request.html", context)


@require_GET
@member(Role.PRIVACY_OFFICER)
def letter(request: TenantRequest, pk: int, letter: int) -> HttpResponse:
    """Show a letter or a scan of a request."""
    found = find(request, pk)
    paper = get_object_or_404(
        Paper.objects.of(request.tenant), document_id=letter, document__request=found
    )
    response = HttpResponse(bytes(paper.data), content_type=paper.content_type)
    ending = paper.content_type.rpartition("/")[2]
    response["Content-Disposition"] = f'inline; filename="{found.reference}-{letter}.{ending}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_POST
@member(Role.PRIVACY_OFFICER)
def letter_delivered(request: TenantRequest, pk: int, letter: int) -> HttpResponse:
    """Note that a printed letter went by post or was handed over."""
    found = find(request, pk)
    document = get_object_or_404(
        Document.objects.of(request.tenant), pk=letter, request=found, delivered_at=None
    )
    form = DeliveredForm(request.POST)
    if form.is_valid():
        how = form.cleaned_data["how"]
        answering.mark_delivered(document, how, actor=request.actor, at=clock.now())
        messages.success(request, _("The delivery is noted."))
    return redirect(request_url(request, found))


def find(request: TenantRequest, pk: int) -> Request:
    """Return a request of the tenant with the person and the brand, or 404."""
    rows = Request.objects.of(request.tenant).select_related(
        "holding__person", "brand", "tenant", "duplicate_of"
    )
    found: Request = get_object_or_404(rows, pk=pk)
    return found


def request_url(request: TenantRequest, found: Request) -> str:
    """Return the page of a request."""
    return reverse("rights:request", kwargs={"tenant": request.tenant.slug, "pk": found.pk})


def actor_words(actor: str, names: dict[str, str]) -> str:
    """Return who did something."""
    return _("The person") if actor == "person" else audit_words.actor(actor, names)


def _list_url(request: TenantRequest) -> str:
    return reverse("rights:requests", kwargs={"tenant": request.tenant.slug})


def _due(found: Request, today: date) -> dict[str, Any]:
    """How many days are left, and in which colour that is said."""
    left = (found.target_due - today).days
    by_law = (found.legal_due - today).days
    tone = "red" if left < 0 else "amber" if left <= standing.SOON else "green"
    return {"left": left, "by_law": by_law, "tone": tone if found.is_open else "grey"}


def _task(request: TenantRequest, task: Task, language: str) -> dict[str, Any]:
    names = {
        one.code: answers.name_of(one, language) for one in Activity.objects.of(request.tenant)
    }
    every = list(task.outcomes.filter(tenant_id=request.tenant.pk).order_by("module", "pk"))
    rows = [one for one in every if one.kind != "none_found" or one.settled_by]
    nothing = [wording.module(one.module) for one in every if one not in rows]
    told = getattr(task, "told", None)
    return {
        "task": task,
        "right": wording.right(task.right),
        "told": told,
        "changes": [
            (wording.field(name), value) for name, value in (told.changes if told else {}).items()
        ],
        "tone": {"granted": "green", "partly": "amber", "refused": "red"}.get(
            task.decision, "grey"
        ),
        "outcomes": [
            (
                one,
                wording.module(one.module),
                names.get(one.activity, ""),
                wording.outcome(one.kind, one.count),
                wording.reason(one.reason),
            )
            for one in rows
        ],
        "nothing_in": nothing,
        "was_done": bool(every),
        "waiting": [wording.module(one) for one in performing.unsettled(task)],
        "by_hand": task.right == "review",
        "details": standing.details(task),
    }
