"""Telling others: the authority, the persons concerned, the customers whom the operator's breach affects."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.breaches import drafts, letters, notifying, spreading, story
from hirnok.breaches.forms import AuthoritySentForm, LetterForm, TenantsForm
from hirnok.breaches.models import Breach
from hirnok.breaches.opening import NoReason
from hirnok.breaches.views.finding import back, find, url_of
from hirnok.breaches.views.steps import CLOSED
from hirnok.lib import clock
from hirnok.privacy import printing
from hirnok.privacy.forms import initial_texts
from hirnok.tenants.models import Tenant


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def breach_authority(request: TenantRequest, pk: int) -> HttpResponse:
    """Show the draft for the authority, and say that it leaves."""
    found = find(request, pk)
    at = clock.now()
    authority = drafts.authority_of(request.tenant, at)
    initial = {"address": authority.email if authority else ""}
    form = AuthoritySentForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        problem = _give_in(request, found, form.cleaned_data)
        if not problem:
            messages.success(request, _("The notification is kept as it left."))
            return back(request, found)
        form.add_error(None, problem)
    context = {
        "form": form,
        "breach": found,
        "authority": authority,
        "document": drafts.to_authority(found, at, final=False),
        "cancel_url": url_of(request, found),
        "submit_label": _("Notify"),
    }
    return render(request, "breaches/breach_authority.html", context)


@require_GET
@member(Role.PRIVACY_OFFICER)
def breach_authority_pdf(request: TenantRequest, pk: int) -> HttpResponse:
    """Hand out the draft for the authority as PDF."""
    found = find(request, pk)
    document = drafts.to_authority(found, clock.now(), final=False)
    return _pdf(document, f"breach-{found.number}-authority")


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def breach_letter(request: TenantRequest, pk: int) -> HttpResponse:
    """Write what persons are told, in each language."""
    found = find(request, pk)
    form = LetterForm(request.POST or None, initial=_texts(found))
    if request.method == "POST" and form.is_valid():
        told = {part: texts for part, texts in form.told().items() if texts}
        try:
            notifying.write_letter(found, told, actor=request.actor, at=clock.now())
        except story.NotOpen:
            form.add_error(None, str(CLOSED))
        else:
            messages.success(request, _("The letter is written."))
            return back(request, found)
    context = {"form": form, "breach": found, "cancel_url": url_of(request, found)}
    return render(request, "breaches/breach_letter.html", context)


@require_GET
@member(Role.PRIVACY_OFFICER)
def breach_letter_pdf(request: TenantRequest, pk: int) -> HttpResponse:
    """Hand out what persons are told as PDF, in the language of `?lang=`."""
    found = find(request, pk)
    language = request.GET.get("lang", request.tenant.language)
    try:
        document = drafts.to_person(found, language, clock.now())
    except drafts.NoLetter:  # not written yet in this language: there it is written
        return redirect("breaches:breach_letter", tenant=request.tenant.slug, pk=found.pk)
    return _pdf(document, f"breach-{found.number}-{language}")


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def breach_persons(request: TenantRequest, pk: int) -> HttpResponse:
    """Show what each person gets, in which languages, to how many; then let it go."""
    found = find(request, pk)
    at = clock.now()
    form = forms.Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        problem = _tell(request, found)
        if not problem:
            messages.success(request, _("The letters are on their way."))
            return back(request, found)
        form.add_error(None, problem)
    context = {
        "form": form,
        "breach": found,
        "documents": [
            (code, drafts.to_person(found, code, at)) for code in drafts.languages_written(found)
        ],
        "count": notifying.concerned(request.tenant, found).count(),
        "cancel_url": url_of(request, found),
    }
    return render(request, "breaches/breach_persons.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def breach_tenants(request: TenantRequest, pk: int) -> HttpResponse:
    """Choose the customers whom the operator's breach affects, and tell them at once."""
    if not request.tenant.is_operator:
        raise PermissionDenied
    found = find(request, pk)
    customers = {
        str(one.pk): one for one in Tenant.objects.filter(is_operator=False).order_by("name")
    }
    form = TenantsForm([(key, one.name) for key, one in customers.items()], request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = [customers[key] for key in form.cleaned_data["tenants"]]
        try:
            told = spreading.tell_tenants(found, chosen, actor=request.actor, at=clock.now())
        except story.NotOpen:
            form.add_error(None, str(CLOSED))
        else:
            messages.success(request, _("Customers told: %(count)s.") % {"count": len(told)})
            return back(request, found)
    context = {
        "form": form,
        "breach": found,
        "cancel_url": url_of(request, found),
        "title": _("Tell customers"),
        "submit_label": _("Tell them now"),
        "note": _(
            "Each of them gets an entry of its own with what is known, and a mail; its 72 hours begin at that moment if the"
            " breach is confirmed. Whoever has an entry already gets the news."
        ),
    }
    return render(request, "breaches/step.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def breach_operator(request: TenantRequest, pk: int) -> HttpResponse:
    """Tell the operator, who is this tenant's processor (N35)."""
    if request.tenant.is_operator:
        raise PermissionDenied
    found = find(request, pk)
    form = forms.Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            spreading.tell_operator(found, actor=request.actor, at=clock.now())
        except story.NotOpen:
            form.add_error(None, str(CLOSED))
        else:
            messages.success(request, _("The operator has been told."))
            return back(request, found)
    context = {
        "form": form,
        "breach": found,
        "cancel_url": url_of(request, found),
        "title": _("Tell the operator"),
        "submit_label": _("Tell it now"),
        "note": _(
            "The operator gets an entry with the title of this breach, and a mail. Nothing else is handed on."
        ),
    }
    return render(request, "breaches/step.html", context)


def _give_in(request: TenantRequest, found: Breach, told: dict[str, Any]) -> str:
    sent = notifying.Sent(told["channel"], told["address"], told["reference"], told["is_final"])
    try:
        notifying.notify_authority(found, sent, actor=request.actor, at=clock.now())
    except notifying.NotYet:
        return _("First confirm the breach, and decide that the authority is notified.")
    except notifying.AlreadyComplete:
        return _("The authority has the complete notification already.")
    except NoReason:
        return _("It is later than 72 hours: first say why.")
    except letters.NoSender:
        return _("There is no brand from whose address a mail could be sent.")
    except story.NotOpen:
        return str(CLOSED)
    return ""


def _tell(request: TenantRequest, found: Breach) -> str:
    try:
        notifying.notify_persons(found, actor=request.actor, at=clock.now())
    except notifying.NotYet:
        return _("First decide that the persons are told.")
    except notifying.NothingWritten:
        return _("The letter is not complete in your main language.")
    except letters.NoSender:
        return _("There is no brand from whose address a mail could be sent.")
    except story.NotOpen:
        return str(CLOSED)
    return ""


def _texts(found: Breach) -> dict[str, str]:
    row = type("Letter", (), {part: found.letter.get(part, {}) for part in drafts.PARTS})
    return initial_texts(row, drafts.PARTS)


def _pdf(document: drafts.Document, name: str) -> HttpResponse:
    response = HttpResponse(printing.pdf(document), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
