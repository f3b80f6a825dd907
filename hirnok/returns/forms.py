"""The shapes of what is typed about mail that comes back."""

import base64
import binascii
import re
from typing import Any

from cryptography.hazmat.primitives import serialization
from django import forms
from django.utils.translation import gettext_lazy as _

from hirnok.returns import forwarding, webhooks, wording
from hirnok.returns.mailboxes import Details
from hirnok.returns.models import Mailbox, Webhook
from hirnok.returns.rules import COUNTABLE, Line
from hirnok.tenants.models import Brand

_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9.:-]*[A-Za-z0-9])?\Z")


class DomainForm(forms.Form):
    """The return domain of one brand."""

    domain = forms.CharField(
        max_length=190,
        required=False,
        help_text=_(
            "For example bounces.example.hu. Its MX record has to lead to the host on which the receiver of this installation"
            " listens. Empty: what comes back goes to the brand's from address."
        ),
    )

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["domain"].label = _("Return domain of %(brand)s") % {"brand": brand.name}


class MailboxForm(forms.Form):
    """A mailbox at a provider."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("How you call it."))
    protocol = forms.ChoiceField(
        label=_("Protocol"),
        choices=[("imap", "IMAP"), ("pop", "POP")],
        widget=forms.RadioSelect,
        initial="imap",
    )
    host = forms.CharField(
        label=_("Host"), max_length=253, help_text=_("For example imap.example.hu")
    )
    port = forms.IntegerField(
        label=_("Port"),
        min_value=1,
        max_value=65535,
        initial=993,
        help_text=_("Usually 993 for IMAP and 995 for POP with TLS, 143 and 110 without."),
    )
    security = forms.ChoiceField(
        label=_("Encryption"),
        choices=[
            ("tls", _("TLS from the first byte")),
            ("starttls", "STARTTLS"),
            ("none", _("None: only inside your own network")),
        ],
        widget=forms.RadioSelect,
        initial="tls",
    )
    verify_certificate = forms.BooleanField(
        label=_("Refuse a server whose certificate is not valid"), required=False, initial=True
    )
    username = forms.CharField(label=_("User name"), max_length=200)
    password = forms.CharField(
        label=_("Password"),
        max_length=300,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Stored encrypted. Empty keeps the one that is stored."),
    )
    folder = forms.CharField(
        label=_("Folder"), max_length=200, initial="INBOX", help_text=_("IMAP only.")
    )
    deletes = forms.BooleanField(
        label=_("Delete at the provider what was taken over"), required=False
    )

    def clean_host(self) -> str:
        host: str = self.cleaned_data["host"].strip().lower()
        if not _HOST.match(host):
            raise forms.ValidationError(_("This is no host name. An example: imap.example.hu"))
        return host

    def clean_folder(self) -> str:
        folder: str = self.cleaned_data["folder"]
        if not folder.isascii() or not folder.isprintable():
            raise forms.ValidationError(_("Use a folder whose name has no accents."))
        return folder

    def details(self) -> Details:
        """Return what was typed, for the verbs."""
        values = {key: self.cleaned_data[key] for key in Details.__dataclass_fields__}
        values["password"] = values["password"] or None
        return Details(**values)


def initial_of(mailbox: Mailbox) -> dict[str, Any]:
    """Return what stands in the form of a mailbox at first; never the password."""
    return {key: getattr(mailbox, key) for key in Details.__dataclass_fields__ if key != "password"}


class WebhookForm(forms.Form):
    """A provider, and its key where it has one."""

    provider = forms.ChoiceField(
        label=_("Provider"),
        choices=[(value, wording.ROADS[value]) for value in Webhook.Provider.values],
        widget=forms.RadioSelect,
    )
    key = forms.CharField(
        label=_("Key of the provider"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_(
            "Amazon SES: the ARN of the topic. SendGrid: the verification key. Mailgun: the webhook signing key. For the"
            " others we make a password."
        ),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        provider, key = given.get("provider"), str(given.get("key") or "").strip()
        if provider and provider not in webhooks.OWN_PASSWORD and not _is_key(provider, key):
            self.add_error("key", _("This is not a key of this provider."))
        return given


def _is_key(provider: str, key: str) -> bool:
    if provider == "amazon":
        return bool(re.fullmatch(r"arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]{1,256}", key))
    if provider == "sendgrid":
        try:
            serialization.load_der_public_key(base64.b64decode(key, validate=True))
        except (ValueError, binascii.Error):
            return False
        return True
    return len(key) >= 16


class RuleForm(forms.Form):
    """One line of the rules: empty numbers mean that this kind of failure never suppresses."""

    kind = forms.CharField(widget=forms.HiddenInput)
    permanence = forms.CharField(widget=forms.HiddenInput)
    count = forms.IntegerField(label=_("Failures"), min_value=1, max_value=1000, required=False)
    days = forms.IntegerField(label=_("within days"), min_value=1, max_value=3650, required=False)
    lasts_days = forms.IntegerField(
        label=_("suppress for days"), min_value=1, max_value=3650, required=False
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") not in COUNTABLE or given.get("permanence") not in wording.PERMANENCE:
            raise forms.ValidationError(_("This kind of failure cannot be counted."))
        if bool(given.get("count")) != bool(given.get("days")):
            raise forms.ValidationError(_("Give both, the number of failures and the days."))
        return given

    def line(self) -> Line | None:
        """Return the rule; None for a kind that never suppresses."""
        given = self.cleaned_data
        if not given.get("count"):
            return None
        return Line(
            given["kind"], given["permanence"], given["count"], given["days"], given["lasts_days"]
        )

    @property
    def words(self) -> str:
        """What is counted, in words."""
        kind = wording.CLASSES.get(str(self["kind"].value()), "")
        return f"{kind}, {wording.PERMANENCE.get(str(self['permanence'].value()), '')}"


class ForwardingForm(forms.Form):
    """Whether and where to what comes back is forwarded."""

    address = forms.CharField(
        label=_("Forward to"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("An address of your own. Empty: nothing is forwarded."),
    )
    autoreplies = forms.BooleanField(label=_("Automatic answers too"), required=False)
    per_hour = forms.IntegerField(
        label=_("At most in an hour"),
        min_value=1,
        max_value=10_000,
        initial=60,
        help_text=_("What is beyond that is accounted for all the same, but not forwarded."),
    )

    def wish(self) -> forwarding.Wish | None:
        """Return what was typed; None: nothing is forwarded."""
        given = self.cleaned_data
        return forwarding.Wish(**given) if given["address"].strip() else None


class SortForm(forms.Form):
    """What a person says that a mail means."""

    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[
            ("permanent", _("The address is dead")),
            ("transient", _("It failed for now: mailbox full, server away")),
            ("complaint", _("A complaint: the reader wants no more letters")),
            ("nothing", _("It means nothing")),
        ],
        widget=forms.RadioSelect,
    )
    recipient = forms.CharField(
        label=_("Whose address?"),
        max_length=254,
        required=False,
        help_text=_("The reader it is about; not needed where it means nothing."),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") not in {None, "nothing"} and not given.get("recipient"):
            self.add_error("recipient", _("Say whose address it is about."))
        return given
