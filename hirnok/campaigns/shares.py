"""Links by which somebody outside sees a report: random, expiring, to be revoked; no contact data (A4)."""

import hashlib
import secrets
from datetime import datetime

from django.db import connection, transaction

from hirnok.campaigns.models import Campaign, ReportShare
from hirnok.tenants import audit


@transaction.atomic
def share(campaign: Campaign, *, actor: str, at: datetime, expires_at: datetime | None) -> str:
    """Make a link and return its token; only its hash is kept, so the token is shown once."""
    token = secrets.token_urlsafe(24)
    made = ReportShare.objects.create(
        tenant_id=campaign.tenant_id,
        campaign=campaign,
        token_hash=hash_of(token),
        created_by=actor,
        created_at=at,
        expires_at=expires_at,
    )
    audit.record(campaign.tenant_id, "report.share", actor=actor, at=at, about=made)
    return token


@transaction.atomic
def revoke(shared: ReportShare, *, actor: str, at: datetime) -> None:
    """End a link at once; a second time changes nothing."""
    if shared.revoked_at is None:
        shared.revoked_at = at
        shared.save(update_fields=["revoked_at"])
        audit.record(shared.tenant_id, "report.unshare", actor=actor, at=at, about=shared)


def hash_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def tenant_of(token: str, *, at: datetime) -> int | None:
    """Return the tenant of a live link; row-level security hides it from a request without a tenant."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT campaigns_share_tenant(%s, %s)", [hash_of(token), at])
        row = cursor.fetchone()
    return int(row[0]) if row and row[0] is not None else None
