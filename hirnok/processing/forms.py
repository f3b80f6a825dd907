"""The shapes of the processing agreement's pages. They validate, they never save."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hirnok.privacy.forms import TextsForm
from hirnok.processing.models import Instruction, SubProcessorChange, Undertaking


def _text(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=8000,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label,
        required=required,
        widget=widget,
        input_formats=["%Y-%m-%d"],
        help_text=help_text,
    )


def _choose(field: Any, choices: list[tuple[str, str]]) -> None:
    field.choices = choices


class AcceptForm(forms.Form):
    """An owner accepts what stands on the page: exactly this version."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(label=_("Your name and position"), max_length=200)
    agree = forms.BooleanField(label=_("I may sign for the firm, and accept this agreement"))


class VersionForm(TextsForm):
    """The operator's next version: its numbers, further clauses, what is new."""

    texts = {"more": _("Further terms"), "summary": _("What is new")}

    objection_days = forms.IntegerField(
        label=_("Days to object to a sub-processor"), min_value=14, max_value=120, initial=30
    )
    audit_days = forms.IntegerField(
        label=_("Working days before an audit"), min_value=0, max_value=30, initial=3
    )
    breach_hours = forms.IntegerField(
        label=_("Hours within which a breach is told"), min_value=1, max_value=48, initial=24
    )
    effective_from = _day(
        _("In force from"), required=False, help_text=_("Empty: as early as the lead time allows.")
    )


class InstructionForm(forms.Form):
    """An instruction of the controller, in writing."""

    text = _text(_("What is to be done"))
    is_urgent = forms.BooleanField(label=_("Urgent"), required=False)


class TakenDownForm(InstructionForm):
    """An instruction that reached the operator, as it came."""

    given_by = forms.CharField(label=_("Who gave it"), max_length=200)
    channel = forms.ChoiceField(
        label=_("How it came"),
        choices=[
            (one.value, one.label) for one in Instruction.Channel if one != Instruction.Channel.PAGE
        ],
    )


class WordsForm(forms.Form):
    """A text that the step needs."""

    text = _text(_("In words"))


class ExecutionForm(WordsForm):
    """What was done, with a file as evidence."""

    file = forms.FileField(label=_("Evidence"), required=False)


class ObjectionForm(forms.Form):
    """An objection to a sub-processor."""

    name = forms.ChoiceField(label=_("Sub-processor"))
    reason = _text(_("Reason"))

    def __init__(self, names: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self.fields["name"], [(one, one) for one in names])


class AnnouncementForm(TextsForm):
    """A change of sub-processors, told to every tenant."""

    texts = {"text": _("What changes")}

    recipient = forms.ChoiceField(label=_("Sub-processor"))
    kind = forms.ChoiceField(label=_("Kind of change"), choices=SubProcessorChange.Kind.choices)
    effective_from = _day(_("Takes effect on"))

    def __init__(self, recipients: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self.fields["recipient"], recipients)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not any(str(value).strip() for name, value in told.items() if name.startswith("text_")):
            self.add_error("text_en", _("Say what changes."))
        return told


class CommitmentForm(forms.Form):
    """A copy of a sub-processor's commitments."""

    recipient = forms.ChoiceField(label=_("Sub-processor"))
    file = forms.FileField(label=_("Contract or terms, as PDF"))

    def __init__(self, recipients: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self.fields["recipient"], recipients)


class InspectionForm(forms.Form):
    """An audit that the controller announces."""

    scope = _text(_("What is looked at"))
    auditor = forms.CharField(label=_("Who looks"), max_length=200)
    planned_on = _day(_("On which day"))
    urgency = _text(
        _("Why it is urgent"),
        required=False,
        help_text=_("Only then may it be sooner than agreed."),
    )


class InspectionReportForm(forms.Form):
    """What came out of an audit."""

    performed_on = _day(_("Done on"))
    result = _text(_("Result"))


class FindingForm(forms.Form):
    """A finding, and until when it is mended."""

    text = _text(_("What was found"))
    due_on = _day(_("To be mended by"))


class UndertakingForm(forms.Form):
    """A secrecy undertaking or a training of a member."""

    user = forms.ChoiceField(label=_("Who"))
    kind = forms.ChoiceField(label=_("Document or training"), choices=Undertaking.Kind.choices)
    name = forms.CharField(label=_("Name of the document or course"), max_length=200)
    done_on = _day(_("Done on"))
    renewal_on = _day(_("To be renewed by"), required=False)

    def __init__(self, users: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self.fields["user"], users)
