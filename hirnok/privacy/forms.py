"""The shapes in which the register is typed. They validate, they never save."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from hirnok.register import retention
from hirnok.register.answers import GUARANTEES, RECIPIENTS
from hirnok.register.models import Activity, Notice, Recipient

TEXTS = {
    "description": _("What is done"),
    "origin": _("Where the data come from"),
    "seen_by": _("Who may see them"),
    "retention_words": _("More on how long"),
    "security_measures": _("How they are protected"),
    "profiling": _("Profiling (empty: none)"),
    "automated_decisions": _("Automated decisions (empty: none)"),
}
COUNTRY = RegexValidator(r"\A[A-Z]{2}\Z", _("A country is two capital letters, for example HU."))
NO_GUARANTEE = ("", _("none needed"))


class TextsForm(forms.Form):
    """A form with texts in every language: one field for each, `name_hu`, `name_ro`, `name_en`."""

    texts: dict[str, Any] = {}

    def __init__(self, *args: Any, texts: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._texts = texts or self.texts
        for name, label in self._texts.items():
            for code, _english in settings.LANGUAGES:
                language = get_language_info(code)["name_local"]
                self.fields[f"{name}_{code}"] = forms.CharField(
                    label=_("%(text)s (%(language)s)") % {"text": label, "language": language},
                    required=False,
                    max_length=4000,
                    widget=forms.Textarea(attrs={"rows": 2, "lang": code}),
                )

    def told(self) -> dict[str, dict[str, str]]:
        """Return the texts by name and language; {} for those that are empty in every language."""
        found: dict[str, dict[str, str]] = {}
        for name in self._texts:
            by_language = {
                code: self.cleaned_data[f"{name}_{code}"].strip() for code, _n in settings.LANGUAGES
            }
            found[name] = by_language if any(by_language.values()) else {}
        return found


def initial_texts(row: Any, names: Any) -> dict[str, str]:
    """Return a row's texts as the fields of `TextsForm` show them."""
    return {
        f"{name}_{code}": getattr(row, name).get(code, "")
        for name in names
        for code, _n in settings.LANGUAGES
    }


