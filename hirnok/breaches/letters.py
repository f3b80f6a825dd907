"""Mails about breaches: to those who answer for privacy at the tenant, and to who made a claim.

Letters to members carry a number and a link, nothing of the persons concerned. Leaves to others: notifications to
the authority and to persons (`notifying`).
"""

from collections.abc import Iterator
from datetime import datetime
from email.utils import make_msgid
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hirnok.accounts.models import Membership, Role
from hirnok.breaches import reports
from hirnok.breaches.models import Breach, ViolationClaim
from hirnok.mail import letters as mail_letters
from hirnok.outbox import letters as outbox_letters
from hirnok.register.models import Controller, Holding
from hirnok.tenants.models import Brand, Tenant
from hirnok.ui.words import moment

SUBJECTS: dict[str, Promise] = {
    "opened": gettext_lazy("Breach %(number)s: a personal data breach is suspected or known"),
    "confirmed": gettext_lazy("Breach %(number)s is confirmed: the 72 hours run"),
    "news": gettext_lazy("Breach %(number)s: there is news from the processor"),
    "reminder": gettext_lazy("Breach %(number)s: %(hours)s hours have passed"),
    "late": gettext_lazy("Breach %(number)s: the period for notifying the authority is over"),
}
SAID: dict[str, Promise] = {
    "opened": gettext_lazy(
        "It has been entered in the register of breaches. Please look at once whether it is a breach, how severe it is,"
        " and whether the authority and the persons concerned have to be told."
    ),
    "confirmed": gettext_lazy(
        "If it may be a risk to persons, the authority has to be notified within 72 hours after it became known."
    ),
    "news": gettext_lazy("The processor has told more about what happened."),
    "reminder": gettext_lazy(
        "Neither has the authority been notified, nor has it been decided that this is not needed."
    ),
    "late": gettext_lazy(
        "Neither has the authority been notified, nor has it been decided that this is not needed. A notification now"
        " has to say why it is late."
    ),
}


class NoSender(Exception):
    """The tenant has no brand, so there is no address to write from."""


def to_officers(breach: Breach, kind: str, *, at: datetime, hours: int = 0) -> int:
    """Write to the owners and privacy officers of the tenant, each in the own language; return to how many."""
    tenant = Tenant.objects.get(pk=breach.tenant_id)
    path = reverse("breaches:breach", kwargs={"tenant": tenant.slug, "pk": breach.pk})
    written = 0
    for address, language in _officers(tenant):
        with translation.override(language), timezone.override(ZoneInfo(tenant.time_zone)):
            subject = str(SUBJECTS[kind]) % {"number": breach.number, "hours": hours}
            lines = [f"{tenant.name}: {breach.title}", str(SAID[kind])]
            if reports.clock_runs(breach):
                clock = reports.clock_of(breach, at)
                lines.append(
                    _("Counted from: %(since)s. To be notified by: %(due)s.")
                    % {"since": moment(clock.since), "due": moment(clock.due_at)}
                )
            lines.append(f"{settings.PUBLIC_URL}{path}")
            EmailMessage(subject=subject, body="\n\n".join(lines) + "\n", to=[address]).send()
        written += 1
    return written


def claim_received(claim: ViolationClaim) -> None:
    """Tell who made a claim that it has arrived and what happens now; without a brand nobody can be written to."""
    tenant = Tenant.objects.get(pk=claim.tenant_id)
    if not Brand.objects.of(tenant).exists():
        return
    with translation.override(claim.language):
        text = _(
            "we have received what you wrote, and we are looking into it as a suspected personal data breach. If it"
            " proves to be one that puts you at a high risk, we tell you at once what happened and what you can do."
        )
        body = f"{_('Dear Sir or Madam,')}\n\n{text}\n\n{_who(tenant)}\n"
        post(
            tenant,
            claim.holding,
            to=claim.address,
            subject=_("We have received your report"),
            text=body,
            at=claim.at,
        )


def post(
    tenant: Tenant,
    holding: Holding,
    *,
    to: str,
    subject: str,
    text: str,
    at: datetime,
    attached: tuple[str, bytes] | None = None,
) -> None:
    """Write a letter of the tenant under a holding, with a PDF `attached` (name, bytes); NoSender."""
    brand = Brand.objects.of(tenant).order_by("pk").first()
    if brand is None:
        raise NoSender
    controller = Controller.objects.of(tenant).first()
    answers = (controller.officer_email or controller.email) if controller else ""
    domain = brand.from_address.rpartition("@")[2]
    letter = mail_letters.Letter(
        from_name=controller.name if controller else brand.sender_name,
        from_address=brand.from_address,
        to_name="",
        to_address=to,
        subject=subject,
        text=text,
        message_id=make_msgid(domain=domain).strip("<>"),
        reply_to=answers or brand.reply_to,
    )
    message = mail_letters.build(letter, at=at)
    if attached is not None:
        name, data = attached
        message.add_attachment(data, maintype="application", subtype="pdf", filename=name)
    outbox_letters.post(
        tenant,
        holding,
        recipient=to,
        return_path=brand.from_address,
        data=outbox_letters.seven_bit(mail_letters.as_bytes(message)),
        at=at,
    )


def _officers(tenant: Tenant) -> Iterator[tuple[str, str]]:
    """The addresses of those who answer for privacy, with their language; the named officer too."""
    rows = Membership.objects.of(tenant).filter(
        role__in=(Role.OWNER, Role.PRIVACY_OFFICER), visit_until=None, user__is_active=True
    )
    found = {
        one.user.email: one.user.language for one in rows.select_related("user").order_by("pk")
    }
    controller = Controller.objects.of(tenant).first()
    if controller is not None:
        for address in (controller.officer_email, controller.security_email):
            if address:
                found.setdefault(address.lower(), tenant.language)
    yield from found.items()


def _who(tenant: Tenant) -> str:
    controller = Controller.objects.of(tenant).first()
    if controller is None:
        return tenant.name
    return "\n".join(
        filter(
            None, (controller.name, controller.postal_address, controller.email, controller.phone)
        )
    )
