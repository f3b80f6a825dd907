"""The supervisor with tiny children: starts, relays, restarts, stops, leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hirnok.process import database, ports, postgres
from hirnok.process.layout import Cluster
from hirnok.process.tests.places import PATIENCE, alive, eventually, open_folder

SLEEPS = "import time; print('here', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"
ENDS = "print('á' * 3, flush=True)"
HAS_A_CHILD = (
    f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPS!r}]); {SLEEPS}"
)
RUN = """
import asyncio, contextlib, json, sys
from pathlib import Path
from hirnok.process import database, supervisor
from hirnok.process.programs import Program
folder, programs, embedded = json.loads(sys.argv[1])
serving = [Program(name, (sys.executable, "-c", code), "edge") for name, code in programs.items()]
with database.running() if embedded else contextlib.nullcontext():
    made = supervisor.Supervisor(serving, Path(folder), migrated=True, pauses=(0.05,), grace=1.0)
    sys.exit(asyncio.run(made.run()))
"""


@dataclass
class Run:
    """A supervisor that runs in a process of its own."""

    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    def pid(self, name: str) -> int:
        """Return a child's number once it has said something."""
        eventually(lambda: f"{name} | here" in self.output)
        return int(eventually((self.folder / f"{name}.pid").read_text))

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait(PATIENCE)


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made


@pytest.fixture
def started(folder: Path) -> Iterator[list[Run]]:
    runs: list[Run] = []
    yield runs
    for run in runs:
        run.process.kill()
        run.process.wait()


def start(started: list[Run], folder: Path, embedded: bool = False, **programs: str) -> Run:
    environment = os.environ | {"HIRNOK_VAR": str(folder)}
    if embedded:
        environment.pop("DATABASE_URL", None)
    with (folder / "output").open("wb") as output:
        argument = json.dumps([str(folder), programs, embedded])
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, argument], stdout=output, stderr=output, env=environment
        )
    started.append(Run(folder, process))
    return started[-1]


def test_it_relays_what_processes_say_under_their_names(folder: Path, started: list[Run]) -> None:
    run = start(started, folder, speaker=ENDS)
    eventually(lambda: " speaker | ááá\n" in run.output)


def test_it_starts_a_process_again_that_was_killed(folder: Path, started: list[Run]) -> None:
    run = start(started, folder, child=SLEEPS)
    first = run.pid("child")
    os.kill(first, signal.SIGKILL)
    eventually(lambda: run.output.count("child | here") == 2)
    assert run.pid("child") != first
    assert "child ended (signal 9)" in run.output
    assert run.process.poll() is None


def test_it_keeps_processes_whose_numbers_it_cannot_write_down(
    folder: Path, started: list[Run]
) -> None:
    (folder / "sleeper.pid").mkdir()  # as on a full disk: no file can be written
    says = "import os, time; print('here', os.getpid(), flush=True); time.sleep(600)"
    run = start(started, folder, sleeper=says)
    eventually(lambda: "sleeper | here" in run.output)
    os.kill(int(run.output.split("here")[1].split()[0]), signal.SIGKILL)
    eventually(lambda: run.output.count("sleeper | here") == 2)
    assert run.end() == 0


def test_it_stops_everything_when_asked(folder: Path, started: list[Run]) -> None:
    run = start(started, folder, child=SLEEPS, stubborn=STUBBORN)
    pids = [run.pid("child"), run.pid("stubborn")]
    assert run.end() == 0
    assert not any(alive(pid) for pid in pids)
    assert not list(folder.glob("*.pid"))


def test_it_takes_along_what_a_killed_process_had_started(folder: Path, started: list[Run]) -> None:
    run = start(started, folder, parent=HAS_A_CHILD)
    parent = run.pid("parent")
    children = Path(f"/proc/{parent}/task/{parent}/children")
    grandchild = int(eventually(children.read_text))
    os.kill(parent, signal.SIGKILL)
    eventually(lambda: not alive(grandchild))


def test_it_leaves_no_process_behind_when_it_is_killed(folder: Path, started: list[Run]) -> None:
    run = start(started, folder, child=SLEEPS)
    child = run.pid("child")
    run.process.kill()
    eventually(lambda: not alive(child))


def test_it_revives_the_embedded_database_and_stops_it_at_the_end(
    folder: Path, started: list[Run]
) -> None:
    run = start(started, folder, embedded=True, child=SLEEPS)
    run.pid("child")
    cluster = Cluster(folder / "postgres")
    killed = eventually(lambda: postgres.postmaster(cluster))
    assert killed
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: postgres.postmaster(cluster) not in {None, killed})
    assert run.end() == 0
    assert postgres.postmaster(cluster) is None


def test_it_chooses_free_ports_and_remembers_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["HIRNOK_WEB_PORT", "HIRNOK_TRACKER_PORT"]
    for name in names:
        monkeypatch.setenv(name, "0")
    chosen = ports.choose(names, tmp_path / "ports.json")
    assert len(set(chosen.values())) == 2
    assert ports.choose(names, tmp_path / "ports.json") == chosen
    with socket.create_server(("127.0.0.1", chosen["HIRNOK_WEB_PORT"])):
        assert (
            ports.choose(names, tmp_path / "ports.json")["HIRNOK_WEB_PORT"]
            != chosen["HIRNOK_WEB_PORT"]
        )


def test_it_refuses_to_run_twice_on_the_same_data(folder: Path) -> None:
    from hirnok.process import supervisor

    with (
        supervisor.only_one(folder),
        pytest.raises(supervisor.AlreadyUp),
        supervisor.only_one(folder),
    ):
        pass


def test_it_points_the_processes_to_the_database(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setenv("HIRNOK_VAR", str(folder))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert f"{folder}/postgres/socket".replace("/", "%2F") in database.url()
