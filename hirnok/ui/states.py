"""The words and colours of states, everywhere the same.

Values are looked up by word; deliveries also by the number that the outbox stores.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class State:
    """A word and the tone it is shown in: grey, blue, green, amber or red."""

    label: str | Promise
    tone: str


DELIVERY_NUMBERS = (
    "queued",
    "sent",
    "deferred",
    "bounced",
    "failed",
    "suppressed",
    "unknown",
    "cancelled",
    "erased",
)

STATES: dict[str, dict[str, State]] = {
    "campaign": {
        "draft": State(pgettext_lazy("campaign", "draft"), "grey"),
        "scheduled": State(pgettext_lazy("campaign", "scheduled"), "blue"),
        "starting": State(pgettext_lazy("campaign", "starting"), "blue"),
        "sending": State(pgettext_lazy("campaign", "sending"), "blue"),
        "paused": State(pgettext_lazy("campaign", "paused"), "amber"),
        "sent": State(pgettext_lazy("campaign", "sent"), "green"),
        "cancelled": State(pgettext_lazy("campaign", "cancelled"), "red"),
    },
    "delivery": {
        "queued": State(pgettext_lazy("delivery", "queued"), "grey"),
        "sent": State(pgettext_lazy("delivery", "sent"), "green"),
        "deferred": State(pgettext_lazy("delivery", "deferred"), "amber"),
        "bounced": State(pgettext_lazy("delivery", "bounced"), "red"),
        "failed": State(pgettext_lazy("delivery", "failed"), "red"),
        "suppressed": State(pgettext_lazy("delivery", "suppressed"), "amber"),
        "unknown": State(pgettext_lazy("delivery", "unknown"), "amber"),
        "cancelled": State(pgettext_lazy("delivery", "cancelled"), "grey"),
        "erased": State(pgettext_lazy("delivery", "erased"), "grey"),
    },
    "import": {
        "uploaded": State(pgettext_lazy("import", "to be mapped"), "grey"),
        "mapped": State(pgettext_lazy("import", "ready to start"), "grey"),
        "waiting": State(pgettext_lazy("import", "waiting"), "blue"),
        "running": State(pgettext_lazy("import", "running"), "blue"),
        "done": State(pgettext_lazy("import", "done"), "green"),
        "cancelled": State(pgettext_lazy("import", "cancelled"), "amber"),
        "failed": State(pgettext_lazy("import", "failed"), "red"),
    },
    "contact": {
        "subscribed": State(pgettext_lazy("contact", "subscribed"), "green"),
        "pending": State(pgettext_lazy("contact", "to be confirmed"), "amber"),
        "unsubscribed": State(pgettext_lazy("contact", "unsubscribed"), "grey"),
        "suppressed": State(pgettext_lazy("contact", "suppressed"), "amber"),
        "bounced": State(pgettext_lazy("contact", "bounced"), "red"),
        "restricted": State(pgettext_lazy("contact", "restricted"), "amber"),
    },
    "request": {
        "received": State(pgettext_lazy("request", "received"), "blue"),
        "identity_pending": State(pgettext_lazy("request", "identity to be proved"), "amber"),
        "in_progress": State(pgettext_lazy("request", "in progress"), "blue"),
        "extended": State(pgettext_lazy("request", "extended"), "amber"),
        "answered": State(pgettext_lazy("request", "answered in full"), "green"),
        "answered_partly": State(pgettext_lazy("request", "answered in part"), "green"),
        "refused": State(pgettext_lazy("request", "refused"), "red"),
        "withdrawn": State(pgettext_lazy("request", "withdrawn"), "grey"),
        "duplicate": State(pgettext_lazy("request", "duplicate"), "grey"),
        "passed_on": State(pgettext_lazy("request", "passed on"), "grey"),
    },
    "breach": {
        "suspected": State(pgettext_lazy("breach", "suspected"), "amber"),
        "confirmed": State(pgettext_lazy("breach", "confirmed"), "red"),
        "dismissed": State(pgettext_lazy("breach", "no breach"), "grey"),
        "closed": State(pgettext_lazy("breach", "closed"), "green"),
    },
    "instruction": {
        "received": State(pgettext_lazy("instruction", "received"), "blue"),
        "unconfirmed": State(pgettext_lazy("instruction", "to be confirmed"), "amber"),
        "acknowledged": State(pgettext_lazy("instruction", "confirmed"), "blue"),
        "suspended": State(pgettext_lazy("instruction", "suspended"), "red"),
        "executed": State(pgettext_lazy("instruction", "carried out"), "green"),
        "withdrawn": State(pgettext_lazy("instruction", "withdrawn"), "grey"),
    },
    "check": {
        "passed": State(_("passed"), "green"),
        "warning": State(_("to be looked at"), "amber"),
        "failed": State(_("failed"), "red"),
        "untested": State(_("not tested yet"), "grey"),
        "unclear": State(_("cannot be told"), "grey"),
    },
}


def state(kind: str, value: str | int) -> State:
    """Return word and tone; a value without a word is shown as it is, in grey."""
    if kind == "delivery" and isinstance(value, int):
        value = DELIVERY_NUMBERS[value] if value in range(len(DELIVERY_NUMBERS)) else str(value)
    return STATES.get(kind, {}).get(str(value), State(str(value), "grey"))
