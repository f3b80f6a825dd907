"""Spam filters, spoken to in their own protocols on loopback."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from hirnok.doctor import scores


@contextmanager
def answering(reply: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes one request and gives one reply."""
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _peer = listening.accept()
            with connection:
                connection.settimeout(5)
                data = b""
                while b"\r\n\r\nSubject: x" not in data and (piece := connection.recv(65536)):
                    data += piece
                got.append(data)
                connection.sendall(reply)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}", got
        thread.join()


def http(body: object) -> bytes:
    text = json.dumps(body).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(text) + text


RSPAMD = {
    "score": 7.5,
    "required_score": 15.0,
    "symbols": {
        "A": {"name": "MISSING_DATE", "score": 1.0},
        "B": {"name": "FORGED", "score": 6.5},
        "C": {"name": "GOOD", "score": -0.2},
    },
}
SPAMD = b"SPAMD/1.1 0 EX_OK\r\nContent-length: 20\r\nSpam: False ; 1.2 / 5.0\r\n\r\nHTML_MESSAGE,RDNS\r\n"


def test_rspamd(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(http(RSPAMD)) as (where, got):
        monkeypatch.setenv("HIRNOK_RSPAMD", f"http://{where}")
        (found,) = scores.examine(b"Subject: x\r\n\r\nbody")
    assert b"POST /checkv2" in got[0]
    assert (found.state, found.code) == ("warning", "spam_near")
    assert found.details["rules"] == "FORGED, MISSING_DATE"


def test_spamassassin(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(SPAMD) as (where, got):
        monkeypatch.setenv("HIRNOK_SPAMD", where)
        (found,) = scores.examine(b"Subject: x\r\n\r\nbody")
    assert got[0].startswith(b"SYMBOLS SPAMC/1.5\r\nContent-length: 18\r\n\r\nSubject: x")
    assert (found.state, found.details["points"]) == ("passed", "1.2")


@pytest.mark.parametrize(
    ("ask", "reply"),
    [
        (scores.rspamd, http({"error": "no"})),
        (scores.rspamd, http([])),
        (scores.rspamd, b"nonsense\r\n\r\n"),
        (scores.spamd, b"SPAMD/1.1 76 Bad header line\r\n\r\n"),
        (scores.spamd, b""),
    ],
)
def test_answers_that_are_none(ask: Callable[[str, bytes], object], reply: bytes) -> None:
    with answering(reply) as (where, _got), pytest.raises(scores.NoAnswer):
        ask(f"http://{where}" if ask is scores.rspamd else where, b"Subject: x\r\n\r\nbody")


def test_nobody_is_asked_where_none_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HIRNOK_RSPAMD", raising=False)
    monkeypatch.delenv("HIRNOK_SPAMD", raising=False)
    assert list(scores.examine(b"")) == []


def test_a_filter_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRNOK_SPAMD", "127.0.0.1:1")
    monkeypatch.setenv("HIRNOK_RSPAMD", "http://127.0.0.1:1")
    assert [one.code for one in scores.examine(b"x")] == ["spam_no_answer", "spam_no_answer"]
