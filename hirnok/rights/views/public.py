"""The portal: no session, no cookie, no script; GET changes nothing, POST acts, signed tokens are the authority."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hirnok.consent import reading
from hirnok.lib import clock, tokens
from hirnok.register import documents, notices, portals
from hirnok.register.answers import name_of
from hirnok.register.models import Controller, Holding, Notice
from hirnok.rights import answering, letters, performing, portal, receiving, wording
from hirnok.rights.asking import TRAP, AskForm, ChooseForm
from hirnok.rights.models import Document, Paper, Request, Right, Task
from hirnok.rights.portal import Answer
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Brand, Tenant
from hirnok.tracker.visitor import client_address
from hirnok.ui.failures import for_readers


@for_readers
@require_safe
def portal_home(request: HttpRequest, token: str) -> HttpResponse:
    """Show who decides about the data, the notice, and every right as a button."""
    tenant, brand = _whose(token)
    with acting_for(tenant):
        language = _language(request, brand)
        at = clock.now()
        controller = Controller.objects.of(tenant).get()
        with translation.override(language):
            context = {
                "controller": controller,
                "notices": _notices(tenant, language),
                "rights": [(one.value, one.label, *wording.EXPLAINED[one]) for one in Right],
                "remedies": documents.remedies(
                    controller.jurisdiction, receiving.day_of(tenant, at), language
                ),
                "is_open": portal.is_open(tenant),
                "languages": [one for one in settings.LANGUAGES if one[0] != language],
            }
        return _page(request, tenant, brand, language, "rights/portal.html", context)


@for_readers
@csrf_exempt  # nobody is signed in here; what is asked has to be confirmed by a link
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def portal_ask(request: HttpRequest, token: str, right: str) -> HttpResponse:
    """Ask for a right; the answer is the same whether the address is known or not."""
    tenant, brand = _whose(token)
    if right not in Right.values:
        raise Http404
    wanted = Right(right)
    with acting_for(tenant):
        language = _language(request, brand)
        with translation.override(language):
            if request.method == "POST":
                return _take(request, tenant, brand, language, wanted)
            return _ask_page(request, tenant, brand, language, AskForm(wanted, language))


@for_readers
@never_cache
@require_safe
def portal_sent(request: HttpRequest, token: str) -> HttpResponse:
    """Say that a link may be on its way."""
    tenant, brand = _whose(token)
    with acting_for(tenant):
        return _page(request, tenant, brand, _language(request, brand), "rights/sent.html", {})


@for_readers
@csrf_exempt  # the signed token is the authority
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def portal_confirm(request: HttpRequest, token: str, claim: str) -> HttpResponse:
    """Show what the link of a mail stands for; act by a button, once."""
    tenant, brand = _whose(token)
    at = clock.now()
    with acting_for(tenant):
        try:
            found = portal.waiting(tenant, claim, at=at)
        except tokens.BadToken:
            return _no_link(request, tenant, brand, Answer.BAD_LINK, 404)
        except portal.NoClaim:
            return _no_link(request, tenant, brand, Answer.LINK_OVER, 410)
        held = portal.choices(tenant, found)
        data = request.POST if request.method == "POST" else None
        with translation.override(found.language):
            chosen = (
                ChooseForm(held, found.language, data)
                if found.right == Right.WITHDRAWAL and held
                else None
            )
        if request.method == "POST" and (chosen is None or chosen.is_valid()):
            more = chosen.cleaned_data if chosen else {}
            try:
                made = portal.confirm(tenant, claim, more, at=at)
            except portal.NoClaim:
                return _no_link(request, tenant, brand, Answer.LINK_OVER, 410)
            return redirect("rights:portal_request", token=token, status=letters.status_token(made))
        context = {
            "claim": found,
            "right": Right(found.right).label,
            "address": reading.masked(found.email),
            "held": _purposes(held, found.language),
            "form": chosen,
            "explained": wording.EXPLAINED[found.right][0],
        }
        return _page(request, tenant, brand, found.language, "rights/confirm.html", context)


@for_readers
@csrf_exempt  # the secret link is the authority
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def portal_request(request: HttpRequest, token: str, status: str) -> HttpResponse:
    """Show how a request stands; take it back by a button."""

    def answer(tenant: Tenant, brand: Brand | None, found: Request) -> HttpResponse:
        if request.method == "POST":
            if request.POST.get("do") == "withdraw" and found.is_open:
                answering.withdraw(found, actor=portal.BY_PERSON, at=clock.now())
            return redirect("rights:portal_request", token=token, status=status)
        context = _status(found)
        return _page(request, tenant, brand, found.language, "rights/status.html", context)

    return _of_request(request, token, status, answer)


@for_readers
@csrf_exempt  # the secret link is the authority
@never_cache
@require_POST
def portal_copy(request: HttpRequest, token: str, status: str, kind: str) -> HttpResponse:
    """Hand out the copy of the data while it may be downloaded; that it was is noted."""

    def answer(tenant: Tenant, brand: Brand | None, found: Request) -> HttpResponse:
        at = clock.now()
        if kind not in {"copy", "portability"} or not _may_download(found, at):
            return _page(
                request, tenant, brand, found.language, "rights/no_download.html", {}, status=410
            )
        data = performing.files(found, kind, at=at)
        receiving.note(found, "downloaded", actor=portal.BY_PERSON, at=at)
        response = HttpResponse(data, content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="{found.reference}-{kind}.zip"'
        return response

    return _of_request(request, token, status, answer)


@for_readers
@never_cache
@require_safe
def portal_letter(request: HttpRequest, token: str, status: str, pk: int) -> HttpResponse:
    """Show a letter that was sent on a request."""

    def answer(tenant: Tenant, _brand: Brand | None, found: Request) -> HttpResponse:
        paper = (
            Paper.objects.filter(tenant_id=tenant.pk, document_id=pk, document__request=found)
            .exclude(document__kind__in=HIDDEN)
            .first()
        )
        if paper is None:
            raise Http404
        response = HttpResponse(bytes(paper.data), content_type=paper.content_type)
        response["Content-Disposition"] = f'inline; filename="{found.reference}-{pk}.pdf"'
        response["X-Content-Type-Options"] = "nosniff"
        return response

    return _of_request(request, token, status, answer)


HIDDEN = ("incoming", *letters.TO_PARTIES)  # not written to the person


def _of_request(
    request: HttpRequest,
    token: str,
    status: str,
    answer: Callable[[Tenant, Brand | None, Request], HttpResponse],
) -> HttpResponse:
    tenant, brand = _whose(token)
    with acting_for(tenant):
        try:
            found = portal.request_of(tenant, status)
        except tokens.BadToken:
            return _no_link(request, tenant, brand, Answer.BAD_LINK, 404)
        if found is None:
            return _no_link(request, tenant, brand, Answer.LINK_OVER, 410)
        with translation.override(found.language), timezone.override(tenant.time_zone):
            return answer(tenant, brand, found)


def _whose(token: str) -> tuple[Tenant, Brand | None]:
    """The tenant and the brand of a portal, 404 where it is none."""
    try:
        number, brand_number = portals.read(token)
    except tokens.BadToken as error:
        raise Http404 from error
    tenant = Tenant.objects.filter(pk=number).first()
    if tenant is None:
        raise Http404
    with acting_for(tenant):
        rows = Brand.objects.filter(tenant_id=number, pk=brand_number).select_related("logo")
        brand = rows.first() if brand_number else None
    if brand_number and brand is None:
        raise Http404
    return tenant, brand


def _take(
    request: HttpRequest, tenant: Tenant, brand: Brand | None, language: str, right: Right
) -> HttpResponse:
    at = clock.now()
    network = client_address(
        request.META.get("REMOTE_ADDR", ""),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        settings.PROXIES,
    )
    answer = portal.admit(tenant, network, at=at)
    if answer == Answer.TOO_MANY:
        return _page(request, tenant, brand, language, "rights/too_many.html", {}, status=429)
    form = AskForm(right, language, request.POST)
    if answer == Answer.CLOSED or not form.is_valid():
        if answer is None:
            portal.refused(tenant, Answer.INVALID, at=at)
        return _ask_page(request, tenant, brand, language, form)
    if request.POST.get(TRAP):
        portal.refused(tenant, Answer.TRAPPED, at=at)
    else:
        address = form.cleaned_data["email"]
        portal.ask(tenant, brand, right, address, form.said(), language=language, at=at)
    response = redirect(
        "rights:portal_sent", token=portals.token(tenant.pk, brand.pk if brand else 0)
    )
    response["Location"] += f"?lang={language}"
    return response


def _ask_page(
    request: HttpRequest, tenant: Tenant, brand: Brand | None, language: str, form: AskForm
) -> HttpResponse:
    explained, action = wording.EXPLAINED[form.right]
    context = {
        "form": form,
        "right": form.right.label,
        "explained": explained,
        "action": action,
        "trap": TRAP,
        "is_open": portal.is_open(tenant),
        "controller": Controller.objects.of(tenant).get(),
    }
    return _page(request, tenant, brand, language, "rights/ask.html", context)


def _no_link(
    request: HttpRequest, tenant: Tenant, brand: Brand | None, why: Answer, status: int
) -> HttpResponse:
    """A page that helps on; the refusal is counted where something was to be done, a look changes nothing."""
    if request.method == "POST":
        portal.refused(tenant, why, at=clock.now())
    language = _language(request, brand)
    return _page(request, tenant, brand, language, "rights/no_link.html", {}, status=status)


def _status(found: Request) -> dict[str, Any]:
    at = clock.now()
    tasks = list(Task.objects.filter(tenant_id=found.tenant_id, request=found).order_by("pk"))
    rows = Document.objects.filter(
        tenant_id=found.tenant_id, request=found, paper__isnull=False
    ).exclude(kind__in=HIDDEN)
    return {
        "found": found,
        "status_token": letters.status_token(found),
        "status_word": wording.status(found.status),
        "tasks": [
            (wording.right(task.right), wording.decision(task.right, task.decision))
            for task in tasks
        ],
        "letters": [(one, wording.DOCUMENTS[one.kind]) for one in rows.order_by("pk")],
        "may_download": _may_download(found, at),
        "copies": {task.right for task in tasks} & {"access", "portability", "information"},
    }


def _may_download(found: Request, at: Any) -> bool:
    return found.copy_until is not None and found.copy_until > at


def _purposes(held: list[Holding], language: str) -> list[tuple[str, str]]:
    """Code and name of what is held for, each once."""
    return list({one.activity.code: name_of(one.activity, language) for one in held}.items())


def _notices(tenant: Tenant, language: str) -> list[tuple[str, str]]:
    """Title and address of every notice that is in force."""
    today = receiving.day_of(tenant, clock.now())
    found = []
    for notice in Notice.objects.of(tenant).order_by("pk"):
        if notices.in_force(tenant, notice, today) is not None:
            title = notice.title.get(language) or notice.title.get("en") or notice.code
            found.append((title, f"/n/{notice.token}/?lang={language}"))
    return found


def _language(request: HttpRequest, brand: Brand | None) -> str:
    known = dict(settings.LANGUAGES)
    asked = request.GET.get("lang", "")
    if asked in known:
        return asked
    if "HTTP_ACCEPT_LANGUAGE" in request.META:
        return translation.get_language_from_request(request)
    return brand.language if brand and brand.language in known else "en"


def _page(
    request: HttpRequest,
    tenant: Tenant,
    brand: Brand | None,
    language: str,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """A page in the look of the brand, in a language."""
    shown = (
        reading.sender(brand, tenant.accent)
        if brand
        else reading.Sender(tenant.name, tenant.accent, "", "")
    )
    request.brand = shown  # type: ignore[attr-defined]
    with translation.override(language), timezone.override(tenant.time_zone):
        home = portals.path(tenant.pk, brand.pk if brand else 0)
        told = {
            "brand": shown,
            "tenant": tenant,
            "home": home,
            "portal_token": portals.token(tenant.pk, brand.pk if brand else 0),
            "language": language,
            **context,
        }
        response = render(request, template, told, status=status)
        response["Content-Language"] = language
    return response
