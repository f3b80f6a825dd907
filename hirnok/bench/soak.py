"""`python -m hirnok.bench.soak`: one campaign to a million, and how memory, rate and counts go over its time.

Everything is as in the measure `campaign`; here not the figure counts but its course: whether memory grows, whether the
rate falls, whether every recipient is accounted and has arrived exactly once. Prints a table, and keeps
`var/soak.json`; the exit status is 1 when a count is wrong.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import django
from django.db import connections

from hirnok.bench import place, usage
from hirnok.lib import env
from hirnok.process import database, postgres

RECIPIENTS = 1_000_000
EVERY = 5.0  # seconds between two looks
CONNECTIONS = 16


@dataclass(frozen=True)
class Look:
    """One moment: seconds since the launch began, messages accepted, a second since the look before, MB of memory."""

    second: float
    accepted: int
    rate: float
    engine_mb: float
    sink_mb: float
    database_mb: float


@dataclass
class Watch:
    """Looks at processes until told to stop; for a thread."""

    engine: int
    sink: int
    file: Path
    looks: list[Look] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)
    _started: float = field(default_factory=time.monotonic)
    _lines: int = 0
    _at: int = 0

    def run(self) -> None:
        """Look every few seconds."""
        while not self.done.wait(EVERY):
            self.look()

    def look(self) -> None:
        """Look once."""
        before = self.looks[-1] if self.looks else Look(0, 0, 0, 0, 0, 0)
        second = time.monotonic() - self._started
        accepted = self._accepted()
        server = postgres.postmaster(database.embedded()) or 0
        self.looks.append(
            Look(
                round(second, 1),
                accepted,
                round((accepted - before.accepted) / max(0.001, second - before.second), 1),
                usage.resident(self.engine),
                usage.resident(self.sink),
                max((usage.resident(pid) for pid in (server, *usage.children(server))), default=0),
            )
        )

    def _accepted(self) -> int:
        """Count the lines that have come since the look before."""
        with self.file.open("rb") as file:
            file.seek(self._at)
            for block in iter(lambda: file.read(1 << 20), b""):
                self._lines += block.count(b"\n")
                self._at += len(block)
        return self._lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Send, watch, count; returns the exit status."""
    given = _parser().parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hirnok.settings")
    file = given.json or env.var() / "soak.json"
    with place.prepared(1.0, _say) as here:
        django.setup()  # reads the environment of the place
        told = _soak(here, given.recipients)
        connections.close_all()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(told) + "\n", "utf-8")
    looks = [Look(**look) for look in told["looks"]]  # type: ignore[attr-defined]
    sys.stdout.write(_table(looks))
    sys.stdout.write(json.dumps({name: told[name] for name in told if name != "looks"}) + "\n")
    return 0 if told["passed"] else 1


def _soak(here: place.Place, recipients: int) -> dict[str, object]:
    from hirnok.bench import sending

    with sending.sink(here) as sink:
        made, _ = sending.cast_with_relay(here, "soak", recipients, sink, CONNECTIONS)
        with sending.engine(here) as engine:
            watch = Watch(engine.popen.pid, sink.process.popen.pid, sink.file)
            thread = threading.Thread(target=watch.run, daemon=True)
            thread.start()
            try:
                sent = sending.send(here, made, recipients, engine, sink)  # raises Miscounted
            finally:
                watch.done.set()
                thread.join()
            watch.look()
        different = len(set(sink.file.read_bytes().split(b"\n")) - {b""})
    steady = [look.engine_mb for look in watch.looks[len(watch.looks) // 5 :]]
    return {
        "recipients": recipients,
        "accepted": watch.looks[-1].accepted,
        "different": different,
        "seconds": round(sent.seconds, 1),
        "rate": round(sent.rate, 1),
        "cpu_us": round(sent.cpu_us, 1),
        "engine_mb": sent.rss_mb,
        "engine_growth_mb": round(max(steady) - min(steady), 1),
        "passed": recipients == watch.looks[-1].accepted == different,
        "looks": [asdict(look) for look in watch.looks],
    }


def _table(looks: list[Look]) -> str:
    """Return about twenty of the looks as text."""
    lines = [
        f"{'s':>7} {'accepted':>10} {'per s':>8} {'engine MB':>10} {'sink MB':>8} {'db MB':>8}"
    ]
    shown = looks[:: max(1, len(looks) // 20)]
    for look in [*shown, *([] if shown[-1] is looks[-1] else [looks[-1]])]:
        lines.append(
            f"{look.second:7.0f} {look.accepted:10,} {look.rate:8,.0f} {look.engine_mb:10.1f}"
            f" {look.sink_mb:8.1f} {look.database_mb:8.1f}"
        )
    return "\n".join(lines) + "\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("hirnok.bench.soak")
    parser.add_argument("--recipients", type=int, default=RECIPIENTS)
    parser.add_argument("--json", type=Path, help="where it goes: soak.json in var/")
    return parser


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    raise SystemExit(main())
