"""Making, changing and removing relays: the SMTP servers that take a tenant's mail."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from hirnok.lib import keys
from hirnok.outbox.models import Relay
from hirnok.tenants import audit
from hirnok.tenants.models import Tenant


class InUse(Exception):
    """A newsletter was sent through this relay, so it stays; make another one the default."""


@dataclass(frozen=True)
class Details:
    """What a user may say of a relay; `password` of None keeps the stored one."""

    name: str
    host: str
    port: int
    security: str
    verify_certificate: bool
    username: str
    password: str | None
    connections: int
    messages_per_connection: int
    messages_per_second: int | None
    is_default: bool
    retry_first_minutes: int = 5
    retry_longest_minutes: int = 240
    retry_hours: int = 72


@transaction.atomic
def make(tenant: Tenant, details: Details, *, actor: str, at: datetime) -> Relay:
    """Make a relay; the tenant's first one is the default."""
    is_first = not Relay.objects.of(tenant).exists()
    relay = Relay(tenant=tenant)
    _fill(relay, details)
    relay.is_default = details.is_default or is_first
    _be_the_only_default(relay)
    relay.save()
    audit.record(tenant, "relay.make", actor=actor, at=at, about=relay)
    return relay


@transaction.atomic
def change(relay: Relay, details: Details, *, actor: str, at: datetime) -> Relay:
    """Change a relay; the engine takes it up with its next connection."""
    was_default = relay.is_default
    _fill(relay, details)
    relay.is_default = details.is_default or was_default
    relay.failing_since = None
    relay.last_error = ""
    _be_the_only_default(relay)
    relay.save()
    audit.record(relay.tenant_id, "relay.change", actor=actor, at=at, about=relay)
    return relay


def remove(relay: Relay, *, actor: str, at: datetime) -> None:
    """Remove a relay; InUse when messages name it."""
    try:
        with transaction.atomic():
            audit.record(relay.tenant_id, "relay.remove", actor=actor, at=at, about=relay)
            relay.delete()
    except IntegrityError as error:
        raise InUse from error


def default_of(tenant: Tenant) -> Relay | None:
    """Return the tenant's default relay, if it has one."""
    found: Relay | None = Relay.objects.of(tenant).filter(is_default=True).first()
    return found


def _fill(relay: Relay, details: Details) -> None:
    values = asdict(details)
    password = values.pop("password")
    for key, value in values.items():
        setattr(relay, key, value)
    if password is not None:
        relay.password = keys.seal(password)


def _be_the_only_default(relay: Relay) -> None:
    if relay.is_default:
        Relay.objects.filter(tenant_id=relay.tenant_id, is_default=True).exclude(
            pk=relay.pk
        ).update(is_default=False)
