"""`python -m tests.chaos`: random faults, campaigns, a verdict. Exit status 1 when anything is lost, miscounted or
repeated beyond the windows that were open.

As root it goes on in new namespaces of network and mounts, with a tmpfs for the data and a cable to the mail
server; what cannot be done on this machine is named in the result and does not count.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from hirnok.lib import env
from tests.chaos import ground as places
from tests.chaos.campaigns import Campaigns
from tests.chaos.faults import Fault, Scene, plan, possible
from tests.chaos.judge import Verdict, judge

INSIDE = "HIRNOK_CHAOS_INSIDE"


def main() -> int:
    """Run and judge; returns the exit status."""
    given = _parser().parse_args()
    if not given.seed:
        given.seed = random.SystemRandom().randrange(1, 1_000_000)
    if INSIDE not in os.environ and _may_isolate():
        words = ["--seed", str(given.seed), "--faults", str(given.faults)]
        words += ["--recipients", str(given.recipients), "--json", str(given.json)]
        words += ["--pause", str(given.pause)]
        command = ["unshare", "--net", "--mount", "--propagation", "private", sys.executable]
        inside = os.environ | {INSIDE: "1"}
        return subprocess.run(
            [*command, "-m", "tests.chaos", *words], env=inside, check=False
        ).returncode
    _say(f"chaos: seed {given.seed}, {given.faults} faults, {given.recipients} recipients each")
    folder = Path(tempfile.mkdtemp(prefix="hirnok-chaos-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        result = _run(given, folder)
    finally:
        if not os.environ.get("HIRNOK_CHAOS_KEEP"):
            places.clear(folder)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(result, ensure_ascii=False)
    given.json.write_text(line + "\n")
    print(line, flush=True)
    return 0 if result["passed"] else 1


def _run(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    started = time.monotonic()
    chosen = random.Random(given.seed)
    with places.prepared(folder, given.seed, isolated=INSIDE in os.environ) as ground:
        can, not_run = possible(ground)
        campaigns = Campaigns(ground, given.recipients, random.Random(given.seed + 1))
        campaigns.prepare()
        _say(f"chaos: ready after {time.monotonic() - started:.0f} s")
        threads = [
            threading.Thread(target=work, daemon=True)
            for work in (campaigns.run, campaigns.open_mails)
        ]
        for thread in threads:
            thread.start()
        done, allowed = _strike(
            Scene(ground, campaigns, chosen), plan(can, given.faults, chosen), given.pause
        )
        campaigns.stop()
        for thread in threads:
            thread.join(600)
        campaigns.finish()
        allowed += ground.sink.tell()
        verdict = judge(ground, campaigns)
    verdict.remarks += campaigns.errors
    return _result(given.seed, done, allowed, verdict, not_run) | {
        "campaigns": len(campaigns.all),
        "cancelled_campaigns": sum(campaign.cancelled for campaign in campaigns.all),
        "openings_acknowledged": campaigns.opened.total(),
        "seconds": round(time.monotonic() - started),
    }


def _strike(scene: Scene, faults: list[Fault], pause: float) -> tuple[Counter[str], int]:
    """Let the faults happen one after the other; returns what happened and how much may be repeated for it."""
    done: Counter[str] = Counter()
    allowed = 0
    for number, fault in enumerate(faults, start=1):
        if scene.campaigns.errors:
            break
        allowed += fault.run(scene)
        done[fault.name] += 1
        if number % 20 == 0:
            _say(f"chaos: {number} of {len(faults)} faults, {len(scene.campaigns.all)} campaigns")
        time.sleep(scene.chosen.uniform(0.1, 1.0) * pause)
    return done, allowed


def _result(
    seed: int, done: Counter[str], allowed: int, verdict: Verdict, not_run: dict[str, str]
) -> dict[str, Any]:
    passed = (
        verdict.lost == verdict.miscounted == verdict.unknown == 0
        and verdict.repeated <= allowed
        and not verdict.remarks
    )
    return {
        "seed": seed,
        "kills": done.total(),
        "recipients": verdict.recipients,
        "lost": verdict.lost,
        "repeated": verdict.repeated,
        "repeated_at_most": allowed,
        "unknown": verdict.unknown,
        "unknown_elsewhere": verdict.uncertain,
        "miscounted": verdict.miscounted,
        "not_run": not_run,
        "faults": dict(sorted(done.items())),
        "remarks": verdict.remarks,
        "passed": passed,
    }


def _may_isolate() -> bool:
    if os.geteuid() != 0:
        return False
    tried = ["unshare", "--net", "--mount", "--propagation", "private", "true"]
    try:
        return subprocess.run(tried, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("tests.chaos")
    parser.add_argument("--seed", type=int, default=0, help="repeats a run's order of faults")
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--recipients", type=int, default=5000, help="of each campaign")
    parser.add_argument("--pause", type=float, default=2.0, help="most seconds between two faults")
    parser.add_argument("--json", type=Path, default=env.ROOT / "var" / "chaos.json")
    return parser


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
