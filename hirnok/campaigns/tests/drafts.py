"""A draft as tests need it: complete, with Alma's list, in a tenant that has a relay."""

from typing import TYPE_CHECKING, Any

from hirnok.campaigns.models import Campaign, CampaignList
from hirnok.contacts.models import List
from hirnok.outbox.models import Relay
from tests.world import NOON

if TYPE_CHECKING:
    from tests.world import World

BODY = """# Kedves {{ contact.first_name|default('Olvasó') }}!

Árvíztűrő tükörfúrógép, [a bolt](https://alma.example/bolt?u={{ contact.email|urlencode }}) és
[a kert](https://alma.example/kert).
"""


def relay_of(world: "World") -> Relay:
    """Return Alma's default relay."""
    relay, _ = Relay.objects.get_or_create(
        tenant=world.alma,
        is_default=True,
        defaults={"name": "Sandbox", "host": "localhost", "port": 2525, "security": "none"},
    )
    return relay


def draft(world: "World", *, excluded: tuple[List, ...] = (), **values: Any) -> Campaign:
    """Make a draft of Alma to its list."""
    relay_of(world)
    fields: dict[str, Any] = {
        "name": "November",
        "subject": "Őszi hírek a kertből",
        "body": BODY,
        "created_by": "command:setup",
        "created_at": NOON,
        "updated_at": NOON,
    }
    campaign = Campaign.objects.create(
        tenant=world.alma, brand=world.alma_brand, **(fields | values)
    )
    CampaignList.objects.create(tenant=world.alma, campaign=campaign, list=world.alma_list)
    for one in excluded:
        CampaignList.objects.create(tenant=world.alma, campaign=campaign, list=one, excluded=True)
    return campaign
