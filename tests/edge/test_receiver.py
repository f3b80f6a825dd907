"""The receiver over real sockets: what it takes, what it refuses, and that nothing is answered 250 and lost."""

import asyncio
import smtplib
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from hirnok.consent.models import Departure
from hirnok.contacts.models import Contact
from hirnok.lib import clock, keys, tokens
from hirnok.mail import verp
from hirnok.mail.tests import returned as mails
from hirnok.outbox import counting
from hirnok.outbox.models import Delivery, DeliveryReply, Letter, State
from hirnok.receiver.server import Receiver
from hirnok.receiver.store import Store
from hirnok.register.models import Suppression
from hirnok.returns import applying, forwarding, jobs
from hirnok.returns.models import ReturnDomain, Returned
from hirnok.sandbox import server
from hirnok.sandbox.rules import Rule
from tests.conftest import StartPostfix
from tests.edge.certificates import server_context
from tests.edge.sending import Sending, addresses, finished, states, wait_until
from tests.world import NOON

DOMAIN = "vissza.alma.example"


@contextmanager
def receiving(url: str, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Run a receiver in a thread, on free ports."""
    loop = asyncio.new_event_loop()
    receiver = Receiver(
        Store(url), clock.now, "127.0.0.1", smtp_port=0, lmtp_port=0, largest=100_000, tls=tls
    )
    loop.run_until_complete(receiver.start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        asyncio.run_coroutine_threadsafe(receiver.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture
def receiver(sending: Sending, database_url: Callable[[str], str]) -> Iterator[Receiver]:
    ReturnDomain.objects.create(
        tenant=sending.world.alma, brand=sending.world.alma_brand, domain=DOMAIN, created_at=NOON
    )
    with receiving(database_url("edge")) as running:
        yield running


def returns_to(delivery: Delivery) -> str:
    return verp.return_path(verp.return_key(), delivery.pk, DOMAIN)


def test_it_takes_what_is_signed_and_refuses_the_rest(sending: Sending, receiver: Receiver) -> None:
    message = sending.launch(addresses(2))
    first, second = Delivery.objects.filter(message=message).order_by("pk")
    good, other = returns_to(first), returns_to(second)
    gone = verp.return_path(verp.return_key(), 999_999_999, DOMAIN)
    with smtplib.SMTP("127.0.0.1", receiver.ports["smtp"]) as smtp:
        smtp.ehlo()
        smtp.mail("")
        codes = [
            smtp.rcpt(to)[0]
            for to in (good.upper(), f"r-{'0' * 36}@{DOMAIN}", good.replace("r-", "u-"), gone,
                       f"somebody@{DOMAIN}", "x@elsewhere.example", f"complaints@{DOMAIN}", f"complaints@no.{DOMAIN}")
        ]  # fmt: skip
        assert codes == [250, 550, 550, 550, 550, 550, 250, 550]
        assert smtp.data(b"Subject: report\r\n\r\nx")[0] == 250
        assert smtp.mail("", ["SIZE=2000000"])[0] == 552
    with smtplib.LMTP("127.0.0.1", receiver.ports["lmtp"]) as lmtp:
        lmtp.ehlo()
        lmtp.mail("")
        assert [lmtp.rcpt(to)[0] for to in (good, f"x@{DOMAIN}", other)] == [250, 550, 250]
        assert lmtp.data(b"Subject: lmtp\r\n\r\n" + b"y" * 5000)[0] == 250
        assert lmtp.getreply()[0] == 250  # one answer for each recipient that was taken
    rows = Returned.objects.order_by("pk").values_list("road", "delivery_id", "tenant_id")
    alma = sending.world.alma.pk
    assert list(rows) == [
        ("smtp", first.pk, alma), ("smtp", None, alma), ("lmtp", first.pk, alma), ("lmtp", second.pk, alma),
    ]  # fmt: skip
    assert Returned.objects.filter(person_key__isnull=False).count() == 3


def test_the_same_mail_again_is_stored_once(sending: Sending, receiver: Receiver) -> None:
    delivery = Delivery.objects.get(message=sending.launch(addresses(1)))
    for _ in range(2):
        with smtplib.SMTP("127.0.0.1", receiver.ports["smtp"]) as smtp:
            smtp.sendmail("", [returns_to(delivery)], b"Subject: report\r\n\r\nx")
    assert Returned.objects.count() == 1


def test_it_takes_mail_over_starttls_under_its_certificate(
    sending: Sending, tmp_path: Path, database_url: Callable[[str], str]
) -> None:
    delivery = Delivery.objects.get(message=sending.launch(addresses(1)))
    trusted = server_context(tmp_path)
    client = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
    old = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
    with warnings.catch_warnings(action="ignore"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with receiving(database_url("edge"), trusted) as receiver:
        for port, kind in (("smtp", smtplib.SMTP), ("lmtp", smtplib.LMTP)):
            with kind("127.0.0.1", receiver.ports[port]) as smtp:
                smtp.ehlo()
                assert smtp.has_extn("starttls")
                smtp.starttls(context=client)
                smtp.ehlo()
                assert not smtp.has_extn("starttls")
                assert isinstance(smtp.sock, ssl.SSLSocket) and smtp.sock.version() in {"TLSv1.2", "TLSv1.3"}  # fmt: skip
                smtp.sendmail("", [returns_to(delivery)], f"Subject: {port}\r\n\r\nx".encode())
        with smtplib.SMTP("127.0.0.1", receiver.ports["smtp"]) as smtp:
            smtp.ehlo()
            with pytest.raises(ssl.SSLCertVerificationError):
                smtp.starttls(context=ssl.create_default_context())
        with smtplib.SMTP("127.0.0.1", receiver.ports["smtp"]) as smtp, pytest.raises(OSError):
            smtp.starttls(context=old)
        with smtplib.SMTP(
            "127.0.0.1", receiver.ports["smtp"]
        ) as smtp:  # who cannot do it is still heard
            smtp.sendmail("", [returns_to(delivery)], b"Subject: plain\r\n\r\nx")
    assert Returned.objects.filter(delivery=delivery).count() == 3


def test_a_database_that_is_away_puts_mail_off() -> None:
    with (
        receiving("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2") as receiver,
        smtplib.SMTP("127.0.0.1", receiver.ports["smtp"]) as smtp,
    ):
        smtp.ehlo()
        smtp.mail("")
        assert smtp.rcpt(verp.return_path(verp.return_key(), 1, DOMAIN))[0] == 451


def test_the_engine_sends_with_a_return_path_a_delivery_and_leaving_by_mail_works(
    sending: Sending, sandbox: server.Sandbox, receiver: Receiver
) -> None:
    sending.point_to(sandbox)
    message = sending.launch(addresses(3), return_path=f"@{DOMAIN}")
    with sending.engine():
        wait_until(finished(message))
    senders = {entry.sender: entry.recipients[0] for entry in sandbox.store.entries}
    wanted = Delivery.objects.filter(message=message).select_related("contact")
    assert senders == {returns_to(one): one.contact.email for one in wanted}
    leaver = wanted[0]
    to = f"u-{tokens.in_address(tokens.recipient(keys.derive('leave'), leaver.pk))}@{DOMAIN}"
    with smtplib.SMTP("127.0.0.1", receiver.ports["smtp"]) as smtp:
        smtp.sendmail("reader@example.hu", [to], b"Subject: unsubscribe\r\n\r\n")
    applying.apply_new(sending.world.alma, at=clock.now())
    assert not Contact.objects.filter(pk=leaver.contact_id).exists()
    assert Departure.objects.get().surface == "mail"


def test_what_postfix_reports_reaches_the_recipients_delivery(
    sending: Sending, tmp_path: Path, postfix: StartPostfix, receiver: Receiver
) -> None:
    rules = [
        Rule("olvaso000003@*", reply="550 5.1.1 No such mailbox"),
        Rule("olvaso000004@*", reply="550 5.7.1 Refused by local policy"),
    ]
    with server.start(tmp_path / "world", rules=rules) as world:
        relay = postfix((world.host, world.port), {DOMAIN: ("lmtp", receiver.ports["lmtp"])})
        sending.relay.port = relay.port
        sending.relay.save()
        message = sending.launch(addresses(10), return_path=f"@{DOMAIN}")
        with sending.engine():
            wait_until(finished(message))
        assert states(message) == {State.SENT: 10}
        wait_until(lambda: Returned.objects.count() == 2, relay.said()[-2000:])
        wait_until(lambda: len(world.store.entries) == 8)
    raw = bytes(Returned.objects.order_by("pk")[0].raw)
    assert message_from_bytes(raw).get_content_type() == "multipart/report"
    while applying.apply_new(sending.world.alma, at=clock.now()):
        pass
    assert states(message) == {State.SENT: 8, State.BOUNCED: 1, State.FAILED: 1}
    dead = Delivery.objects.get(message=message, state=State.BOUNCED)
    assert dead.contact.email.startswith("olvaso000003@")
    assert "No such mailbox" in DeliveryReply.objects.get(delivery=dead).text
    suppressed = Suppression.objects.get(reason="dead_address")
    assert bytes(suppressed.key) == bytes(dead.contact.person.blind_index)
    assert set(Returned.objects.values_list("state", flat=True)) == {"applied"}


def test_what_came_back_is_forwarded_and_counted_and_a_dead_reader_does_not_stop_it(
    sending: Sending, sandbox: server.Sandbox, receiver: Receiver
) -> None:
    world = sending.world
    wish = forwarding.Wish("iroda@alma.example")
    forwarding.choose(world.alma, wish, actor="user:1", at=clock.now())
    sending.point_to(sandbox)
    message = sending.launch(addresses(1), return_path=f"@{DOMAIN}")
    with sending.engine():
        wait_until(finished(message))
        delivery = Delivery.objects.get(message=message)
        reader = delivery.contact.email
        report = mails.report(mails.status(reader, code="5.1.1", said="550 5.1.1 No such user"))
        with smtplib.SMTP("127.0.0.1", receiver.ports["smtp"]) as smtp:
            smtp.sendmail("", [returns_to(delivery)], report)
        jobs.sort_returned(0)
        assert Suppression.objects.get().reason == "dead_address"
        wait_until(lambda: Letter.objects.get().state == State.SENT)
    entry = sandbox.store.entries[-1]
    assert (entry.sender, entry.recipients) == ("", ("iroda@alma.example",))
    copy = sandbox.store.read(entry)
    told = message_from_bytes(copy, policy=policy.default)
    attached, _original = [
        part for part in told.walk() if part.get_content_type() == "message/rfc822"
    ]
    assert reader in str(attached)
    sent = counting.sent_in_month(world.alma, clock.now())
    assert (sent.newsletters, sent.letters, sent.forwarded) == (1, 0, 1)
    for again in (copy, mails.report(mails.status("iroda@alma.example"), original=copy.decode())):
        with smtplib.SMTP("127.0.0.1", receiver.ports["smtp"]) as smtp:
            smtp.sendmail("", [returns_to(delivery)], again)
    jobs.sort_returned(0)
    assert Letter.objects.count() == 1
    assert set(Returned.objects.values_list("state", flat=True)) == {"applied"}
