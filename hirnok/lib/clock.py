"""The one clock. Views, jobs, commands and the loops of the edge ask it; everything else takes `at`."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)
