"""`hirnok bench` measures everything it names, on a server of its own, and leaves nothing behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

from hirnok.bench import results
from hirnok.bench.measures import MEASURES
from hirnok.bench.run import NAMES


def test_it_measures_everything_in_small(tmp_path: Path) -> None:
    var, file = tmp_path / "var", tmp_path / "bench.json"
    command = [sys.executable, "-m", "hirnok", "bench", "--scale", "0.0005", "--json", str(file)]
    # A database that is given is the user's: it must not be used, so this one does not exist.
    own = {"HIRNOK_VAR": str(var), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/users"}
    done = subprocess.run(
        command, env=os.environ | own, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stderr[-4000:]
    rows = {row["name"]: row for row in json.loads(file.read_text())}
    assert list(rows) == [name for name in NAMES if name in MEASURES] == list(MEASURES)
    for name, row in rows.items():
        assert set(row) == set(results.NAMES)
        assert row["value"] > 0, name
        assert row["rows"] > 0, name
        assert name in done.stdout
    assert list((var / "bench").iterdir()) == []


def test_it_refuses_what_it_does_not_know() -> None:
    command = [sys.executable, "-m", "hirnok", "bench", "--only", "nonsense"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "nonsense" in done.stderr


def test_it_soaks_in_small(tmp_path: Path) -> None:
    file = tmp_path / "soak.json"
    words = ["-m", "hirnok.bench.soak", "--recipients", "300", "--json", str(file)]
    own = {"HIRNOK_VAR": str(tmp_path / "var"), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/u"}
    done = subprocess.run(
        [sys.executable, *words],
        env=os.environ | own,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    told = json.loads(file.read_text())
    assert (told["accepted"], told["different"], told["passed"]) == (300, 300, True)
    assert told["looks"][-1]["engine_mb"] > 0
