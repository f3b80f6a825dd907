"""The engine and a real Postfix: what it takes arrives, what it refuses or puts off is accounted as such."""

from collections import Counter
from email import message_from_bytes
from pathlib import Path

from hirnok.outbox.models import DeliveryReply, State
from hirnok.register.models import Suppression
from hirnok.returns import jobs
from hirnok.sandbox import server
from hirnok.sandbox.rules import Rule
from tests.conftest import StartPostfix
from tests.edge.sending import Sending, accepted, addresses, finished, states, wait_until
from tests.postfix import DEFERRED, REFUSED


def test_it_delivers_through_postfix(
    sending: Sending, sandbox: server.Sandbox, postfix: StartPostfix
) -> None:
    relay = postfix((sandbox.host, sandbox.port))
    sending.relay.port, sending.relay.connections = relay.port, 4
    sending.relay.save()
    message = sending.launch(addresses(300))
    with sending.engine():
        wait_until(finished(message))
    assert states(message) == {State.SENT: 300}
    wait_until(lambda: len(sandbox.store.entries) == 300, relay.said()[-2000:])
    assert Counter(to for _, to in accepted(sandbox)) == Counter(addresses(300))
    assert len({identity for identity, _ in accepted(sandbox)}) == 300
    source = message_from_bytes(sandbox.store.read(sandbox.store.newest()[0]))
    assert source["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    texts = [part.get_payload(decode=True) for part in source.walk() if not part.is_multipart()]
    assert any("Üdv Pécs városába".encode() in text for text in texts)  # type: ignore[operator]
    assert relay.waiting() == 0
    wait_until(lambda: " bdat=" in relay.said(), relay.said()[-2000:])  # and not by DATA
    assert " data=" not in relay.said()


def test_it_tells_a_refused_recipient_from_one_put_off(
    sending: Sending, sandbox: server.Sandbox, postfix: StartPostfix
) -> None:
    relay = postfix((sandbox.host, sandbox.port))
    sending.relay.port, sending.relay.connections = relay.port, 2
    sending.relay.save()
    good = addresses(20)
    message = sending.launch([*good, f"egy@{REFUSED}", f"ketto@{REFUSED}", f"harom@{DEFERRED}"])
    wanted = {State.SENT: 20, State.BOUNCED: 2, State.DEFERRED: 1}
    with sending.engine():
        wait_until(lambda: states(message) == wanted, relay.said()[-2000:])
    said = {(reply.code, reply.text.partition(" ")[0]) for reply in DeliveryReply.objects.all()}
    assert said == {(550, "5.1.1"), (450, "4.2.1")}
    jobs.sort_returned(0)
    assert Suppression.objects.filter(reason="dead_address").count() == 2
    wait_until(lambda: len(sandbox.store.entries) == 20)
    assert {to for _, to in accepted(sandbox)} == set(good)


def test_postfix_reports_a_later_refusal_to_the_return_path(
    sending: Sending, tmp_path: Path, postfix: StartPostfix
) -> None:
    gone = Rule("olvaso000003@*", reply="550 5.1.1 No such mailbox")
    with (
        server.start(tmp_path / "world", rules=[gone]) as world,
        server.start(tmp_path / "back") as back,
    ):
        relay = postfix((world.host, world.port), {"alma.example": ("smtp", back.port)})
        sending.relay.port = relay.port
        sending.relay.save()
        message = sending.launch(addresses(10))
        with sending.engine():
            wait_until(finished(message))
        assert states(message) == {
            State.SENT: 10
        }  # taken by our relay: what comes back comes later
        wait_until(lambda: back.store.entries, relay.said()[-2000:])
        wait_until(lambda: len(world.store.entries) == 9)
        entry = back.store.newest()[0]
        report = message_from_bytes(back.store.read(entry))
    assert (entry.sender, entry.recipients) == ("", ("hirlevel@alma.example",))
    assert report.get_content_type() == "multipart/report"
    status = next(
        part for part in report.walk() if part.get_content_type() == "message/delivery-status"
    )
    assert "Final-Recipient: rfc822; olvaso000003@example.hu" in status.as_string()
    assert "Status: 5.1.1" in status.as_string()
