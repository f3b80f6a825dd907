"""Who gets a campaign and why others do not; the numbers always add up."""

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hirnok.campaigns import audience
from hirnok.campaigns.models import CampaignList
from hirnok.campaigns.tests.drafts import draft
from hirnok.contacts.models import Contact, List, Subscription
from hirnok.outbox.models import Delivery, Message, Relay, State
from hirnok.register import suppression
from hirnok.register.models import Suppression
from hirnok.tenants.models import Brand
from tests.world import NOON, contact

if TYPE_CHECKING:
    from tests.world import World

ADDRESS, DOMAIN = Suppression.Kind.ADDRESS, Suppression.Kind.DOMAIN


def another_list(world: "World", name: str = "Másik") -> List:
    return List.objects.create(
        tenant=world.alma, brand=world.alma_brand, name=name, created_at=NOON
    )


def subscribe(someone: Contact, to: List) -> None:
    Subscription.objects.create(tenant=to.tenant, contact=someone, list=to, since=NOON)


def suppress(
    world: "World", key: bytes, *, brand: Brand | None = None, kind: Suppression.Kind = ADDRESS
) -> None:
    suppression.suppress(
        world.alma,
        [key],
        reason=Suppression.Reason.STAFF,
        actor="command:test",
        at=NOON,
        brand=brand,
        kind=kind,
    )


def test_it_reaches_everybody_on_the_lists_once(world: "World") -> None:
    campaign = draft(world)
    other = another_list(world)
    CampaignList.objects.create(tenant=world.alma, campaign=campaign, list=other)
    subscribe(world.dora, other)
    assert set(audience.recipients(campaign)) == {world.dora, world.emil}
    assert audience.count(campaign) == audience.Audience(2, 2, {})


def test_it_leaves_out_a_list(world: "World") -> None:
    minus = another_list(world)
    subscribe(world.dora, minus)
    campaign = draft(world, excluded=(minus,))
    assert list(audience.recipients(campaign)) == [world.emil]
    assert audience.count(campaign) == audience.Audience(2, 1, {"excluded": 1})


def test_it_leaves_out_suppressed_addresses_of_tenant_and_brand(world: "World") -> None:
    other_brand = Brand.objects.create(
        tenant=world.alma, name="Más", from_address="x@mas.example", created_at=NOON
    )
    suppress(world, bytes(world.dora.person.blind_index))
    suppress(world, bytes(world.emil.person.blind_index), brand=other_brand)
    campaign = draft(world)
    assert list(audience.recipients(campaign)) == [world.emil]
    suppress(world, bytes(world.emil.person.blind_index), brand=world.alma_brand)
    assert audience.count(campaign) == audience.Audience(2, 0, {"suppressed": 2})


def test_it_leaves_out_suppressed_domains(world: "World") -> None:
    suppress(world, suppression.domain_index(world.alma.pk, "example.ro"), kind=DOMAIN)
    campaign = draft(world)
    assert list(audience.recipients(campaign)) == [world.dora]
    assert audience.count(campaign).left_out == {"suppressed": 1}


def test_it_leaves_out_restricted_holdings(world: "World") -> None:
    world.dora.holding.restricted_at = NOON
    world.dora.holding.save()
    campaign = draft(world)
    assert list(audience.recipients(campaign)) == [world.emil]
    assert audience.count(campaign).reasons == [("Processing is restricted", 1)]


def test_it_gives_each_only_the_first_reason(world: "World") -> None:
    minus = another_list(world)
    subscribe(world.dora, minus)
    suppress(world, bytes(world.dora.person.blind_index))
    world.dora.holding.restricted_at = NOON
    world.dora.holding.save()
    campaign = draft(world, excluded=(minus,))
    assert audience.count(campaign) == audience.Audience(2, 1, {"excluded": 1})


def test_it_reaches_the_rest_of_an_earlier_campaign(world: "World") -> None:
    first = draft(world)
    late = contact(world.alma_list, "late@example.hu")
    bounced = contact(world.alma_list, "bounced@example.hu")
    message = Message.objects.create(
        tenant=world.alma,
        brand=world.alma_brand,
        relay=Relay.objects.get(tenant=world.alma),
        return_path="x@alma.example",
        compiled=b"",
        measurement="off",
        created_at=NOON,
    )
    states = {world.dora: State.SENT, world.emil: State.FAILED, bounced: State.BOUNCED}
    for number, (someone, state) in enumerate(states.items()):
        Delivery.objects.create(
            id=number + 1, tenant=world.alma, contact=someone, message=message, state=state
        )
    first.message = message
    first.save()
    rest = draft(world, resent_from=first)
    assert set(audience.recipients(rest)) == {world.emil, late}
    assert audience.count(rest) == audience.Audience(4, 2, {"had_it": 1, "bounced": 1})


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()), max_size=6))
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_it_always_adds_up(world: "World", people: list[tuple[bool, bool, bool, bool]]) -> None:
    number = List.objects.count()
    plus, minus = another_list(world, f"+{number}"), another_list(world, f"-{number}")
    for index, (twice, excluded, suppressed, restricted) in enumerate(people):
        someone = contact(plus, f"p{number}.{index}@example.hu")
        if twice:
            subscribe(someone, world.alma_list)
        if excluded:
            subscribe(someone, minus)
        if suppressed:
            suppress(world, bytes(someone.person.blind_index))
        if restricted:
            someone.holding.restricted_at = NOON
            someone.holding.save()
    campaign = draft(world, excluded=(minus,))
    CampaignList.objects.create(tenant=world.alma, campaign=campaign, list=plus)
    counted = audience.count(campaign)
    assert counted.total == audience.members(campaign).count()
    assert counted.recipients == audience.recipients(campaign).count()
    assert counted.total == counted.recipients + sum(counted.left_out.values())
