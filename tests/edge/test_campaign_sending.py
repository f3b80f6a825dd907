"""A campaign from its draft through a real engine into the sandbox: test send, launch, end."""

from email import message_from_bytes, policy
from typing import TYPE_CHECKING, cast

from hirnok.campaigns import composing, jobs, launch, testing
from hirnok.campaigns.models import Campaign
from hirnok.campaigns.tests.drafts import draft
from hirnok.lib import clock
from hirnok.outbox.models import Delivery, Letter, Message, State
from hirnok.sandbox import server
from hirnok.tenants.acting import acting_for
from tests.edge.sending import Sending, wait_until

if TYPE_CHECKING:
    from email.message import EmailMessage


def received(sandbox: server.Sandbox) -> dict[str, "EmailMessage"]:
    """Return what the sandbox took, by recipient."""
    messages = [
        cast(
            "EmailMessage",
            message_from_bytes(sandbox.store.read(entry), policy=policy.default),
        )
        for entry in sandbox.store.newest()
    ]
    return {message["To"].addresses[0].addr_spec: message for message in messages}


def test_it_reaches_its_readers_and_is_sent(sending: Sending, sandbox: server.Sandbox) -> None:
    sending.point_to(sandbox)
    world = sending.world
    campaign = draft(world)
    values = composing.values_of(world.emil)
    with acting_for(world.alma):
        testing.send_test(
            world.alma, campaign, [world.mark], values, actor="user:1", at=clock.now()
        )
        launch.launch(world.alma, campaign.pk, actor="user:1", at=clock.now())
    with sending.engine():
        wait_until(lambda: Letter.objects.filter(state=State.SENT).exists())
        wait_until(lambda: Message.objects.filter(finished_at__isnull=False).exists())
    jobs.keep_time(timestamp=0)
    assert Campaign.objects.get().status == "sent"
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}
    found = received(sandbox)
    assert set(found) == {"dora@example.hu", "emil@example.ro", world.mark.email}
    for address in ("emil@example.ro", world.mark.email):
        assert found[address]["Subject"] == "Őszi hírek a kertből"
        text = found[address].get_body(("plain",))
        assert text is not None
        assert "Kedves Emil!" in text.get_content()
    tested, sent = found[world.mark.email], found["emil@example.ro"]
    measured = f"{composing.envelope(campaign, world.alma_brand).track_base}/c/"
    assert measured in str(sent.get_body(("html",)))
    assert measured not in str(tested.get_body(("html",)))
