"""What the worker does for campaigns, every ten seconds: rows are compared with the clock, so nothing is lost
while it is off, and running a job twice changes nothing."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from hirnok.campaigns import launch
from hirnok.lib import clock
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

logger = logging.getLogger(__name__)
ACTOR = "job:campaigns"
RETRY = RetryStrategy(
    max_attempts=10, wait=2, linear_wait=5, retry_exceptions={OperationalError, InterfaceError}
)


@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="campaigns.keep_time")
def keep_time(timestamp: int) -> None:
    """Launch what is due, and mark what has been sent."""
    launch_due()
    finish_sent()


@app.task(name=launch.TASK, queue=launch.QUEUE, retry=RETRY)
def carry_on(tenant_id: int, campaign_id: int, actor: str) -> None:
    """Write the recipients of a campaign that was launched, from where it stopped."""
    tenant = Tenant.objects.get(pk=tenant_id)
    launch.carry_on(tenant, campaign_id, actor=actor, at=clock.now())


def launch_due() -> int:
    """Launch every campaign whose time has come; returns how many were due."""
    found = launch.due(clock.now())
    for tenant_id, pk in found:
        with _one_of_many(tenant_id, pk) as tenant:
            launch.launch_due(tenant, pk, actor=ACTOR, at=clock.now())
    return len(found)


def finish_sent() -> int:
    """Mark every campaign of which nothing waits any more; returns how many are sent now."""
    done = 0
    for tenant_id, pk in launch.under_way():
        with _one_of_many(tenant_id, pk) as tenant:
            done += launch.finish(tenant, pk, actor=ACTOR, at=clock.now())
    return done


@contextmanager
def _one_of_many(tenant_id: int, pk: int) -> Iterator[Tenant]:
    """One campaign that fails must not keep the others waiting; it is tried again next time."""
    tenant = Tenant.objects.get(pk=tenant_id)
    try:
        with acting_for(tenant):
            yield tenant
    except Exception:
        logger.exception("campaign %s of tenant %s", pk, tenant_id)
