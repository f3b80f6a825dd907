"""Pages of campaigns: list, new, write, copy, delete."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from hirnok.accounts.door import TenantRequest, member
from hirnok.accounts.models import Role
from hirnok.campaigns import audience, checking, composing, drafting, inserting
from hirnok.campaigns.forms import CampaignForm, NameForm, NewCampaignForm
from hirnok.campaigns.models import Campaign
from hirnok.contacts.models import Field
from hirnok.lib import clock
from hirnok.tenants.models import Brand, Image
from hirnok.ui.confirmation import Confirmation, ConfirmForm
from hirnok.ui.paging import keyset
from hirnok.ui.states import STATES

RECENT_PICTURES = 6


@require_GET
@member(Role.VIEWER)
def campaigns(request: TenantRequest) -> HttpResponse:
    """Every campaign, the newest first; search by name or subject, filter by state."""
    rows = Campaign.objects.of(request.tenant).select_related("brand", "message")
    if query := request.GET.get("q", "").strip():
        rows = rows.filter(name__icontains=query) | rows.filter(subject__icontains=query)
    states = [(value, STATES["campaign"][value].label) for value in Campaign.Status.values]
    if (state := request.GET.get("state")) in Campaign.Status.values:
        rows = rows.filter(status=state)
    page = keyset(rows, key=("-created_at", "-pk"), after=request.GET.get("page"))
    return render(request, "campaigns/campaigns.html", {"page": page, "states": states})


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def new_campaign(request: TenantRequest) -> HttpResponse:
    """Begin a draft."""
    form = NewCampaignForm(request.tenant, request.POST or None)
    if request.method == "POST" and form.is_valid():
        campaign = drafting.create(
            request.tenant,
            form.cleaned_data["brand"],
            name=form.cleaned_data["name"],
            actor=request.actor,
            at=clock.now(),
        )
        return redirect("campaigns:edit_campaign", tenant=request.tenant.slug, pk=campaign.pk)
    has_brand = Brand.objects.of(request.tenant).exists()
    return render(request, "campaigns/new_campaign.html", {"form": form, "has_brand": has_brand})


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def edit_campaign(request: TenantRequest, pk: int) -> HttpResponse:
    """Write a draft; what is launched or scheduled is shown instead."""
    campaign = get_object_or_404(Campaign.objects.of(request.tenant), pk=pk)
    if campaign.status != Campaign.Status.DRAFT:
        return redirect("campaigns:campaign", tenant=request.tenant.slug, pk=pk)
    form = CampaignForm(request.tenant, request.POST or None, initial=_initial(campaign))
    if request.method == "POST" and form.is_valid():
        try:
            campaign = drafting.save(
                request.tenant, pk, form.cleaned_data, actor=request.actor, at=clock.now()
            )
        except drafting.NotADraft:
            messages.error(
                request, _("It was scheduled or launched meanwhile and was not changed.")
            )
            return redirect("campaigns:campaign", tenant=request.tenant.slug, pk=pk)
        step = request.POST.get("then")
        if step in {"preview", "send_campaign"}:
            return redirect(f"campaigns:{step}", tenant=request.tenant.slug, pk=pk)
        messages.success(request, _("Saved."))
        return redirect("campaigns:edit_campaign", tenant=request.tenant.slug, pk=pk)
    return render(request, "campaigns/edit_campaign.html", _writing(request, campaign, form))


@require_POST
@member(Role.MARKETER)
def save_campaign(request: TenantRequest, pk: int) -> HttpResponse:
    """Save by itself while somebody writes; answers with what is to be mended."""
    campaign = get_object_or_404(Campaign.objects.of(request.tenant), pk=pk)
    form = CampaignForm(request.tenant, request.POST)
    context = {"campaign": campaign, "form": form, "findings": [], "saved_at": None}
    if form.is_valid():
        at = clock.now()
        before = _audience_key(campaign)
        try:
            campaign = drafting.save(
                request.tenant, pk, form.cleaned_data, actor=request.actor, at=at, quietly=True
            )
        except drafting.NotADraft:
            raise Http404 from None
        context |= {"saved_at": at, "findings": composing.compose_campaign(campaign).findings}
        response = render(request, "campaigns/edit_campaign.html#state", context)
        trigger_client_event(response, "saved")
        if _audience_key(campaign) != before:
            trigger_client_event(response, "audience-changed")
        return response
    return render(request, "campaigns/edit_campaign.html#state", context)


@require_GET
@member(Role.VIEWER)
def campaign_audience(request: TenantRequest, pk: int) -> HttpResponse:
    """How many get it and why others do not: a fragment, for counting takes a moment."""
    campaign = get_object_or_404(Campaign.objects.of(request.tenant), pk=pk)
    context = {"audience": audience.count(campaign)}
    return render(request, "campaigns/parts/audience.html", context)


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def duplicate_campaign(request: TenantRequest, pk: int) -> HttpResponse:
    """Make a draft with the same content."""
    campaign = get_object_or_404(Campaign.objects.of(request.tenant), pk=pk)
    name = _("%(name)s, copy") % {"name": campaign.name}
    return _copy(request, campaign, name, drafting.duplicate, _("Make a copy"))


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def send_to_rest(request: TenantRequest, pk: int) -> HttpResponse:
    """Make a draft for those whom a campaign did not reach."""
    campaign = get_object_or_404(Campaign.objects.of(request.tenant), pk=pk)
    if not drafting.is_over(campaign):
        messages.warning(request, _("This campaign is not finished yet."))
        return redirect("campaigns:campaign", tenant=request.tenant.slug, pk=pk)
    name = _("%(name)s, to the rest") % {"name": campaign.name}
    return _copy(request, campaign, name, drafting.rest_of, _("Make a draft for the rest"))


@require_http_methods(["GET", "POST"])
@member(Role.MARKETER)
def delete_campaign(request: TenantRequest, pk: int) -> HttpResponse:
    """Ask, then delete a draft."""
    campaign = get_object_or_404(Campaign.objects.of(request.tenant), pk=pk)
    back = reverse("campaigns:campaign", kwargs={"tenant": request.tenant.slug, "pk": pk})
    if campaign.status != Campaign.Status.DRAFT:
        messages.warning(request, _("Only drafts can be deleted."))
        return redirect(back)
    question = Confirmation(
        title=_("Delete the draft “%(name)s”") % {"name": campaign.name},
        action=_("Delete"),
        cancel_url=back,
        undo=False,
        danger=True,
    )
    if request.method == "POST":
        drafting.delete(request.tenant, pk, actor=request.actor, at=clock.now())
        messages.success(request, _("The draft is deleted."))
        return redirect("campaigns:campaigns", tenant=request.tenant.slug)
    context = {"confirmation": question, "form": ConfirmForm()}
    return render(request, "ui/confirm.html", context)


def _copy(
    request: TenantRequest,
    campaign: Campaign,
    name: str,
    make: Callable[..., Campaign],
    submit_label: str,
) -> HttpResponse:
    form = NameForm(request.POST or None, initial={"name": name[:200]})
    if request.method == "POST" and form.is_valid():
        copy = make(
            request.tenant,
            campaign.pk,
            name=form.cleaned_data["name"],
            actor=request.actor,
            at=clock.now(),
        )
        return redirect("campaigns:edit_campaign", tenant=request.tenant.slug, pk=copy.pk)
    back = reverse("campaigns:campaign", kwargs={"tenant": request.tenant.slug, "pk": campaign.pk})
    context = {
        "form": form,
        "campaign": campaign,
        "rest": make is drafting.rest_of,
        "submit_label": submit_label,
        "cancel_url": back,
    }
    return render(request, "campaigns/copy_campaign.html", context)


def _initial(campaign: Campaign) -> dict[str, object]:
    written = {name: getattr(campaign, name) for name in drafting.WRITTEN}
    return written | {
        "brand": campaign.brand_id,
        "relay": campaign.relay_id,
        "lists": drafting.lists_of(campaign),
        "excluded": drafting.lists_of(campaign, excluded=True),
    }


def _writing(request: TenantRequest, campaign: Campaign, form: CampaignForm) -> dict[str, object]:
    """Return what the page of a draft shows beside the form."""
    made = composing.compose_campaign(campaign)
    fields = Field.objects.of(request.tenant).order_by("position", "label")
    pictures = Image.objects.of(request.tenant).defer("data").order_by("-uploaded_at", "-pk")
    base = composing.public_base(composing.brand_of(campaign))
    return {
        "campaign": campaign,
        "form": form,
        "findings": made.findings,
        "not_launched": checking.not_launched(campaign),
        "saved_at": None,
        "text_source": made.prepared.text_source,
        "examples": inserting.examples(fields),
        "pictures": [
            (one, inserting.picture(one, campaign.format, base))
            for one in pictures[:RECENT_PICTURES]
        ],
    }


def _audience_key(campaign: Campaign) -> tuple[object, ...]:
    return (
        campaign.brand_id,
        [one.pk for one in drafting.lists_of(campaign)],
        [one.pk for one in drafting.lists_of(campaign, excluded=True)],
    )
