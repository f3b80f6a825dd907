"""What the worker does for requests of persons."""

from procrastinate.contrib.django import app

from hirnok.lib import clock
from hirnok.rights import reminding


@app.periodic(cron="23 5 * * *")
@app.task(queueing_lock="rights.remind", lock="rights.remind")
def remind(timestamp: int) -> None:
    """Remind staff of requests whose day comes or has passed."""
    reminding.remind(clock.now())
