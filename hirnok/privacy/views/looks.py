"""Who looked at whose data. An address is asked for by POST and goes on as a sealed blind index, so that it stands in
no address line and no log; looking at the log is itself noted in the audit log."""

from typing import Any

from django import forms
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from hirnok.accounts import audit_log
from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.lib import clock, keys
from hirnok.privacy import looks
from hirnok.privacy.looks import Narrowing
from hirnok.privacy.views.evidence import AddressForm
from hirnok.register.holdings import index_of
from hirnok.tenants import audit
from hirnok.ui.paging import keyset


class LooksForm(forms.Form):
    """What of the log to show."""

    who = forms.ChoiceField(label=_("Who"), required=False)
    channel = forms.ChoiceField(
        label=_("How"), required=False, choices=[("", _("Everything")), *looks.CHANNELS.items()]
    )
    since = forms.DateField(
        label=_("From day"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    person = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, actors: list[tuple[str, str]]) -> None:
        super().__init__(data)
        who = self.fields["who"]
        assert isinstance(who, forms.ChoiceField)
        who.choices = [("", _("Everybody")), *actors]

    def narrowing(self) -> Narrowing:
        """Return what can be read of it; what cannot narrows nothing, a person that cannot is nobody's."""
        self.is_valid()
        read = self.cleaned_data
        return Narrowing(
            person=_unsealed(read.get("person") or ""),
            actor=read.get("who") or "",
            channel=read.get("channel") or "",
            since=read.get("since"),
            until=read.get("until"),
        )


def _unsealed(sealed: str) -> bytes:
    try:
        return bytes.fromhex(keys.unseal(sealed)) if sealed else b""
    except (keys.CannotDecrypt, ValueError):
        return b"nobody"


@never_cache
@require_http_methods(["GET", "POST"])
@member(Role.PRIVACY_OFFICER, all_brands=True)
def access_log(request: TenantRequest) -> HttpResponse:
    """Show who was shown whose data; a person is asked for by address."""
    asked = AddressForm(request.POST or None)
    if request.method == "POST" and asked.is_valid():
        index = index_of(request.tenant.pk, asked.cleaned_data["address"])
        query = QueryDict(mutable=True)
        query["person"] = keys.seal(index.hex())
        return redirect(
            f"{reverse('privacy:access_log', args=[request.tenant.slug])}?{query.urlencode()}"
        )
    form = LooksForm(request.GET, actors=audit_log.actors(request.tenant))
    narrowing = form.narrowing()
    rows = looks.looks(request.tenant, narrowing)
    page = keyset(rows, key=("-at", "-pk"), after=request.GET.get("page"), size=50)
    context = {
        "page": page,
        "form": form,
        "asked": asked,
        "narrowing": narrowing,
        "looks": looks.in_words(request.tenant, page.rows),
    }
    return render(request, "privacy/access_log.html", context)


@never_cache
@require_GET
@member(Role.PRIVACY_OFFICER, all_brands=True)
def access_log_csv(request: TenantRequest) -> HttpResponse:
    """Give the log as CSV; that this was done is noted, too."""
    narrowing = LooksForm(request.GET, actors=audit_log.actors(request.tenant)).narrowing()
    audit.record(request.tenant, "looks.export", actor=request.actor, at=clock.now())
    headers = {"Content-Disposition": f'attachment; filename="{request.tenant.slug}-looks.csv"'}
    return StreamingHttpResponse(  # type: ignore[return-value]
        looks.streamed_csv(request.tenant, narrowing),
        content_type="text/csv; charset=utf-8",
        headers=headers,
    )
