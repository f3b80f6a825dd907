"""What leaving means at this tenant: until a new sign-up of the person's own, or for good."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.consent import renewing
from hirnok.lib import clock
from hirnok.register import suppression


class LeavingPolicyForm(forms.Form):
    """Whether it is for good, and how long an answer is waited for."""

    never_again = forms.BooleanField(
        label=gettext_lazy("Who left can never be added again"),
        required=False,
        help_text=gettext_lazy(
            "Not by an import, not by hand, not by a form. Whoever leaves one brand then leaves all of them."
        ),
    )

    renewal_days = forms.IntegerField(
        label=gettext_lazy("Days to answer when a consent has to be renewed"),
        min_value=7,
        max_value=365,
        help_text=gettext_lazy(
            "When words beside the box of a form change in substance, who agreed before is asked anew. Without an"
            " answer the consent ends after these days."
        ),
    )


def _save(request: TenantRequest, form: LeavingPolicyForm) -> None:
    never_again, days = form.cleaned_data["never_again"], form.cleaned_data["renewal_days"]
    if never_again != form.initial["never_again"]:
        suppression.set_never_again(
            request.tenant, never_again, actor=request.actor, at=clock.now()
        )
    if days != form.initial["renewal_days"]:
        renewing.set_days(request.tenant, days, actor=request.actor, at=clock.now())


@require_http_methods(["GET", "POST"])
@member(Role.OWNER)
def leaving_policy(request: TenantRequest) -> HttpResponse:
    """Choose whether who left may come back (A6)."""
    initial = {
        "never_again": suppression.is_never_again(request.tenant),
        "renewal_days": renewing.days(request.tenant),
    }
    form = LeavingPolicyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        _save(request, form)
        messages.success(request, _("The settings are changed."))
        return redirect("accounts:settings", tenant=request.tenant.slug)
    cancel_url = reverse("accounts:settings", kwargs={"tenant": request.tenant.slug})
    return render(request, "consent/leaving_policy.html", {"form": form, "cancel_url": cancel_url})
