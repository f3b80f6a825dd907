"""Finding a campaign by what a person types at a command: its number or its name."""

from hirnok.campaigns.models import Campaign
from hirnok.tenants.models import Tenant


class NotFound(Exception):
    """There is no such campaign, or several of that name."""


def campaign(tenant: Tenant, asked: str) -> Campaign:
    """Return the tenant's campaign of this number or name; NotFound."""
    rows = Campaign.objects.of(tenant).select_related("message")
    by_number = rows.filter(pk=int(asked)) if asked.isdecimal() else rows.none()
    found = list(by_number) or list(rows.filter(name=asked)[:2])
    if len(found) != 1:
        many = "There are several campaigns called so; give the number."
        raise NotFound(many if found else f"There is no campaign {asked}.")
    one: Campaign = found[0]
    return one
