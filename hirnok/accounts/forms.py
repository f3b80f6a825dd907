"""Shapes of what is typed on the settings pages; they validate, the verbs act."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from hirnok.accounts.inviting import Guest
from hirnok.accounts.models import Role
from hirnok.mail.addresses import Address, normalise
from hirnok.register.founding import RESERVED
from hirnok.tenants import pictures
from hirnok.tenants.brands import Details
from hirnok.tenants.models import Brand, Tenant

_BASE_URL = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::[1-9][0-9]{0,4})?\Z")
LANGUAGES = [(code, name) for code, name in settings.LANGUAGES]
MEASUREMENT = [
    ("individual", _("For each recipient: who opened and who clicked")),
    ("aggregate", _("Only in total: how often, not by whom")),
    ("off", _("Not at all: no pixel, links as written")),
]
ALL, SOME = "all", "some"
ROLES = [
    (Role.OWNER, _("Owner: everything, with users and settings")),
    (Role.MARKETER, _("Marketer: contacts, campaigns and reports")),
    (Role.PRIVACY_OFFICER, _("Privacy officer: the register and what is held about people")),
    (Role.VIEWER, _("Viewer: reports only")),
]


def clean_address(text: str) -> str:
    """Return the normal form of an address; ValidationError says what is wrong with it."""
    address = normalise(text)
    if not isinstance(address, Address):
        raise forms.ValidationError(_("This is not an e-mail address. An example: name@example.hu"))
    return address.text


class BrandForm(forms.Form):
    """A brand: the name under which the tenant writes."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("How readers know you; it stands on every public page."),
    )
    sender_name = forms.CharField(
        label=_("Sender's name"), max_length=200, help_text=_("What readers see as the sender.")
    )
    from_address = forms.CharField(
        label=_("From address"),
        max_length=254,
        help_text=_("At a domain of yours whose SPF and DKIM records name your relay."),
    )
    reply_to = forms.CharField(
        label=_("Reply address"),
        max_length=254,
        required=False,
        help_text=_("Where replies go; empty: to the from address."),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=LANGUAGES, help_text=_("Of footers and public pages.")
    )
    postal_address = forms.CharField(
        label=_("Postal address"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stands at the end of every newsletter, as the law asks."),
    )
    measurement = forms.ChoiceField(
        label=_("Measuring opens and clicks"), choices=MEASUREMENT, widget=forms.RadioSelect
    )
    public_base_url = forms.CharField(
        label=_("Public address of your own"),
        max_length=200,
        required=False,
        help_text=_(
            "For links and pictures in newsletters, such as https://news.example.hu; a proxy must lead it here."
        ),
    )

    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("JPEG, PNG, GIF or WebP; stands on your public pages instead of the name."),
        widget=forms.FileInput(attrs={"accept": ",".join(pictures.TYPES.values())}),
    )
    no_logo = forms.BooleanField(label=_("Show the name instead of the logo"), required=False)

    def clean_logo(self) -> bytes:
        """Return the bytes of a picture that may be shown, b"" when none was chosen."""
        file = self.cleaned_data["logo"]
        if not file:
            return b""
        data: bytes = file.read(pictures.LARGEST + 1)
        try:
            pictures.read(data)
        except pictures.TooLarge as error:
            raise forms.ValidationError(_("The file is larger than 5 MB.")) from error
        except (pictures.NotAPicture, pictures.TooManyPixels) as error:
            raise forms.ValidationError(
                _("This is no picture that can be shown. Choose a JPEG, PNG, GIF or WebP file.")
            ) from error
        return data

    def clean_from_address(self) -> str:
        return clean_address(self.cleaned_data["from_address"])

    def clean_reply_to(self) -> str:
        text: str = self.cleaned_data["reply_to"]
        return clean_address(text) if text else ""

    def clean_public_base_url(self) -> str:
        """Accept scheme and host (and a port), nothing behind them."""
        text: str = self.cleaned_data["public_base_url"].rstrip("/").lower()
        if text and not _BASE_URL.match(text):
            raise forms.ValidationError(
                _("Give only the scheme and the host: https://news.example.hu")
            )
        return text

    def details(self) -> Details:
        """Return what was typed, for the verbs."""
        return Details(**{key: self.cleaned_data[key] for key in Details.__dataclass_fields__})


