"""Forms of readers: signing up, and changing what is held. They validate, they never save."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from hirnok.consent.models import ConsentText, Form
from hirnok.consent.preferring import Own
from hirnok.consent.signing_up import Given
from hirnok.contacts import wording
from hirnok.contacts.forms import control, stored
from hirnok.contacts.models import Field
from hirnok.mail.addresses import Address, normalise

TRAP = "website"
STAMP = "stamp"
PROOF = "proof"
CONSENT = "consent"
TRANSFER = "transfer_"
NAMES = {"last_name": _("Last name"), "first_name": _("First name")}
_FAMILY_NAME_FIRST = ("hu",)


class ConsentField(forms.BooleanField):
    """The box; where its fault is named, not all of the words beside it are repeated."""

    short_label = _("Consent")


class SignUpForm(forms.Form):
    """What a sign-up form asks for, in the language of its words; the box is never ticked beforehand."""

    email = forms.CharField(
        label=_("E-mail address"),
        max_length=320,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )

    def __init__(
        self,
        form: Form,
        text: ConsentText,
        *args: Any,
        transfers: Sequence[ConsentText] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        own = [key for key in form.fields if key not in NAMES]
        rows = Field.objects.filter(tenant_id=form.tenant_id, key__in=own) if own else ()
        self.custom = sorted(rows, key=lambda field: (field.position, field.pk))
        for name in names_in_order(text.language):
            if name in form.fields:
                self.fields[name] = _name_field(name)
        for field in self.custom:
            self.fields[field.key] = control(field)
        for name, obligatory in form.fields.items():
            if name in self.fields:
                self.fields[name].required = bool(obligatory)
        self.fields[CONSENT] = ConsentField(
            label=text.text,
            error_messages={"required": _("Without your consent you cannot be signed up.")},
        )
        self.transfers = {f"{TRANSFER}{one.pk}": one.pk for one in transfers}
        for one in transfers:
            self.fields[f"{TRANSFER}{one.pk}"] = forms.BooleanField(label=one.text, required=False)

    def clean_email(self) -> Address:
        """Return the address in its normal form, or say what is wrong with it."""
        found = normalise(self.cleaned_data["email"])
        if not isinstance(found, Address):
            raise forms.ValidationError(wording.address_fault(found.code))
        return found

    def given(self) -> Given:
        """Return what was filled in."""
        return Given(
            address=self.cleaned_data["email"],
            first_name=self.cleaned_data.get("first_name", ""),
            last_name=self.cleaned_data.get("last_name", ""),
            fields=_values(self.custom, self.cleaned_data),
            transfers=tuple(pk for name, pk in self.transfers.items() if self.cleaned_data[name]),
        )

    def boxes(self) -> list[forms.BoundField]:
        """Return the consent's box and those of the transfers, each of its own."""
        return [self[CONSENT], *(self[name] for name in self.transfers)]

    def asked(self) -> list[forms.BoundField]:
        """Return what is typed in."""
        boxes = {CONSENT, *self.transfers}
        return [one for one in self.visible_fields() if one.name not in boxes]


class PreferencesForm(forms.Form):
    """What a reader can correct; what is emptied is deleted."""

    def __init__(self, own: Own, language: str, data: Mapping[str, Any] | None = None) -> None:
        contact = own.contact
        initial = {**contact.fields, "language": language}
        initial |= {name: getattr(contact, name) for name in NAMES}
        super().__init__(data, initial=initial)
        self.own = own
        for name in names_in_order(language):
            self.fields[name] = _name_field(name)
        for field in own.fields:
            self.fields[field.key] = control(field)
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"), choices=_languages(contact.language)
        )

    def corrected(self) -> dict[str, Any]:
        """Return what `preferring.correct` takes; fields that are not shown keep what they hold."""
        shown = {field.key for field in self.own.fields}
        kept = {k: v for k, v in self.own.contact.fields.items() if k not in shown}
        return {
            **{name: self.cleaned_data[name] for name in NAMES},
            "language": self.cleaned_data["language"],
            "fields": kept | _values(self.own.fields, self.cleaned_data),
        }


def names_in_order(language: str) -> list[str]:
    """Return the fields of a name in the order of a language."""
    order = list(NAMES)
    return order if language in _FAMILY_NAME_FIRST else order[::-1]


def _name_field(name: str) -> forms.Field:
    attrs = {"autocomplete": "family-name" if name == "last_name" else "given-name"}
    return forms.CharField(
        label=NAMES[name], max_length=100, required=False, widget=forms.TextInput(attrs=attrs)
    )


def _values(fields: list[Field], cleaned: Mapping[str, Any]) -> dict[str, Any]:
    return {
        field.key: stored(field, cleaned[field.key])
        for field in fields
        if cleaned.get(field.key) not in (None, "")
    }


def _languages(held: str) -> list[tuple[str, str]]:
    """The languages that Hirnok speaks, and the one that the reader has."""
    known = dict(settings.LANGUAGES)
    return list((known if held in known or not held else known | {held: held}).items())
