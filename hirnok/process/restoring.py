"""Bringing a backup back: into a fresh database or over one that is there.

Nothing is touched before the whole backup has been read and fits. Then maintenance begins: the roles web and edge
may not log in, on any host. The old tables step aside (a schema of another name) until the new ones stand, and come
back when those do not. Tables are brought up to date, what was erased since the backup is erased again, the audit
log is held against its chain, and only when all of that has succeeded is maintenance over. Erasure ledger and
checkpoints are never set back: from the backup they only get lines that they do not have.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, cast

import psycopg
from psycopg import sql

from hirnok.lib import env, maintenance
from hirnok.lib import sql as roles
from hirnok.process import backing, database
from hirnok.process.backing import Manifest

ASIDE = "before_restore"
Say = Callable[[str], None]


class NoBackup(Exception):
    """There is no complete backup at that place."""


class OtherDatabase(Exception):
    """The backup is of a database of another name; its rights go by role names: make one of that name."""


class NothingToFinish(Exception):
    """There is no restore that was begun and has not ended."""


class NotOver(Exception):
    """The restore did not succeed. Hirnok stays under maintenance until `hirnok restore` ends well."""


@dataclass(frozen=True)
class Step:
    """One of the steps after the tables are back: what it is called, and the words of `hirnok` that do it."""

    name: str
    words: tuple[str, ...]


STEPS = (
    Step("bringing the tables up to date", ("migrate", "--verbosity", "0")),
    Step("erasing again what was erased since", ("replay_erasures", "--since={backup}")),
    Step("holding the audit log against its chain", ("audit", "verify", "--restored")),
)


def newest(place: Path) -> Path:
    """Return the backup that a path means: itself, or the newest in that folder; NoBackup."""
    if (place / backing.MANIFEST).is_file():
        return place
    if place.name == backing.MANIFEST and place.is_file():
        return place.parent
    found = backing.backups(place) if place.is_dir() else []
    if not found:
        raise NoBackup(place)
    return found[-1][1]


def restore(backup: Path, at: datetime, *, say: Say, ledgers: tuple[Path, ...] = ()) -> None:
    """Restore a backup into the database in use; `ledgers`: further folders with `erasures/` and `checkpoints/`.

    WrongKey and Altered before anything is touched; NotOver when it has to stay under maintenance.
    """
    say(f"reading {backup}")
    manifest = backing.verify(backup)
    url = database.url()
    with psycopg.connect(url, connect_timeout=30) as connection:
        if connection.info.dbname != manifest.database:
            raise OtherDatabase(manifest.database)
    maintenance.begin(f"restoring the backup of {manifest.at}", at, manifest.at)
    try:
        _lock_out(url)
        _merge_ledgers(backup, manifest, (backup.parent, *ledgers), say)
        _tables_back(backup, manifest, url, say)
        for step in STEPS:
            say(step.name)
            say(_do(step, url, manifest.at))
        _let_in(url)
    except NotOver as fact:
        maintenance.begin(f"the restore of the backup of {manifest.at} failed: {fact}", at)
        raise
    except (OSError, psycopg.Error, backing.Altered) as error:
        maintenance.begin(f"the restore of the backup of {manifest.at} failed: {error}", at)
        raise NotOver(str(error)) from error
    maintenance.end()
    say("maintenance is over")


def finish(at: datetime, *, say: Say) -> None:
    """Do again what comes after the tables are back, and end maintenance when it succeeds; NotOver."""
    url = database.url()
    going_on = maintenance.current()
    if going_on is None:
        raise NothingToFinish
    if not going_on.backup:
        raise NothingToFinish(going_on.why)
    with psycopg.connect(url) as connection:
        if _is_aside(connection):
            raise NotOver("the tables are not back: run hirnok restore with the backup again")
    for step in STEPS:
        say(step.name)
        try:
            say(_do(step, url, going_on.backup))
        except NotOver as fact:
            maintenance.begin(str(fact), at)
            raise
    _let_in(url)
    maintenance.end()
    say("maintenance is over")


def _lock_out(url: str) -> None:
    """Let nobody but the owner in, on any host, and cut off who is connected."""
    with psycopg.connect(url, autocommit=True) as connection:
        for role in _roles(connection):
            connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(role)))
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND pg_has_role(usesysid, 'USAGE')"
        )


def _let_in(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for role in _roles(connection):
            connection.execute(sql.SQL("ALTER ROLE {} LOGIN").format(sql.Identifier(role)))


def _roles(connection: psycopg.Connection) -> list[str]:
    return [roles.role_name(connection.info.dbname, role) for role in roles.ROLES]


def _merge_ledgers(backup: Path, manifest: Manifest, places: tuple[Path, ...], say: Say) -> None:
    """Add what the backup and the given folders know to the live ledger and checkpoints."""
    added = 0
    for name, content in backing.files(backup, manifest):
        added += backing.add_lines(content, env.var() / name)
    for place in places:
        for folder in backing.BESIDE:
            for path in sorted((place / folder).glob("*.jsonl")):
                added += backing.add_lines(path.read_bytes(), env.var() / folder / path.name)
    say(f"{added} lines added to erasure ledger and checkpoints")


def _tables_back(backup: Path, manifest: Manifest, url: str, say: Say) -> None:
    """Replace the tables, or leave the old ones."""
    with psycopg.connect(url, autocommit=True) as connection:
        server = connection.info.server_version
        say("the old tables step aside")
        if _is_aside(connection):  # an earlier restore was killed: the real tables are there
            with connection.transaction():
                connection.execute("DROP SCHEMA IF EXISTS public CASCADE")
                connection.execute(f"ALTER SCHEMA {ASIDE} RENAME TO public")
        with connection.transaction():
            connection.execute(f"ALTER SCHEMA public RENAME TO {ASIDE}")
            connection.execute("CREATE SCHEMA public")
            connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
    try:
        say("the tables of the backup come back")
        _pg_restore(backup, manifest, url, server)
    except BaseException:
        with psycopg.connect(url, autocommit=True) as connection, connection.transaction():
            connection.execute("DROP SCHEMA IF EXISTS public CASCADE")
            connection.execute(f"ALTER SCHEMA {ASIDE} RENAME TO public")
        raise
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {ASIDE} CASCADE")
        connection.execute("ANALYZE")


def _is_aside(connection: psycopg.Connection) -> bool:
    row = connection.execute("SELECT to_regnamespace(%s) IS NOT NULL", [ASIDE]).fetchone()
    return bool(row and row[0])


def _pg_restore(backup: Path, manifest: Manifest, url: str, server: int) -> None:
    command = [
        str(backing.program("pg_restore", max(server, manifest.server))),
        "--no-owner", "--exit-on-error", "--single-transaction",
        f"--dbname={roles.parameters('owner', url)['dbname']}",
    ]  # fmt: skip
    process = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=backing.connection_environment(url),
    )
    broken = ""
    try:
        backing.opened(backup, manifest, backing.DUMP, cast("IO[bytes]", process.stdin))
    except (OSError, backing.Altered) as error:  # what pg_restore says tells more
        broken = str(error)
    said = process.communicate()[1].decode(errors="replace").strip()
    if process.returncode != 0 or broken:
        raise NotOver(f"pg_restore: {said[-500:] or broken}")


def _do(step: Step, url: str, backup: str) -> str:
    """Run one of our commands as the owner, the only one who may log in now; returns what it says."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "hirnok", *(word.format(backup=backup) for word in step.words)],
        env=os.environ | {"HIRNOK_ROLE": "owner", "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = f"{done.stdout}\n{done.stderr}".strip()
        raise NotOver(f"{step.name}: {said[-1500:]}")
    return done.stdout.strip()
