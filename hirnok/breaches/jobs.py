"""What the worker does for breaches: reminders, and the letters to persons."""

from procrastinate.contrib.django import app

from hirnok.breaches import notifying, reminding
from hirnok.lib import clock


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="breaches.remind", lock="breaches.remind")
def remind(timestamp: int) -> None:
    """Remind of breaches whose 72 hours run."""
    reminding.remind(clock.now())


@app.task
def tell_persons(tenant_id: int, notification_id: int) -> None:
    """Write to the persons whom a breach concerns."""
    notifying.tell_persons(tenant_id, notification_id, clock.now())
