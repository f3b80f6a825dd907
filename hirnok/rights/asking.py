"""Forms of the portal, in the person's language. They validate, they never save."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from hirnok.consent.forms import NAMES, names_in_order
from hirnok.contacts import wording as contact_wording
from hirnok.mail.addresses import Address, normalise
from hirnok.register.answers import name_of
from hirnok.register.models import Holding
from hirnok.rights import performing, wording
from hirnok.rights.models import Right
from hirnok.rights.portal import Said

TRAP = "website"
OBJECTIONS = {
    performing.MARKETING: _("Newsletters and advertising: it ends at once, without reasons."),
    "other": _("Another use of my data; my reasons are below."),
}


class AddressField(forms.CharField):
    """An e-mail address in its normal form, "" where there is none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=320, **kwargs)

    def clean(self, value: Any) -> str:
        """Return the address to send to, or say what is wrong with it."""
        text = super().clean(value)
        if not text:
            return ""
        found = normalise(text)
        if not isinstance(found, Address):
            raise forms.ValidationError(contact_wording.address_fault(found.code))
        return found.text


class AskForm(forms.Form):
    """What is asked beside the address, by right; nothing more than the right needs."""

    email = forms.CharField(
        label=_("E-mail address"),
        help_text=_("The one that your data are kept under. A link goes there, by which we see that it is you."),
        max_length=320,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )  # fmt: skip

    def __init__(self, right: Right, language: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.right = right
        for name, field in _fields(right, language).items():
            self.fields[name] = field

    def clean_email(self) -> Address:
        """Return the address in its normal form, or say what is wrong with it."""
        found = normalise(self.cleaned_data["email"])
        if not isinstance(found, Address):
            raise forms.ValidationError(contact_wording.address_fault(found.code))
        return found

    def clean(self) -> dict[str, Any]:
        """Ask for what has no meaning when it is empty."""
        cleaned = super().clean() or {}
        words = cleaned.get("words", "").strip()
        if self.right == Right.RECTIFICATION and not words and not self._changes():
            self.add_error("words", _("Please say what should be corrected."))
        if cleaned.get("objection") == "other" and not words:
            self.add_error("words", _("Please tell us your reasons; they have to be weighed."))
        return cleaned

    def said(self) -> Said:
        """Return what was filled in beside the address."""
        details: dict[str, Any] = {}
        if ground := self.cleaned_data.get("ground"):
            details["ground"] = ground
        if send_to := self.cleaned_data.get("send_to"):
            details[performing.SEND_TO] = send_to
        if self.cleaned_data.get("objection") == performing.MARKETING:
            details[performing.MARKETING] = True
        return Said(details, self.cleaned_data.get("words", "").strip(), self._changes())

    def _changes(self) -> dict[str, str]:
        names = (*NAMES, "language")
        found = {name: self.cleaned_data.get(name, "").strip() for name in names}
        return {name: value for name, value in found.items() if value}


class ChooseForm(forms.Form):
    """Which purposes a withdrawal is for, once it is clear who asks."""

    activities = forms.MultipleChoiceField(
        label=_("What for"), widget=forms.CheckboxSelectMultiple, required=True
    )

    def __init__(self, held: list[Holding], language: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {one.activity.code: name_of(one.activity, language) for one in held}
        field = self.fields["activities"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(known.items())
        field.initial = list(known) if len(known) == 1 else []


def _fields(right: Right, language: str) -> dict[str, forms.Field]:
    makers = {
        Right.PORTABILITY: _portability,
        Right.RECTIFICATION: _rectification,
        Right.ERASURE: _erasure,
        Right.RESTRICTION: _restriction,
        Right.OBJECTION: _objection,
        Right.REVIEW: _review,
    }
    return makers[right](language) if right in makers else {}


def _portability(_language: str) -> dict[str, forms.Field]:
    return {
        "send_to": AddressField(
            label=_("Send it to another provider"),
            required=False,
            help_text=_(
                "The e-mail address that the provider has for this. Leave it empty to download the file yourself."
            ),
        )
    }


def _rectification(language: str) -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {}
    for name in names_in_order(language):
        fields[name] = forms.CharField(label=NAMES[name], max_length=100, required=False)
    fields["language"] = forms.ChoiceField(
        label=_("Language of the letters"),
        choices=[("", _("as it is")), *settings.LANGUAGES],
        required=False,
    )
    fields["words"] = _words(_("What else should be corrected or added"))
    return fields


def _erasure(_language: str) -> dict[str, forms.Field]:
    return {"ground": _choice(_("Why"), wording.ERASURE_GROUNDS, "withdrawn")}


def _restriction(_language: str) -> dict[str, forms.Field]:
    return {
        "ground": _choice(_("Why"), wording.RESTRICTION_GROUNDS, "accuracy"),
        "words": _words(_("What should we know about it")),
    }


def _objection(_language: str) -> dict[str, forms.Field]:
    return {
        "objection": _choice(_("What you object to"), OBJECTIONS, performing.MARKETING),
        "words": _words(_("Your reasons")),
    }


def _review(_language: str) -> dict[str, forms.Field]:
    field = _words(_("Which decision, and what is your view of it"))
    field.required = True
    return {"words": field}


def _words(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


def _choice(label: Any, choices: Any, initial: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=list(choices.items()), initial=initial, widget=forms.RadioSelect
    )
