"""Drafts: begin, change, copy, delete, and a new one for those whom an earlier campaign did not reach."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from hirnok.campaigns.models import Campaign, CampaignList
from hirnok.contacts.models import List
from hirnok.tenants import audit
from hirnok.tenants.models import Brand, Tenant

WRITTEN = ("name", "subject", "preheader", "format", "body", "text_body", "policy")
_KEPT = (*WRITTEN, "brand_id", "relay_id")


class NotADraft(Exception):
    """The campaign is scheduled or launched, so it cannot be changed."""


class NotFinished(Exception):
    """The campaign is still being sent, so nobody knows yet who the rest is."""


@transaction.atomic
def create(tenant: Tenant, brand: Brand, *, name: str, actor: str, at: datetime) -> Campaign:
    """Begin a draft without content; a brand's only list is its audience at first."""
    campaign = Campaign.objects.create(
        tenant=tenant, brand=brand, name=name, created_by=actor, created_at=at, updated_at=at
    )
    lists = List.objects.of(tenant).filter(brand=brand, archived_at=None)[:2]
    if len(lists) == 1:
        _set_lists(campaign, lists, ())
    audit.record(tenant, "campaign.create", actor=actor, at=at, about=campaign)
    return campaign


@transaction.atomic
def save(
    tenant: Tenant,
    pk: int,
    values: Mapping[str, Any],
    *,
    actor: str,
    at: datetime,
    quietly: bool = False,
) -> Campaign:
    """Write what is given of a draft: `WRITTEN`, `brand`, `relay`, `lists`, `excluded`. NotADraft.

    `quietly` is for what a page saves by itself: no entry in the audit log.
    """
    campaign = _draft(tenant, pk)
    for field in (*WRITTEN, "brand", "relay"):
        if field in values:
            setattr(campaign, field, values[field])
    campaign.updated_at = at
    campaign.save()
    if "lists" in values:
        _set_lists(campaign, values["lists"], values.get("excluded", ()))
    if not quietly:
        audit.record(tenant, "campaign.change", actor=actor, at=at, about=campaign)
    return campaign


@transaction.atomic
def duplicate(tenant: Tenant, pk: int, *, name: str, actor: str, at: datetime) -> Campaign:
    """Make a draft with the same content and audience."""
    return _copy(tenant, Campaign.objects.of(tenant).get(pk=pk), name, actor, at)


@transaction.atomic
def rest_of(tenant: Tenant, pk: int, *, name: str, actor: str, at: datetime) -> Campaign:
    """Make a draft for those on the lists whom the campaign did not reach: NotFinished.

    That is everybody with any outcome but "sent" and "bounced", and who joined the lists since.
    """
    original = Campaign.objects.of(tenant).get(pk=pk)
    if not is_over(original):
        raise NotFinished
    return _copy(tenant, original, name, actor, at, resent_from=original)


def is_over(campaign: Campaign) -> bool:
    """Whether nothing of a campaign is on its way any more; a cancelled one still ends its open windows."""
    ended = campaign.status in {Campaign.Status.SENT, Campaign.Status.CANCELLED}
    return ended and (campaign.message is None or campaign.message.finished_at is not None)


@transaction.atomic
def delete(tenant: Tenant, pk: int, *, actor: str, at: datetime) -> None:
    """Delete a draft for good."""
    campaign = _draft(tenant, pk)
    audit.record(tenant, "campaign.delete", actor=actor, at=at, about=campaign)
    campaign.delete()


def lists_of(campaign: Campaign, *, excluded: bool = False) -> list[List]:
    """Return the lists whose members get it, or those that are left out."""
    rows = CampaignList.objects.filter(
        tenant_id=campaign.tenant_id, campaign=campaign, excluded=excluded
    )
    return [row.list for row in rows.select_related("list").order_by("list__name")]


def _copy(
    tenant: Tenant,
    original: Campaign,
    name: str,
    actor: str,
    at: datetime,
    resent_from: Campaign | None = None,
) -> Campaign:
    copy = Campaign.objects.create(
        tenant=tenant,
        **{field: getattr(original, field) for field in _KEPT} | {"name": name[:200]},
        resent_from=resent_from,
        created_by=actor,
        created_at=at,
        updated_at=at,
    )
    _set_lists(copy, lists_of(original), lists_of(original, excluded=True))
    audit.record(tenant, "campaign.create", actor=actor, at=at, about=copy, copied_from=original.pk)
    return copy


def _draft(tenant: Tenant, pk: int) -> Campaign:
    campaign: Campaign = Campaign.objects.of(tenant).select_for_update().get(pk=pk)
    if campaign.status != Campaign.Status.DRAFT:
        raise NotADraft
    return campaign


def _set_lists(campaign: Campaign, lists: Iterable[List], excluded: Iterable[List]) -> None:
    """A list that is both is left out."""
    wanted = {one.pk: False for one in lists} | {one.pk: True for one in excluded}
    rows = CampaignList.objects.filter(tenant_id=campaign.tenant_id, campaign=campaign)
    if dict(rows.values_list("list_id", "excluded")) == wanted:
        return
    rows.delete()
    CampaignList.objects.bulk_create(
        CampaignList(tenant_id=campaign.tenant_id, campaign=campaign, list_id=pk, excluded=left_out)
        for pk, left_out in wanted.items()
    )
