"""The question before something that matters: exactly what, to how many, whether it can be undone."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Confirmation:
    """What `ui/confirm.html` asks. `title` says what will happen and to how many; `action` is the button."""

    title: str
    action: str
    cancel_url: str
    undo: bool | None = None
    danger: bool = False
    word: str = ""
    text: str = ""


class ConfirmForm(forms.Form):
    """The typed word of a dangerous action; without a word there is nothing to fill in."""

    word = forms.CharField(max_length=100, required=False)

    def __init__(self, *args: Any, word: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = word
        if not word:
            del self.fields["word"]
            return
        field = self.fields["word"]
        field.required = True
        field.label = _("Type %(word)s to confirm") % {"word": word}
        field.widget.attrs |= {
            "autocomplete": "off",
            "autocapitalize": "off",
            "spellcheck": "false",
        }

    def clean_word(self) -> str:
        """Refuse any other word; case and surrounding spaces do not matter."""
        typed: str = self.cleaned_data["word"]
        if typed.strip().casefold() != self.expected.casefold():
            raise forms.ValidationError(
                _("This is not the word. Type %(word)s, or cancel to leave everything as it is.")
                % {"word": self.expected}
            )
        return typed
