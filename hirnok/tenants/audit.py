"""The audit log: written in the transaction of the write it tells of, with ids and counts only."""

from datetime import datetime

from django.db import models

from hirnok.tenants.models import AuditEntry, Tenant


def record(
    tenant: Tenant | int,
    action: str,
    *,
    actor: str,
    at: datetime,
    about: models.Model | None = None,
    **details: int | str | bool | list[int] | None,
) -> AuditEntry:
    """Add an entry: `record(tenant, "campaign.launch", actor="user:7", at=at, about=campaign, recipients=5)`."""
    entry: AuditEntry = AuditEntry.objects.create(
        tenant_id=tenant if isinstance(tenant, int) else tenant.pk,
        at=at,
        actor=actor,
        action=action,
        object_kind=str(about._meta.model_name) if about is not None else "",
        object_id=about.pk if about is not None else None,
        details=details,
    )
    return entry
