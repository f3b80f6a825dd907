"""Locks between processes: files under flock, which the kernel frees however a process ends."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path


class StillLocked(Exception):
    """Another process has been holding the lock for the whole time that was allowed."""


@contextlib.contextmanager
def alone(path: Path, patience: float) -> Iterator[None]:
    """Hold a lock that only one process has; StillLocked after `patience` seconds."""
    handle = opened(path)
    try:
        deadline = time.monotonic() + patience
        while not taken_alone(handle):
            if time.monotonic() > deadline:
                raise StillLocked(path)
            time.sleep(0.05)
        yield
    finally:
        os.close(handle)


def opened(path: Path) -> int:
    """Open (and make) a lock file; closing the handle frees what is held by it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def shared(handle: int) -> None:
    """Become one of the holders; waits while somebody has it alone."""
    fcntl.flock(handle, fcntl.LOCK_SH)


def taken_alone(handle: int) -> bool:
    """Try to become the only holder; whoever held it shared and fails holds nothing any more."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
