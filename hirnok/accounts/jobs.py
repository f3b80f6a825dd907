"""What the worker does for sign-in."""

from procrastinate.contrib.django import app

from hirnok.accounts import counters, visiting
from hirnok.lib import clock


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="accounts.forget_counters")
def forget_counters(timestamp: int) -> None:
    """Remove the counters of attempts whose time is over."""
    counters.forget(clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="accounts.end_visits")
def end_visits(timestamp: int) -> None:
    """End the operator's visits whose time is over."""
    visiting.end_due(clock.now())
