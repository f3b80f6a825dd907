"""Maintenance: a file beside the database says that nothing but its pages of excuse may run, since when and why.

A restore turns it on before it touches anything, and off only when everything that was to be erased is erased.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from hirnok.lib import durable, env


class UnderMaintenance(Exception):
    """Hirnok is under maintenance: it starts again when the restore has ended well (hirnok restore --help)."""


@dataclass(frozen=True)
class Maintenance:
    """Since when (ISO 8601), why, and of when the backup is that is restored."""

    since: str
    why: str
    backup: str = ""


def path() -> Path:
    """Return where it is written."""
    return env.var() / "maintenance.json"


def current() -> Maintenance | None:
    """Return what is going on; None when all may run. A file that cannot be read means maintenance."""
    try:
        return Maintenance(**json.loads(path().read_text()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError):
        return Maintenance("", f"{path()} cannot be read")


def begin(why: str, at: datetime, backup: str = "") -> None:
    """Turn it on, or say a new reason; on the disk when it returns."""
    known = current()
    since = known.since if known and known.since else at.isoformat()
    told = Maintenance(since, why, backup or (known.backup if known else ""))
    path().parent.mkdir(parents=True, exist_ok=True)
    durable.replace(path(), json.dumps(asdict(told)).encode())


def end() -> None:
    """Turn it off."""
    path().unlink(missing_ok=True)