class ControllerForm(forms.Form):
    """Who answers for the data."""

    name = forms.CharField(label=_("Name"), max_length=200)
    postal_address = forms.CharField(
        label=_("Seat"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    site_address = forms.CharField(
        label=_("Site"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    registration_number = forms.CharField(
        label=_("Registration number"), max_length=60, required=False
    )
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    web_site = forms.URLField(
        label=_("Web site"), max_length=200, required=False, assume_scheme="https"
    )
    representative = forms.CharField(
        label=_("Representative in the EU"),
        max_length=500,
        required=False,
        help_text=_("Only for firms outside the EU (Art. 27)."),
    )
    officer_name = forms.CharField(label=_("Privacy officer"), max_length=200, required=False)
    officer_email = forms.EmailField(
        label=_("E-mail of the privacy officer"), max_length=254, required=False
    )
    officer_phone = forms.CharField(
        label=_("Phone of the privacy officer"), max_length=40, required=False
    )
    security_email = forms.EmailField(
        label=_("Address for security questions"), max_length=254, required=False
    )
    jurisdiction = forms.ChoiceField(
        label=_("Authority"), choices=(("HU", "NAIH"), ("RO", "ANSPDCP"), ("MD", "CNPDCP"))
    )
    answer_days = forms.IntegerField(
        label=_("Requests are answered within so many days"), min_value=1, max_value=365
    )
    lead_days = forms.IntegerField(
        label=_("A change for the worse is announced so many days before it holds"),
        min_value=1,
        max_value=365,
    )
    keeps_to_eea = forms.BooleanField(
        label=_("No data leave the European Economic Area"), required=False
    )


class ActivityForm(TextsForm):
    """What a tenant may change of an activity."""

    texts = TEXTS

    active = forms.BooleanField(label=_("This is done here"), required=False)
    retention_period = forms.CharField(
        label=_("Kept for"),
        max_length=20,
        required=False,
        help_text=_("As ISO 8601 writes it: P30D, P6M, P5Y. Empty: until it is ended."),
    )
    impact_assessment = forms.CharField(
        label=_("Impact assessment"),
        max_length=300,
        required=False,
        help_text=_("Where it is kept, and its date (Art. 35). Empty: none was needed."),
    )

    field_order = ("active", "retention_period", "impact_assessment")

    def clean_retention_period(self) -> str:
        period: str = self.cleaned_data["retention_period"].strip().upper()
        if period and (not re.fullmatch(r"P[1-9]\d{0,4}[YMWD]", period)):
            raise forms.ValidationError(_("This is no period. Examples: P30D, P6M, P5Y."))
        if period:
            retention.longest(period, period)
        return period

    def values(self) -> dict[str, Any]:
        """Return the columns."""
        return {
            "active": self.cleaned_data["active"],
            "retention_period": self.cleaned_data["retention_period"],
            "impact_assessment": self.cleaned_data["impact_assessment"],
            **self.told(),
        }


class RecipientForm(TextsForm):
    """Who else gets data."""

    texts = {"task": _("Task"), "transfer_reason": _("Why data go to a third country")}

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Role"), choices=list(RECIPIENTS.items()))
    address = forms.CharField(label=_("Address"), max_length=500, required=False)
    countries = forms.CharField(
        label=_("Countries"), max_length=100, help_text=_("Where the data go, by comma: HU, US.")
    )
    guarantee = forms.ChoiceField(
        label=_("Guarantee"), choices=[NO_GUARANTEE, *GUARANTEES.items()], required=False
    )
    guarantee_details = forms.CharField(
        label=_("More on the guarantee"), max_length=300, required=False
    )
    contract = forms.CharField(
        label=_("Contract"),
        max_length=300,
        required=False,
        help_text=_("Name and date of the data-processing agreement."),
    )
    contract_until = forms.DateField(
        label=_("Contract until"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    since = forms.DateField(
        label=_("Since"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    activities = forms.MultipleChoiceField(
        label=_("For which activities"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: for all."),
    )

    def __init__(self, activities: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["activities"]
        assert isinstance(chosen, forms.MultipleChoiceField)
        chosen.choices = activities

    def clean_countries(self) -> list[str]:
        codes = [one.strip().upper() for one in self.cleaned_data["countries"].split(",")]
        found = list(dict.fromkeys(code for code in codes if code))
        for code in found:
            COUNTRY(code)
        if not found:
            raise forms.ValidationError(_("A country is two capital letters, for example HU."))
        return found

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        since, until = told.get("since"), told.get("until")
        if since and until and until < since:
            self.add_error("until", _("The end is before the beginning."))
        return told

    def values(self) -> dict[str, Any]:
        """Return the columns."""
        plain = (
            "name", "kind", "address", "countries", "guarantee", "guarantee_details", "contract",
            "contract_until", "since", "until", "activities",
        )  # fmt: skip
        return {name: self.cleaned_data[name] for name in plain} | self.told()


class NoticeForm(TextsForm):
    """A notice for an audience: which activities it tells of."""

    texts = {"title": _("Title"), "audience": _("Whom it is for")}

    code = forms.SlugField(
        label=_("Short name"),
        max_length=40,
        help_text=_("For files and colleagues, for example: applicants."),
    )
    activities = forms.MultipleChoiceField(
        label=_("It tells of"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: of all that is done here."),
    )
    field_order = ("code", "activities")

    def __init__(self, activities: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["activities"]
        assert isinstance(chosen, forms.MultipleChoiceField)
        chosen.choices = activities
        for code, _english in settings.LANGUAGES:
            title = self.fields[f"title_{code}"]
            title.required = True
            title.widget = forms.TextInput(attrs={"lang": code, "required": True})

    def values(self) -> dict[str, Any]:
        """Return the columns."""
        plain = {name: self.cleaned_data[name] for name in ("code", "activities")}
        return plain | self.told()


def initial_of_notice(notice: Notice) -> dict[str, Any]:
    """Return a notice as `NoticeForm` shows it."""
    return {
        "code": notice.code,
        "activities": notice.activities,
        **initial_texts(notice, NoticeForm.texts),
    }


def initial_of_activity(activity: Activity) -> dict[str, Any]:
    """Return an activity as `ActivityForm` shows it."""
    return {
        "active": activity.active,
        "retention_period": activity.retention_period,
        "impact_assessment": activity.impact_assessment,
        **initial_texts(activity, TEXTS),
    }


def initial_of_recipient(recipient: Recipient) -> dict[str, Any]:
    """Return a recipient as `RecipientForm` shows it."""
    plain = (
        "name", "kind", "address", "guarantee", "guarantee_details", "contract", "contract_until",
        "since", "until", "activities",
    )  # fmt: skip
    return {
        **{name: getattr(recipient, name) for name in plain},
        "countries": ", ".join(recipient.countries),
        **initial_texts(recipient, RecipientForm.texts),
    }
