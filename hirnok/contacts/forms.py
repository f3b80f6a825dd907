"""Forms of the contact, list, field and tag pages. They validate, they never save."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from hirnok.contacts import wording
from hirnok.contacts.editing import Declared, Values
from hirnok.contacts.imports import BASES
from hirnok.contacts.models import Contact, Field, List, Tag
from hirnok.mail.addresses import Address, normalise
from hirnok.register.answers import BASES as BASIS_NAMES
from hirnok.tenants.models import Brand, Tenant

MORE_LANGUAGES = ("de", "fr", "it", "es", "sk", "cs", "pl", "sr", "hr", "sl", "uk", "ru")
BASIS_CHOICES = [(str(basis), BASIS_NAMES[basis]) for basis in BASES]
_PREFIX = "field_"


class CommaList(forms.CharField):
    """Words separated by commas, each once."""

    def clean(self, value: Any) -> tuple[str, ...]:
        """Return the words."""
        text = super().clean(value)
        return tuple(dict.fromkeys(word for part in text.split(",") if (word := part.strip())))


class TagList(CommaList):
    """Tags separated by commas."""

    def clean(self, value: Any) -> tuple[str, ...]:
        """Return the tags; one that is too long is an error."""
        words = super().clean(value)
        longest = Tag._meta.get_field("name").max_length or 0
        for word in words:
            if len(word) > longest:
                raise forms.ValidationError(
                    _("The tag “%(tag)s” is longer than %(limit)s characters.")
                    % {"tag": word, "limit": longest}
                )
        return words


class ContactForm(forms.Form):
    """What is held of a contact beside the address."""

    last_name = forms.CharField(label=_("Last name"), max_length=100, required=False)
    first_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)

    def __init__(
        self,
        tenant: Tenant,
        brand: Brand | None,
        *args: Any,
        contact: Contact | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.contact = contact
        self.custom = list(Field.objects.of(tenant).order_by("position", "pk"))
        names = dict(settings.LANGUAGES) | {code: code for code in MORE_LANGUAGES}
        self._field("language").choices = [("", _("not known")), *names.items()]
        for field in self.custom:
            self.fields[f"{_PREFIX}{field.key}"] = control(field)
        lists = List.objects.of(tenant).filter(archived_at=None).order_by("name")
        self.fields["lists"] = forms.ModelMultipleChoiceField(
            label=_("Lists"),
            queryset=lists.filter(brand=brand) if brand else lists,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["tags"] = TagList(
            label=_("Tags"), required=False, help_text=_("Separated by commas.")
        )

    def values(self) -> Values:
        """Return what was filled in; fields that are no longer shown keep what was held."""
        held = dict(self.contact.fields) if self.contact else {}
        for field in self.custom:
            held.pop(field.key, None)
            value = self.cleaned_data[f"{_PREFIX}{field.key}"]
            if value not in (None, ""):
                held[field.key] = stored(field, value)
        return Values(
            first_name=self.cleaned_data["first_name"],
            last_name=self.cleaned_data["last_name"],
            language=self.cleaned_data["language"],
            fields=held,
            lists=tuple(self.cleaned_data["lists"]),
            tags=self.cleaned_data["tags"],
        )

    def _field(self, name: str) -> Any:
        return self.fields[name]


class AddForm(ContactForm):
    """Somebody new, with the declaration of how the address came to be known."""

    email = forms.CharField(
        label=_("E-mail address"),
        max_length=320,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    legal_basis = forms.ChoiceField(
        label=_("Legal basis"), choices=BASIS_CHOICES, widget=forms.RadioSelect
    )
    how = forms.CharField(
        label=_("How did this person ask for the newsletter?"),
        max_length=500,
        help_text=_(
            "For example: signed the list in the shop on 12 May. It answers “why do we hold this”."
        ),
    )
    field_order = ("email", "last_name", "first_name", "language")

    def __init__(self, tenant: Tenant, *args: Any, **kwargs: Any) -> None:
        super().__init__(tenant, None, *args, **kwargs)
        self._field("lists").required = True
        self._field("lists").error_messages["required"] = _("Choose at least one list.")
        self.order_fields(
            ["email", "last_name", "first_name", "language", "lists", "legal_basis", "how"]
        )

    def clean_email(self) -> Address:
        """Return the address in its normal form, or say what is wrong with it."""
        found = normalise(self.cleaned_data["email"])
        if not isinstance(found, Address):
            raise forms.ValidationError(wording.address_fault(found.code))
        return found

    def clean_lists(self) -> Any:
        """A contact belongs to one brand, and so do its lists."""
        lists = self.cleaned_data["lists"]
        if len({one.brand_id for one in lists}) > 1:
            raise forms.ValidationError(_("Choose lists of one brand only."))
        return lists

    def declared(self) -> Declared:
        """Return the declaration."""
        return Declared(self.cleaned_data["legal_basis"], self.cleaned_data["how"])


class ListForm(forms.Form):
    """Name and description of a list; the brand only of a new one."""

    name = forms.CharField(label=_("Name"), max_length=200)
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For yourself and your colleagues."),
    )

    def __init__(self, tenant: Tenant, *args: Any, is_new: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_new:
            brands = Brand.objects.of(tenant).order_by("name")
            self.fields["brand"] = forms.ModelChoiceField(
                label=_("Brand"),
                queryset=brands,
                initial=brands.first(),
                empty_label=None,
                help_text=_("In whose name the newsletters to this list are sent."),
            )


class FieldForm(forms.Form):
    """A custom field; the type only of a new one."""

    label = forms.CharField(label=_("Name"), max_length=100)
    type = forms.ChoiceField(label=_("Type"), choices=list(wording.TYPES.items()))
    choices = CommaList(
        label=_("Choices"),
        required=False,
        max_length=4000,
        help_text=_("Only for the type choice, separated by commas."),
    )

    def __init__(self, *args: Any, field: Field | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.field = field
        if field is not None:
            del self.fields["type"]
            if field.type != Field.Type.CHOICE:
                del self.fields["choices"]

    def clean(self) -> dict[str, Any]:
        """A choice needs something to choose from."""
        cleaned: dict[str, Any] = super().clean() or {}
        kind = self.field.type if self.field else cleaned.get("type")
        if (
            kind == Field.Type.CHOICE
            and not cleaned.get("choices")
            and "choices" not in self.errors
        ):
            self.add_error("choices", _("Name at least one choice."))
        return cleaned


class TagForm(forms.Form):
    """The name of a tag."""

    name = forms.CharField(label=_("Name"), max_length=60)

    def clean_name(self) -> str:
        """Commas separate tags."""
        name: str = self.cleaned_data["name"]
        if "," in name:
            raise forms.ValidationError(_("A tag holds no comma."))
        return name


class EraseForm(forms.Form):
    """Whether the address may come back."""

    suppress = forms.BooleanField(
        label=_("Never add this address again"),
        required=False,
        help_text=_(
            "Choose it when the person asked to be left alone. Imports and forms will heed it."
        ),
    )


def initial_of(contact: Contact, lists: list[int], tags: list[str]) -> dict[str, Any]:
    """Return what the form of a contact begins with."""
    own = {f"{_PREFIX}{key}": value for key, value in contact.fields.items()}
    return own | {
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "language": contact.language,
        "lists": lists,
        "tags": ", ".join(tags),
    }


def control(field: Field) -> forms.Field:
    """Return the control of a custom field, never obligatory."""
    common: dict[str, Any] = {"label": field.label, "required": False}
    if field.type == Field.Type.NUMBER:
        return forms.FloatField(localize=True, **common)
    if field.type == Field.Type.DATE:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        return forms.DateField(widget=widget, input_formats=["%Y-%m-%d"], **common)
    if field.type == Field.Type.BOOLEAN:
        return forms.NullBooleanField(**common)
    if field.type == Field.Type.CHOICE:
        return forms.ChoiceField(
            choices=[("", "–"), *((one, one) for one in field.choices)], **common
        )
    return forms.CharField(max_length=1000, **common)


def stored(field: Field, value: Any) -> Any:
    """Return a value of the control as `Contact.fields` keeps it."""
    if isinstance(value, date):
        return value.isoformat()
    if field.type == Field.Type.NUMBER and float(value).is_integer():
        return int(value)
    return value
