"""The room of forms: made, worded in each language, looked at, put on a site, closed."""

from email import message_from_bytes, policy
from typing import Any

from csp.decorators import csp_exempt
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.consent import forming, renewing, standing, transferring, wording, writing
from hirnok.consent.models import ConsentText, Form, FormText
from hirnok.consent.room_forms import FormForm, TextsForm
from hirnok.consent.writing import Kind
from hirnok.contacts.lists import active_lists
from hirnok.lib import clock
from hirnok.register.models import Recipient
from hirnok.ui.words import number

FRAME_POLICY = (
    "sandbox; default-src 'none'; img-src * data:; style-src 'unsafe-inline'; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'self'"
)
LETTERS = {
    Kind.CONFIRM: gettext_lazy("The mail that asks to confirm"),
    Kind.KNOWN: gettext_lazy("The mail to who is subscribed already"),
    Kind.WELCOME: gettext_lazy("The welcome mail"),
}


@require_GET
@member(Role.VIEWER)
def forms(request: TenantRequest) -> HttpResponse:
    """Every form with its list and what came of it in the last thirty days."""
    context = {
        "forms": standing.forms(request.tenant, clock.now()),
        "has_list": active_lists(request.tenant).exists(),
        "may_edit": _may_edit(request),
    }
    return render(request, "consent/forms.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def form_new(request: TenantRequest) -> HttpResponse:
    """Make a form for a list."""
    asked = FormForm(request.tenant, None, request.POST or None, recipients=_recipients(request))
    if request.method == "POST" and asked.is_valid():
        try:
            made = forming.create(
                request.tenant,
                asked.cleaned_data["list"],
                asked.asked(),
                languages=asked.cleaned_data["languages"],
                actor=request.actor,
                at=clock.now(),
            )
        except forming.NameTaken:
            asked.add_error("name", _("There is a form of this name already."))
        else:
            messages.success(request, _("The form was made. Look at its texts next."))
            return _to_form(request, made)
    context = {"form": asked, "has_list": active_lists(request.tenant).exists()}
    return render(request, "consent/form_new.html", context)


@require_GET
@member(Role.VIEWER)
def form(request: TenantRequest, pk: int) -> HttpResponse:
    """One form: its address, the snippet, its languages, and what came of it."""
    shown = _form(request, pk)
    context = {
        "shown": shown,
        "url": writing.form_url(shown),
        "languages": _languages(shown),
        "snippets": [_snippet(shown, language) for language in wording.languages(shown)],
        "counts": standing.counts(shown, clock.now()),
        "may_edit": _may_edit(request),
    }
    return render(request, "consent/form.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def form_edit(request: TenantRequest, pk: int) -> HttpResponse:
    """Change name, fields and languages of a form."""
    shown = _form(request, pk)
    asked = FormForm(request.tenant, shown, request.POST or None, recipients=_recipients(request))
    if request.method == "POST" and asked.is_valid():
        try:
            forming.change(
                shown,
                asked.asked(),
                languages=asked.cleaned_data["languages"],
                actor=request.actor,
                at=clock.now(),
            )
        except forming.NameTaken:
            asked.add_error("name", _("There is a form of this name already."))
        else:
            messages.success(request, _("Saved."))
            return _to_form(request, shown)
    return render(request, "consent/form_edit.html", {"shown": shown, "form": asked})


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def form_texts(request: TenantRequest, pk: int, language: str) -> HttpResponse:
    """What the form and its mails say in one language."""
    shown = _form(request, pk)
    own, consent = _texts(shown, language)
    texts = TextsForm(shown, own, consent, request.POST or None)
    if request.method == "POST" and texts.is_valid():
        forming.write(
            shown,
            language,
            texts.texts(),
            consent=texts.cleaned_data["consent"],
            covers_welcome=texts.cleaned_data["covers_welcome"],
            transfers=texts.transfers(),
            actor=request.actor,
            at=clock.now(),
        )
        if texts.cleaned_data["renew"]:
            count = renewing.begin(shown, language, actor=request.actor, at=clock.now())
            messages.info(
                request,
                ngettext(
                    "%(number)s person is asked to agree anew.",
                    "%(number)s people are asked to agree anew.",
                    count,
                )
                % {"number": number(count)},
            )
        messages.success(request, _("Saved."))
        return redirect(
            "consent:form_preview", tenant=request.tenant.slug, pk=pk, language=language
        )
    context = {"shown": shown, "form": texts, "spoken": _named(language), "version": consent}
    return render(request, "consent/form_texts.html", context)


@require_GET
@member(Role.VIEWER)
def form_preview(request: TenantRequest, pk: int, language: str) -> HttpResponse:
    """The pages' texts and both mails in one language, as readers get them."""
    shown = _form(request, pk)
    _, consent = _texts(shown, language)
    words = wording.words(shown, language)
    context = {
        "shown": shown,
        "words": words,
        "consent": consent,
        "spoken": _named(language),
        "url": f"{writing.form_url(shown)}?language={language}",
        "may_edit": _may_edit(request),
        "letters": [
            (kind, heading, getattr(words, f"{kind}_subject"))
            for kind, heading in LETTERS.items()
            if kind != Kind.WELCOME or consent.covers_welcome
        ],
    }
    return render(request, "consent/form_preview.html", context)


@require_GET
@csp_exempt()
@xframe_options_sameorigin
@member(Role.VIEWER)
def form_letter(request: TenantRequest, pk: int, language: str, kind: str) -> HttpResponse:
    """The HTML part of one letter as readers get it, alone, in a sandbox of its own: a frame of the preview."""
    shown = _form(request, pk)
    _texts(shown, language)
    if kind not in LETTERS:
        raise Http404
    data = writing.preview(shown, Kind(kind), language, at=clock.now())
    part = message_from_bytes(data, policy=policy.default).get_body(("html",))
    html = part.get_content() if part else ""
    response = HttpResponse(html, headers={"Content-Security-Policy": FRAME_POLICY})
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
@member(Role.MARKETER)
def form_close(request: TenantRequest, pk: int) -> HttpResponse:
    """Take no more sign-ups, or take them again."""
    shown = _form(request, pk)
    if shown.closed_at is None:
        forming.close(shown, actor=request.actor, at=clock.now())
        messages.success(request, _("The form takes no more sign-ups."))
    else:
        forming.reopen(shown, actor=request.actor, at=clock.now())
        messages.success(request, _("The form takes sign-ups again."))
    return _to_form(request, shown)


def _recipients(request: TenantRequest) -> list[Recipient]:
    return transferring.candidates(request.tenant, clock.now().date())


def _form(request: TenantRequest, pk: int) -> Form:
    rows = Form.objects.of(request.tenant).select_related("list__brand__logo", "tenant")
    found: Form = get_object_or_404(rows, pk=pk)
    return found


def _texts(form: Form, language: str) -> tuple[FormText, ConsentText]:
    """The texts of a language that the form has; 404 for another."""
    own = FormText.objects.filter(tenant_id=form.tenant_id, form=form, language=language).first()
    consent = wording.consent_text(form, language)
    if own is None or consent is None:
        raise Http404
    return own, consent


def _languages(form: Form) -> list[dict[str, Any]]:
    return [_named(code) for code in wording.languages(form)]


def _named(code: str) -> dict[str, Any]:
    return {"code": code, "name": dict(settings.LANGUAGES).get(code, code)}


def _snippet(form: Form, language: str) -> dict[str, str]:
    """HTML for another site: one field, a button, no script; what else is asked comes on the form's own page."""
    with translation.override(language):
        words = {"email": _("E-mail address"), "button": _("Sign up")}
    number = f"hirnok-{form.token}"
    html = (
        f'<form action="{writing.form_url(form)}?language={language}" method="post">\n'
        f'  <label for="{number}">{words["email"]}</label>\n'
        f'  <input type="email" name="email" id="{number}" autocomplete="email" required>\n'
        f'  <button type="submit">{words["button"]}</button>\n'
        f"</form>"
    )
    return {**_named(language), "html": html}


def _may_edit(request: TenantRequest) -> bool:
    return Role(request.membership.role).includes(Role.MARKETER)


def _to_form(request: TenantRequest, shown: Form) -> HttpResponse:
    return redirect("consent:form", tenant=request.tenant.slug, pk=shown.pk)
