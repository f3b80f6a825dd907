"""Where it happens: a throw-away installation started by `hirnok up`, a second engine beside it, a mail server of the
world, and between them, where the machine lets us, a network and a disk of our own.

The caller runs this in new namespaces of network and mounts (`__main__`), so that nothing of it outlives the
process; without them the mail server is on loopback and the data in a plain folder.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from hirnok.lib import env
from hirnok.process import database, postgres
from hirnok.process.layout import Cluster
from hirnok.process.tests.places import eventually
from tests.journeys.installation import Installation

LEASE = 6.0  # seconds; short, so that many faults fit into a quarter of an hour
DISK = 1_000_000_000  # bytes of the tmpfs
HOOK = Path(__file__).parent / "hook"
HERE, THERE = "10.77.0.1", "10.77.0.2"
_TOLD = {
    "HIRNOK_LEASE": str(int(LEASE)),
    "HIRNOK_LONGEST_PAUSE": "2",
    "HIRNOK_PRIVATE_RELAYS": "1",
    "HIRNOK_LOG_LEVEL": "WARNING",
    "HIRNOK_WEB_PORT": "0",
    "HIRNOK_TRACKER_PORT": "0",
    "HIRNOK_PROXIES": "0",
    "HIRNOK_SECOND_FACTOR": "0",
}
# What tells the supervisor's children apart on their command lines.
PROGRAMS = {
    "web": "hirnok.wsgi:application",
    "worker": "procrastinate",
    "engine": "hirnok.engine",
    "tracker": "hirnok.tracker",
}
_LOCAL = "max_wal_size = '192MB'\n"  # else the log alone fills the disk in the course of time
_LEFT_OUT = ("DATABASE_URL", "HIRNOK_ROLE", "HIRNOK_PUBLIC_URL", "HIRNOK_TRACKER_URL")
_STOPS_WITHIN = 60.0


@dataclass
class Sink:
    """The mail server of the world, a process that may be killed."""

    folder: Path
    port: int
    seed: int
    in_network: bool
    host: str = "127.0.0.1"
    process: "subprocess.Popen[str]" = field(init=False)
    earlier_cuts: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Start it, in a network of its own if there is one."""
        command = [sys.executable, "-m", "tests.chaos.sink", str(self.folder)]
        command += ["--host", "0.0.0.0", "--port", str(self.port), "--seed", str(self.seed)]
        if self.in_network:
            command = ["ip", "netns", "exec", netns(), *command]
            self.host = THERE
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        assert self.process.stdout is not None
        assert "ready" in self.process.stdout.readline(), "the sink did not start"

    def tell(self, **order: Any) -> int:
        """Give an order; returns how many answers may have been lost so far."""
        with self._lock:
            assert self.process.stdin is not None
            assert self.process.stdout is not None
            self.process.stdin.write(json.dumps(order) + "\n")
            self.process.stdin.flush()
            answer: dict[str, int] = json.loads(self.process.stdout.readline())
            return self.earlier_cuts + answer["cuts"]

    def kill(self) -> None:
        """End it without warning and start it again."""
        self.earlier_cuts = self.tell()
        with self._lock:
            self.process.kill()
            self.process.wait()
            self.seed += 1
            time.sleep(0.5)
            self.start()


@dataclass
class Engine:
    """A second engine, as one on another host would be."""

    environment: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes]" = field(init=False)

    def start(self) -> None:
        """Start it; it ends with us."""
        shim = [sys.executable, "-m", "hirnok.process.child", str(os.getpid())]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*shim, sys.executable, "-m", "hirnok.engine"],
                env=self.environment | {"HIRNOK_ROLE": "edge"},
                stdout=output,
                stderr=output,
            )

    def kill(self) -> None:
        """End it without warning and start it again."""
        self.process.kill()
        self.process.wait()
        self.start()


@dataclass
class Ground:
    """Everything a fault may reach for."""

    installation: Installation
    engine: Engine
    sink: Sink
    disk: Path | None
    clock: Path
    has_network: bool

    @property
    def cluster(self) -> Cluster:
        """The embedded database."""
        return Cluster(self.installation.folder / "postgres")

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database as its owner, however often it goes away meanwhile."""
        while True:
            try:
                return self.installation.query(statement, *values)
            except psycopg.OperationalError:
                time.sleep(0.2)

    def pid(self, name: str) -> int:
        """The number of a process of the supervisor that lives; not by its PID file, which a full disk may not take."""
        return eventually(lambda: _child(self.installation.process.pid, PROGRAMS[name]))

    def kill(self, name: str) -> None:
        """End a process of the supervisor without warning."""
        os.kill(self.pid(name), signal.SIGKILL)

    def set_clock(self, seconds: int) -> None:
        """Let the clock of the installation's processes be so far from the true one."""
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}")
        fresh.rename(self.clock)

    def link(self, state: str) -> None:
        """Set the link between the installation and the world up or down."""
        ip("link", "set", "chaos0", state)


