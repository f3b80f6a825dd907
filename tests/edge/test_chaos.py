"""A short `make chaos`: a few faults at random against a whole installation, and nothing lost or miscounted."""

import json
import os
import subprocess
import sys
from pathlib import Path

FAULTS, RECIPIENTS = 15, 1000


def test_it_loses_nothing_whatever_happens(tmp_path: Path) -> None:
    told = tmp_path / "chaos.json"
    words = ["--faults", str(FAULTS), "--recipients", str(RECIPIENTS), "--json", str(told)]
    words += ["--pause", "0.5"]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-5000:]
    result = json.loads(told.read_text())
    assert json.loads(done.stdout.splitlines()[-1]) == result
    assert result["kills"] == sum(result["faults"].values()) == FAULTS
    assert result["recipients"] >= RECIPIENTS
    assert (result["lost"], result["miscounted"], result["unknown"]) == (0, 0, 0)
    assert result["repeated"] <= result["repeated_at_most"]
