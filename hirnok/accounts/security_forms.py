"""Shapes of what is typed on the pages of security."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hirnok.accounts import audit_words
from hirnok.accounts.audit_log import Narrowing
from hirnok.accounts.forms import MemberForm, add_brands, chosen_brands, must_choose_brands
from hirnok.accounts.policy import Rules
from hirnok.tenants.models import Brand

SHORTEST, LONGEST = 5, 480  # minutes; the database holds the same


class SecurityForm(forms.Form):
    """How the tenant's people sign in (N7)."""

    one_session = forms.BooleanField(
        label=_("One session for each user"),
        required=False,
        help_text=_("Signing in elsewhere ends the session before, and says so."),
    )
    idle_minutes = forms.IntegerField(
        label=_("Minutes without a request after which a session ends"),
        min_value=SHORTEST,
        max_value=LONGEST,
    )
    life_hours = forms.IntegerField(
        label=_("Hours after which a session ends in any case"),
        min_value=1,
        max_value=24,
        help_text=_("Even of somebody who is at work all the time."),
    )
    second_factor = forms.BooleanField(
        label=_("Ask everybody for a second factor"),
        required=False,
        help_text=_(
            "Who has none is led to set one up, an app with codes or a passkey, before anything else."
        ),
    )
    owner_invites = forms.BooleanField(
        label=_("Owners may give colleagues access"),
        required=False,
        help_text=_("Otherwise only the operator does."),
    )

    def rules(self) -> Rules:
        """Return what was chosen, for the verb."""
        return Rules(**self.cleaned_data)


class ColleagueForm(MemberForm):
    """A colleague; the name is always asked for, so that the form tells nothing of who has an account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["name"].help_text = ""


class VisitForm(forms.Form):
    """Why somebody of the operator enters a tenant (N8)."""

    reason = forms.ChoiceField(
        label=_("Why"),
        choices=[
            ("asked", _("The customer asked for help")),
            ("fault", _("A fault has to be found or mended")),
            ("setup", _("The account is being set up")),
        ],
        widget=forms.RadioSelect,
    )


class HelpForm(forms.Form):
    """What to do for, or against, somebody who cannot or must not be signed in."""

    what = forms.ChoiceField(
        label=_("What to do"),
        choices=[
            ("sessions", _("End all sessions")),
            ("factors", _("Take away the second factor and the recovery codes")),
        ],
        widget=forms.RadioSelect,
    )
    how = forms.ChoiceField(
        label=_("How you made sure who asks"),
        required=False,
        choices=[
            ("in_person", _("The person was here")),
            ("called_back", _("I called back at a number known before")),
            ("video", _("By video: I know the person")),
        ],
        widget=forms.RadioSelect,
        help_text=_("Only for taking the second factor away."),
    )

    def clean(self) -> dict[str, Any]:
        """Ask how it was made sure where that matters."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("what") == "factors" and not cleaned.get("how"):
            self.add_error("how", _("Say how you made sure who asks."))
        return cleaned


class TokenForm(forms.Form):
    """A token for a program."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Of the program that will use it.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[
            ("contacts:read", _("Read contacts and lists")),
            ("contacts:write", _("Change contacts and lists")),
            ("campaigns:read", _("Read campaigns")),
            ("campaigns:write", _("Write and send campaigns")),
            ("reports:read", _("Read reports")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label=_("Expires"),
        choices=[(30, _("in 30 days")), (90, _("in 90 days")), (365, _("in a year"))],
        coerce=int,
        initial=90,
    )

    def __init__(self, *args: Any, brands: Sequence[Brand], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        add_brands(self, brands, _("The program neither sees nor changes what belongs to others."))
        self.order_fields(["name", "scopes", "reach", "brands", "days"])

    def clean(self) -> dict[str, Any]:
        """A token that is not for all brands is for at least one."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        must_choose_brands(self)
        return cleaned

    def wanted(self) -> dict[str, Any]:
        """Return what was chosen, for the verb."""
        given = {key: self.cleaned_data[key] for key in ("name", "scopes", "days")}
        return given | {"brands": chosen_brands(self)}


class AuditForm(forms.Form):
    """What of the audit log to show."""

    what = forms.ChoiceField(label=_("Action"), required=False)
    who = forms.ChoiceField(label=_("Who"), required=False)
    since = forms.DateField(
        label=_("From day"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )

    def __init__(self, data: Any, *, actors: list[tuple[str, str]]) -> None:
        super().__init__(data)
        who = self.fields["who"]
        assert isinstance(who, forms.ChoiceField)
        who.choices = [("", _("Everybody")), *actors, ("visitor", _("Nobody signed in"))]
        what = self.fields["what"]
        assert isinstance(what, forms.ChoiceField)
        what.choices = [("", _("Everything")), *audit_words.choices()]

    def narrowing(self) -> Narrowing:
        """Return what can be read of it; what cannot narrows nothing."""
        self.is_valid()
        read = self.cleaned_data
        return Narrowing(
            action=read.get("what") or "",
            actor=read.get("who") or "",
            since=read.get("since"),
            until=read.get("until"),
        )
