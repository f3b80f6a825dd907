"""Reminding staff of requests that wait: some days before their day, and when it has passed.

Promises: one letter a person and step, in that person's language, naming references and dates and nobody's data;
requests that are open do not expire. Runs again at any time: what was said is not said twice.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hirnok.accounts.models import Membership, Role, User
from hirnok.register import holdings
from hirnok.rights import answering, receiving
from hirnok.rights.models import Request
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant
from hirnok.ui import words as ui_words

DAYS_BEFORE = (10, 5, 1)
LATE = -1
ACTOR = "job:reminders"


def remind(at: datetime) -> int:
    """Remind every tenant's staff of what is due; return how many letters were written."""
    return sum(_remind(tenant, at) for tenant in Tenant.objects.order_by("pk"))


def step(days_left: int) -> int | None:
    """Return the step that is reached so many days before a day: 10, 5, 1, -1 when it has passed, else None."""
    if days_left < 0:
        return LATE
    return next((days for days in sorted(DAYS_BEFORE) if days_left <= days), None)


@transaction.atomic
def _remind(tenant: Tenant, at: datetime) -> int:
    with acting_for(tenant):
        today = receiving.day_of(tenant, at)
        rows = (
            Request.objects.of(tenant)
            .filter(status__in=Request.OPEN)
            .order_by("target_due", "pk")
            .select_for_update()
        )
        due: list[Request] = []
        for request in rows:
            for holding in answering.holdings_of(request):
                holdings.renew(holding, at)  # its period has not begun
            reached = step((request.target_due - today).days)
            if reached is not None and (request.reminded is None or reached < request.reminded):
                request.reminded = reached
                request.save(update_fields=["reminded"])
                receiving.note(request, "reminded", actor=ACTOR, at=at, code=str(reached))
                due.append(request)
        users = _staff(tenant, at) if due else []
    for user in users:
        _write(tenant, user, due)
    return len(users)


def _staff(tenant: Tenant, at: datetime) -> list[User]:
    """Privacy officers; where there is none, the owners. Not those who are here for maintenance only."""
    rows = Membership.objects.of(tenant).filter(visit_until=None, user__is_active=True)
    for role in (Role.PRIVACY_OFFICER, Role.OWNER):
        found = [one.user for one in rows.filter(role=role).select_related("user").order_by("pk")]
        if found:
            return found
    return []


def _write(tenant: Tenant, user: User, due: Iterable[Request]) -> None:
    with translation.override(user.language):
        lines = [_line(one) for one in due]
        subject = ngettext(
            "%(tenant)s: a request of a person waits for its answer",
            "%(tenant)s: %(count)s requests of persons wait for their answer",
            len(lines),
        ) % {"tenant": tenant.name, "count": len(lines)}
        url = settings.PUBLIC_URL + reverse("rights:requests", kwargs={"tenant": tenant.slug})
        text = "\n\n".join(
            (
                _("These requests of persons have to be answered:"),
                "\n".join(lines),
                _("Open them here:") + "\n" + url,
            )
        )
    EmailMessage(subject=subject, body=text + "\n", to=[user.email]).send()


def _line(request: Request) -> str:
    words = {
        "reference": request.reference,
        "target": ui_words.day(request.target_due),
        "legal": ui_words.day(request.legal_due),
    }
    if request.reminded == LATE:
        return _("- %(reference)s: LATE. Promised for %(target)s, by law until %(legal)s") % words
    return _("- %(reference)s: promised for %(target)s, by law until %(legal)s") % words
