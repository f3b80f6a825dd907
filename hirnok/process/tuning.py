"""The configuration of an embedded PostgreSQL: sensible from 2 to 24 GB of memory, shared with ourselves."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

MEGABYTE = 1024 * 1024
HOST_BASED_ACCESS = "# Written by Hirnok at every start. Nobody is trusted, nothing listens on the network.\nlocal all all scram-sha-256\n"


def memory() -> int:
    """Return the bytes of memory this machine (or control group) has."""
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            sizes.append(int(Path(limit).read_text()))
    return min(sizes)


def parameters(total_memory: int, socket: Path, port: int, *, throwaway: bool) -> dict[str, str]:
    """Return the parameters for a machine with so many bytes of memory."""
    megabytes = total_memory // MEGABYTE
    shared = 64 if throwaway else _between(128, megabytes // 8, 1024)
    chosen = {
        "listen_addresses": "",
        "port": str(port),
        "unix_socket_directories": str(socket),
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        "max_connections": "100",
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{_between(256, megabytes // 2, 16384)}MB",
        "work_mem": f"{_between(4, megabytes // 512, 32)}MB",
        "maintenance_work_mem": f"{_between(64, megabytes // 32, 512)}MB",
        "max_wal_size": f"{_between(1024, megabytes // 4, 4096)}MB",
        "checkpoint_completion_target": "0.9",
        "random_page_cost": "1.1",
        "jit": "off",
        "autovacuum_vacuum_scale_factor": "0.05",
        "autovacuum_analyze_scale_factor": "0.05",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgresql-%a.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_line_prefix": "%m [%p] %u@%d ",
        "log_parameter_max_length_on_error": "0",
        "log_error_verbosity": "terse",
    }
    return chosen | (_FAST if throwaway else {})


def as_text(chosen: Mapping[str, str]) -> str:
    """Write parameters as the server reads them."""
    lines = [f"{name} = '{_escaped(value)}'" for name, value in chosen.items()]
    head = "# Written by Hirnok at every start; put your own settings into hirnok-local.conf beside this file."
    return "\n".join([head, *lines, "include_if_exists 'hirnok-local.conf'", ""])


_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "1024MB",
    "autovacuum_naptime": "10min",
}


def _escaped(value: str) -> str:
    return value.replace("'", "''")


def _between(least: int, value: int, most: int) -> int:
    return max(least, min(value, most))
