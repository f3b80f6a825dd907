"""Report pages: the list, the figures (live while sending), who got it, downloads, and the shared page."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.campaigns import figures, recipients, shares
from hirnok.campaigns.models import Campaign, ReportShare
from hirnok.campaigns.reports import summary
from hirnok.lib import clock
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for
from hirnok.ui.downloads import csv_response
from hirnok.ui.failures import for_readers
from hirnok.ui.paging import keyset

SHARED_FOR = timedelta(days=90)


@member(Role.VIEWER)
def reports(request: TenantRequest) -> HttpResponse:
    """List what has been launched, newest first."""
    rows = (
        Campaign.objects.of(request.tenant)
        .filter(launched_at__isnull=False)
        .select_related("brand", "message")
    )
    if query := request.GET.get("q", "").strip():
        rows = rows.filter(name__icontains=query)
    page = keyset(rows, key=("-launched_at", "-pk"), after=request.GET.get("page"), size=25)
    return render(request, "campaigns/reports.html", {"page": page, "query": query})


@member(Role.VIEWER)
def report(request: TenantRequest, campaign_id: int) -> HttpResponse:
    """Show the figures; while sending, htmx asks for them again."""
    campaign = _launched(request, campaign_id)
    page = figures.page(summary(campaign))
    template = (
        "campaigns/report.html#figures" if request.GET.get("part") else "campaigns/report.html"
    )
    context = {"campaign": campaign, "figures": page, "live": page.live} | _tabs(request)
    return render(request, template, context)


@member(Role.MARKETER)
def report_recipients(request: TenantRequest, campaign_id: int) -> HttpResponse:
    """Show who got it and who did not."""
    campaign = _launched(request, campaign_id)
    state, query = request.GET.get("state", ""), request.GET.get("q", "").strip()
    page = keyset(
        recipients.deliveries(campaign, state=state, query=query),
        key=("pk",),
        after=request.GET.get("page"),
        size=50,
    )
    context = {
        "campaign": campaign,
        "page": page,
        "outcomes": recipients.outcomes(request.tenant, list(page.rows)),
        "states": figures.state_filters(summary(campaign)),
        "rest_url": reverse(
            "campaigns:send_to_rest", kwargs={"tenant": request.tenant.slug, "pk": campaign.pk}
        ),
    } | _tabs(request)
    return render(request, "campaigns/report_recipients.html", context)


@member(Role.MARKETER)
def report_recipients_csv(request: TenantRequest, campaign_id: int) -> HttpResponse:
    """Download one line for each recipient."""
    campaign = _launched(request, campaign_id)
    audit.record(
        request.tenant,
        "report.recipients_export",
        actor=request.actor,
        at=clock.now(),
        about=campaign,
    )
    table = recipients.table(campaign, state=request.GET.get("state", ""))
    return csv_response(table, f"{slugify(campaign.name) or 'campaign'}-recipients.csv")


@member(Role.VIEWER)
def report_csv(request: TenantRequest, campaign_id: int) -> HttpResponse:
    """Download the figures."""
    campaign = _launched(request, campaign_id)
    table = figures.table(summary(campaign))
    return csv_response(table, f"{slugify(campaign.name) or 'campaign'}-report.csv")


@member(Role.MARKETER)
def report_shares(request: TenantRequest, campaign_id: int) -> HttpResponse:
    """Show the links by which others see this report; POST makes one and shows it once."""
    campaign = _launched(request, campaign_id)
    link = ""
    if request.method == "POST":
        at = clock.now()
        token = shares.share(campaign, actor=request.actor, at=at, expires_at=at + SHARED_FOR)
        link = request.build_absolute_uri(reverse("campaigns:shared_report", args=[token]))
    rows = ReportShare.objects.of(request.tenant).filter(campaign=campaign).order_by("-created_at")
    context = {"campaign": campaign, "shares": rows, "link": link, "now": clock.now()}
    context |= _tabs(request)
    return render(request, "campaigns/report_shares.html", context)


@require_POST
@member(Role.MARKETER)
def report_unshare(request: TenantRequest, campaign_id: int, share_id: int) -> HttpResponse:
    """End a link at once."""
    shared = get_object_or_404(
        ReportShare.objects.of(request.tenant), pk=share_id, campaign_id=campaign_id
    )
    shares.revoke(shared, actor=request.actor, at=clock.now())
    return redirect("campaigns:report_shares", tenant=request.tenant.slug, campaign_id=campaign_id)


@for_readers
def shared_report(request: HttpRequest, token: str) -> HttpResponse:
    """Show a report to whoever has its link; in the brand's language, without any contact data."""
    at = clock.now()
    tenant_id = shares.tenant_of(token, at=at)
    if tenant_id is None:
        return render(request, "campaigns/no_shared_report.html", status=404)
    with acting_for(tenant_id):
        shared = get_object_or_404(
            ReportShare.objects.select_related(
                "tenant", "campaign", "campaign__brand", "campaign__message"
            ),
            token_hash=shares.hash_of(token),
        )
        campaign = shared.campaign
        with override(campaign.brand.language), timezone.override(shared.tenant.time_zone):
            page = figures.page(summary(campaign))
            context = {"campaign": campaign, "figures": page, "brand": campaign.brand}
            response = render(request, "campaigns/shared_report.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response


def _launched(request: TenantRequest, campaign_id: int) -> Campaign:
    rows = Campaign.objects.of(request.tenant).select_related("brand", "message")
    campaign: Campaign = get_object_or_404(rows, pk=campaign_id)
    if campaign.message is None:
        raise Http404(_("This campaign has not been launched yet."))
    return campaign


def _tabs(request: TenantRequest) -> dict[str, bool]:
    """Viewers (a client, A8) see figures, not people."""
    return {"may_see_recipients": Role(request.membership.role).includes(Role.MARKETER)}
