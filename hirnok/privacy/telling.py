"""Telling those who answer for the data what a retention run will delete, what waits for them, and what failed.

One letter a day and person at most of each kind, and none when there is nothing to tell; counts only.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from hirnok.accounts.models import Membership, Role, User
from hirnok.register import disposals
from hirnok.register.models import DisposalRun
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant
from hirnok.ui.words import number

AHEAD = timedelta(days=1)


def tell_forecast(at: datetime) -> int:
    """Write to everybody who has to know what goes until tomorrow; return how many letters."""
    return sum(_forecast(tenant, at) for tenant in Tenant.objects.order_by("pk"))


def tell_failures(at: datetime) -> int:
    """Write where the last run failed; return how many letters."""
    return sum(_failure(tenant, at) for tenant in Tenant.objects.order_by("pk"))


@transaction.atomic
def _forecast(tenant: Tenant, at: datetime) -> int:
    with acting_for(tenant):
        lines = disposals.forecast(tenant, at + AHEAD)
        due, waiting = sum(one.due for one in lines), sum(one.waiting for one in lines)
        if not due or not disposals.first_today(tenant, "forecast_told_on", at):
            return 0
        people = _people(tenant, Role.PRIVACY_OFFICER) or _people(tenant, Role.OWNER)
    for user in people:
        with translation.override(user.language):
            subject = _("%(tenant)s: what is deleted until tomorrow") % {"tenant": tenant.name}
            text = _("%(due)s records reach the end of their period until tomorrow.") % {
                "due": number(due)
            }
            if waiting:
                text += "\n" + _("%(waiting)s of them wait for your agreement.") % {
                    "waiting": number(waiting)
                }
            _send(user, tenant, subject, text)
    return len(people)


@transaction.atomic
def _failure(tenant: Tenant, at: datetime) -> int:
    with acting_for(tenant):
        last = DisposalRun.objects.of(tenant).order_by("-started_at", "-pk").first()
        failed = last is not None and last.status == DisposalRun.Status.FAILED
        if not failed or not disposals.first_today(tenant, "failure_told_on", at):
            return 0
        people = _people(tenant, Role.PRIVACY_OFFICER, Role.OWNER)
    for user in people:
        with translation.override(user.language):
            subject = _("%(tenant)s: data could not be deleted") % {"tenant": tenant.name}
            text = _(
                "Data whose period is over could not be deleted. It is tried again every ten minutes; if this goes on, tell whoever runs Hirnok for you."
            )
            _send(user, tenant, subject, text)
    return len(people)


def _people(tenant: Tenant, *roles: Role) -> list[User]:
    """Members with these roles, but for those who are here for maintenance only."""
    rows = Membership.objects.of(tenant).filter(visit_until=None, user__is_active=True)
    found = rows.filter(role__in=roles).select_related("user").order_by("pk")
    return [one.user for one in found]


def _send(user: User, tenant: Tenant, subject: str, text: str) -> None:
    url = settings.PUBLIC_URL + reverse("privacy:retention", kwargs={"tenant": tenant.slug})
    body = "\n\n".join((text, _("Open it here:") + "\n" + url))
    EmailMessage(subject=subject, body=body + "\n", to=[user.email]).send()
