"""Writing files so that what was written is on the disk when it returns, the name of a new file included."""

import os
from pathlib import Path


def append(path: Path, data: bytes) -> None:
    """Add `data` to the end of a file (mode 0600), which is made with its folder if needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    _synced(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), data)
    if is_new:
        _synced(os.open(path.parent, os.O_RDONLY))


def replace(path: Path, data: bytes) -> None:
    """Give a file (mode 0600) new content at once: whoever reads it, or a crash, finds the old or the new one."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    _synced(os.open(fresh, os.O_WRONLY | os.O_TRUNC | os.O_CREAT, 0o600), data)
    fresh.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Wait until the disk has a file, or the names in a folder."""
    _synced(os.open(path, os.O_RDONLY))


def _synced(descriptor: int, data: bytes = b"") -> None:
    try:
        left = memoryview(data)
        while left:  # a disk that is nearly full takes a part and complains at the next
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
