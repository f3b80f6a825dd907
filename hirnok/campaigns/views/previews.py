"""Pages that show a campaign as readers get it, and send it to colleagues."""

from csp.decorators import csp_exempt
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Membership, Role, User
from hirnok.campaigns import composing, launch, previewing, testing
from hirnok.campaigns.forms import TestForm
from hirnok.campaigns.models import Campaign
from hirnok.contacts.models import Contact
from hirnok.lib import clock
from hirnok.mail.compile import HasErrors
from hirnok.mail.merge import CannotRender

# A newsletter's HTML is hostile: nothing runs, nothing is sent, only pictures and styles show.
FRAME_POLICY = (
    "sandbox; default-src 'none'; img-src * data:; style-src 'unsafe-inline'; font-src data:;"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
SHOWN = ("html", "phone", "text", "source")


@require_GET
@member(Role.VIEWER)
def preview(request: TenantRequest, pk: int) -> HttpResponse:
    """The message as one reader gets it: HTML, text, source; for viewers as somebody made up would."""
    campaign = get_object_or_404(Campaign.objects.of(request.tenant), pk=pk)
    contact = _reader(request, campaign)
    shown = request.GET.get("show", "html")
    query = request.GET.get("q", "") if _sees_people(request) else ""
    context = {
        "campaign": campaign,
        "contact": contact,
        "may_write": _sees_people(request),
        "shown": shown if shown in SHOWN else "html",
        "query": query,
        "chosen": f"&contact={contact.pk}" if contact else "",
        "found": previewing.search(request.tenant, campaign, query) if query else [],
    }
    return render(request, "campaigns/preview.html", context | _message(request, campaign, contact))


@require_GET
@csp_exempt()
@xframe_options_sameorigin
@member(Role.VIEWER)
def preview_frame(request: TenantRequest, pk: int) -> HttpResponse:
    """The HTML part alone, in a sandbox of its own: the frame of the preview."""
    campaign = get_object_or_404(Campaign.objects.of(request.tenant), pk=pk)
    found = _message(request, campaign, _reader(request, campaign))["message"]
    html = found.html if isinstance(found, previewing.Preview) else ""
    response = HttpResponse(html, headers={"Content-Security-Policy": FRAME_POLICY})
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def test_send(request: TenantRequest, pk: int) -> HttpResponse:
    """Send the campaign to oneself and to colleagues."""
    campaign = get_object_or_404(Campaign.objects.of(request.tenant), pk=pk)
    contact = _reader(request, campaign)
    form = TestForm(
        _colleagues(request),
        request.POST or None,
        initial={"to": [request.user.pk], "contact": contact.pk if contact else None},
    )
    if request.method == "POST" and form.is_valid():
        people = list(form.cleaned_data["to"])
        if _sent_test(request, campaign, contact, people):
            return redirect(_preview_url(request, campaign, contact))
    context = {
        "campaign": campaign,
        "contact": contact,
        "form": form,
        "submit_label": _("Send the test"),
        "cancel_url": _preview_url(request, campaign, contact),
    }
    return render(request, "campaigns/test_send.html", context)


def _sent_test(
    request: TenantRequest, campaign: Campaign, contact: Contact | None, people: list[User]
) -> bool:
    values = previewing.values(request.tenant, campaign, contact)
    try:
        sent = testing.send_test(
            request.tenant,
            campaign,
            people,
            values,
            about=contact,
            actor=request.actor,
            at=clock.now(),
        )
    except launch.HasProblems:
        messages.error(request, _("Something in the campaign must be mended first."))
    except launch.NoRelay:
        messages.error(request, _("There is no relay to send it. Add one in the settings."))
    except CannotRender as error:
        messages.error(request, _("The message cannot be made: %(why)s") % {"why": error})
    else:
        words = ngettext(
            "%(number)s test is on its way.", "%(number)s tests are on their way.", sent
        )
        messages.success(request, words % {"number": sent})
        return True
    return False


def _colleagues(request: TenantRequest) -> "QuerySet[User]":
    members = Membership.objects.of(request.tenant).values("user_id")
    return User.objects.filter(pk__in=members, is_active=True).order_by("name")


def _sees_people(request: TenantRequest) -> bool:
    return Role(request.membership.role).includes(Role.MARKETER)


def _reader(request: TenantRequest, campaign: Campaign) -> Contact | None:
    """The contact asked for or the first one; none for viewers, to whom somebody made up is shown (A8)."""
    if not _sees_people(request):
        return None
    asked = request.POST.get("contact") or request.GET.get("contact") or ""
    number = int(asked) if asked.isdecimal() and len(asked) < 19 else None
    return previewing.reader(request.tenant, campaign, number)


def _message(
    request: TenantRequest, campaign: Campaign, contact: Contact | None
) -> dict[str, object]:
    """Return the message, or why there is none."""
    made = composing.compose_campaign(campaign)
    values = previewing.values(request.tenant, campaign, contact)
    context: dict[str, object] = {"findings": made.findings, "message": None, "failure": ""}
    try:
        data = composing.rendered(made, campaign, values, at=clock.now())
    except HasErrors:
        return context
    except CannotRender as error:
        return context | {"failure": str(error)}
    return context | {"message": previewing.parse(data)}


def _preview_url(request: TenantRequest, campaign: Campaign, contact: Contact | None) -> str:
    url = reverse("campaigns:preview", kwargs={"tenant": request.tenant.slug, "pk": campaign.pk})
    return f"{url}?contact={contact.pk}" if contact else url
