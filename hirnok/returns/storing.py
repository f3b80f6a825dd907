"""Keeping what came back before anything is made of it. The receiver does the same in SQL of its own."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from hirnok.lib import keys
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
# Events of providers: those that were heard before are not stored again, though what was stored may be gone.
_HEAR = """
WITH heard AS (
    INSERT INTO returns_heard (tenant_id, digest, expires_at)
    SELECT %s, h, %s FROM unnest(%s::bytea[]) AS u(h)
    ON CONFLICT (digest, tenant_id) DO NOTHING RETURNING digest)
INSERT INTO returns_returned (tenant_id, road, purpose, digest, raw, state, kind, received_at, expires_at)
SELECT %s, %s, 'report', d, r, 'new', '', %s, %s FROM unnest(%s::bytea[], %s::bytea[], %s::bytea[]) AS u(h, d, r)
JOIN heard ON heard.digest = u.h
ON CONFLICT (digest, tenant_id) DO NOTHING
"""


def hear(tenant: Tenant, events: list[bytes], *, road: str, at: datetime) -> int:
    """Store events that a provider reports, each once however often it comes; return how many were not known yet."""
    key = keys.derive(f"heard/{tenant.pk}")
    unique = {hmac.digest(key, event, hashlib.sha256)[:16]: event for event in sorted(events)}
    if not unique:
        return 0
    digests = [hashlib.sha256(event).digest()[:16] for event in unique.values()]
    values: list[Any] = [tenant.pk, at + KEPT, list(unique)]
    values += [tenant.pk, road, at, _kept_until(tenant, at), list(unique), digests, list(unique.values())]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_HEAR, values)
        return int(cursor.rowcount)


def keep(tenant: Tenant, raws: list[bytes], *, road: str, at: datetime) -> int:
    """Store mails of one tenant; return how many were not known yet."""
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
