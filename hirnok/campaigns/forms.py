"""Forms of the campaign pages. They validate, they never save."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hirnok.accounts.models import User
from hirnok.campaigns.models import Campaign
from hirnok.contacts.models import List
from hirnok.outbox.models import Message, Relay
from hirnok.tenants import pictures
from hirnok.tenants.models import Brand, Tenant

FORMATS = [
    (Campaign.Format.MARKDOWN, _("Markdown: text with simple marks")),
    (Campaign.Format.HTML, _("HTML")),
    (Campaign.Format.MJML, _("MJML: responsive layout")),
]
POLICIES = [
    (Message.Policy.REPEAT, _("send again (somebody may get it twice, with the same Message-ID)")),
    (Message.Policy.REPORT, _("only report them as uncertain (somebody may not get it)")),
]


class _Later(forms.Field):
    """Mixed into a field that is needed for sending but not for saving a draft."""

    def clean(self, value: Any) -> Any:
        """Take it empty; the page still does not call it optional."""
        self.required = False
        try:
            return super().clean(value)
        finally:
            self.required = True


class LaterText(_Later, forms.CharField):
    """A text that may be missing in a draft."""


class LaterLists(_Later, forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Lists that may be missing in a draft."""


class NewCampaignForm(forms.Form):
    """What a draft begins with."""

    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("Only you and your colleagues see it.")
    )
    brand = forms.ModelChoiceField(
        label=_("Brand"), queryset=Brand.objects.none(), help_text=_("Who the newsletter is from.")
    )

    def __init__(self, tenant: Tenant, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        brands: QuerySet[Brand] = Brand.objects.of(tenant).order_by("name")
        field = _choice(self, "brand", brands)
        if len(brands) == 1:
            field.initial = brands[0]
            field.widget = forms.HiddenInput()


class CampaignForm(forms.Form):
    """All of a draft."""

    use_required_attribute = False

    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("Only you and your colleagues see it.")
    )
    subject = LaterText(label=_("Subject"), max_length=300)
    preheader = forms.CharField(
        label=_("Preview line"),
        max_length=300,
        required=False,
        help_text=_("Mail programs show it beside the subject."),
    )
    brand = forms.ModelChoiceField(label=_("Brand"), queryset=Brand.objects.none())
    lists = LaterLists(
        label=_("Send to the lists"),
        queryset=List.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    excluded = forms.ModelMultipleChoiceField(
        label=_("But not to who is on"),
        queryset=List.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    format = forms.ChoiceField(label=_("Written in"), choices=FORMATS, widget=forms.RadioSelect)
    body = LaterText(
        label=_("Body"),
        strip=False,
        widget=forms.Textarea(attrs={"class": "code", "rows": 16, "spellcheck": "true"}),
    )
    text_body = forms.CharField(
        label=_("Text part"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"class": "code", "rows": 6}),
        help_text=_("For readers without HTML. Left empty, it is made from the body."),
    )
    relay = forms.ModelChoiceField(
        label=_("Relay"),
        queryset=Relay.objects.none(),
        required=False,
        empty_label=_("The default one"),
    )
    policy = forms.ChoiceField(
        label=_("If sending is cut off and it is not known whether some messages have left"),
        choices=POLICIES,
        widget=forms.RadioSelect,
    )

    def __init__(self, tenant: Tenant, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        brands: QuerySet[Brand] = Brand.objects.of(tenant).order_by("name")
        lists: QuerySet[List] = (
            List.objects.of(tenant)
            .filter(archived_at=None)
            .select_related("brand")
            .order_by("brand__name", "name")
        )
        brand = _choice(self, "brand", brands)
        if len(brands) == 1:
            brand.initial = brands[0]
            brand.widget = forms.HiddenInput()
        for name in ("lists", "excluded"):
            field = _choice(self, name, lists)
            if len(brands) > 1:
                field.label_from_instance = _with_brand  # type: ignore[method-assign, assignment]
        _choice(self, "relay", Relay.objects.of(tenant).order_by("name"))

    def clean_body(self) -> str:
        """Browsers send other line ends than were typed."""
        return _line_ends(self.cleaned_data["body"])

    def clean_text_body(self) -> str:
        """The same for the text part."""
        return _line_ends(self.cleaned_data["text_body"])

    def clean(self) -> dict[str, Any]:
        """A list belongs to one brand, and so does what is sent to it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        brand = cleaned.get("brand")
        for name in ("lists", "excluded"):
            strange = (
                [one.name for one in cleaned.get(name, ()) if one.brand_id != brand.pk]
                if brand
                else []
            )
            if strange:
                self.add_error(
                    name,
                    forms.ValidationError(
                        _(
                            "Of another brand than the campaign: %(lists)s. Choose lists of one brand."
                        ),
                        params={"lists": ", ".join(strange)},
                    ),
                )
        return cleaned


class WallClockField(forms.DateTimeField):
    """Any reading of a clock, also one that the zone of the page skips: it is meant in another zone."""

    def to_python(self, value: Any) -> datetime | None:
        """Read it in UTC, where every reading exists."""
        with timezone.override(UTC):
            return super().to_python(value)


class ScheduleForm(forms.Form):
    """When to send, by the clock of a place."""

    when = WallClockField(
        label=_("Date and time"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )
    time_zone = forms.ChoiceField(label=_("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(zone, zone) for zone in sorted(available_timezones()) if "/" in zone]
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("UTC", "UTC"), *zones]

    def clean_when(self) -> datetime:
        """The wall clock, without any zone: the zone is the other field."""
        when: datetime = self.cleaned_data["when"]
        return when.replace(tzinfo=None)


class TestForm(forms.Form):
    """To whom a test goes."""

    to = forms.ModelMultipleChoiceField(
        label=_("Send the test to"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    contact = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, colleagues: "QuerySet[User]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = _choice(self, "to", colleagues)
        field.label_from_instance = _name_and_address  # type: ignore[method-assign, assignment]


class NameForm(forms.Form):
    """The name of a copy."""

    name = forms.CharField(label=_("Name of the new draft"), max_length=200)


class AlternativeTextForm(forms.Form):
    """What stands for the picture."""

    alternative_text = forms.CharField(
        label=_("Alternative text"),
        max_length=300,
        help_text=_("What somebody should know who does not see the picture."),
    )


class PictureForm(AlternativeTextForm):
    """A picture and what stands for it."""

    file = forms.FileField(
        label=_("Picture"),
        help_text=_("JPEG, PNG, GIF or WebP, at most 5 MB."),
        widget=forms.FileInput(attrs={"accept": ",".join(pictures.TYPES.values())}),
    )
    field_order = ("file", "alternative_text")

    def __init__(self, tenant: Tenant, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        brands = list(Brand.objects.of(tenant).order_by("name"))
        self.only = brands[0] if tenant.only_brands is not None and len(brands) == 1 else None
        if self.only is None and (tenant.only_brands is not None or len(brands) > 1):
            self.fields["brand"] = forms.ModelChoiceField(
                label=_("Brand"),
                queryset=Brand.objects.of(tenant).order_by("name"),
                required=tenant.only_brands is not None,
                empty_label=_("All brands") if tenant.only_brands is None else None,
                help_text=_("Who works only for other brands does not see the picture."),
            )

    def brand(self) -> Brand | None:
        """Return whose picture it is; None: of all brands."""
        chosen: Brand | None = self.cleaned_data.get("brand")
        return self.only or chosen


def _choice(form: forms.Form, name: str, rows: "QuerySet[Any]") -> "forms.ModelChoiceField[Any]":
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows
    return field


def _line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _with_brand(one: List) -> str:
    return f"{one.brand}: {one.name}"


def _name_and_address(user: User) -> str:
    return f"{user.name} ({user.email})"
