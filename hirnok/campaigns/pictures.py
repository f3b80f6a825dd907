"""Which campaigns show a picture, and whether it may go. What a picture is: `tenants.pictures`."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from hirnok.campaigns.models import Campaign
from hirnok.tenants import pictures
from hirnok.tenants.models import Image, Tenant


class InUse(Exception):
    """A campaign that has been sent shows the picture; its readers would see a hole."""


@transaction.atomic
def remove(tenant: Tenant, pk: int, *, actor: str, at: datetime) -> None:
    """Delete a picture that no sent campaign shows: InUse."""
    image: Image = Image.objects.of(tenant).defer("data").get(pk=pk)
    if used_in(tenant, image).exclude(status=Campaign.Status.DRAFT).exists():
        raise InUse
    pictures.delete(image, actor=actor, at=at)


def used_in(tenant: Tenant, image: Image) -> QuerySet[Campaign]:
    """Return the campaigns whose body names the picture, those of brands that the member does not see, too."""
    campaigns: QuerySet[Campaign] = Campaign.objects.filter(
        tenant_id=tenant.pk, body__contains=image.token
    )
    return campaigns
