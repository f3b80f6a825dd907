"""Steps of a breach in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVENTS: dict[str, Promise] = {
    "open": _("Entered in the register"),
    "confirm": _("Confirmed as a breach"),
    "dismiss": _("Found to be no breach"),
    "reopen": _("Taken up again"),
    "describe": _("Facts changed"),
    "assess": _("Severity assessed"),
    "decide_authority": _("Decided about the authority"),
    "decide_persons": _("Decided about the persons concerned"),
    "explain_delay": _("Delay explained"),
    "learn": _("Lessons written"),
    "close": _("Closed"),
    "notify_authority": _("Authority notified"),
    "write_letter": _("Letter to the persons written"),
    "notify_persons": _("Telling the persons begun"),
    "told_persons": _("Persons told"),
    "tell_tenants": _("Customers told"),
    "tell_operator": _("Operator told"),
    "news": _("News from the processor"),
    "evidence": _("Evidence added"),
    "remind": _("Reminder sent"),
}


def event(kind: str) -> str:
    """Return what was done; the code itself where it has no words."""
    return str(EVENTS.get(kind, kind))
