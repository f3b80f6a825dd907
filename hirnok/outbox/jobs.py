"""What the worker does for the outbox: counting what has come, so that reports need not."""

from procrastinate.contrib.django import app

from hirnok.outbox import tallies


@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="outbox.count", lock="outbox.count")
def count(timestamp: int) -> None:
    """Add what has come since the last time to the tallies."""
    tallies.roll()
