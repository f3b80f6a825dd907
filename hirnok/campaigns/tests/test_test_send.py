"""Test sends: the bytes of the preview, as letters to colleagues."""

from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from hirnok.campaigns.tests.drafts import draft, relay_of
from hirnok.outbox.models import Letter, Relay
from hirnok.register import closing
from hirnok.tenants.models import AuditEntry
from tests.world import NOON

if TYPE_CHECKING:
    from tests.world import World


def url(pk: int) -> str:
    return f"/alma/campaigns/{pk}/test/"


def test_it_sends_to_oneself_and_to_colleagues(world: "World") -> None:
    campaign = draft(world)
    client = world.client(world.mark)
    page = client.get(url(campaign.pk), {"contact": world.emil.pk})
    assert page.context["form"].initial["to"] == [world.mark.pk]
    assert "Bela" not in page.content.decode()
    data = {"to": [world.mark.pk, world.anna.pk], "contact": world.emil.pk}
    response = client.post(url(campaign.pk), data)
    assert response.status_code == 302
    letters = Letter.objects.order_by("recipient")
    assert [letter.recipient for letter in letters] == [world.anna.email, world.mark.email]
    assert {letter.relay_id for letter in letters} == {relay_of(world).pk}
    assert {letter.tenant_id for letter in letters} == {world.alma.pk}
    message = message_from_bytes(bytes(letters[0].data), policy=policy.default)
    assert world.anna.email in str(message["To"])
    assert message["Subject"] == "Őszi hírek a kertből"
    body = message.get_body(("plain",))
    assert body is not None
    assert "Kedves Emil" in body.get_content()
    assert AuditEntry.objects.get(action="campaign.test").details == {"letters": 2}


def test_it_sends_nothing_to_strangers(world: "World") -> None:
    campaign = draft(world)
    response = world.client(world.mark).post(url(campaign.pk), {"to": [world.bela.pk]})
    assert list(response.context["form"].errors) == ["to"]
    assert not Letter.objects.exists()


def test_it_says_why_nothing_was_sent(world: "World") -> None:
    client = world.client(world.mark)
    broken = draft(world, body="{{ contact.nick }}")
    page = client.post(url(broken.pk), {"to": [world.mark.pk]}).content.decode()
    assert "must be mended first" in page
    whole = draft(world)
    Relay.objects.all().delete()
    page = client.post(url(whole.pk), {"to": [world.mark.pk]}).content.decode()
    assert "There is no relay" in page
    assert not Letter.objects.exists()


def test_it_needs_a_marketer(world: "World") -> None:
    assert world.client(world.vera).get(url(draft(world).pk)).status_code == 403


def test_it_goes_with_the_contact_it_was_filled_from(world: "World") -> None:
    campaign = draft(world)
    data = {"to": [world.mark.pk], "contact": world.dora.pk}
    assert world.client(world.mark).post(url(campaign.pk), data).status_code == 302
    assert Letter.objects.get().holding_id == world.dora.pk
    closing.end(world.alma, [world.dora.pk], reason=closing.Reason.ERASED, actor="user:1", at=NOON)
    assert not Letter.objects.exists()
