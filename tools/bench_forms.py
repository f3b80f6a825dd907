"""How many sign-ups a second the web process takes: `python tools/bench_forms.py [--rate 100] [--seconds 30]`.

A throwaway installation of its own (embedded PostgreSQL with the settings of production, `hirnok web` as it is
started in production) gets submissions at a fixed rate, whether the ones before were answered or not, each of
another address from another network, over loopback only. Each must be answered, leave a waiting sign-up and a letter
that asks to confirm. It prints one JSON object: what was measured, seconds unless said otherwise.
"""

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60.0
CONNECTIONS = 64
TICKS = os.sysconf("SC_CLK_TCK")
COLUMNS = ("consent_pendingsignup", "outbox_letter", "register_holding")


@dataclass
class Target:
    """A form that takes sign-ups: where, and the stamp of when it was shown."""

    host: str
    port: int
    path: str
    stamp: str


@dataclass
class Answers:
    """What came back: how long each took, and how many of each status."""

    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def quantile(self, share: float) -> float:
        """Return the time within which this share was answered."""
        ordered = sorted(self.times)
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 4)


def main() -> int:
    """Measure and print; 1 when a submission was not taken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=100, help="submissions a second")
    parser.add_argument("--seconds", type=float, default=30, help="for how long")
    given = parser.parse_args()
    measured = measure(rate=given.rate, seconds=given.seconds)
    print(json.dumps(measured, indent=2))
    return 0 if measured["taken"] == measured["sent"] else 1


def measure(*, rate: float = 100, seconds: float = 30) -> dict[str, Any]:
    """Start an installation, send it sign-ups at a rate, and return the figures."""
    with tempfile.TemporaryDirectory(prefix="hb-", dir="/tmp") as folder, _installed(folder) as dsn:
        target = _form()
        with _web(target.port) as web:
            asyncio.run(_warm(target))
            before, counted = _processor_time(web), _counted(dsn)
            database = _processor_time(_postmaster(folder))
            begun = time.monotonic()
            answers = asyncio.run(_send(target, int(rate * seconds), rate))
            took = time.monotonic() - begun
            web_time = _processor_time(web) - before
            database_time = _processor_time(_postmaster(folder)) - database
        rows = _counted(dsn)
    sent, taken = int(rate * seconds), answers.statuses.get(302, 0)
    return {
        "sent": sent,
        "taken": taken,
        "statuses": answers.statuses,
        "rows": {name: rows[name] - counted[name] for name in COLUMNS},
        "a second": round(taken / took, 1),
        "processor web, ms each": round(web_time / max(taken, 1) * 1000, 2),
        "processor database, ms each": round(database_time / max(taken, 1) * 1000, 2),
        "p50": answers.quantile(0.5),
        "p99": answers.quantile(0.99),
        "longest": answers.quantile(1),
    }


@contextlib.contextmanager
def _installed(folder: str) -> Iterator[str]:
    """An embedded database, migrated; yields its owner's address. Django is set up in this process."""
    os.chmod(folder, 0o755)  # noqa: S103 - the embedded server runs under an account of its own
    for name in ("DATABASE_URL", "HIRNOK_PUBLIC_URL", "HIRNOK_SECRET_KEY"):
        os.environ.pop(name, None)
    os.environ |= {
        "HIRNOK_VAR": folder,
        "HIRNOK_ROLE": "edge",
        "HIRNOK_PROXIES": "1",
        "HIRNOK_WEB_PORT": str(_free_port()),
        "DJANGO_SETTINGS_MODULE": "hirnok.settings",
    }
    sys.path.insert(0, str(ROOT))
    from hirnok.process import database, programs

    with database.running():
        migrate = programs.migrate()
        subprocess.run(migrate.command, env=os.environ | migrate.environment, check=True)
        import django

        django.setup()
        yield os.environ["DATABASE_URL"]
        from django.db import connections

        connections.close_all()


