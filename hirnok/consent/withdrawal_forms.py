"""The form of a withdrawal that staff take down. It validates, it never saves."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hirnok.consent.leaving import Told
from hirnok.consent.models import Withdrawal

MOST = 5 << 20  # bytes
WAYS: dict[str, Any] = {
    Withdrawal.Way.LETTER: _("By letter"),
    Withdrawal.Way.MAIL: _("By e-mail"),
    Withdrawal.Way.PHONE: _("By phone"),
    Withdrawal.Way.IN_PERSON: _("In person"),
}


class WithdrawalForm(forms.Form):
    """How the person's word came, when, and what shows it: a note or a document."""

    way = forms.ChoiceField(label=_("How it came"), choices=list(WAYS.items()))
    received_at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    note = forms.CharField(
        label=_("What was said"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Without names and addresses: it is kept as long as the proof."),
    )
    document = forms.FileField(
        label=_("Letter or mail"),
        required=False,
        help_text=_("At most 5 MB. A note or a document is needed."),
    )

    def __init__(self, at: datetime, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, initial={"received_at": timezone.localtime(at)})
        self.at = at

    def clean_received_at(self) -> Any:
        """Refuse a time that is yet to come."""
        found = self.cleaned_data["received_at"]
        if found > self.at:
            raise forms.ValidationError(_("This is yet to come."))
        return found

    def clean_document(self) -> Any:
        """Refuse what is too large to be a letter."""
        file = self.cleaned_data["document"]
        if file and file.size > MOST:
            raise forms.ValidationError(_("The document is larger than 5 MB."))
        return file

    def clean(self) -> dict[str, Any]:
        """Ask for something that shows it."""
        given = super().clean() or {}
        nothing = not (given.get("note") or "").strip() and not given.get("document")
        if nothing and not self.errors:
            raise forms.ValidationError(_("Write a note or add a document: it is the evidence."))
        return given

    def told(self) -> Told:
        """Return what was filled in."""
        file = self.cleaned_data["document"]
        return Told(
            way=self.cleaned_data["way"],
            received_at=self.cleaned_data["received_at"],
            note=self.cleaned_data["note"].strip(),
            document_name=file.name[:200] if file else "",
            document=file.read() if file else b"",
        )
