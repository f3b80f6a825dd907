"""Which database Hirnok uses, as which role: the one of `DATABASE_URL`, or the embedded one.

Roles per database D: the owner (migrations, the user of `DATABASE_URL`), `D_web` (row-level security) and
`D_edge` (engine, tracker, worker). Passwords derive from the installation secret (`lib.keys.role_password`).
Grants and policies are left to migrations.
"""

import contextlib
import os
from collections.abc import Iterator
from typing import LiteralString
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

from hirnok.lib import env, keys
from hirnok.lib import sql as roles
from hirnok.process import postgres
from hirnok.process.layout import Cluster

NAME = "hirnok"  # database and owner of an embedded server
OLDEST = 150000


class CannotMakeRole(Exception):
    """The owner of the database may not create roles: grant it CREATEROLE, or make the named role by hand."""


class TooOld(Exception):
    """PostgreSQL 15 or newer is needed."""


def embedded() -> Cluster:
    """Return the embedded server's place, whether it runs or not."""
    return Cluster(env.var() / "postgres")


def url() -> str:
    """Return the owner's URL of the database in use. Starts nothing; `lib.sql.dsn` turns it to a role."""
    return env.get("DATABASE_URL") or embedded_url(embedded())


def embedded_url(cluster: Cluster) -> str:
    """Return the owner's URL of the application's database in an embedded server."""
    return postgres.url(cluster, NAME, keys.role_password(NAME), NAME)


def in_database(url: str, name: str) -> str:
    """Return a URL turned to another database of the same server."""
    return urlsplit(url)._replace(path=f"/{quote(name)}").geturl()


@contextlib.contextmanager
def running() -> Iterator[None]:
    """Keep the database and its roles there for the time of the block; the embedded one is started if needed.

    `DATABASE_URL` is set inside the block in either case, for us and for the processes we start.
    """
    cluster = embedded()
    if env.get("DATABASE_URL") not in {"", embedded_url(cluster)}:
        ensure_roles(url(), _database_of(url()))
        yield
        return
    with postgres.running(cluster):
        prepare(cluster)
        os.environ["DATABASE_URL"] = embedded_url(cluster)
        try:
            yield
        finally:
            os.environ.pop("DATABASE_URL", None)


def prepare(cluster: Cluster) -> None:
    """Make owner, database and roles in an embedded server, or repair their passwords."""
    with _administrator(postgres.superuser_url(cluster)) as connection:
        _role(
            connection,
            NAME,
            "LOGIN CREATEROLE CREATEDB" if cluster.throwaway else "LOGIN CREATEROLE",
        )
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", NAME):
            connection.execute(
                sql.SQL("CREATE DATABASE {0} OWNER {0}").format(sql.Identifier(NAME))
            )
    ensure_roles(embedded_url(cluster), NAME)


def ensure_roles(owner_url: str, database: str) -> None:
    """Make the two login roles of a database, known to its owner; repair passwords. Idempotent.

    `owner_url` may lead to another database of the same server (a test database does not exist yet).
    """
    with _administrator(owner_url) as connection:
        if connection.info.server_version < OLDEST:
            raise TooOld(connection.info.server_version)
        for role in roles.ROLES:
            _role(connection, roles.role_name(database, role), "LOGIN")


@contextlib.contextmanager
def _administrator(url: str) -> Iterator[psycopg.Connection]:
    """A connection outside transactions, one administrator at a time in this database."""
    with psycopg.connect(url, autocommit=True, connect_timeout=30) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('hirnok roles'))")
        yield connection


def _role(connection: psycopg.Connection, name: str, attributes: LiteralString) -> None:
    """Make a role whose password derives from the secret; the connected user may become it (SET ROLE)."""
    identifier = sql.Identifier(name)
    known = _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", name)
    if known and _can_log_in(connection, name):
        return
    password = connection.pgconn.encrypt_password(
        keys.role_password(name).encode(), name.encode(), b"scram-sha-256"
    )
    verb = (
        sql.SQL("ALTER ROLE {} {} PASSWORD {}")
        if known
        else sql.SQL("CREATE ROLE {} {} PASSWORD {}")
    )
    statement = verb.format(
        identifier, sql.SQL("" if known else attributes), sql.Literal(password.decode())
    )
    try:
        connection.execute(statement)
        if not known:
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(identifier))
    except psycopg.errors.InsufficientPrivilege as error:
        raise CannotMakeRole(name) from error


def _can_log_in(connection: psycopg.Connection, name: str) -> bool:
    try:
        with psycopg.connect(
            connection.info.dsn, user=name, password=keys.role_password(name), connect_timeout=30
        ):
            return True
    except psycopg.OperationalError:
        return False


def _exists(connection: psycopg.Connection, query: LiteralString, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None


def _database_of(url: str) -> str:
    return str(roles.parameters("owner", url)["dbname"])
