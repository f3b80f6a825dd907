"""How long backups are kept: as long as the registers say (activity `backups`), the shortest of all tenants.

A backup has everybody's data, so that the strictest tenant decides for all.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from hirnok.register import documents, retention
from hirnok.register.models import Activity
from hirnok.register.readymade import BACKUPS, BACKUPS_PERIOD
from hirnok.tenants.models import Tenant


def oldest(at: datetime) -> datetime:
    """Return the instant before which no backup may have been made at `at`."""
    periods = Activity.objects.filter(code=BACKUPS).values_list("retention_period", flat=True)
    limits = [at - (retention.after(at, period) - at) for period in periods if period]
    return max(limits, default=at - (retention.after(at, BACKUPS_PERIOD) - at))


def in_words(tenant: Tenant) -> str:
    """Return how long encrypted backups still have what was erased, in the active language; "" where there are none."""
    rows = Activity.objects.filter(tenant_id=tenant.pk, code=BACKUPS, active=True)
    period = rows.values_list("retention_period", flat=True).first()
    if not period:
        return ""
    return _(
        "Encrypted backups may still have the data for %(period)s; they are used only to mend the whole system, and"
        " whatever was erased is erased again before a restored system starts."
    ) % {"period": documents.period_words(period)}
