"""The forms of signing in and of passwords: allauth's, with labels in our words."""

from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from hirnok.accounts import factors
from hirnok.accounts.factor_forms import CodeAgainForm

ADDRESS, PASSWORD = _("E-mail address"), _("Password")
NEW, AGAIN, PRESENT = _("New password"), _("New password, again"), _("Present password")


class SignInForm(allauth_forms.LoginForm):  # type: ignore[misc]
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, login=ADDRESS, password=PASSWORD)
        _offer_reset(self)
        self.oidc_name = settings.OIDC_NAME if settings.OIDC_ISSUER else ""


class AgainForm(allauth_forms.ReauthenticateForm):  # type: ignore[misc]
    """The password, before something that is guarded; and a code of whoever has codes (ASVS 7.5.1)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, password=PASSWORD)
        _offer_reset(self)
        if factors.has_one(self.user):
            self.fields["code"] = forms.CharField(
                label=_("Code"),
                help_text=_("Of your app, or one of your recovery codes."),
                widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
            )

    def clean(self) -> dict[str, Any]:
        """Take the code only with a password that is right, so that a wrong one uses no code up."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "code" in self.fields and {"password", "code"} <= set(cleaned):
            proof = CodeAgainForm({"code": cleaned["code"]}, user=self.user)
            if proof.is_valid():
                proof.save()
            else:
                for error in proof.errors["code"]:
                    self.add_error("code", error)
        return cleaned


class ChangeForm(allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    """A new password, by the present one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, oldpassword=PRESENT, password1=NEW, password2=AGAIN)
        self.fields["oldpassword"].help_text = ""


class SetForm(allauth_forms.SetPasswordForm):  # type: ignore[misc]
    """A first password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, password1=NEW, password2=AGAIN)


class ResetForm(allauth_forms.ResetPasswordForm):  # type: ignore[misc]
    """The address to which the link goes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, email=ADDRESS)


class ByLinkForm(allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, by the link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self, password1=NEW, password2=AGAIN)


def _name(form: Any, **labels: Any) -> None:
    for name, label in labels.items():
        form.fields[name].label = label
        form.fields[name].widget.attrs.pop("placeholder", None)


def _offer_reset(form: Any) -> None:
    link = format_html(
        '<a href="{}">{}</a>', reverse("account_reset_password"), _("Forgot the password")
    )
    form.fields["password"].help_text = link
