"""Keeping what came back before anything is made of it. The receiver does the same in SQL of its own."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from hirnok.register import holdings, retention
from hirnok.register.readymade import SENDING_LOG
from hirnok.returns.models import Returned
from hirnok.tenants.models import Tenant

KEPT = timedelta(days=30)  # where the tenant's register has no period of its own
_INSERT = """
INSERT INTO returns_returned (tenant_id, road, purpose, digest, raw, state, kind, received_at, expires_at)
SELECT %s, %s, 'report', d, r, 'new', '', %s, %s FROM unnest(%s::bytea[], %s::bytea[]) AS u(d, r)
ON CONFLICT (digest, tenant_id) DO NOTHING
"""


def keep(tenant: Tenant, raws: list[bytes], *, road: str, at: datetime) -> int:
    """Store mails or events of one tenant; return how many were not known yet."""
    unique = {hashlib.sha256(raw).digest()[:16]: raw for raw in raws}
    if not unique:
        return 0
    values: list[Any] = [
        tenant.pk,
        road,
        at,
        _kept_until(tenant, at),
        list(unique),
        list(unique.values()),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        return int(cursor.rowcount)


def waiting(tenant: Tenant) -> int:
    """Count what only a person can tell."""
    return int(Returned.objects.of(tenant).filter(state=Returned.State.UNKNOWN).count())


def _kept_until(tenant: Tenant, at: datetime) -> datetime:
    try:
        activity = holdings.activity_of(tenant, SENDING_LOG)
    except holdings.NotInRegister:
        return at + KEPT
    return retention.expiry(activity, at) or at + KEPT
