"""What processes have used, from /proc (Linux, proc(5)). Pure reading; a process that is gone has used nothing more."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


@dataclass(frozen=True)
class Usage:
    """Seconds of processor time, and the most memory (MB) that it had at one time."""

    cpu: float
    rss_mb: float


def of_process(pid: int) -> Usage:
    """Return what one process has used, with those of its children that have ended."""
    return Usage(_cpu(_stat(pid)), _memory(pid, "VmHWM:"))


def of_this() -> Usage:
    """Return what this process has used, with its children that have ended."""
    return of_process(os.getpid())


def of_tree(pid: int) -> Usage:
    """Return what a process and its living children have used together; memory is the largest single one's."""
    parts = [of_process(one) for one in (pid, *children(pid))]
    return Usage(sum(part.cpu for part in parts), max(part.rss_mb for part in parts))


def resident(pid: int) -> float:
    """Return the memory (MB) that a process has now."""
    return _memory(pid, "VmRSS:")


def children(pid: int) -> list[int]:
    """Return the living children and grandchildren of a process."""
    parents = {}
    for place in _PROC.glob("[0-9]*"):
        number = int(place.name)
        fields = _stat(number)
        if fields:
            parents[number] = int(fields[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name: state, parent, …"""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _cpu(fields: list[str]) -> float:
    """Return utime + stime + cutime + cstime (fields 14 to 17)."""
    return sum(map(int, fields[11:15])) / _TICK


def _memory(pid: int, line_of: str) -> float:
    try:
        text = (_PROC / str(pid) / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    for line in text.splitlines():
        if line.startswith(line_of):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0
