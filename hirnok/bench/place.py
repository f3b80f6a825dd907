"""Where a measure runs: a database server of its own, and processes of ours that end with it."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from hirnok.bench import usage
from hirnok.bench.usage import Usage
from hirnok.lib import env
from hirnok.process import database, postgres, programs
from hirnok.process.layout import Cluster

PATIENCE = 30.0  # seconds for a process to come up or to end
# Everything of a tenant hangs from its row (its persons by a guard, which TRUNCATE does not follow); users belong to none.
_EMPTY = "TRUNCATE tenants_tenant, register_person, accounts_user RESTART IDENTITY CASCADE"


class TooSlow(Exception):
    """Something that is measured made no progress for so long that it will never end."""


@dataclass
class Process:
    """One process of ours that is measured."""

    name: str
    popen: "subprocess.Popen[bytes]"
    log: Path

    @property
    def used(self) -> Usage:
        """Return what it and its children have used so far."""
        return usage.of_tree(self.popen.pid)

    def stop(self, grace: float = PATIENCE) -> None:
        """End it and all it started: ask, wait, kill."""
        self.popen.terminate()
        try:
            self.popen.wait(grace)
        except subprocess.TimeoutExpired:
            pass
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.popen.pid, signal.SIGKILL)
            self.popen.wait()


@dataclass
class Place:
    """What a measure is given: how large, where, and how to say what it does."""

    scale: float
    folder: Path
    say: Callable[[str], None]
    environment: dict[str, str] = field(default_factory=dict)
    crowd: Any = None  # the tenant of very many contacts that some measures share (`cast.crowd`)

    def rows(self, full: int, least: int = 20) -> int:
        """Return a number of items, scaled."""
        return max(least, int(full * self.scale))

    @property
    def database_used(self) -> Usage:
        """Return what the database server has used so far, with connections that have ended."""
        pid = postgres.postmaster(database.embedded())
        return usage.of_tree(pid) if pid else Usage(0, 0)

    @contextlib.contextmanager
    def process(self, name: str, *command: str, **environment: str) -> Iterator[Process]:
        """Run a process for the time of the block; it ends with us whatever happens to us."""
        log = self.folder / f"{name}.log"
        shim = (sys.executable, "-m", "hirnok.process.child", str(os.getpid()))
        given = os.environ | {"PYTHONUNBUFFERED": "1"} | self.environment | environment
        with log.open("ab") as output:
            popen = subprocess.Popen(  # noqa: S603
                [*shim, *command], env=given, stdout=output, stderr=output, start_new_session=True
            )
        process = Process(name, popen, log)
        try:
            yield process
        except Exception:
            self.say(f"{name} said: {log.read_text(errors='replace')[-2000:]}")
            raise
        finally:
            process.stop()

    def until(self, true: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
        """Wait for a condition: TooSlow."""
        end = time.monotonic() + patience
        while not true():
            if time.monotonic() > end:
                raise TooSlow(what)
            time.sleep(0.02)

    def owner(self) -> "psycopg.Connection":
        """Return a connection as the database's owner, for what only an administrator may do."""
        return psycopg.connect(database.url(), autocommit=True)

    def empty(self) -> None:
        """Remove what a measure has left, so that the next one finds an empty database."""
        self.crowd = None
        with self.owner() as connection:
            connection.execute(_EMPTY)
        self._checkpoint()

    def rest(self) -> None:
        """Let the database come to rest after much was written: vacuumed, with statistics, everything on the disk."""
        with self.owner() as connection:
            connection.execute("VACUUM (ANALYZE)")
        self._checkpoint()

    def _checkpoint(self) -> None:
        url = postgres.superuser_url(database.embedded())
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")


@contextlib.contextmanager
def prepared(scale: float, say: Callable[[str], None]) -> Iterator[Place]:
    """Start a server in a new folder, bring its tables up to date, and set the environment so that Django
    connects to it as the worker does. Nothing of the environment's database or secret is used. The folder is removed at the end.
    """
    folder = env.var() / "bench" / f"run-{os.getpid()}"
    folder.mkdir(parents=True)
    own = {
        "HIRNOK_VAR": str(folder),
        "HIRNOK_ROLE": "edge",
        "HIRNOK_PRIVATE_RELAYS": "1",
        "HIRNOK_LOG_LEVEL": "WARNING",
        "HIRNOK_SECRET_KEY": "",
        "HIRNOK_DEBUG": "0",
        "DATABASE_URL": "",
    }
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    cluster = Cluster(folder / "postgres")
    try:
        with database.running():
            migrate = programs.migrate()
            subprocess.run(migrate.command, env=os.environ | migrate.environment, check=True)  # noqa: S603
            yield Place(scale, folder, say)
    finally:
        for home in {cluster.home, cluster.socket, folder}:
            shutil.rmtree(home, ignore_errors=True)
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def free_port() -> int:
    """Return a port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
