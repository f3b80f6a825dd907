"""The shape of a relay as it is typed."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hirnok.outbox.models import Relay
from hirnok.outbox.relays import Details

SECURITY = [
    ("starttls", _("STARTTLS (usually port 587)")),
    ("tls", _("TLS from the first byte (usually port 465)")),
    ("none", _("None: only inside your own network (port 25)")),
]
_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9.:-]*[A-Za-z0-9])?\Z")


class RelayForm(forms.Form):
    """An SMTP server."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("How you call it."))
    host = forms.CharField(
        label=_("Host"), max_length=253, help_text=_("For example smtp.example.hu")
    )
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=587)
    security = forms.ChoiceField(label=_("Encryption"), choices=SECURITY, widget=forms.RadioSelect)
    verify_certificate = forms.BooleanField(
        label=_("Refuse a server whose certificate is not valid"), required=False, initial=True
    )
    username = forms.CharField(label=_("User name"), max_length=200, required=False)
    password = forms.CharField(
        label=_("Password"),
        max_length=300,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Stored encrypted. Empty keeps the one that is stored."),
    )
    connections = forms.IntegerField(
        label=_("Connections at a time"), min_value=1, max_value=100, initial=10
    )
    messages_per_connection = forms.IntegerField(
        label=_("Messages on one connection"), min_value=1, max_value=100_000, initial=1000
    )
    messages_per_second = forms.IntegerField(
        label=_("Messages a second at most"),
        min_value=1,
        max_value=100_000,
        required=False,
        help_text=_("Empty: as fast as the server takes them."),
    )
    retry_first_minutes = forms.IntegerField(
        label=_("First attempt again after, in minutes"), min_value=1, max_value=1440, initial=5
    )
    retry_longest_minutes = forms.IntegerField(
        label=_("Longest wait between attempts, in minutes"),
        min_value=1,
        max_value=2880,
        initial=240,
    )
    retry_hours = forms.IntegerField(
        label=_("Give up after, in hours"),
        min_value=1,
        max_value=240,
        initial=72,
        help_text=_("For so long a refusal for now is tried again."),
    )
    is_default = forms.BooleanField(label=_("Use it where nothing else is chosen"), required=False)

    def __init__(self, *args: Any, stored: Relay | None = None, **kwargs: Any) -> None:
        """`stored`: the relay that is changed; its password stays only for the server it was given for."""
        super().__init__(*args, **kwargs)
        self.stored = stored

    def clean(self) -> dict[str, Any]:
        """Ask the password again where it would go to another server, or over a weaker connection."""
        data = super().clean() or self.cleaned_data
        was = self.stored
        if was is None or not was.password or not data.get("username") or data.get("password"):
            return data
        weaker = data.get("security") == Relay.Security.NONE != was.security or (
            was.verify_certificate and not data.get("verify_certificate")
        )
        if data.get("host") != was.host or data.get("port") != was.port or weaker:
            self.add_error(
                "password",
                _(
                    "Type the password again: it was stored for another server or a safer connection."
                ),
            )
        return data

    def clean_host(self) -> str:
        host: str = self.cleaned_data["host"].strip().lower()
        if not _HOST.match(host):
            raise forms.ValidationError(_("This is no host name. An example: smtp.example.hu"))
        return host

    def details(self) -> Details:
        """Return what was typed, for the verbs."""
        values = {key: self.cleaned_data[key] for key in Details.__dataclass_fields__}
        values["password"] = values["password"] or None
        return Details(**values)


def initial_of(relay: Relay) -> dict[str, Any]:
    """Return what stands in the form of a relay at first; never the password."""
    return {key: getattr(relay, key) for key in Details.__dataclass_fields__ if key != "password"}
