"""An embedded PostgreSQL: make it once, start or adopt it, wait until it has recovered, stop it.

It promises that whoever holds `running(cluster)` finds a server that answers, whatever was killed before;
that two starters at once make one server; that the last user stops it; and that it runs under an
unprivileged account also for root. Databases and roles in it are left to `database`.
"""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg

from hirnok.process import layout, locks, tuning, unprivileged
from hirnok.process.layout import Cluster

SUPERUSER = "postgres"
PATIENCE = 300.0  # seconds for recovery after a crash on a slow disk
STOP_PATIENCE = 60
ORPHAN_PATIENCE = 15.0


class DidNotStart(Exception):
    """The embedded PostgreSQL did not start; the end of its log follows."""


class BelongsToSomebodyElse(Exception):
    """The data folder of the embedded PostgreSQL belongs to another account of this machine."""


@contextlib.contextmanager
def running(cluster: Cluster, patience: float = PATIENCE) -> Iterator[None]:
    """Keep a server running for the time of the block; the last user to leave stops it."""
    handle = locks.opened(cluster.base / "users.lock")
    try:
        locks.shared(handle)
        start(cluster, patience)
        try:
            yield
        finally:
            if locks.taken_alone(handle):
                stop(cluster)
    finally:
        os.close(handle)


def start(cluster: Cluster, patience: float = PATIENCE) -> bool:
    """Make sure that the server runs and answers; whether it had to be started (and not adopted)."""
    with locks.alone(cluster.base / "start.lock", patience):
        if postmaster(cluster) is not None and _answers(cluster, patience):
            return False
        if not (cluster.data / "PG_VERSION").exists():
            _initialise(cluster, patience)
        try:
            _launch(cluster, patience)
        except DidNotStart:
            if not cluster.throwaway:
                raise
            shutil.rmtree(cluster.data)
            _initialise(cluster, patience)
            _launch(cluster, patience)
        if not _answers(cluster, patience):
            raise DidNotStart(_log_end(cluster))
        return True


def stop(cluster: Cluster) -> None:
    """Stop the server, cutting off who is connected; returns when it is gone."""
    if postmaster(cluster) is None:
        return
    for mode in ("fast", "immediate"):
        stopped = _control(cluster, "stop", "-m", mode, "-w", "-t", str(STOP_PATIENCE))
        if stopped.returncode == 0 or postmaster(cluster) is None:
            return
    raise DidNotStart(stopped.stdout)


def remove(cluster: Cluster) -> None:
    """Stop a throw-away server and delete all its files."""
    if not cluster.throwaway:
        raise ValueError(cluster)
    stop(cluster)
    for folder in {cluster.home, cluster.base, cluster.socket}:
        shutil.rmtree(folder, ignore_errors=True)


def postmaster(cluster: Cluster) -> int | None:
    """Return the process number of the running server; None when there is none, whatever a stale file says."""
    try:
        pid = int((cluster.data / "postmaster.pid").read_text().splitlines()[0])
        return (
            pid if Path(f"/proc/{pid}/cwd").resolve(strict=True) == cluster.data.resolve() else None
        )
    except (OSError, ValueError, IndexError):
        return None


def url(cluster: Cluster, user: str, password: str, database: str) -> str:
    """Return the URL of a database in the cluster."""
    query = urlencode({"host": str(cluster.socket), "port": layout.PORT})
    return f"postgresql://{quote(user)}:{quote(password)}@/{quote(database)}?{query}"


def superuser_url(cluster: Cluster, database: str = "postgres") -> str:
    """Return the URL by which this module and `database` administer the cluster."""
    return url(cluster, SUPERUSER, _superuser_password(cluster), database)


