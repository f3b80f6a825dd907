"""What the worker does for the audit log: it is sealed every minute and signed for every day."""

from procrastinate.contrib.django import app

from hirnok.lib import clock
from hirnok.tenants import sealing


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="tenants.seal", lock="tenants.seal")
def seal(timestamp: int) -> None:
    """Seal new entries of the audit logs."""
    sealing.seal_all()


@app.periodic(cron="7 0 * * *")
@app.task(queueing_lock="tenants.checkpoint", lock="tenants.seal")
def checkpoint(timestamp: int) -> None:
    """Write the signed heads of the chains beside the database."""
    sealing.seal_all()
    sealing.checkpoint(clock.now())
