"""The tracker as a process: what it acknowledged is stored, whatever is killed."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hirnok.lib import env
from hirnok.outbox.models import Hit
from tests.edge.test_tracker import FIREFOX, Sent, build, token

READERS = 4
ENOUGH = 60  # seconds that a slow machine may take


@pytest.fixture
def sent(transactional_db: None) -> Sent:
    return Sent(build())


@contextlib.contextmanager
def running(url: str) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """Start a tracker in a process group of its own; yield its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "hirnok.tracker"],
        cwd=Path(env.ROOT),
        env=os.environ
        | {"DATABASE_URL": url, "HIRNOK_TRACKER_PORT": str(port), "HIRNOK_LOG_LEVEL": "WARNING"},
        start_new_session=True,
    )
    try:
        _wait_until_healthy(port, process)
        yield port, process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_until_healthy(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + ENOUGH
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if _get(port, "/health") == 200:
                return
        time.sleep(0.1)
    raise AssertionError("the tracker did not come up")


def _get(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ENOUGH)
    try:
        connection.request("GET", path, headers={"User-Agent": FIREFOX})
        return connection.getresponse().status
    finally:
        connection.close()


def read(port: int, path: str, acknowledged: list[int], *, times: int) -> threading.Thread:
    """Open the pixel again and again in a thread; note each that was acknowledged."""

    def run() -> None:
        for _ in range(times):
            try:
                if _get(port, path) == 200:
                    acknowledged.append(1)
            except (OSError, http.client.HTTPException):
                return

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_it_loses_nothing_that_it_acknowledged_when_killed(
    sent: Sent, database_url: Callable[[str], str]
) -> None:
    acknowledged: list[int] = []
    with running(database_url("owner")) as (port, process):
        readers = [
            read(port, f"/o/{token(sent.dora)}.gif", acknowledged, times=500)
            for _ in range(READERS)
        ]
        deadline = time.monotonic() + ENOUGH
        while len(acknowledged) < 50 and time.monotonic() < deadline:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        for reader in readers:
            reader.join()
    assert len(acknowledged) >= 50
    assert len(acknowledged) <= Hit.objects.count() <= len(acknowledged) + READERS


def test_it_stops_in_order(sent: Sent, database_url: Callable[[str], str]) -> None:
    acknowledged: list[int] = []
    with running(database_url("owner")) as (port, process):
        read(port, f"/o/{token(sent.dora)}.gif", acknowledged, times=20).join()
        process.send_signal(signal.SIGTERM)
        assert process.wait(ENOUGH) == 0
    assert len(acknowledged) == Hit.objects.count() == 20
