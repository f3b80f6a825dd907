"""Letters that tell a person of a change in the security of the own account, in the person's language (ASVS 6.3.7).

They name what happened, when, in which browser and from which network address, and what to do if it was somebody
else. They carry no link that signs in, and no secret. allauth asks for those of its own changes through the adapter.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hirnok.accounts import devices
from hirnok.accounts.models import Membership, User
from hirnok.tenants.acting import as_user

_IF_NOT = gettext_lazy(
    "If that was you, there is nothing to do. If not, choose a new password at once and tell an owner of the account:"
)


@dataclass(frozen=True)
class Notice:
    """A letter: its subject, and what happened. `changes_factor`: the other sessions have been ended."""

    subject: Promise
    said: Promise
    if_not: Promise = _IF_NOT
    choose_password: bool = True  # whether the link to a new password is of use
    changes_factor: bool = False


@dataclass(frozen=True)
class Where:
    """From where it was done: the browser's own words for itself, and the network address."""

    device: str
    ip: str


NOTICES: dict[str, Notice] = {
    "account/email/password_changed": Notice(
        gettext_lazy("Your password was changed"),
        gettext_lazy("The password of your account was changed, and every session was ended."),
    ),
    "account/email/password_reset": Notice(
        gettext_lazy("Your password was chosen"),
        gettext_lazy("A password was chosen for your account by the link of a password letter."),
    ),
    "account/email/password_set": Notice(
        gettext_lazy("Your password was chosen"),
        gettext_lazy("A password was chosen for your account."),
    ),
    "address_changed": Notice(
        gettext_lazy("Your address for Hirnok was changed"),
        gettext_lazy(
            "From now on you sign in to Hirnok with another e-mail address; this one is no longer yours there."
        ),
        gettext_lazy(
            "If that was not you, tell whoever runs Hirnok for you at once: somebody else has access to your account."
        ),
        choose_password=False,
    ),
    "mfa/email/totp_activated": Notice(
        gettext_lazy("An app with codes was set up"),
        gettext_lazy(
            "From now on signing in asks for a code of the app. Other sessions were ended."
        ),
        changes_factor=True,
    ),
    "mfa/email/totp_deactivated": Notice(
        gettext_lazy("The app with codes was removed"),
        gettext_lazy("Codes of the app are not accepted any more. Other sessions were ended."),
        changes_factor=True,
    ),
    "mfa/email/webauthn_added": Notice(
        gettext_lazy("A passkey was added"),
        gettext_lazy("A new passkey signs in to your account. Other sessions were ended."),
        changes_factor=True,
    ),
    "mfa/email/webauthn_removed": Notice(
        gettext_lazy("A passkey was removed"),
        gettext_lazy(
            "A passkey does not sign in to your account any more. Other sessions were ended."
        ),
        changes_factor=True,
    ),
    "mfa/email/recovery_codes_generated": Notice(
        gettext_lazy("New recovery codes were made"),
        gettext_lazy("The recovery codes that you had before are not accepted any more."),
        changes_factor=True,
    ),
    "recovery_code_used": Notice(
        gettext_lazy("A recovery code was used"),
        gettext_lazy("One of your recovery codes was used in place of the second factor."),
    ),
    "factors_forgotten": Notice(
        gettext_lazy("Your second factor was taken away"),
        gettext_lazy(
            "An administrator took away your second factor and ended your sessions, because you were said to"
            " have lost it. Signing in leads to setting up another one."
        ),
    ),
    "new_sign_in": Notice(
        gettext_lazy("You signed in from a new browser"),
        gettext_lazy(
            "Somebody signed in to your account from a browser that it had not been used in."
        ),
    ),
    "token_made": Notice(
        gettext_lazy("An API token was made in your name"),
        gettext_lazy("A token was made by which a program can act in your name."),
    ),
}


def send(
    kind: str, user: User, where: Where, *, at: datetime, email: str = "", detail: str = ""
) -> None:
    """Write the letter. `email`: another address than the present one (where the present one is new); `detail`: a
    line more, such as the name of a token. KeyError for a kind there is not."""
    notice = NOTICES[kind]
    with translation.override(user.language), timezone.override(_zone(user)):
        context = {
            "user": user,
            "notice": notice,
            "detail": detail,
            "at": at,
            "device": _device(where.device),
            "ip": where.ip,
            "url": settings.PUBLIC_URL,
            "language": user.language,
        }
        message = EmailMultiAlternatives(
            subject=str(notice.subject),
            body=render_to_string("accounts/letters/notice.txt", context).strip() + "\n",
            to=[email or user.email],
        )
        html = render_to_string("accounts/letters/notice.html", context)
        message.attach_alternative(html, "text/html")
        message.send()


def _device(user_agent: str) -> str:
    browser, system = devices.browser(user_agent), devices.system(user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return _("A browser")


def _zone(user: User) -> ZoneInfo:
    """The clock of the first tenant in which the user works."""
    with transaction.atomic(), as_user(user.pk):
        first = Membership.objects.filter(user=user).select_related("tenant").order_by("pk").first()
    return ZoneInfo(first.tenant.time_zone if first else settings.TIME_ZONE)
