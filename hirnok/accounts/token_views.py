"""Settings: the tokens by which programs act in the tenant."""

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from hirnok.accounts import tokens
from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.forms import brands_of
from hirnok.accounts.models import ApiToken, Role
from hirnok.accounts.security_forms import TokenForm
from hirnok.lib import clock
from hirnok.ui.confirmation import Confirmation, ConfirmForm
from hirnok.ui.paging import keyset


@member(Role.OWNER)
def api_tokens(request: TenantRequest) -> HttpResponse:
    """List the tokens."""
    rows = ApiToken.objects.of(request.tenant).select_related("made_by")
    page = keyset(rows, key=("-made_at", "-pk"), after=request.GET.get("page"))
    return render(request, "accounts/api_tokens.html", {"page": page, "at": clock.now()})


@member(Role.OWNER)
def api_token_new(request: TenantRequest) -> HttpResponse:
    """Make a token and show it, this once."""
    if request.membership.visit_until:
        raise PermissionDenied  # what is made during maintenance must not outlast it
    form = TokenForm(request.POST or None, brands=brands_of(request.tenant))
    context = {"form": form, "cancel_url": _list(request)}
    if request.method == "POST" and form.is_valid():
        made = tokens.make(request.tenant, request.user, **form.wanted(), at=clock.now())
        get_adapter(request).tell(request.user, "token_made", detail=form.cleaned_data["name"])
        return render(request, "accounts/api_token_made.html", {"made": made, **context})
    return render(request, "accounts/api_token_new.html", context)


@member(Role.OWNER)
def api_token_end(request: TenantRequest, token_id: int) -> HttpResponse:
    """Make a token worthless, after asking."""
    found: ApiToken = get_object_or_404(ApiToken.objects.of(request.tenant), pk=token_id)
    question = Confirmation(
        title=_("End the token “%(name)s”") % {"name": found.name},
        text=_("The program that uses it is refused from now on."),
        action=_("End the token"),
        cancel_url=_list(request),
        undo=False,
        danger=True,
    )
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        tokens.end(found, actor=request.actor, at=clock.now())
        return redirect("accounts:api_tokens", tenant=request.tenant.slug)
    return render(request, "ui/confirm.html", {"confirmation": question, "form": form})


def _list(request: TenantRequest) -> str:
    return reverse("accounts:api_tokens", kwargs={"tenant": request.tenant.slug})
