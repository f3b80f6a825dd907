"""`hirnok up` as a whole: real processes on free ports, a database of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from hirnok.process.tests.places import eventually, open_folder

STOPS_WITHIN = 60.0  # generous: the processes have 15 s, the machine may be slow


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made


@contextlib.contextmanager
def up(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    environment = os.environ | {
        "HIRNOK_VAR": str(folder),
        "HIRNOK_WEB_PORT": "0",
        "HIRNOK_TRACKER_PORT": "0",
    }
    for name in ("DATABASE_URL", "HIRNOK_ROLE", "HIRNOK_PUBLIC_URL", "HIRNOK_TRACKER_URL"):
        environment.pop(name, None)
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "hirnok", "up"], stdout=output, stderr=output, env=environment
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(STOPS_WITHIN)


def said(folder: Path) -> str:
    return (folder / "output").read_text(errors="replace")


def ready_at(folder: Path, process: "subprocess.Popen[bytes]") -> str:
    eventually(lambda: "ready: " in said(folder) or process.poll() is not None)
    assert "ready: " in said(folder), said(folder)
    return said(folder).partition("ready: ")[2].split()[0]


def test_it_serves_pages_and_stops_cleanly(folder: Path) -> None:
    with up(folder) as process:
        address = ready_at(folder, process)
        with urllib.request.urlopen(address, timeout=60) as page:
            assert page.status == 200
        web = int((folder / "run" / "web.pid").read_text())
        os.kill(web, signal.SIGKILL)
        eventually(lambda: "web ended (signal 9)" in said(folder))
        eventually(lambda: answers(address))
        process.send_signal(signal.SIGINT)
        assert process.wait(STOPS_WITHIN) == 0, said(folder)
    assert not list((folder / "run").glob("*.pid"))
    assert not (folder / "postgres" / "data" / "postmaster.pid").exists()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=60):
            return True
    except OSError:
        return False
