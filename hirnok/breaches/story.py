"""What is common to every step: the row is locked, an event is added, the audit log is told."""

from datetime import datetime

from hirnok.breaches.models import Breach, BreachEvent
from hirnok.tenants import audit


class NotOpen(Exception):
    """The breach is closed or was dismissed; it has to be reopened before anything is changed."""


def locked(breach: Breach) -> Breach:
    """Return the row as it is now, locked until the transaction ends; NotOpen."""
    found: Breach = (
        Breach.objects.filter(tenant_id=breach.tenant_id).select_for_update().get(pk=breach.pk)
    )
    if not found.is_open:
        raise NotOpen
    return found


def tell(
    breach: Breach,
    kind: str,
    *,
    actor: str,
    at: datetime,
    text: str = "",
    **details: int | str | bool,
) -> BreachEvent:
    """Add an event and the audit entry `breach.<kind>`; free text stays in the event."""
    event: BreachEvent = BreachEvent.objects.create(
        tenant_id=breach.tenant_id, breach=breach, at=at, actor=actor, kind=kind, text=text
    )
    audit.record(breach.tenant_id, f"breach.{kind}", actor=actor, at=at, about=breach, **details)
    return event
