"""Shapes of what users type about themselves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hirnok.accounts.forms import LANGUAGES, clean_address


class ProfileForm(forms.Form):
    """The own name and language."""

    name = forms.CharField(
        label=_("Name"), max_length=200, widget=forms.TextInput({"autocomplete": "name"})
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=LANGUAGES,
        help_text=_("Of the pages and of the letters that Hirnok writes to you."),
    )


class AddressForm(forms.Form):
    """Another address of one's own."""

    email = forms.CharField(
        label=_("New e-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, present: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.present = present

    def clean_email(self) -> str:
        """Return the normal form; the present address is none that could be new."""
        email = clean_address(self.cleaned_data["email"]).lower()
        if email == self.present:
            raise forms.ValidationError(_("This is your present address."))
        return email
