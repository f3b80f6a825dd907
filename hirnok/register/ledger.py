"""The erasure ledger: what was erased, so that a restored backup can be brought up to date again.

Lines of JSON in `var/erasures/`, outside the database and its dumps, with blind indexes and ids only. A line is
on the disk before the erasure is committed: an erasure that was rolled back may have one, one that happened
never lacks it.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hirnok.lib import durable, env


def folder() -> Path:
    """Return where the ledger lies."""
    return env.var() / "erasures"


@dataclass(frozen=True)
class Entry:
    """One erasure: which holdings of a tenant, of which persons, why, when."""

    at: datetime
    tenant: int
    reason: str
    holdings: list[int]
    indexes: list[bytes]


def entries() -> Iterator[Entry]:
    """Yield what was erased, the oldest first; a line that was cut off by a crash was never committed."""
    for path in sorted(folder().glob("*.jsonl")):
        for line in path.read_text().splitlines():
            try:
                found = json.loads(line)
            except ValueError:
                continue
            yield Entry(
                at=datetime.fromisoformat(found["at"]),
                tenant=found["tenant"],
                reason=found["reason"],
                holdings=found["holdings"],
                indexes=[bytes.fromhex(index) for index in found["blind_indexes"]],
            )


def append(
    *, tenant: int, holdings: Iterable[int], indexes: Iterable[bytes], reason: str, at: datetime
) -> None:
    """Add one entry and wait until the disk has it; one file a month."""
    entry = {
        "at": at.isoformat(),
        "tenant": tenant,
        "reason": reason,
        "holdings": sorted(holdings),
        "blind_indexes": sorted({index.hex() for index in indexes}),
    }
    # a line of its own, whatever a crash has left before it
    line = b"\n" + json.dumps(entry, separators=(",", ":")).encode() + b"\n"
    durable.append(folder() / f"{at:%Y-%m}.jsonl", line)
