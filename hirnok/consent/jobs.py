"""What the worker does for consents: it asks for those that have to be renewed, and ends those that were not."""

from procrastinate.contrib.django import app

from hirnok.consent import renewing
from hirnok.consent.models import Renewal
from hirnok.lib import clock
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="consent.renewal_letters", lock="consent.renewal_letters")
def renewal_letters(timestamp: int) -> None:
    """Write the letters that ask to agree anew, some of each tenant in a minute."""
    waiting = Renewal.objects.filter(asked_at=None).values("tenant_id")
    for tenant in Tenant.objects.filter(pk__in=waiting).order_by("pk"):
        with acting_for(tenant):
            renewing.write_letters(tenant, at=clock.now())


@app.periodic(cron="13 * * * *")
@app.task(queueing_lock="consent.renewal_ends", lock="consent.renewal_ends")
def renewal_ends(timestamp: int) -> None:
    """End the consents that were not renewed in time."""
    due = Renewal.objects.filter(until__lte=clock.now()).values("tenant_id")
    for tenant in Tenant.objects.filter(pk__in=due).order_by("pk"):
        with acting_for(tenant):
            renewing.end_due(tenant, at=clock.now())
