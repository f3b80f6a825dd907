"""The command: which measures, how large, and what becomes of the figures."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import django
from django.db import connections

from hirnok.bench import place, results
from hirnok.bench.results import Row
from hirnok.lib import env

NAMES = (
    "campaign", "campaign_data", "campaign_rtt20", "campaign_rtt20_data", "dkim", "launch", "import", "reimport", "forms",
    "tracker", "report_page", "contacts_page", "access_copy", "erasure", "reap",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; returns the exit status."""
    given = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hirnok.settings")
    file = given.json or env.var() / "bench.json"
    rows: list[Row] = []
    with place.prepared(given.scale, _say) as here:
        django.setup()  # reads the environment of the place
        from hirnok.bench.measures import CROWD, MEASURES

        names = [name for name in MEASURES if not given.only or name in given.only]
        for name, following in zip(names, [*names[1:], ""], strict=True):
            _say(f"{name} …")
            rows.append(MEASURES[name](here))
            results.write(file, rows, MEASURES)
            if not {name, following} <= CROWD:  # those share what was made for the first of them
                here.empty()
        connections.close_all()
    sys.stdout.write(results.table(rows) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "hirnok bench", description="Measure how fast Hirnok is here (docs/performance.md)."
    )
    parser.add_argument(
        "--only", type=_names, default=(), metavar="NAMES", help=f"by comma: {', '.join(NAMES)}"
    )
    parser.add_argument(
        "--scale", type=_scale, default=1.0, help="1 is the full size, 0.1 a tenth of it"
    )
    parser.add_argument("--json", type=Path, help="where the figures go: bench.json in var/")
    return parser


def _names(text: str) -> tuple[str, ...]:
    names = tuple(filter(None, text.replace(" ", ",").split(",")))
    if unknown := set(names) - set(NAMES):
        raise argparse.ArgumentTypeError(f"there is no measure {', '.join(sorted(unknown))}")
    return names


def _scale(text: str) -> float:
    scale = float(text)
    if not 0 < scale <= 10:
        raise argparse.ArgumentTypeError("a number above 0, at most 10")
    return scale


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
