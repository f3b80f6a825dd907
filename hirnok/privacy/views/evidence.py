"""Proof of consent for any address: asked by POST, so that no address stands in a URL or a log; each look is audited."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.consent import evidencing
from hirnok.contacts import wording
from hirnok.lib import clock
from hirnok.mail.addresses import Address, normalise
from hirnok.privacy import printing
from hirnok.tenants import audit


class AddressForm(forms.Form):
    """Whose consent is to be shown."""

    address = forms.CharField(
        label=_("E-mail address"),
        max_length=320,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "inputmode": "email"}),
    )

    def clean_address(self) -> str:
        """Return the address in its normal form, or say what is wrong with it."""
        found = normalise(self.cleaned_data["address"])
        if not isinstance(found, Address):
            raise forms.ValidationError(wording.address_fault(found.code))
        return found.text


@never_cache
@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER)
def evidence(request: TenantRequest) -> HttpResponse:
    """Show, or hand out as PDF, all that proves a consent or is left of one."""
    form = AddressForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        as_pdf = request.POST.get("as") == "pdf"
        document = _document(request, form.cleaned_data["address"], as_pdf=as_pdf)
        if as_pdf:
            response = HttpResponse(printing.pdf(document), content_type="application/pdf")
            response["Content-Disposition"] = 'attachment; filename="proof-of-consent.pdf"'
            return response
        context["document"] = document
    return render(request, "privacy/evidence.html", context)


def _document(request: TenantRequest, address: str, *, as_pdf: bool) -> dict[str, Any]:
    at = clock.now()
    made = evidencing.evidence(
        request.tenant, address, get_language() or "en", actor=request.actor, at=at
    )
    found = len(made["sections"]) - 1
    audit.record(
        request.tenant, "consent.evidence", actor=request.actor, at=at, found=found, pdf=as_pdf
    )
    return made
