"""Folders for servers of a test: open to the server's account, short enough for a socket, gone afterwards."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from hirnok.process import postgres
from hirnok.process.layout import Cluster

PATIENCE = 120.0
T = TypeVar("T")


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hirnok-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def throwaway(base: Path) -> Iterator[Cluster]:
    cluster = Cluster(base, throwaway=True)
    try:
        yield cluster
    finally:
        postgres.remove(cluster)


def eventually(condition: Callable[[], T]) -> T:
    """Return the first true value of the condition; AssertionError when there is none in time."""
    deadline = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {PATIENCE} s in vain"
        time.sleep(0.05)
    return value


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
