"""What the worker does for notices: it writes the mails that announce a version."""

from procrastinate.contrib.django import app

from hirnok.lib import clock
from hirnok.privacy import announcing, telling
from hirnok.privacy.models import NoticeAnnouncement
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="privacy.announce", lock="privacy.announce")
def announce(timestamp: int) -> None:
    """Write the next letters, some of each tenant in a minute."""
    begun = NoticeAnnouncement.objects.filter(finished_at=None).values("tenant_id")
    for tenant in Tenant.objects.filter(pk__in=begun).order_by("pk"):
        with acting_for(tenant):
            announcing.write_next(tenant, at=clock.now())


@app.periodic(cron="41 5 * * *")
@app.task(queueing_lock="privacy.tell_forecast", lock="privacy.tell")
def tell_forecast(timestamp: int) -> None:
    """Say once a day what goes until tomorrow."""
    telling.tell_forecast(clock.now())


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="privacy.tell_failures", lock="privacy.tell")
def tell_failures(timestamp: int) -> None:
    """Say when a retention run has failed."""
    telling.tell_failures(clock.now())
