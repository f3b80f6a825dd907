"""What the worker does for the outbox: counting what has come, so that reports need not, and what would take a request
too long."""

from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from hirnok.lib import clock
from hirnok.outbox import pacing, tallies

RETRY = RetryStrategy(
    max_attempts=10, wait=2, linear_wait=5, retry_exceptions={OperationalError, InterfaceError}
)


@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="outbox.count", lock="outbox.count")
def count(timestamp: int) -> None:
    """Add what has come since the last time to the tallies."""
    tallies.roll()


@app.task(name=pacing.TASK, retry=RETRY)
def call_back(*, tenant_id: int, provider: str, refused: bool) -> None:
    """Let what waits ask again, since more may go than before."""
    pacing.call_back_rest(tenant_id, provider, at=clock.now(), refused=refused)