@contextmanager
def prepared(folder: Path, seed: int, *, isolated: bool) -> Iterator[Ground]:
    """Start everything; at the end stop it and leave nothing behind but what `folder` keeps of the sink."""
    disk = _mounted(folder / "installation") if isolated else None
    home = folder / "installation"
    home.mkdir(exist_ok=True)
    home.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
    environment |= _TOLD | {"HIRNOK_VAR": str(home)}
    clock = folder / "clock"
    clock.write_text("+0")
    environment |= {"PYTHONPATH": f"{HOOK}:{env.ROOT}", "CHAOS_CLOCK": str(clock)}
    with contextlib.ExitStack() as stack:
        has_network = isolated and stack.enter_context(_network())
        sink = Sink(folder / "sink", _free_port(), seed, has_network)
        sink.folder.mkdir()
        sink.start()
        stack.callback(sink.process.kill)
        installation = stack.enter_context(_up(home, environment))
        os.environ["HIRNOK_VAR"] = str(home)
        url = database.embedded_url(Cluster(home / "postgres"))
        installation.environment = environment | {"DATABASE_URL": url}
        _keep_the_log_short(Cluster(home / "postgres"))
        second = Engine(environment | {"DATABASE_URL": url}, folder / "engine2.log")
        second.start()
        stack.callback(lambda: second.process.kill())
        yield Ground(installation, second, sink, disk, clock, has_network)


def netns() -> str:
    """The name of the world's network."""
    return f"hirnok-chaos-{os.getpid()}"


def ip(*words: str) -> None:
    """Run `ip`."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _child(parent: int, word: str) -> int:
    """The number of a living child with this word on its command line; 0 when there is none."""
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, above = (place / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (place / "cmdline").read_bytes()
            if int(above) == parent and state != "Z" and word.encode() in command:
                return int(place.name)
    return 0


def _keep_the_log_short(cluster: Cluster) -> None:
    (cluster.data / "hirnok-local.conf").write_text(_LOCAL)
    (cluster.data / "hirnok-local.conf").chmod(0o644)
    pid = postgres.postmaster(cluster)
    assert pid is not None, "the database does not run"
    os.kill(pid, signal.SIGHUP)


@contextmanager
def _up(home: Path, environment: dict[str, str]) -> Iterator[Installation]:
    with (home.parent / "output").open("wb") as output:
        command = [sys.executable, "-m", "hirnok", "up"]
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    (home / "output").symlink_to(home.parent / "output")
    made = Installation(home, process, environment)
    try:
        eventually(lambda: "ready: " in made.said or process.poll() is not None)
        assert process.poll() is None, made.said
        yield made
    finally:
        process.terminate()
        try:
            process.wait(_STOPS_WITHIN)
        finally:
            process.kill()
            with contextlib.suppress(postgres.DidNotStart, FileNotFoundError):
                postgres.stop(Cluster(home / "postgres"))


def _mounted(home: Path) -> Path | None:
    """Mount a disk of limited size in our own mount namespace."""
    home.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", str(home)]
    return (
        home if subprocess.run(command, check=False, capture_output=True).returncode == 0 else None
    )


@contextmanager
def _network() -> Iterator[bool]:
    """Lay a cable between our network and one for the world."""
    world = netns()
    try:
        ip("link", "set", "lo", "up")
        ip("netns", "add", world)
    except (OSError, subprocess.CalledProcessError):
        yield False
        return
    try:
        ip("link", "add", "chaos0", "type", "veth", "peer", "name", "chaos1", "netns", world)
        ip("addr", "add", f"{HERE}/24", "dev", "chaos0")
        ip("link", "set", "chaos0", "up")
        ip("-n", world, "addr", "add", f"{THERE}/24", "dev", "chaos1")
        ip("-n", world, "link", "set", "chaos1", "up")
        ip("-n", world, "link", "set", "lo", "up")
        yield True
    finally:
        ip("netns", "del", world)


def _free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def clear(folder: Path) -> None:
    """Remove what is left of a run, the mounted disk first."""
    subprocess.run(["umount", "-l", folder / "installation"], check=False, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)
