"""The ports of `hirnok up`: those of the settings while they are free, else free ones, remembered for the next run."""

import json
import socket
from collections.abc import Sequence
from pathlib import Path

from hirnok.lib import env


def choose(names: Sequence[str], memory: Path) -> dict[str, int]:
    """Return a free port per setting (0 in a setting: any) and remember the choice in a file."""
    host = env.get("HIRNOK_BIND")
    remembered = _remembered(memory)
    chosen: dict[str, int] = {}
    for name in names:
        wanted = [port for port in (env.number(name), remembered.get(name, 0)) if port]
        chosen[name] = next(
            port
            for want in (*wanted, 0, 0, 0, 0)
            if (port := _free(host, want)) and port not in chosen.values()
        )
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps(remembered | chosen, indent=1))
    return chosen


def answers(host: str, port: int) -> bool:
    """Whether something listens there."""
    try:
        with socket.create_connection((host, port), timeout=5):
            return True
    except OSError:
        return False


def _free(host: str, port: int) -> int | None:
    """Return the port (for 0: any) if nobody listens on it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return None
        return int(probe.getsockname()[1])


def _remembered(memory: Path) -> dict[str, int]:
    try:
        return {str(name): int(port) for name, port in json.loads(memory.read_text()).items()}
    except (OSError, ValueError, AttributeError):
        return {}
