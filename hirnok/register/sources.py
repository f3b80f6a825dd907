"""Where data came from: recorded once, before anything from there is held (N28, A1)."""

from datetime import datetime

from hirnok.register.models import Source
from hirnok.tenants.models import Tenant


def record(
    tenant: Tenant, kind: str, legal_basis: str, *, actor: str, at: datetime, description: str = ""
) -> Source:
    """Record a source and who declared it; the database refuses one that needs a balancing document."""
    return Source.objects.create(
        tenant=tenant,
        kind=kind,
        description=description,
        legal_basis=legal_basis,
        declared_by=actor,
        declared_at=at,
    )
