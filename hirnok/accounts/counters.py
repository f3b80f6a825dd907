"""Counters of attempts (rate limits), in the database: every web process of every host counts together (N7).

The table is Django's database cache. Its keys would name addresses and IPs, so they are stored as keyed hashes.
"""

import hashlib
import hmac
from datetime import datetime

from django.db import connection

from hirnok.lib import keys


def key(name: str, prefix: str, version: int) -> str:
    """Return the hash under which a counter is stored (Django's `KEY_FUNCTION`)."""
    text = f"{prefix}:{version}:{name}"
    return hmac.digest(keys.derive("counters"), text.encode(), hashlib.sha256).hex()


def forget(at: datetime) -> int:
    """Remove counters whose time is over; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_counter WHERE expires < %s", [at])
        return int(cursor.rowcount)
