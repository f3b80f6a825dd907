"""Settings: the key with which a brand's mail is signed (DKIM)."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.lib import clock, keys
from hirnok.tenants import signing
from hirnok.tenants.models import Brand


class SigningForm(forms.Form):
    """Which of the three buttons was pressed."""

    do = forms.ChoiceField(choices=[("make", ""), ("start", ""), ("stop", "")])


@member(Role.OWNER)
def brand_signing(request: TenantRequest, brand_id: int) -> HttpResponse:
    """Show what has to be published, make a key, start and stop signing."""
    brand: Brand = get_object_or_404(
        Brand.objects.of(request.tenant).select_related("tenant"), pk=brand_id
    )
    form = SigningForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        verb = {"make": signing.make_key, "start": signing.start, "stop": signing.stop}
        done = form.cleaned_data["do"]
        try:
            verb[done](brand, actor=request.actor, at=clock.now())
        except signing.NoKey:
            messages.error(request, _("There is no key for the domain of the from address."))
        else:
            messages.success(request, _said(done))
        return redirect(request.path)
    back = reverse("accounts:brand", kwargs={"tenant": request.tenant.slug, "brand_id": brand.pk})
    context = {"brand": brand, "domain": signing.domain_of(brand), "cancel_url": back}
    try:
        context["published"] = signing.published(brand)
    except keys.CannotDecrypt:
        context["is_unreadable"] = True
    return render(request, "accounts/brand_signing.html", context)


def _said(done: str) -> str:
    if done == "make":
        return _("The key is made. Publish its record, then start signing.")
    if done == "start":
        return _("Newsletters of this brand are signed from now on.")
    return _("Newsletters of this brand are no longer signed here.")
