"""What happened to a contact, as contacts and register know it: the newest first."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hirnok.contacts.models import Contact, Evidence, Subscription
from hirnok.register.answers import SOURCES
from hirnok.register.models import Source
from hirnok.tenants.models import AuditEntry

SHOWN = 50
_ACTIONS: dict[str, str | Promise] = {
    "contact.add": gettext_lazy("Added by a colleague"),
    "contact.change": gettext_lazy("Changed by a colleague"),
}


@dataclass(frozen=True)
class Event:
    """One thing that happened."""

    at: datetime
    what: str
    details: str = ""


def history_of(contact: Contact) -> list[Event]:
    """Return what is known of a contact's past; sendings, opens and clicks are told by the campaigns."""
    tenant = contact.tenant_id
    source = Source.objects.filter(tenant_id=tenant, pk=contact.holding.source_id or 0).first()
    events = [
        Event(
            contact.holding.held_since,
            _("Taken into the contacts"),
            str(SOURCES[source.kind]) if source else "",
        )
    ]
    for kept in Evidence.objects.filter(tenant_id=tenant, contact_id=contact.pk):
        at = kept.given_at or kept.recorded_at
        events.append(Event(at, _("Signed up, as another system recorded"), kept.surface))
    joined = Subscription.objects.filter(tenant_id=tenant, contact_id=contact.pk)
    for one in joined.select_related("list"):
        events.append(Event(one.since, _("Joined the list %(name)s") % {"name": one.list.name}))
    done = AuditEntry.objects.filter(
        tenant_id=tenant, object_kind="contact", object_id=contact.pk, action__in=_ACTIONS
    )
    events += [Event(entry.at, _done(entry)) for entry in done.order_by("-at")[:SHOWN]]
    return sorted(events, key=lambda event: event.at, reverse=True)[:SHOWN]


def _done(entry: AuditEntry) -> str:
    """Say what was done, and whether the person did it on the own page."""
    by_person = entry.actor == "person"
    return _("Changed by the person") if by_person else str(_ACTIONS[entry.action])
