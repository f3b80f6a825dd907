"""Making, changing and removing mailboxes that are looked into."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from hirnok.lib import keys
from hirnok.returns.models import Mailbox
from hirnok.tenants import audit
from hirnok.tenants.models import Tenant


@dataclass(frozen=True)
class Details:
    """What a user may say of a mailbox; `password` of None keeps the stored one."""

    name: str
    protocol: str
    host: str
    port: int
    security: str
    verify_certificate: bool
    username: str
    password: str | None
    folder: str
    deletes: bool


@transaction.atomic
def make(tenant: Tenant, details: Details, *, actor: str, at: datetime) -> Mailbox:
    """Make a mailbox; the worker looks into it within minutes."""
    mailbox = Mailbox(tenant=tenant)
    _fill(mailbox, details)
    audit.record(tenant, "mailbox.make", actor=actor, at=at, about=mailbox)
    return mailbox


@transaction.atomic
def change(mailbox: Mailbox, details: Details, *, actor: str, at: datetime) -> None:
    """Change a mailbox; another server or folder is read from its beginning."""
    moved = (mailbox.host, mailbox.username, mailbox.folder) != (
        details.host,
        details.username,
        details.folder,
    )
    mailbox.position = "" if moved else mailbox.position
    mailbox.failing_since, mailbox.last_error = None, ""
    _fill(mailbox, details)
    audit.record(mailbox.tenant_id, "mailbox.change", actor=actor, at=at, about=mailbox)


@transaction.atomic
def remove(mailbox: Mailbox, *, actor: str, at: datetime) -> None:
    """Remove a mailbox with its password; what was taken over stays."""
    audit.record(mailbox.tenant_id, "mailbox.remove", actor=actor, at=at, about=mailbox)
    mailbox.delete()


def _fill(mailbox: Mailbox, details: Details) -> None:
    values = asdict(details)
    password = values.pop("password")
    for key, value in values.items():
        setattr(mailbox, key, value)
    if password is not None:
        mailbox.password = keys.seal(password)
    mailbox.save()
