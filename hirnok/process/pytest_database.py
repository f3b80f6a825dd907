"""The test session's database: an embedded server of its own, started before Django reads its settings.

Loaded early by `-p` (pyproject.toml), because settings are read before any conftest. `HIRNOK_TEST_DB` names
the server, so that several sessions can run in one checkout; the same name shares one server, and the last
session stops it. With `DATABASE_URL` set that server is used, as are those of pytest-xdist's controller by its workers.
"""

import contextlib
import os

import pytest

from hirnok.lib import env
from hirnok.process import database, postgres
from hirnok.process.layout import Cluster

NAME = os.environ.get("HIRNOK_TEST_DB", "main")
FOLDER = env.ROOT / "var" / "tests" / NAME
CLUSTER = Cluster(FOLDER / "postgres", throwaway=True)
_session = contextlib.ExitStack()

os.environ["HIRNOK_VAR"] = str(FOLDER)
os.environ["HIRNOK_ROLE"] = "owner"
_ours = not env.get("DATABASE_URL")
if _ours:
    os.environ["DATABASE_URL"] = database.embedded_url(CLUSTER)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the server, unless it was given or nothing will run."""
    if _ours and not config.option.help and not config.option.collectonly:
        _session.enter_context(postgres.running(CLUSTER))
        database.prepare(CLUSTER)


def pytest_unconfigure() -> None:
    """Stop the server, if no other session uses it."""
    _session.close()
