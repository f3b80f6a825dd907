"""What came back, and sorting by hand what could not be told."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from hirnok.accounts.door import TenantRequest, member, must_see_people
from hirnok.accounts.models import Role
from hirnok.lib import clock
from hirnok.mail import parse
from hirnok.returns import applying, wording
from hirnok.returns.forms import SortForm
from hirnok.returns.forwarding import MAIL_ROADS
from hirnok.returns.models import Returned
from hirnok.ui.paging import keyset

SHOWN = 20_000  # characters of a mail


@member(Role.MARKETER)
def returned_mails(request: TenantRequest) -> HttpResponse:
    """List what came back, newest first."""
    _must_see_all(request)
    rows = Returned.objects.of(request.tenant).defer("raw")
    state = request.GET.get("state", "")
    if state in wording.STATES:
        rows = rows.filter(state=state)
    page = keyset(rows, key=("-pk",), after=request.GET.get("page"))
    for row in page.rows:
        row.words = (
            wording.STATES[row.state],
            wording.KINDS.get(row.kind, row.kind),
            wording.ROADS.get(row.road, row.road),
        )
    context = {"page": page, "states": list(wording.STATES.items())}
    return render(request, "returns/returned_mails.html", context)


@member(Role.MARKETER)
def returned_mail(request: TenantRequest, pk: int) -> HttpResponse:
    """Show one, as text only, and take what a person says of it."""
    _must_see_all(request)
    row: Returned = get_object_or_404(Returned.objects.of(request.tenant), pk=pk)
    found = _read(row)
    form = SortForm(request.POST or None, initial={"recipient": next(iter(found), "")})
    waits = row.state == Returned.State.UNKNOWN
    if request.method == "POST" and waits and form.is_valid():
        done = applying.apply_by_hand(
            request.tenant,
            row,
            kind=form.cleaned_data["kind"],
            recipient=form.cleaned_data["recipient"],
            actor=request.actor,
            at=clock.now(),
        )
        if done:
            messages.success(request, _("It is accounted for."))
            return redirect("returns:returned_mails", tenant=request.tenant.slug)
        form.add_error("recipient", _("No newsletter of the last weeks went to this address."))
    context = {
        "row": row,
        "state": wording.STATES[row.state],
        "kind": wording.KINDS.get(row.kind, row.kind),
        "road": wording.ROADS.get(row.road, row.road),
        "recipients": found,
        "text": _text(row),
        "form": form if waits else None,
    }
    return render(request, "returns/returned_mail.html", context)


def _must_see_all(request: TenantRequest) -> None:
    """Whose a mail is shows only when it is sorted, so members for some brands see none."""
    must_see_people(request)
    if request.tenant.only_brands is not None:
        raise PermissionDenied


def _read(row: Returned) -> list[str]:
    try:
        return applying.read(row)[0].recipients
    except ValueError:
        return []


def _text(row: Returned) -> str:
    """The subject, sender and words of a mail; an event as it came."""
    raw = bytes(row.raw)
    if row.road not in MAIL_ROADS:
        return parse.decoded(raw)[:SHOWN]
    mail = parse.parse(raw)
    head = [
        f"{name.title()}: {mail.headers.get(name)}" for name in ("from", "to", "subject", "date")
    ]
    words = [part.text.strip() for part in mail.parts if part.text.strip()]
    return "\n\n".join(["\n".join(head), *words])[:SHOWN]
