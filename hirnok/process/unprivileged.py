"""The account under which PostgreSQL runs, and what that account can reach.

PostgreSQL refuses to run as root. When we are root it runs under a system account of its own; permissions
of folders above ours are never changed, so that data under a closed folder (such as root's home) has to
go to a place the account can reach: `reachable` says whether a path is one.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

NAME = "hirnok-pg"


@dataclass(frozen=True)
class Account:
    """A user of the operating system: numeric user and group."""

    uid: int
    gid: int

    def owns(self, path: Path) -> bool:
        """Whether the path belongs to this account."""
        return path.lstat().st_uid == self.uid


class NoAccount(Exception):
    """There is no unprivileged account for PostgreSQL and none could be made."""


def account() -> Account:
    """Return the account PostgreSQL runs under: ours, or when we are root the system account, made if missing."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    found = _find(NAME) or _make(NAME) or _find("nobody")
    if found is None:
        raise NoAccount
    return found


def owner(path: Path) -> Account:
    """Return the account that a file belongs to."""
    status = path.stat()
    return Account(status.st_uid, status.st_gid)


def reachable(path: Path) -> bool:
    """Whether an account that owns nothing on the way gets to the path and may read it.

    A part that does not exist yet will be made by us, open enough.
    """
    if os.geteuid() != 0:
        return True
    inner = path.resolve()
    return all(_open_to_others(part) for part in (inner, *inner.parents))


def run(
    argv: Sequence[str | Path], under: Account, time_limit: float
) -> subprocess.CompletedProcess[str]:
    """Run a program under an account with a clean environment and without a terminal; output is captured."""
    change = os.geteuid() == 0
    return subprocess.run(  # noqa: S603
        [str(part) for part in argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd="/",
        env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "HOME": "/"},
        timeout=time_limit,
        check=False,
        umask=0o077,
        user=under.uid if change else None,
        group=under.gid if change else None,
        extra_groups=[] if change else None,
    )


def folder(path: Path, belongs_to: Account, mode: int = 0o700) -> Path:
    """Make a folder that belongs to an account; folders above it that are missing stay ours and open."""
    if not path.parent.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    path.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        os.chown(path, belongs_to.uid, belongs_to.gid)
    path.chmod(mode)
    return path


def _open_to_others(part: Path) -> bool:
    try:
        mode = part.stat().st_mode
    except FileNotFoundError:
        return True
    return bool(mode & 0o001) and (part.is_dir() or bool(mode & 0o004))


def _find(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid)


def _make(name: str) -> Account | None:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        return None
    options = [
        "--system",
        "--user-group",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/bin/false",
    ]
    made = subprocess.run([program, *options, name], capture_output=True, check=False)  # noqa: S603
    return _find(name) if made.returncode in {0, 9} else None  # 9: somebody else just made it
