"""How often: submissions from one network, mails to one address. Keyed hashes that go by themselves; no IP address
is kept."""

import hashlib
import hmac
import ipaddress
from datetime import date, datetime, timedelta

from django.db import connection

from hirnok.consent.models import Form, Throttle
from hirnok.lib import keys

NETWORK_WINDOW = timedelta(hours=1)
NETWORK_MOST = 40
NETWORK_MOST_UNPROVED = 8  # without the proof of work that the form asks for
MAIL_PAUSE = timedelta(hours=24)
MAIL_MOST = 3
MAIL_MEMORY = timedelta(days=30)
_KEY_BYTES = 16

_COUNT_NETWORK = """
INSERT INTO consent_throttle AS t (tenant_id, kind, key, count, last_at, expires_at)
VALUES (%(tenant)s, %(kind)s, %(key)s, 1, %(at)s, %(until)s)
ON CONFLICT (tenant_id, kind, key) DO UPDATE SET
    count = CASE WHEN t.expires_at <= %(at)s THEN 1 ELSE t.count + 1 END,
    expires_at = CASE WHEN t.expires_at <= %(at)s THEN %(until)s ELSE t.expires_at END,
    last_at = %(at)s
RETURNING count
"""
_COUNT_MAIL = """
INSERT INTO consent_throttle AS t (tenant_id, kind, key, count, last_at, expires_at)
VALUES (%(tenant)s, %(kind)s, %(key)s, 1, %(at)s, %(until)s)
ON CONFLICT (tenant_id, kind, key) DO UPDATE SET
    count = CASE WHEN t.expires_at <= %(at)s THEN 1 ELSE t.count + 1 END,
    expires_at = %(until)s,
    last_at = %(at)s
WHERE t.expires_at <= %(at)s OR (t.count < %(most)s AND t.last_at <= %(rested)s)
RETURNING count
"""
_COUNT_OUTCOME = """
INSERT INTO consent_formcount AS c (tenant_id, form_id, day, outcome, count)
VALUES (%s, %s, %s, %s, 1)
ON CONFLICT (form_id, day, outcome) DO UPDATE SET count = c.count + 1
"""


def network_is_quiet(
    tenant_id: int,
    address: str,
    at: datetime,
    *,
    most: int = NETWORK_MOST,
    kind: str = Throttle.Kind.NETWORK,
) -> bool:
    """Count a submission from the network of an IP address; False when it is beyond the most of this kind in this hour."""
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT_NETWORK,
            {
                "tenant": tenant_id,
                "kind": str(kind),
                "key": _network_key(tenant_id, address),
                "at": at,
                "until": at + NETWORK_WINDOW,
            },
        )
        row = cursor.fetchone()
    return bool(row and row[0] <= most)


def may_mail(
    tenant_id: int,
    kind: str,
    index: bytes,
    at: datetime,
    *,
    most: int = MAIL_MOST,
    pause: timedelta = MAIL_PAUSE,
    memory: timedelta = MAIL_MEMORY,
) -> bool:
    """Whether an address, by blind index, may get another mail of this kind now; it counts as sent.

    Unless it is said otherwise, one in 24 hours, three in all as long as it is remembered.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT_MAIL,
            {
                "tenant": tenant_id,
                "kind": str(kind),
                "key": index,
                "at": at,
                "until": at + memory,
                "most": most,
                "rested": at - pause,
            },
        )
        return cursor.fetchone() is not None


def forget_mails(tenant_id: int, index: bytes) -> None:
    """Begin anew for an address whose owner has answered."""
    Throttle.objects.filter(tenant_id=tenant_id, key=index).delete()


def lock(tenant_id: int, index: bytes) -> None:
    """Let sign-ups of one address follow each other, until the transaction ends."""
    number = int.from_bytes(index[:7], "big") ^ tenant_id
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def count(form: Form, day: date, outcome: str) -> None:
    """Count how a submission ended."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_OUTCOME, [form.tenant_id, form.pk, day, outcome])


def _network_key(tenant_id: int, address: str) -> bytes:
    """The keyed hash of the /24 (IPv4) or /56 (IPv6) of an address; one for all that are none."""
    try:
        found = ipaddress.ip_address(address)
        prefix = 24 if found.version == 4 else 56
        network = str(ipaddress.ip_network((found, prefix), strict=False))
    except ValueError:
        network = ""
    key = keys.derive(f"sign-up-network/{tenant_id}")
    return hmac.digest(key, network.encode(), hashlib.sha256)[:_KEY_BYTES]
