"""The reader's own page: see, correct, complete, delete; leave a list or all; whether mails are measured."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from hirnok.consent import leaving, preferring, reading, receipts, transferring
from hirnok.consent.forms import PreferencesForm
from hirnok.consent.preferring import Own
from hirnok.contacts.models import List
from hirnok.lib import clock, keys, tokens
from hirnok.mail.message import PREVIEW
from hirnok.register import portals, suppression
from hirnok.register.answers import why_held
from hirnok.register.export import Row
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant
from hirnok.ui.downloads import csv_response
from hirnok.ui.failures import for_readers


@for_readers
@csrf_exempt  # the signed token is the authority
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is held of a reader and why; change it by one button each.

    The address is the contact's own, or that of a newsletter that was sent to it.
    """
    return _opened(request, token, lambda own, language: _answer(request, own, language))


@for_readers
@never_cache
@require_safe
def preferences_data(request: HttpRequest, token: str, kind: str) -> HttpResponse:
    """Give the reader what is held as a file that programs read (C8)."""
    makers = {"json": _json, "csv": _csv}
    if kind not in makers:
        raise Http404
    return _opened(request, token, lambda own, _language: makers[kind](preferring.held(own)))


@for_readers
@never_cache
@require_safe
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """Give the reader the signed receipt of what was agreed to."""
    return _opened(request, token, _receipt)


def _receipt(own: Own, language: str) -> HttpResponse:
    made = receipts.receipt(own.contact, language, at=clock.now())
    text = json.dumps(made, ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/ld+json")
    response["Content-Disposition"] = 'attachment; filename="consent-receipt.json"'
    return response


def _opened(
    request: HttpRequest, token: str, answer: Callable[[Own, str], HttpResponse]
) -> HttpResponse:
    """The answer about the reader whose token it is, in the reader's language; else a page that helps on."""
    if token == PREVIEW:
        return render(request, "consent/preview_link.html")
    try:
        contact_id = _contact_of(token)
    except tokens.BadToken:
        return render(request, "consent/no_own_page.html", status=404)
    tenant = leaving.tenant_of_contact(contact_id) if contact_id else None
    if contact_id is None or tenant is None:
        return render(request, "consent/no_own_page.html", status=410)
    with acting_for(tenant):
        own = preferring.own(contact_id, tenant=tenant)
        if own is None:
            return render(request, "consent/no_own_page.html", status=410)
        language = reading.language_of(own.contact)
        with translation.override(language):
            return answer(own, language)


def _json(held: dict[str, list[Row]]) -> HttpResponse:
    response = JsonResponse(held, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


def _csv(held: dict[str, list[Row]]) -> HttpResponse:
    """One line for each value: what it is of, the how-manieth of that kind, the name, the value."""
    table: list[list[Any]] = [["table", "row", "name", "value"]]
    for label, rows in held.items():
        for number, row in enumerate(rows, 1):
            for name, value in row.items():
                inside = value.items() if isinstance(value, dict) else [("", value)]
                table += [
                    [label, number, f"{name}.{key}" if key else name, one] for key, one in inside
                ]
    return csv_response(table, "my-data.csv")


def _contact_of(token: str) -> int | None:
    """Whose page it is, None when the newsletter's contact is gone; BadToken."""
    with suppress(tokens.BadToken):
        return tokens.read_recipient(keys.derive("preferences"), token)
    return leaving.contact_of_delivery(tokens.read_recipient(keys.derive("leave"), token))


def _answer(request: HttpRequest, own: Own, language: str) -> HttpResponse:
    wanted = request.POST.get("do", "") if request.method == "POST" else ""
    if own.restricted and wanted != "leave":
        wanted = ""
    said = ""
    form = PreferencesForm(own, language, request.POST if wanted == "save" else None)
    if wanted == "save" and form.is_valid():
        preferring.correct(own.contact, **form.corrected(), at=clock.now())
        said = _("Your data are saved.")
    elif wanted in {"refuse", "allow"}:
        preferring.set_measured(own.contact, measured=wanted == "allow", at=clock.now())
        said = _("Your choice is saved.")
    elif wanted.startswith("transfer-"):
        said = _take_back(own, wanted.removeprefix("transfer-"))
    elif wanted.startswith("leave"):
        left = _leave(own, wanted)
        said = _("You are off this list.")
        if left is not None:
            return _render(request, own, "consent/left.html", {"held": left.held})
    if not said:
        return _render(request, own, "consent/preferences.html", {"form": form})
    return _changed(request, own, said)


def _changed(request: HttpRequest, own: Own, said: str) -> HttpResponse:
    """The page as it is after a change, in the language that was perhaps changed."""
    fresh = preferring.own(own.contact.pk, tenant=own.contact.tenant_id)
    assert fresh is not None, "a change ends nothing"
    language = reading.language_of(fresh.contact)
    context = {"said": said, "form": PreferencesForm(fresh, language)}
    return _render(request, fresh, "consent/preferences.html", context)


def _take_back(own: Own, number: str) -> str:
    """End the consent for one recipient."""
    if not number.isdecimal():
        return ""
    transferring.take_back(
        own.contact,
        int(number),
        surface=leaving.Surface.PREFERENCES,
        actor=leaving.BY_READER,
        at=clock.now(),
    )
    return _("Your choice is saved.")


def _leave(own: Own, wanted: str) -> leaving.Left | None:
    """Leave a list or all; None where the reader still has lists."""
    number, tenant, at = wanted.removeprefix("leave-"), own.contact.tenant_id, clock.now()
    of_mine = {str(one.pk): one for one in own.lists}
    if number in of_mine and len(of_mine) > 1:
        left: List = of_mine[number]
        leaving.leave_list(own.contact.pk, left, tenant=tenant, at=at)
        return None
    if number in of_mine or wanted == "leave":
        return leaving.leave_all(own.contact.pk, tenant=tenant, at=at)
    return None


def _render(request: HttpRequest, own: Own, template: str, context: dict[str, Any]) -> HttpResponse:
    contact = own.contact
    tenant = Tenant.objects.get(pk=contact.tenant_id)
    language = reading.language_of(contact)
    with translation.override(language), timezone.override(tenant.time_zone):
        shown = {
            "brand": reading.sender(contact.brand, tenant.accent),
            "own": own,
            "address": reading.masked(contact.email),
            "answers": why_held(tenant, contact.person_id, language),
            "final": suppression.is_never_again(tenant),
            "tenant": tenant.name,
            "portal_url": f"{portals.path(tenant.pk, contact.brand_id)}?lang={language}",
        }
        response = render(request, template, shown | context)
        response["Content-Language"] = language
    return response
