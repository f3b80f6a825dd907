"""What the worker does for notices: it writes the mails that announce a version."""

from procrastinate.contrib.django import app

from hirnok.lib import clock
from hirnok.privacy import announcing
from hirnok.privacy.models import Announcement
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="privacy.announce", lock="privacy.announce")
def announce(timestamp: int) -> None:
    """Write the next letters, some of each tenant in a minute."""
    begun = Announcement.objects.filter(finished_at=None).values("tenant_id")
    for tenant in Tenant.objects.filter(pk__in=begun).order_by("pk"):
        with acting_for(tenant):
            announcing.write_next(tenant, at=clock.now())
