"""Looking into mailboxes: everything is taken over once, nothing is deleted before it is stored."""

from pathlib import Path

import pytest

from hirnok.returns import mailboxes, polling
from hirnok.returns.models import Mailbox, Returned
from hirnok.returns.tests import mailservers
from tests.edge.certificates import server_context
from tests.world import NOON, World

MAILS = [b"Subject: %d\r\n\r\nreport %d" % (number, number) for number in range(3)]
SERVERS = {"imap": mailservers.Imap, "pop": mailservers.Pop}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRNOK_PRIVATE_RELAYS", "1")


def mailbox(world: World, port: int, protocol: str = "imap", **changes: object) -> Mailbox:
    given: dict[str, object] = {
        "name": "box", "protocol": protocol, "host": "127.0.0.1", "port": port, "security": "none",
        "verify_certificate": True, "username": "alma", "password": "titok", "folder": "INBOX", "deletes": False,
    }  # fmt: skip
    details = mailboxes.Details(**(given | changes))  # type: ignore[arg-type]
    return mailboxes.make(world.alma, details, actor="user:1", at=NOON)


@pytest.mark.parametrize("protocol", SERVERS)
@pytest.mark.parametrize("deletes", [False, True])
def test_it_takes_over_what_is_new(world: World, protocol: str, deletes: bool) -> None:
    with mailservers.running(SERVERS[protocol], MAILS) as box:
        found = mailbox(world, box.port, protocol, deletes=deletes)
        assert "titok" not in found.password
        assert polling.probe(found) == 3
        assert polling.poll(world.alma.pk, found.pk, at=NOON) == polling.Looked(3, 3)
        assert len(box.mails) == (0 if deletes else 3)
        box.mails[9 if protocol == "imap" else len(box.mails) + 1] = b"Subject: 9\r\n\r\nnew"
        looked = polling.poll(world.alma.pk, found.pk, at=NOON)
        assert looked is not None and looked.new == 1
    assert {bytes(row.raw)[:10] for row in Returned.objects.all()} == {
        b"Subject: %d" % n for n in (0, 1, 2, 9)
    }
    assert set(Returned.objects.values_list("road", "tenant_id")) == {(protocol, world.alma.pk)}
    found.refresh_from_db()
    assert (found.looked_at, found.failing_since) == (NOON, None)


@pytest.mark.parametrize("protocol", SERVERS)
def test_it_says_what_is_wrong(world: World, protocol: str) -> None:
    with mailservers.running(SERVERS[protocol], MAILS) as box:
        found = mailbox(world, box.port, protocol, password="wrong")
        assert polling.poll(world.alma.pk, found.pk, at=NOON) is None
        found.refresh_from_db()
        assert found.last_error.startswith("auth: ") and found.failing_since == NOON
        port = box.port
    with pytest.raises(polling.CannotLook, match="connect"):
        polling.probe(mailbox(world, port, protocol))
    with pytest.raises(polling.CannotLook, match="unknown_host"):
        polling.probe(mailbox(world, port, protocol, host="no.such.host.invalid"))


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("protocol", SERVERS)
def test_it_looks_over_tls_and_only_where_it_trusts_the_certificate(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: str, security: str
) -> None:
    context = server_context(tmp_path)
    at_once = security == "tls"
    with mailservers.running(SERVERS[protocol], MAILS, tls=context, at_once=at_once) as box:
        found = mailbox(world, box.port, protocol, security=security)
        assert polling.poll(world.alma.pk, found.pk, at=NOON) is None  # nobody vouches for it
        found.refresh_from_db()
        assert found.last_error.startswith("certificate: ")
        assert "titok" not in str(box.said)
        careless = mailbox(world, box.port, protocol, security=security, verify_certificate=False)
        assert polling.probe(careless) == 3
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        box.said.clear()
        assert polling.poll(world.alma.pk, found.pk, at=NOON) == polling.Looked(3, 3)
        with pytest.raises(polling.CannotLook, match="certificate"):
            polling.probe(mailbox(world, box.port, protocol, security=security, host="localhost"))
    signing_in = [over for over, said in box.said if "titok" in said]
    assert signing_in == [True]
    assert {bytes(row.raw) for row in Returned.objects.all()} == set(MAILS)


@pytest.mark.parametrize("protocol", SERVERS)
def test_it_gives_no_password_to_a_server_without_the_tls_it_was_told_of(
    world: World, protocol: str
) -> None:
    with mailservers.running(SERVERS[protocol], MAILS) as box:
        with pytest.raises(polling.CannotLook, match=r"^tls"):
            polling.probe(mailbox(world, box.port, protocol, security="starttls"))
        assert "titok" not in str(box.said)


def test_it_does_not_look_into_private_networks(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIRNOK_PRIVATE_RELAYS", "0")
    with pytest.raises(polling.CannotLook, match="private_address"):
        polling.probe(mailbox(world, 143))


def test_another_folder_is_read_from_its_beginning(world: World) -> None:
    with mailservers.running(mailservers.Imap, MAILS) as box:
        found = mailbox(world, box.port)
        polling.poll(world.alma.pk, found.pk, at=NOON)
        found.refresh_from_db()
        assert found.position == "7:3"
        with pytest.raises(polling.CannotLook, match="folder"):
            polling.probe(mailbox(world, box.port, folder="Other"))
    details = mailboxes.Details(
        "box", "imap", "127.0.0.1", 1, "none", True, "alma", None, "INBOX/x", False
    )
    mailboxes.change(found, details, actor="user:1", at=NOON)
    assert found.position == ""
