"""Forms of the workplace's room: what a sign-up form asks for, and what it says in a language."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from hirnok.consent import transferring, wording
from hirnok.consent.forming import Asked
from hirnok.consent.forms import NAMES, TRANSFER
from hirnok.consent.models import ConsentText, Form, FormText
from hirnok.contacts.lists import active_lists
from hirnok.contacts.models import Field
from hirnok.register.models import Recipient
from hirnok.tenants.models import Tenant

_PREFIX = "ask_"
NOT_ASKED, OPTIONAL, OBLIGATORY = "not", "optional", "obligatory"
WAYS = [
    (NOT_ASKED, _("not asked")),
    (OPTIONAL, _("asked, may stay empty")),
    (OBLIGATORY, _("asked, needed to sign up")),
]
LABELS: dict[str, Any] = {
    "title": _("Heading of the form"),
    "introduction": _("Text above the form"),
    "thanks": _("After sending"),
    "confirmed": _("After confirming"),
    "confirm_subject": _("Subject of the mail that asks to confirm"),
    "confirm_body": _("Text of the mail that asks to confirm"),
    "known_subject": _("Subject of the mail to who is subscribed already"),
    "known_body": _("Text of the mail to who is subscribed already"),
    "welcome_subject": _("Subject of the welcome mail"),
    "welcome_body": _("Text of the welcome mail"),
}
_LONG = frozenset(
    {"introduction", "thanks", "confirmed", "confirm_body", "known_body", "welcome_body"}
)


class FormForm(forms.Form):
    """Name, list, languages and fields of a sign-up form; the list only of a new one."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_(
            "For yourself and your colleagues, and in the answer to “why do we hold this”."
        ),
    )

    def __init__(
        self,
        tenant: Tenant,
        form: Form | None,
        data: Any = None,
        initial: Any = None,
        recipients: Sequence[Recipient] = (),
    ) -> None:
        asked = {f"{_PREFIX}{key}": _way(must) for key, must in form.fields.items()} if form else {}
        start: dict[str, Any] = {"name": form.name, **asked} if form else dict(initial or {})
        start["proof_of_work"] = form is not None and form.proof_of_work
        start["languages"] = wording.languages(form) if form else [tenant.language]
        super().__init__(data, initial=start)
        if form is None:
            self.fields["list"] = forms.ModelChoiceField(
                label=_("List"),
                queryset=active_lists(tenant).select_related("brand"),
                empty_label=None,
                help_text=_("Who confirms gets on this list."),
            )
        custom = Field.objects.of(tenant).order_by("position", "pk")
        self.asks: dict[str, Any] = {
            **dict(reversed(NAMES.items())),
            **{field.key: field.label for field in custom},
        }
        for key, label in self.asks.items():
            self.fields[f"{_PREFIX}{key}"] = forms.ChoiceField(label=label, choices=WAYS)
        self.fields["languages"] = forms.MultipleChoiceField(
            label=_("Languages"),
            choices=settings.LANGUAGES,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choose at least one language.")},
        )
        if recipients:
            start_with = [one.pk for one in transferring.asked(form)] if form else []
            self.fields["recipients"] = forms.TypedMultipleChoiceField(
                label=_("Ask whether data may be handed to"),
                choices=[(one.pk, one.name) for one in recipients],
                initial=start_with,
                coerce=int,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text=_("Each gets a box of its own, which is never ticked beforehand."),
            )
        self.fields["proof_of_work"] = forms.BooleanField(
            label=_("Let browsers prove by a short calculation that they mean it"),
            required=False,
            help_text=_(
                "Against floods of false sign-ups. Without JavaScript the form works too, but fewer sign-ups"
                " an hour are then taken from one network."
            ),
        )

    def asked(self) -> Asked:
        """Return name and fields."""
        ways = {key: self.cleaned_data[f"{_PREFIX}{key}"] for key in self.asks}
        fields = {key: way == OBLIGATORY for key, way in ways.items() if way != NOT_ASKED}
        return Asked(
            self.cleaned_data["name"],
            fields,
            self.cleaned_data["proof_of_work"],
            tuple(self.cleaned_data.get("recipients", ())),
        )


class TextsForm(forms.Form):
    """What a form and its mails say in one language."""

    consent = forms.CharField(
        label=_("Words beside the box"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "What people agree to: who writes, what, how often, and that they can leave at any time. Each change"
            " makes a new version; what was agreed to before is kept as it was."
        ),
    )
    covers_welcome = forms.BooleanField(
        label=_("These words also cover a welcome mail"),
        required=False,
        help_text=_("Only then is a welcome mail sent after the confirmation."),
    )

    renew = forms.BooleanField(
        label=_("The words mean something else now: ask those who agreed before to agree anew"),
        required=False,
        help_text=_(
            "They get a mail with the new words. Who does not answer in time is not written to any more."
            " Leave it empty when only the wording is better."
        ),
    )

    def __init__(self, form: Form, own: FormText, consent: ConsentText, data: Any = None) -> None:
        initial = {name: getattr(own, name) for name in wording.NAMES}
        initial |= {"consent": consent.text, "covers_welcome": consent.covers_welcome}
        super().__init__(data, initial=initial)
        ours = wording.defaults(form.list.brand, own.language)
        for name in wording.NAMES:
            self.fields[name] = _text_field(name, ours[name])
        self.recipients = transferring.asked(form)
        for one in self.recipients:
            words = transferring.latest(form, one, own.language)
            self.fields[f"{TRANSFER}{one.pk}"] = forms.CharField(
                label=_("Words beside the box for %(recipient)s") % {"recipient": one.name},
                max_length=2000,
                initial=words.text if words else "",
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        boxes = [f"{TRANSFER}{one.pk}" for one in self.recipients]
        self.order_fields(["title", "introduction", "consent", "covers_welcome", "renew", *boxes])

    def transfers(self) -> dict[int, str]:
        """Return the words beside the box of each recipient, by its id."""
        return {one.pk: self.cleaned_data[f"{TRANSFER}{one.pk}"] for one in self.recipients}

    def texts(self) -> dict[str, str]:
        """Return the texts by name; an empty one is said in Hirnok's own words."""
        return {name: self.cleaned_data[name] for name in wording.NAMES}


def _way(obligatory: object) -> str:
    return OBLIGATORY if obligatory else OPTIONAL


def _text_field(name: str, ours: str) -> forms.Field:
    attrs = {"placeholder": ours}
    widget = forms.Textarea(attrs={**attrs, "rows": 4}) if name in _LONG else forms.TextInput(attrs)
    return forms.CharField(
        label=LABELS[name],
        required=False,
        max_length=4000 if name in _LONG else 200,
        widget=widget,
    )