def initial_of(brand: Brand) -> dict[str, Any]:
    """Return what stands in the form of a brand at first."""
    return {key: getattr(brand, key) for key in Details.__dataclass_fields__}


class RoleForm(forms.Form):
    """A member's role, and for which brands; `brands` are those of the tenant."""

    role = forms.ChoiceField(
        label=_("Role"), choices=ROLES, widget=forms.RadioSelect, initial=Role.MARKETER
    )

    def __init__(self, *args: Any, brands: Sequence[Brand], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        add_brands(
            self, brands, _("Owners and privacy officers always have all, also those to come.")
        )

    def clean(self) -> dict[str, Any]:
        """Whoever is not for all brands is for at least one."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        role = cleaned.get("role")
        if not (role and Role(role).has_all_brands):
            must_choose_brands(self)
        return cleaned

    def chosen(self) -> tuple[Brand, ...] | None:
        """Return the brands chosen; None: all."""
        if Role(self.cleaned_data["role"]).has_all_brands:
            return None
        return chosen_brands(self)


class ChosenBrands(forms.TypedMultipleChoiceField):
    """Needed only where not all are asked for, as `must_choose_brands` says; so the page does not call it optional."""

    def validate(self, value: Any) -> None:
        """Look at what was chosen, if anything was."""
        if value:
            super().validate(value)


def brands_of(tenant: Tenant) -> list[Brand]:
    """Return the brands that a form of this tenant offers, read while the database knows the tenant."""
    return list(Brand.objects.of(tenant).order_by("name"))


def add_brands(form: forms.Form, brands: Sequence[Brand], help_text: Any) -> None:
    """Add the fields that say for which brands something is, where the tenant has any."""
    form.offered = {brand.pk: brand for brand in brands}  # type: ignore[attr-defined]
    if not brands:
        return
    form.fields["reach"] = forms.ChoiceField(
        label=_("Brands"),
        choices=[(ALL, _("All brands")), (SOME, _("Only these:"))],
        widget=forms.RadioSelect,
        initial=ALL,
        help_text=help_text,
    )
    form.fields["brands"] = ChosenBrands(
        label=_("Chosen brands"),
        choices=[(brand.pk, brand.name) for brand in brands],
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )


def must_choose_brands(form: forms.Form) -> None:
    """Note an error when only some brands were asked for and none was chosen."""
    is_some = form.cleaned_data.get("reach") == SOME
    if is_some and not form.cleaned_data.get("brands") and "brands" not in form.errors:
        form.add_error("brands", _("Choose at least one brand."))


def chosen_brands(form: forms.Form) -> tuple[Brand, ...] | None:
    """Return the brands chosen; None: all."""
    if form.cleaned_data.get("reach", ALL) == ALL:
        return None
    offered: dict[int, Brand] = form.offered  # type: ignore[attr-defined]
    return tuple(offered[number] for number in form.cleaned_data["brands"])


class MemberForm(RoleForm):
    """Who shall work here, with which role."""

    email = forms.CharField(label=_("E-mail address"), max_length=254)
    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("Not needed for somebody who has an account already."),
        required=False,
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    field_order = ("email", "name", "language", "role", "reach", "brands")

    def clean_email(self) -> str:
        return clean_address(self.cleaned_data["email"]).lower()

    def guest(self) -> Guest:
        """Return whom to bring in, for the verb."""
        given = self.cleaned_data
        role = Role(given["role"])
        return Guest(given["email"], given["name"], given["language"], role, self.chosen())


class TenantForm(forms.Form):
    """A new tenant of the operator."""

    name = forms.CharField(label=_("Name"), max_length=200)
    slug = forms.SlugField(
        label=_("Short name"),
        max_length=40,
        help_text=_("Stands in the address of its pages; small letters, digits and hyphens."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)

    def clean_slug(self) -> str:
        """Refuse short names that would hide a page of the installation."""
        slug: str = self.cleaned_data["slug"].lower()
        if slug in RESERVED:
            raise forms.ValidationError(_("This short name is taken by the program itself."))
        return slug
