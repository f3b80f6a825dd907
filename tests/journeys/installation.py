"""A whole installation for a journey: `hirnok up --sandbox` with real processes on free ports, on a database of
its own beside the test session's, and somebody who may sign in."""

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from hirnok.process import database
from hirnok.process.tests.places import eventually
from hirnok.sandbox import store

STOPS_WITHIN = 90.0


@dataclass
class Installation:
    """Where everything of it is."""

    folder: Path
    process: "subprocess.Popen[bytes]"
    environment: dict[str, str]

    @property
    def said(self) -> str:
        """What its processes have printed."""
        output = self.folder / "output"  # not there yet while the process starts
        return output.read_text(errors="replace") if output.exists() else ""

    @property
    def base(self) -> str:
        """The address of the web process."""
        return self._found(r"ready: (\S+)")

    @property
    def sign_in(self) -> tuple[str, str]:
        """Address and password of the first owner, as printed at the first start."""
        return self._found(r"Sign in at \S+ as (\S+)"), self._found(
            r"Password, shown only now: (\S+)"
        )

    @property
    def smtp_port(self) -> int:
        """The port of the mail sandbox."""
        return int(self._found(r'"smtp": (\d+)'))

    @property
    def sandbox(self) -> str:
        """The address of the mail sandbox's pages."""
        return "http://127.0.0.1:" + self._found(r'"web": (\d+)')

    @property
    def accepted(self) -> list[tuple[str, str]]:
        """(Message-ID, recipient) of everything that the sandbox took."""
        return list(store.accepted(self.folder / "sandbox"))

    def pid(self, name: str) -> int:
        """The number of a process, once it runs."""
        return int(eventually((self.folder / "run" / f"{name}.pid").read_text))

    def kill(self, name: str) -> None:
        """End a process without any warning."""
        os.kill(self.pid(name), signal.SIGKILL)

    def mails(self) -> list[bytes]:
        """The source of everything that the sandbox took, each message once."""
        found: dict[str, bytes] = {}
        for index in sorted((self.folder / "sandbox").glob("*.index")):
            source = index.with_suffix(".mail").read_bytes()
            for line in index.read_text("utf-8").splitlines():
                entry = json.loads(line)
                start = entry["offset"]
                found.setdefault(entry["message_id"], source[start : start + entry["size"]])
        return list(found.values())

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask (or tell) the database as its owner."""
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as connection:
            cursor = connection.execute(statement, values)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def command(self, *words: str) -> str:
        """Run `hirnok …` beside it; returns what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "hirnok", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=STOPS_WITHIN,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _found(self, pattern: str) -> str:
        match = re.search(pattern, self.said)
        assert match, self.said
        return match[1]


@contextmanager
def installation(
    folder: Path, *options: str, environment: dict[str, str] | None = None
) -> Iterator[Installation]:
    """Start one (`hirnok up --sandbox`, or with other options), wait until it serves, stop it at the end.

    Without an `environment` it gets a database of its own for that time.
    """
    with contextlib.ExitStack() as stack:
        given = environment or stack.enter_context(prepared(folder))
        with (folder / "output").open("wb") as output:
            command = [sys.executable, "-m", "hirnok", "up", *(options or ("--sandbox",))]
            process = subprocess.Popen(command, stdout=output, stderr=output, env=given)
        try:
            made = Installation(folder, process, given)
            eventually(lambda: "ready: " in made.said or process.poll() is not None)
            assert process.poll() is None, made.said
            yield made
        finally:
            process.terminate()
            process.wait(STOPS_WITHIN)


@contextmanager
def prepared(folder: Path) -> Iterator[dict[str, str]]:
    """Make a database beside the test session's and give the environment of its processes; drop it at the end."""
    name = f"journey_{secrets.token_hex(4)}"
    owner = database.url()
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    ports = ("WEB", "TRACKER", "SANDBOX_SMTP", "SANDBOX_WEB")
    environment = os.environ | {f"HIRNOK_{port}_PORT": "0" for port in ports}
    environment |= {
        "DATABASE_URL": database.in_database(owner, name),
        "HIRNOK_VAR": str(folder),
        "HIRNOK_PROXIES": "1",
        "HIRNOK_SECOND_FACTOR": "0",
    }
    for setting in ("HIRNOK_ROLE", "HIRNOK_PUBLIC_URL", "HIRNOK_TRACKER_URL"):
        environment.pop(setting, None)
    try:
        yield environment
    finally:
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
            for role in ("web", "edge"):
                connection.execute(
                    sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(f"{name}_{role}"))
                )
