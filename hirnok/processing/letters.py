"""Mails between operator and tenant: to the owners and privacy officers of either, in each one's language."""

from collections.abc import Callable

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation

from hirnok.accounts.models import Membership, Role
from hirnok.tenants.models import Tenant


def write(
    tenant: Tenant, said: Callable[[], tuple[str, str]], *, url_name: str = "processing:agreement"
) -> int:
    """Write what `said` returns (subject, text) in each one's language, with a link; return to how many.

    The transaction acts for the tenant.
    """
    rows = Membership.objects.of(tenant).filter(
        role__in=(Role.OWNER, Role.PRIVACY_OFFICER), visit_until=None, user__is_active=True
    )
    path = reverse(url_name, kwargs={"tenant": tenant.slug})
    written = 0
    for member in rows.select_related("user").order_by("pk"):
        with translation.override(member.user.language):
            subject, text = said()
            body = f"{text}\n\n{settings.PUBLIC_URL}{path}\n"
            EmailMessage(subject=subject, body=body, to=[member.user.email]).send()
        written += 1
    return written
