"""Messages as a whole (BDAT), several on their way at a time: to the sandbox, to one that only says it can, and cut off."""

import re
import socket
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from hirnok.outbox.models import State
from hirnok.sandbox import server
from hirnok.sandbox.rules import DEMO, Rule
from hirnok.sandbox.smtp import Options, Session
from tests.edge.sending import (
    PATIENCE,
    Sending,
    accepted,
    addresses,
    expire_leases,
    finished,
    make_due,
    repeated,
    states,
    wait_until,
)


@pytest.fixture
def chunked(tmp_path: Path) -> Iterator[server.Sandbox]:
    """Return a sandbox that takes BDAT and nothing else."""
    with server.start(tmp_path / "chunks", rules=DEMO, options=Options(chunking=True)) as sandbox:
        yield sandbox


def test_everything_arrives_whole_and_the_refused_are_told_from_the_others(
    sending: Sending, chunked: server.Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for_data = []
    monkeypatch.setattr(Session, "_open_body", lambda session: asked_for_data.append(session))
    sending.point_to(chunked, connections=3)
    good = addresses(400)
    odd = [f"no-such{number}@example.hu" for number in range(7)]
    mixed = [*good[:150], *odd[:4], *good[150:], *odd[4:]]
    message = sending.launch(mixed)
    with sending.engine():
        wait_until(finished(message))
    assert states(message) == {State.SENT: 400, State.BOUNCED: 7}
    assert Counter(to for _, to in accepted(chunked)) == Counter(good)
    assert not asked_for_data
    for entry in chunked.store.newest()[:20]:
        source = message_from_bytes(chunked.store.read(entry))
        assert (source["To"] or "").endswith(f"<{entry.recipients[0]}>")
        assert not source.defects
        assert source.is_multipart()


@pytest.mark.parametrize("at", ["data", "body", "end", "stored"])
def test_a_cut_connection_loses_nothing(tmp_path: Path, sending: Sending, at: str) -> None:
    cut = Rule("*", at=at, drop=True, every=37)  # type: ignore[arg-type]
    with server.start(tmp_path / "cut", rules=[cut], options=Options(chunking=True)) as sandbox:
        sending.point_to(sandbox, connections=4)
        message = sending.launch(addresses(300))
        with sending.engine():
            wait_until(lambda: not states(message).get(State.QUEUED))
            make_due(message)
            wait_until(finished(message))
        assert states(message) == {State.SENT: 300}
        assert {to for _, to in accepted(sandbox)} == set(addresses(300))
        assert repeated(sandbox) <= 300 // 37 * 4


def test_killed_engines_lose_nothing_and_repeat_only_open_windows(
    sending: Sending, chunked: server.Sandbox
) -> None:
    sending.point_to(chunked, connections=4, messages_per_second=1000)
    message = sending.launch(addresses(900))
    sizes = ("--lanes", "2", "--window", "32")
    for goal in (150, 500):
        engine = sending.start_engine(*sizes)
        wait_until(lambda goal=goal: len(chunked.store.entries) > goal)  # type: ignore[misc]
        engine.kill()
        engine.wait(PATIENCE)
        expire_leases()
    with sending.engine(*sizes):
        wait_until(finished(message))
    assert {to for _, to in accepted(chunked)} == set(addresses(900))
    assert states(message) == {State.SENT: 900}
    assert repeated(chunked) <= 2 * 2 * 32


def test_a_relay_that_only_claims_to_take_chunks_gets_data(
    sending: Sending, chunked: server.Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "_bdat", lambda session, line: session._say("502 5.5.1 What?"))
    sending.point_to(chunked, connections=2)
    message = sending.launch(addresses(40))
    with sending.engine():
        wait_until(finished(message))
    assert states(message) == {State.SENT: 40}
    assert Counter(to for _, to in accepted(chunked)) == Counter(addresses(40))


def test_the_sandbox_puts_chunks_together_and_reads_refused_ones(chunked: server.Sandbox) -> None:
    with socket.create_connection((chunked.host, chunked.port), timeout=60) as client:
        client.sendall(
            b"EHLO x\r\n"
            b"MAIL FROM:<a@example.hu>\r\nBDAT 6 LAST\r\nQUIT\r\n"
            b"RSET\r\nMAIL FROM:<a@example.hu>\r\nRCPT TO:<b@example.hu>\r\n"
            b"BDAT 14\r\nSubject: x\r\n\r\nBDAT 3\r\n.\r\nBDAT 0 LAST\r\n"
            b"MAIL FROM:<a@example.hu>\r\nRCPT TO:<b@example.hu>\r\nBDAT x\r\n"
        )
        said = b"".join(iter(lambda: client.recv(65536), b""))
    codes = re.findall(rb"(?m)^(\d{3}) ", said)
    assert codes == b"220 250 250 554 250 250 250 250 250 250 250 250 501".split()
    (entry,) = chunked.store.newest()
    assert chunked.store.read(entry) == b"Subject: x\r\n\r\n.\r\n"
