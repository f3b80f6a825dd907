"""What the tests of the engine start from."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hirnok.sandbox import rules, server
from tests.edge.sending import Sending
from tests.world import build


@pytest.fixture
def sending(transactional_db: None, database_url: Callable[[str], str], tmp_path: Path) -> Sending:
    """Return Alma's outbox."""
    return Sending(build(), database_url("owner"), tmp_path)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[server.Sandbox]:
    """Return a mail sandbox with the demo's rules."""
    with server.start(tmp_path / "box", rules=rules.DEMO) as running:
        yield running
