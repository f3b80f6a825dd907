"""How long backups are kept: as long as the registers say (activity `backups`), the shortest of all tenants.

A backup has everybody's data, so that the strictest tenant decides for all.
"""

from datetime import datetime

from hirnok.register import retention
from hirnok.register.models import Activity
from hirnok.register.readymade import BACKUPS, BACKUPS_PERIOD


def oldest(at: datetime) -> datetime:
    """Return the instant before which no backup may have been made at `at`."""
    periods = Activity.objects.filter(code=BACKUPS).values_list("retention_period", flat=True)
    limits = [at - (retention.after(at, period) - at) for period in periods if period]
    return max(limits, default=at - (retention.after(at, BACKUPS_PERIOD) - at))
