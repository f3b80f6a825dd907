"""The connection test of a relay, against servers that are wrong in every way."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hirnok.engine import guard
from hirnok.engine.channel import Relay
from hirnok.engine.probe import probe
from hirnok.lib import keys
from hirnok.outbox.models import State
from hirnok.sandbox import server
from hirnok.sandbox.smtp import Options
from tests.edge.certificates import server_context
from tests.edge.sending import Sending, addresses, finished, states, wait_until

SENDER = "hirlevel@alma.example"


@pytest.fixture(autouse=True)
def private_relays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRNOK_PRIVATE_RELAYS", "1")


def relay(port: int, **changes: Any) -> Relay:
    given = {"tenant_id": 1, "id": 1, "host": "127.0.0.1", "port": port} | changes
    return Relay(**given)


def codes(found: Relay, timeout: float = 10) -> list[tuple[str, str]]:
    return [(step.name, step.code) for step in probe(found, SENDER, timeout=timeout)]


@contextmanager
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_it_goes_the_whole_way(tmp_path: Path) -> None:
    with server.start(tmp_path) as sandbox:
        steps = codes(relay(sandbox.port))
        assert steps == [
            ("dns", "ok"), ("connect", "ok"), ("tls", "skipped"), ("auth", "skipped"), ("mail", "ok"),
        ]  # fmt: skip
        assert not sandbox.store.newest()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_it_checks_certificates_unless_told_otherwise(tmp_path: Path, security: str) -> None:
    context = server_context(tmp_path)
    options = Options(starttls=context) if security == "starttls" else Options(tls=context)
    with server.start(tmp_path / "box", options=options) as sandbox:
        assert codes(relay(sandbox.port, security=security))[-1] == ("tls", "certificate")
        trusting = relay(sandbox.port, security=security, verify=False)
        assert codes(trusting)[-1] == ("mail", "ok")


def test_it_says_what_is_wrong_with_the_password(tmp_path: Path) -> None:
    with server.start(tmp_path, options=Options(users={"kert": "titok"})) as sandbox:
        wrong = relay(sandbox.port, username="kert", sealed_password=keys.seal("rossz"))
        assert codes(wrong)[-1] == ("auth", "auth_refused")
        right = relay(sandbox.port, username="kert", sealed_password=keys.seal("titok"))
        assert codes(right)[-1] == ("mail", "ok")
        broken = relay(sandbox.port, username="kert", sealed_password="xyz")
        assert codes(broken)[-1] == ("auth", "password_unreadable")
        assert codes(relay(sandbox.port))[-1] == ("mail", "sender_refused")


def test_it_says_what_is_not_offered(tmp_path: Path) -> None:
    with server.start(tmp_path) as sandbox:
        assert codes(relay(sandbox.port, security="starttls"))[-1] == ("tls", "tls_not_offered")
        named = relay(sandbox.port, username="a", sealed_password=keys.seal("b"))
        assert codes(named)[-1] == ("auth", "auth_not_offered")


def test_it_says_why_there_is_no_connection() -> None:
    with listening() as port:
        pass
    assert codes(relay(port))[-1] == ("connect", "refused")
    assert codes(relay(25, host="relay.invalid"))[-1] == ("dns", "unknown_host")
    with listening() as silent:
        assert codes(relay(silent), timeout=0.3)[-1] == ("connect", "timed_out")


def test_it_refuses_private_addresses_unless_they_are_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HIRNOK_PRIVATE_RELAYS", "0")
    for host in ("127.0.0.1", "::1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "0.0.0.0"):
        assert codes(relay(25, host=host)) == [("dns", "private_address")]


@pytest.mark.parametrize(
    ("number", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("::ffff:10.0.0.1", False),
        ("100.64.0.1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("224.0.0.1", False),
        ("64:ff9b::808:808", True),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::808:808", False),
        ("2002:7f00:1::", False),
        ("::127.0.0.1", False),
        ("::1", False),
    ],
)
def test_it_tells_public_addresses_from_others(number: str, public: bool) -> None:
    assert guard.is_public(number) is public


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_engine_sends_over_tls_with_a_password(
    sending: Sending, tmp_path: Path, security: str
) -> None:
    context = server_context(tmp_path)
    users = {"kert": "titok"}
    options = (
        Options(starttls=context, users=users)
        if security == "starttls"
        else Options(tls=context, users=users, pipelining=False)
    )
    with server.start(tmp_path / "box", options=options) as sandbox:
        sending.point_to(
            sandbox,
            security=security,
            verify_certificate=True,
            username="kert",
            password=keys.seal("titok"),
            messages_per_connection=7,
        )
        message = sending.launch(addresses(60))

        def told() -> bool:
            sending.relay.refresh_from_db()
            return "certificate" in sending.relay.last_error

        with sending.engine():
            wait_until(told)
            assert states(message) == {State.QUEUED: 60}
            sending.point_to(sandbox, verify_certificate=False)
            wait_until(finished(message))
        assert states(message) == {State.SENT: 60}
