"""Second factors: allauth's codes and passkeys, in our words; secrets are sealed before they are stored."""

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.utils.translation import gettext, gettext_lazy

from hirnok.accounts.models import User
from hirnok.lib import keys

KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What allauth asks of us."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy(
            "This is not the code. Codes of an app change twice a minute; its clock must be right."
        ),
    }

    def encrypt(self, text: str) -> str:
        return keys.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return keys.unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        return f"Hirnok ({self._get_site_name()})"

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        """Propose a name for a new passkey."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return gettext("Passkey %(number)s") % {"number": count + 1}


def has_one(user: User) -> bool:
    """Whether signing in asks the user for a second factor (recovery codes alone are none)."""
    found: bool = Authenticator.objects.filter(user=user, type__in=KINDS).exists()
    return found
