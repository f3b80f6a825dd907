"""The pages of a sign-up: the form, thanks, confirming. No session, no cookie, no script needed; GET changes nothing."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from hirnok.consent import (
    leaving,
    proofs,
    reading,
    signing_up,
    stamps,
    transferring,
    wording,
    writing,
)
from hirnok.consent.forms import CONSENT, PROOF, STAMP, TRAP, SignUpForm
from hirnok.consent.models import ConsentText, Form, PendingSignUp
from hirnok.consent.signing_up import Arrival, Outcome
from hirnok.lib import clock, keys, tokens
from hirnok.mail.message import PREVIEW
from hirnok.register import notices
from hirnok.register.models import Controller
from hirnok.register.readymade import NEWSLETTER
from hirnok.tenants.acting import acting_for
from hirnok.tracker.visitor import client_address
from hirnok.ui.failures import for_readers


@for_readers
@csrf_exempt  # nobody is signed in here; the stamp says that the form was ours
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest, token: str) -> HttpResponse:
    """Show a form and take what comes of it; the answer is the same whoever signs up."""
    tenant = leaving.tenant_of_form(token)
    if tenant is None:
        return render(request, "consent/unknown_form.html", status=404)
    with acting_for(tenant):
        form = _form(tenant, token)
        if request.method == "POST":
            return _take(request, form)
        known = wording.languages(form)
        language = _language(request, known)
        if not signing_up.is_open(form):
            return _closed(request, form, language)
        return _show(request, form, _latest(form, language), {}, known)


@for_readers
@never_cache
@require_safe
def sign_up_thanks(request: HttpRequest, token: str) -> HttpResponse:
    """Say what happens now; the same whether the address was known or not."""
    tenant = leaving.tenant_of_form(token)
    if tenant is None:
        return render(request, "consent/unknown_form.html", status=404)
    with acting_for(tenant):
        form = _form(tenant, token)
        language = _language(request, wording.languages(form))
        context = {"words": wording.words(form, language)}
        return _page(request, form, language, "consent/sign_up_thanks.html", context)


@for_readers
@csrf_exempt  # the signed token is the authority
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_sign_up(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm by a button: programs that open every link of a mail confirm nothing."""
    if token == PREVIEW:
        return render(request, "consent/preview_link.html")
    try:
        pending_id = tokens.read_recipient(keys.derive("confirm"), token)
    except tokens.BadToken:
        return render(request, "consent/nothing_to_confirm.html", status=404)
    tenant = leaving.tenant_of_sign_up(pending_id)
    if tenant is None:
        return render(request, "consent/nothing_left_to_confirm.html", status=410)
    at = clock.now()
    with acting_for(tenant):
        try:
            if request.method == "POST":
                contact, pending = signing_up.confirm(pending_id, tenant=tenant, at=at)
                context = {"preferences_url": writing.preferences_path(contact.pk)}
                return _about(request, pending, "consent/confirmed.html", context)
            pending = signing_up.waiting(pending_id, tenant=tenant, at=at)
            return _about(request, pending, "consent/confirm_sign_up.html", {})
        except signing_up.NothingToConfirm:
            return render(request, "consent/nothing_left_to_confirm.html", status=410)


def _take(request: HttpRequest, form: Form) -> HttpResponse:
    at = clock.now()
    address = client_address(
        request.META.get("REMOTE_ADDR", ""),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        settings.PROXIES,
    )
    arrival = Arrival(
        request.POST.get(STAMP, ""),
        request.POST.get(TRAP, ""),
        address,
        request.POST.get(PROOF, ""),
    )
    admitted = signing_up.admit(form, arrival, at=at)
    if isinstance(admitted, Outcome):
        return _not_taken(request, form, admitted)
    text = admitted.text
    with translation.override(text.language):
        further = transferring.texts(form, text.language, at.date())
        filled = SignUpForm(form, text, request.POST, transfers=further)
        if not filled.is_valid():
            known = wording.languages(form)
            return _show(request, form, text, {"data": request.POST}, known)
    signing_up.submit(form, filled.given(), admitted, at=at)
    answer = redirect("consent:sign_up_thanks", token=form.token)
    answer["Location"] += f"?language={text.language}"
    return answer


def _not_taken(request: HttpRequest, form: Form, why: Outcome) -> HttpResponse:
    known = wording.languages(form)
    language = _language(request, known)
    if why == Outcome.CLOSED:
        return _closed(request, form, language)
    if why == Outcome.TOO_MANY:
        return _page(request, form, language, "consent/too_many.html", {}, status=429)
    typed = {name: value for name, value in request.POST.items() if name != CONSENT}
    text = _latest(form, language)
    return _show(request, form, text, {"initial": typed}, known, once_more=True)


def _show(
    request: HttpRequest,
    form: Form,
    text: ConsentText,
    filled: dict[str, Any],
    known: list[str],
    *,
    once_more: bool = False,
) -> HttpResponse:
    """The form with a fresh stamp, empty or with what was typed."""
    at = clock.now()
    shown = stamps.Shown(text.pk, at)
    further = transferring.texts(form, text.language, at.date())
    notice = notices.covering(form.tenant, NEWSLETTER, at.date())
    with translation.override(text.language):
        context = {
            "words": wording.words(form, text.language),
            "form": SignUpForm(form, text, transfers=further, **filled),
            "controller": Controller.objects.of(form.tenant).first(),
            "notice_url": reverse("privacy:public_notice", args=[notice.token]) if notice else "",
            "stamp": stamps.stamp(keys.derive("sign-up-form"), form.token, shown),
            "proof_bits": proofs.BITS if form.proof_of_work else 0,
            "notice": _("One more step: please check what stands here, and send it.")
            if once_more
            else "",
            "languages": [
                (code, dict(settings.LANGUAGES).get(code, code))
                for code in known
                if code != text.language
            ],
        }
    return _page(request, form, text.language, "consent/sign_up.html", context)


def _closed(request: HttpRequest, form: Form, language: str) -> HttpResponse:
    return _page(request, form, language, "consent/form_closed.html", {}, status=410)


def _about(
    request: HttpRequest, pending: PendingSignUp, template: str, more: dict[str, Any]
) -> HttpResponse:
    context = {
        "words": wording.words(pending.form, pending.language),
        "pending": pending,
        "address": reading.masked(pending.email),
        "transfers": ConsentText.objects.filter(
            tenant_id=pending.tenant_id, pk__in=pending.transfers
        ).order_by("pk"),
        "typed": [one for one in (pending.last_name, pending.first_name) if one],
    }
    return _page(request, pending.form, pending.language, template, context | more)


def _page(
    request: HttpRequest,
    form: Form,
    language: str,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """A page of the form's brand in a language."""
    brand = reading.sender(form.list.brand, form.tenant.accent)
    request.brand = brand  # type: ignore[attr-defined]
    with translation.override(language):
        response = render(request, template, {"brand": brand, **context}, status=status)
        response["Content-Language"] = language
    return response


def _form(tenant: int, token: str) -> Form:
    found: Form = Form.objects.select_related("list__brand__logo", "source", "tenant").get(
        tenant_id=tenant, token=token
    )
    return found


def _latest(form: Form, language: str) -> ConsentText:
    text = wording.consent_text(form, language)
    assert text is not None, "a language of a form has words beside the box"
    return text


def _language(request: HttpRequest, known: list[str]) -> str:
    """The language that is asked for, else the browser's, else the brand's: of those that the form has."""
    wanted = [request.GET.get("language", ""), translation.get_language_from_request(request)]
    return next((one for one in wanted if one in known), known[0])
