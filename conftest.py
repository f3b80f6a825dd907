"""What every test may ask for: the migrated database, and its URL per role.

The server itself comes from `hirnok.process.pytest_database`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from hirnok.lib import sql as roles
from hirnok.process import database

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

    from tests.world import World

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the database (`-m database`) and what needs a browser, by fixture and by folder."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or names & DATABASE_FIXTURES:
            item.add_marker("database")
        if "browser" in Path(item.path).parent.parts:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def test_database(django_db_modify_db_settings_parallel_suffix: None) -> str:
    """Return the name of this worker's test database."""
    from django.conf import settings

    default = settings.DATABASES["default"]
    return str((default.get("TEST") or {}).get("NAME") or f"test_{default['NAME']}")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest, test_database: str) -> None:
    """Make the roles of this worker's test database, and drop what a killed session left."""
    database.ensure_roles(database.url(), test_database)
    if not request.config.getoption("reuse_db"):
        with psycopg.connect(database.url(), autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                    sql.Identifier(test_database)
                )
            )


@pytest.fixture(scope="session")
def django_db_setup(test_database: str, django_db_setup: None) -> Iterator[None]:
    """Cut off whoever is still connected to the test database before it is dropped."""
    yield
    with psycopg.connect(database.url(), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' AND pg_has_role(usesysid, 'USAGE')",
            [test_database],
        )


@pytest.fixture(scope="session")
def database_url(test_database: str, django_db_setup: None) -> Callable[[str], str]:
    """Return the test database's URL for a role: `database_url("edge")`, "web" or "owner"."""
    owner = database.url()

    def url(role: str = "owner") -> str:
        here = database.in_database(owner, test_database)
        return here if role == "owner" else roles.dsn(role, here)

    return url


@pytest.fixture
def world(db: None) -> "World":
    """Return the cast: two tenants with the same people in them (`tests.world`)."""
    from tests.world import build

    return build()


@pytest.fixture(autouse=True)
def requests_as_web(settings: "SettingsWrapper") -> None:
    """Let the test client's requests reach the database as the role web."""
    settings.MIDDLEWARE = ["tests.as_web.AsWeb", *settings.MIDDLEWARE]
    settings.SECOND_FACTOR = False  # tests of it say so
    settings.STATIC_ROOT = None  # whitenoise warns of a folder that is not there
