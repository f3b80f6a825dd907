"""How many mails a tenant has sent in a month: the one count that a sending quota and a bill go by (`N13`).

Counted is what a relay has taken: each recipient of a newsletter once, however often it was tried and whatever came of it
later; each letter; each mail that was forwarded. Erasure of a person takes nothing off: deliveries stay without them, and
letters are counted as they go. The month is that of the tenant's time zone.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import connection

from hirnok.outbox.models import SentLetters
from hirnok.tenants.models import Tenant

# Only newsletters that were under way in the month are looked at.
_NEWSLETTERS = """
SELECT count(*) FROM outbox_message m
JOIN outbox_delivery d ON d.tenant_id = m.tenant_id AND d.message_id = m.id
WHERE m.tenant_id = %(tenant)s AND m.launched_at < %(end)s AND (m.finished_at IS NULL OR m.finished_at >= %(start)s)
  AND d.sent_at >= %(start)s AND d.sent_at < %(end)s
"""


@dataclass(frozen=True)
class Sent:
    """What a tenant has sent in the month that begins on `month`."""

    month: date
    newsletters: int
    letters: int
    forwarded: int

    @property
    def total(self) -> int:
        """All of it: what counts against a quota."""
        return self.newsletters + self.letters + self.forwarded

    def as_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        return asdict(self) | {"month": f"{self.month:%Y-%m}", "total": self.total}


def sent_in_month(tenant: Tenant, at: datetime) -> Sent:
    """Count what a tenant has sent in the calendar month (of its time zone) in which an instant lies."""
    zone = ZoneInfo(tenant.time_zone)
    month = at.astimezone(zone).date().replace(day=1)
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    start, end = (datetime.combine(day, time(), zone) for day in (month, following))
    with connection.cursor() as cursor:
        cursor.execute(_NEWSLETTERS, {"tenant": tenant.pk, "start": start, "end": end})
        row = cursor.fetchone()
    rows = SentLetters.objects.of(tenant).filter(month=month)
    letters = dict(rows.values_list("is_forwarded", "count"))
    return Sent(month, int(row[0]) if row else 0, letters.get(False, 0), letters.get(True, 0))
