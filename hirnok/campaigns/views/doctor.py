"""Pages of the doctor: what would hurt delivery, for a campaign and for a brand.

Looking asks the network and takes some seconds, so it is done when somebody asks for it (POST); it changes nothing.
"""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.campaigns import doctoring
from hirnok.campaigns.models import Campaign
from hirnok.lib import clock
from hirnok.tenants.models import Brand


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def campaign_doctor(request: TenantRequest, pk: int) -> HttpResponse:
    """Look at a campaign."""
    campaign = get_object_or_404(Campaign.objects.of(request.tenant), pk=pk)
    context: dict[str, object] = {"campaign": campaign}
    if request.method == "POST":
        context["found"] = doctoring.examine_campaign(campaign, at=clock.now())
    return render(request, "campaigns/campaign_doctor.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.OWNER)
def brand_doctor(request: TenantRequest, pk: int) -> HttpResponse:
    """Look at a brand's sender and the way out."""
    brand = get_object_or_404(Brand.objects.of(request.tenant), pk=pk)
    context: dict[str, object] = {"brand": brand}
    if request.method == "POST":
        context["found"] = doctoring.examine_brand(brand)
    return render(request, "campaigns/brand_doctor.html", context)
