"""The shapes in which breaches are typed. They validate, they never save."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hirnok.breaches import enisa
from hirnok.breaches.drafts import PARTS
from hirnok.breaches.models import Breach
from hirnok.privacy.forms import TextsForm

LONG = {"rows": 4}


def _text(label: Any, *, required: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=8000,
        help_text=help_text,
        widget=forms.Textarea(attrs=LONG),
    )


def _moment(label: Any, *, help_text: Any = "", required: bool = False) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    return forms.DateTimeField(
        label=label, required=required, widget=widget, input_formats=formats, help_text=help_text
    )


class _NotLater(forms.Form):
    """A form whose instants may not lie in the future: after `at`."""

    past: tuple[str, ...] = ()

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        for name in self.past:
            value: datetime | None = told.get(name)
            if value is not None and value > self.at:
                self.add_error(name, _("This is in the future."))
        return told


class BreachForm(_NotLater):
    """Entering a breach: what is seen, how it became known, whether it is sure."""

    past = ("told_at", "processor_knew_at", "aware_at")

    title = forms.CharField(
        label=_("In a few words"),
        max_length=200,
        help_text=_("Name no person here: the register keeps it for ever."),
    )
    description = _text(_("What is known so far"), help_text=_("In the language of the authority."))
    known_by = forms.ChoiceField(label=_("How it became known"), choices=Breach.Known.choices)
    told_at = _moment(
        _("When somebody else told it"),
        help_text=_("Only if it was told by a processor, a person or an authority."),
    )
    processor = forms.CharField(label=_("Which processor"), max_length=200, required=False)
    processor_knew_at = _moment(_("Since when the processor knew"))
    is_sure = forms.BooleanField(
        label=_("It is reasonably certain that this is a breach"),
        required=False,
        help_text=_("Otherwise it is a suspicion, which has to be looked into at once."),
    )
    aware_at = _moment(_("Known since"), help_text=_("The 72 hours begin here. Empty: now."))

    def values(self) -> dict[str, Any]:
        """Return the columns."""
        names = ("title", "description", "known_by", "told_at", "processor", "processor_knew_at")
        return {name: self.cleaned_data[name] for name in names}


class FactsForm(_NotLater):
    """What happened, to which data and whose."""

    past = ("told_at", "processor_knew_at", "happened_from", "happened_until")

    title = BreachForm.base_fields["title"]
    description = BreachForm.base_fields["description"]
    happened_from = _moment(_("It began"))
    happened_until = _moment(_("It ended"))
    known_by = BreachForm.base_fields["known_by"]
    told_at = BreachForm.base_fields["told_at"]
    processor = BreachForm.base_fields["processor"]
    processor_knew_at = BreachForm.base_fields["processor_knew_at"]
    confidentiality = forms.BooleanField(label=_("Loss of confidentiality"), required=False)
    integrity = forms.BooleanField(label=_("Loss of integrity"), required=False)
    availability = forms.BooleanField(label=_("Loss of availability"), required=False)
    activities = forms.MultipleChoiceField(
        label=_("Processing concerned"), required=False, widget=forms.CheckboxSelectMultiple
    )
    categories = forms.MultipleChoiceField(
        label=_("Categories of data"), required=False, widget=forms.CheckboxSelectMultiple
    )
    special_categories = forms.BooleanField(
        label=_("Special categories or criminal data among them (Art. 9, 10)"), required=False
    )
    persons = forms.IntegerField(
        label=_("Number of persons, approximately"),
        required=False,
        min_value=0,
        max_value=2_000_000_000,
    )
    records = forms.IntegerField(
        label=_("Number of records, approximately"),
        required=False,
        min_value=0,
        max_value=2_000_000_000,
    )
    consequences = _text(_("Likely consequences"))
    measures_taken = _text(_("Measures taken"))
    measures_planned = _text(_("Measures planned"))

    def __init__(
        self,
        activities: list[tuple[str, str]],
        categories: list[tuple[str, str]],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._choices("activities", activities)
        self._choices("categories", categories)

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        begun, ended = told.get("happened_from"), told.get("happened_until")
        if begun and ended and ended < begun:
            self.add_error("happened_until", _("The end is before the beginning."))
        return told


class ConfirmBreachForm(_NotLater):
    """Since when it is known."""

    past = ("aware_at",)
    aware_at = _moment(_("Known since"), required=True, help_text=_("The 72 hours begin here."))


class ReasonForm(forms.Form):
    """A reason, which stays in the register."""

    reason = _text(_("Reason"), required=True)


class LessonsForm(forms.Form):
    """What is to be learnt."""

    lessons = _text(_("What is to be learnt, and who does what until when"), required=True)


class SeverityForm(forms.Form):
    """ENISA's questions; the answers give the score."""

    unintelligible = forms.BooleanField(
        label=_(
            "Strangers cannot read the data, for example because they are encrypted and the key is safe"
        ),
        required=False,
    )
    override = forms.ChoiceField(label=_("Another level than the computed one"), required=False)
    override_reason = _text(_("Why another level"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = {group.code for group in enisa.CONTEXT}
        asked: dict[str, forms.Field] = {}
        for group in enisa.groups():
            choices: list[tuple[str, Any]] = [(one.code, one.text) for one in group.factors]
            if group.code in kinds:
                choices.insert(0, ("", pgettext_lazy("data", "not concerned")))
            asked[group.code] = forms.ChoiceField(
                label=str(group.label),
                choices=choices,
                required=group.code not in kinds,
                widget=forms.RadioSelect,
            )
        self.fields = {**asked, **self.fields}
        level = self.fields["override"]
        assert isinstance(level, forms.ChoiceField)
        level.choices = [("", pgettext_lazy("severity", "none")), *enisa.LEVELS.items()]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not any(told.get(group.code) for group in enisa.CONTEXT):
            raise forms.ValidationError(_("Say which kind of data is concerned."))
        if told.get("override") and not told.get("override_reason", "").strip():
            self.add_error("override_reason", _("Another level needs a reason."))
        return told

    def chosen(self) -> dict[str, Any]:
        """Return the factors."""
        names = [group.code for group in enisa.groups()]
        return {name: self.cleaned_data[name] for name in (*names, "unintelligible")}


YES_NO = (("yes", _("yes")), ("no", _("no")))


class AuthorityDecisionForm(forms.Form):
    """Whether the authority is notified."""

    notify = forms.ChoiceField(
        label=_("Is the authority notified?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
        help_text=_(
            "Not only if the breach is unlikely to be a risk to the rights and freedoms of persons (33 (1))."
        ),
    )
    reason = _text(_("Reasons"))

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("notify") == "no" and not told.get("reason", "").strip():
            self.add_error("reason", _("Not to notify needs reasons."))
        return told


class PersonsDecisionForm(AuthorityDecisionForm):
    """Whether the persons concerned are told."""

    notify = forms.ChoiceField(
        label=_("Are the persons concerned told?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
        help_text=_("They have to be if the breach is likely to be a high risk to them (34 (1))."),
    )
    exemption = forms.ChoiceField(
        label=_("Exemption"), choices=Breach.Exemption.choices, required=False
    )
    reason = _text(_("Reasons"))
    field_order = ("notify", "exemption", "reason")


class AuthoritySentForm(forms.Form):
    """How the notification leaves."""

    channel = forms.ChoiceField(
        label=_("How it is given in"),
        choices=(
            ("mail", _("Hirnok sends it now by e-mail, with the PDF")),
            ("form", _("I have given it in on the authority's own form")),
            ("post", _("I have sent it by post")),
        ),
        widget=forms.RadioSelect,
    )
    address = forms.EmailField(label=_("E-mail address of the authority"), required=False)
    reference = forms.CharField(
        label=_("Number that the authority gave"), max_length=100, required=False
    )
    is_final = forms.BooleanField(
        label=_("It is complete: no further part follows"), required=False
    )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("channel") == "mail" and not told.get("address"):
            self.add_error("address", _("Say to which address."))
        return told


class LetterForm(TextsForm):
    """What persons are told, in plain words, in each language."""

    texts = PARTS


class TenantsForm(forms.Form):
    """Which customers the operator's breach affects."""

    tenants = forms.MultipleChoiceField(
        label=_("Customers affected"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, tenants: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["tenants"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = tenants


class EvidenceForm(forms.Form):
    """A file of evidence."""

    file = forms.FileField(label=_("File"))
    about = forms.CharField(label=_("What it shows"), max_length=300, required=False)


class ClaimForm(forms.Form):
    """Somebody says that rights were violated: on the public page, or taken down by a member."""

    by = forms.ChoiceField(
        label=_("Whose data are concerned?"),
        choices=(("person", _("mine")), ("other", _("somebody else's"))),
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    address = forms.EmailField(
        label=_("E-mail"), max_length=254, help_text=_("The answer is sent here.")
    )
    text = forms.CharField(
        label=_("What happened"), max_length=8000, widget=forms.Textarea(attrs={"rows": 6})
    )


class StaffClaimForm(ClaimForm):
    """A claim that came by phone, by post or in person."""

    by = forms.ChoiceField(
        label=_("Who says so?"),
        choices=(("person", _("the person concerned")), ("other", _("a third party"))),
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=(("hu", "magyar"), ("ro", "română"), ("en", "English"))
    )
