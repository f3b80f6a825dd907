"""The forms of second factors: allauth's, with labels in our words."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, override

from hirnok.accounts import sign_ins
from hirnok.lib import clock

_CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    """A code, while signing in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_code(self)

    def clean_code(self) -> str:
        """Note a wrong code: whoever gave it knew the password."""
        try:
            return str(super().clean_code())
        except ValidationError:
            sign_ins.failed(self.user, at=clock.now())
            raise

    def save(self) -> None:
        """Go on signing in, and tell the user of a recovery code that was used."""
        super().save()
        _tell_of_recovery(self)


class CodeAgainForm(ReauthenticateForm):  # type: ignore[misc]
    """A code, before something that is guarded."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_code(self)

    def save(self) -> None:
        """Note the proof, and tell the user of a recovery code that was used."""
        super().save()
        _tell_of_recovery(self)


class AppForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_code(self)


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        alone = self.fields["passwordless"]
        alone.label = _("Sign in with it alone, without the password")
        alone.help_text = _("The device then asks for a fingerprint, face or PIN.")
        alone.initial = True


class PasskeyNameForm(EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")


def _tell_of_recovery(form: Any) -> None:
    if form.authenticator.type != Authenticator.Type.RECOVERY_CODES:
        return
    form.authenticator.refresh_from_db()
    left = form.authenticator.wrap().left
    with override(form.user.language):
        text = ngettext("%(count)s code is left.", "%(count)s codes are left.", left)
        get_adapter().tell(form.user, "recovery_code_used", detail=text % {"count": left})


def _name_code(form: Any) -> None:
    form.fields["code"].label = _("Code")
    form.fields["code"].widget.attrs = dict(_CODE)
