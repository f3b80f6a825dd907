"""Databases and roles in a server, and which URL leads to them."""

from collections.abc import Iterator

import psycopg
import pytest

from hirnok.lib import sql
from hirnok.process import database, postgres
from hirnok.process.layout import Cluster
from hirnok.process.tests.places import open_folder, throwaway


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with open_folder() as folder, throwaway(folder / "postgres") as made, postgres.running(made):
        yield made


def who(dsn: str) -> str:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT session_user || ' in ' || current_database()").fetchone()
        assert row is not None
        return str(row[0])


def test_it_makes_roles_that_can_log_in_as_often_as_it_is_asked(cluster: Cluster) -> None:
    database.prepare(cluster)
    database.prepare(cluster)
    owner = database.embedded_url(cluster)
    assert who(owner) == "hirnok in hirnok"
    assert [who(sql.dsn(role, owner)) for role in sql.ROLES] == [
        "hirnok_web in hirnok",
        "hirnok_edge in hirnok",
    ]


def test_it_gives_no_role_power_over_everything(cluster: Cluster) -> None:
    database.prepare(cluster)
    with psycopg.connect(database.embedded_url(cluster)) as connection:
        powerful = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'hirnok%' AND (rolsuper OR rolbypassrls OR rolreplication)"
        )
        assert powerful.fetchall() == []


def test_it_repairs_passwords_when_the_installation_secret_changed(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.prepare(cluster)
    monkeypatch.setenv("HIRNOK_SECRET_KEY", "another secret")
    with pytest.raises(psycopg.OperationalError):
        who(database.embedded_url(cluster))
    database.prepare(cluster)
    assert who(sql.dsn("web", database.embedded_url(cluster))) == "hirnok_web in hirnok"


def test_it_makes_roles_of_a_database_that_does_not_exist_yet(cluster: Cluster) -> None:
    database.prepare(cluster)
    database.ensure_roles(database.embedded_url(cluster), "later")
    url = database.in_database(database.embedded_url(cluster), "postgres")
    with psycopg.connect(url) as connection:
        made = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'later%' ORDER BY 1"
        ).fetchall()
    assert made == [("later_edge",), ("later_web",)]


def test_it_says_when_the_owner_may_not_make_roles(cluster: Cluster) -> None:
    database.prepare(cluster)
    with psycopg.connect(postgres.superuser_url(cluster), autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN PASSWORD 'plain'")
    with pytest.raises(database.CannotMakeRole):
        database.ensure_roles(postgres.url(cluster, "plain", "plain", "postgres"), "plain")


def test_it_takes_the_database_that_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "DATABASE_URL", "postgresql://me:secret@db.example:5433/mail?sslmode=require"
    )
    assert database.url() == "postgresql://me:secret@db.example:5433/mail?sslmode=require"
    assert database.in_database(database.url(), "other").endswith(":5433/other?sslmode=require")