def _form() -> Target:
    """A tenant with a brand, a list and a form in two languages that asks for a name."""
    from datetime import timedelta

    from hirnok.consent import forming, stamps, wording
    from hirnok.contacts.models import List
    from hirnok.lib import clock, env, keys
    from hirnok.register import founding
    from hirnok.tenants.acting import acting_for
    from hirnok.tenants.models import Brand

    at, actor = clock.now(), "command:bench"
    tenant = founding.found(slug="alma", name="Alma", language="hu", actor=actor, at=at)
    with acting_for(tenant):
        brand = Brand.objects.create(
            tenant=tenant,
            name="Alma",
            sender_name="Alma hírlevél",
            from_address="hirlevel@alma.example",
            language="hu",
            postal_address="1011 Budapest, Fő utca 1.",
            created_at=at,
        )
        readers = List.objects.create(tenant=tenant, brand=brand, name="Olvasók", created_at=at)
        asked = forming.Asked("Honlap", {"first_name": False})
        form = forming.create(tenant, readers, asked, languages=("hu", "ro"), actor=actor, at=at)
        text = wording.consent_text(form, "hu")
        assert text is not None
        shown = stamps.Shown(text.pk, at - timedelta(seconds=10))
        stamp = stamps.stamp(keys.derive("sign-up-form"), form.token, shown)
    port = int(env.get("HIRNOK_WEB_PORT"))
    return Target("127.0.0.1", port, f"/f/{form.token}/?language=hu", stamp)


@contextlib.contextmanager
def _web(port: int) -> Iterator[int]:
    """The web process as production starts it; yields its number."""
    environment = os.environ | {"HIRNOK_ROLE": "web"}
    command = [sys.executable, "-m", "hirnok", "web"]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(PATIENCE)


async def _warm(target: Target) -> None:
    """Let every thread meet the database before the clock runs."""
    await _send(target, 40, 40)


async def _send(target: Target, number: int, rate: float) -> Answers:
    """Send so many at a fixed rate over connections that are kept."""
    answers = Answers()
    free: asyncio.Queue[Any] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(None)
    begun = asyncio.get_running_loop().time()
    run = secrets.token_hex(4)

    async def one(place: int) -> None:
        due = begun + place / rate
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
        connection = await free.get()
        status = 0
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            connection = connection or await asyncio.open_connection(target.host, target.port)
            status = await asyncio.wait_for(_ask(connection, target, run, place), PATIENCE)
        free.put_nowait(connection if status else None)
        answers.statuses[status] = answers.statuses.get(status, 0) + 1
        answers.times.append(asyncio.get_running_loop().time() - due)

    async with asyncio.TaskGroup() as group:
        for place in range(number):
            group.create_task(one(place))
    return answers


async def _ask(connection: Any, target: Target, run: str, place: int) -> int:
    reader, writer = connection
    filled = {
        "email": f"reader-{run}-{place}@example.org",
        "first_name": "Liza",
        "consent": "on",
        "stamp": target.stamp,
    }
    body = urllib.parse.urlencode(filled).encode()
    network = f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.9"
    writer.write(
        f"POST {target.path} HTTP/1.1\r\nHost: {target.host}:{target.port}\r\n"
        f"X-Forwarded-For: {network}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lines = [line.partition(":") for line in head.lower().split("\r\n")[1:]]
    length = next((int(value) for name, _, value in lines if name == "content-length"), 0)
    await reader.readexactly(length)
    return int(head.split()[1])


def _counted(dsn: str) -> dict[str, int]:
    import psycopg

    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "SELECT " + ", ".join(f"(SELECT count(*) FROM {name})" for name in COLUMNS)  # type: ignore[arg-type]  # noqa: S608
        ).fetchone()
    assert row
    return dict(zip(COLUMNS, row, strict=True))


def _postmaster(folder: str) -> int:
    found = Path(folder) / "postgres" / "data" / "postmaster.pid"
    return int(found.read_text().split()[0])


def _processor_time(pid: int) -> float:
    """Seconds that a process and its children, also those that ended, have computed."""
    children: dict[int, list[int]] = {}
    spent: dict[int, float] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            number = int(stat.parent.name)
            children.setdefault(int(fields[1]), []).append(number)
            spent[number] = sum(map(int, fields[11:15])) / TICKS
    total, waiting = 0.0, [pid]
    while waiting:
        number = waiting.pop()
        total += spent.get(number, 0.0)
        waiting += children.get(number, [])
    return total


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