def _initialise(cluster: Cluster, patience: float) -> None:
    """Run initdb into a folder beside, and give it its name only when it is complete."""
    under = unprivileged.account()
    cluster.base.mkdir(parents=True, exist_ok=True)
    half = unprivileged.folder(cluster.data.with_name("data.new"), under)
    shutil.rmtree(half)
    unprivileged.folder(half, under)
    password_file = half.with_name("password.new")
    password_file.write_text(_superuser_password(cluster))
    if os.geteuid() == 0:
        os.chown(password_file, under.uid, under.gid)
    password_file.chmod(0o600)
    made = unprivileged.run(
        [layout.programs() / "initdb", "-D", half, *_INITDB, f"--pwfile={password_file}"],
        under,
        patience,
    )
    password_file.unlink()
    if made.returncode != 0:
        raise DidNotStart(made.stdout)
    half.rename(cluster.data)


_INITDB = (
    f"--username={SUPERUSER}",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
    "--auth=scram-sha-256",
    "--no-sync",
    "--no-instructions",
)


def _launch(cluster: Cluster, patience: float) -> None:
    under = _server_account(cluster)
    unprivileged.folder(cluster.socket, under)
    if cluster.socket.is_symlink() or not under.owns(cluster.socket):
        raise BelongsToSomebodyElse(cluster.socket)
    chosen = tuning.parameters(
        tuning.memory(), cluster.socket, layout.PORT, throwaway=cluster.throwaway
    )
    for name, text in (
        ("postgresql.conf", tuning.as_text(chosen)),
        ("pg_hba.conf", tuning.HOST_BASED_ACCESS),
    ):
        (cluster.data / name).write_text(text)
    _end_orphans(cluster)
    # Stale, as there is no server; PostgreSQL takes a dead one's number for alive when nobody reaped it.
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)
    (cluster.socket / f"{layout.SOCKET_NAME}.lock").unlink(missing_ok=True)
    log = cluster.data / "startup.log"
    log.unlink(missing_ok=True)
    started = _control(cluster, "start", "-w", "-t", str(int(patience)), "-l", str(log))
    if started.returncode != 0:
        raise DidNotStart(f"{started.stdout}\n{_log_end(cluster)}")


def _end_orphans(cluster: Cluster) -> None:
    """Wait until no process of a killed server is left: they end by themselves, or are killed after a while."""
    deadline = time.monotonic() + ORPHAN_PATIENCE
    while orphans := _working_in(cluster.data):
        for pid in orphans if time.monotonic() > deadline else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def _working_in(folder: Path) -> list[int]:
    """Return the processes whose working directory it is, as is every process of a server."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (place / "cwd").readlink() == folder.resolve():
                found.append(int(place.name))
    return found


def _server_account(cluster: Cluster) -> unprivileged.Account:
    """The account that owns the data; a data folder keeps its account for ever."""
    found = unprivileged.owner(cluster.data / "PG_VERSION")
    if os.geteuid() not in {0, found.uid} or found.uid == 0:
        raise BelongsToSomebodyElse(cluster.data)
    return found


def _control(cluster: Cluster, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = layout.programs((cluster.data / "PG_VERSION").read_text().strip()) / "pg_ctl"
    return unprivileged.run(
        [program, "-D", cluster.data, "-s", *arguments],
        _server_account(cluster),
        PATIENCE + STOP_PATIENCE,
    )


def _answers(cluster: Cluster, patience: float) -> bool:
    """Wait until the server answers; whether it does, or has gone. DidNotStart when it does neither in time."""
    deadline = time.monotonic() + patience
    while True:
        try:
            with psycopg.connect(superuser_url(cluster), connect_timeout=10):
                return True
        except psycopg.OperationalError as error:
            if postmaster(cluster) is None:
                return False
            if time.monotonic() > deadline:
                raise DidNotStart(f"{error}\n{_log_end(cluster)}") from error
            time.sleep(0.1)


def _log_end(cluster: Cluster, lines: int = 20) -> str:
    texts = []
    for path in (cluster.data / "startup.log", *sorted((cluster.data / "log").glob("*.log"))[-1:]):
        with contextlib.suppress(OSError):
            texts += path.read_text(errors="replace").splitlines()[-lines:]
    return "\n".join(texts)


def _superuser_password(cluster: Cluster) -> str:
    """The password in `base`, made at first use; outside the installation secret so that this can change."""
    path = cluster.base / "superuser.key"
    if not path.exists():
        cluster.base.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"superuser.{os.getpid()}.{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(24))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text().strip()
