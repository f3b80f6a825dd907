"""The shapes of limits, rules for replies and routes as they are typed."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hirnok.mail.pacing import conditions, providers, ramps
from hirnok.outbox.models import Limit, Relay, ReplyRule
from hirnok.outbox.pacing import Allowed
from hirnok.tenants.models import Brand, Tenant

_DOMAIN = re.compile(
    r"(?=.{3,253}\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+\Z"
)
_MOST = 10_000_000

RAMPS = {
    "": _("None"),
    "careful": _("Careful: 30 days, beginning with 50 messages"),
    "usual": _("Usual: two weeks, beginning with 200 messages"),
    "known": _("For a sender that is known: one week, beginning with 1,000 messages"),
    "own": _("My own schedule"),
}


class _ToForm(forms.Form):
    """A form that names a provider or a domain."""

    def known(self) -> list[tuple[str, str]]:
        return [(one.id, one.name) for one in providers.shipped()]

    def clean_domain(self) -> str:
        domain: str = self.cleaned_data["domain"].strip().lower().removeprefix("@")
        if domain and not _DOMAIN.match(domain):
            raise forms.ValidationError(_("This is no domain. An example: company.hu"))
        return domain

    def to(self) -> str:
        """Return what was chosen: a domain goes before a provider."""
        return str(self.cleaned_data["domain"] or self.cleaned_data["provider"])


class LimitForm(_ToForm):
    """What may go at most."""

    relay = forms.ModelChoiceField(
        label=_("Relay"),
        queryset=Relay.objects.none(),
        required=False,
        empty_label=_("All relays together"),
    )
    provider = forms.ChoiceField(label=_("Mail provider"), required=False)
    domain = forms.CharField(
        label=_("Or a domain"),
        max_length=253,
        required=False,
        help_text=_("For example company.hu"),
    )
    connections = forms.IntegerField(
        label=_("Messages under way at a time"), min_value=1, max_value=1000, required=False
    )
    per_minute = forms.IntegerField(
        label=_("Messages a minute"), min_value=1, max_value=_MOST, required=False
    )
    per_hour = forms.IntegerField(
        label=_("Messages an hour"), min_value=1, max_value=_MOST, required=False
    )
    per_day = forms.IntegerField(
        label=_("Messages a day"), min_value=1, max_value=_MOST, required=False
    )
    ramp = forms.ChoiceField(
        label=_("Warm-up"),
        choices=list(RAMPS.items()),
        required=False,
        help_text=_(
            "A new sender or server begins with few messages a day and sends more from day to day."
        ),
    )
    ramp_days = forms.CharField(
        label=_("My own schedule"),
        max_length=1000,
        required=False,
        help_text=_(
            "Messages a day, day by day: 50, 100, 200, 400. It never falls and limits nothing after its end."
        ),
    )

    def __init__(self, tenant: Tenant, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        relay = self.fields["relay"]
        assert isinstance(relay, forms.ModelChoiceField)
        relay.queryset = Relay.objects.of(tenant).order_by("name")
        provider = self.fields["provider"]
        assert isinstance(provider, forms.ChoiceField)
        provider.choices = [
            (Limit.EACH, _("Each provider by itself")),
            (Limit.ALL, _("All providers together")),
            *self.known(),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        try:
            data["days"] = self._days(data)
        except ramps.NoRamp:
            self.add_error(
                "ramp_days",
                _("Write whole numbers that do not fall, with commas between them; at most 120."),
            )
            return data
        if not (
            data["days"]
            or any(data.get(name) for name in ("connections", "per_minute", "per_hour", "per_day"))
        ):
            raise forms.ValidationError(_("Say at least one limit, or a warm-up."))
        return data

    def allowed(self) -> Allowed:
        """Return what was typed."""
        data = self.cleaned_data
        return Allowed(
            data["connections"], data["per_minute"], data["per_hour"], data["per_day"], data["days"]
        )

    def _days(self, data: dict[str, Any]) -> tuple[int, ...]:
        if data.get("ramp") == "own":
            return ramps.read(data.get("ramp_days", ""))
        return ramps.shipped().get(data.get("ramp", ""), ())


class RuleForm(_ToForm):
    """What follows from a reply."""

    provider = forms.ChoiceField(label=_("Mail provider"), required=False)
    domain = forms.CharField(
        label=_("Or a domain"),
        max_length=253,
        required=False,
        help_text=_("For example company.hu"),
    )
    contains = forms.CharField(
        label=_("The reply contains"),
        max_length=200,
        help_text=_("Code or words of the reply; * stands for anything between: 421 * too many"),
    )
    action = forms.ChoiceField(
        label=_("What follows"),
        choices=[
            (ReplyRule.Action.SLOW, _("Slow down")),
            (ReplyRule.Action.SUSPEND, _("Suspend, then go on slowly")),
            (ReplyRule.Action.IGNORE, _("Nothing: ignore it")),
        ],
        widget=forms.RadioSelect,
        initial=ReplyRule.Action.SLOW,
    )
    percent = forms.IntegerField(
        label=_("Speed afterwards, in per cent"), min_value=1, max_value=100, initial=50
    )
    minutes = forms.IntegerField(
        label=_("For how many minutes"), min_value=1, max_value=1440, initial=15
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        provider = self.fields["provider"]
        assert isinstance(provider, forms.ChoiceField)
        provider.choices = [("*", _("Every provider")), *self.known()]

    def clean_contains(self) -> str:
        contains: str = self.cleaned_data["contains"]
        row = {"id": "new", "provider": "*", "contains": contains, "action": "ignore"}
        try:
            conditions.made(row)
        except conditions.BadRule as error:
            raise forms.ValidationError(
                _("Write some words, with at most four * between them.")
            ) from error
        return contains


class RouteForm(_ToForm):
    """Which relay takes whose mail."""

    position = forms.IntegerField(
        label=_("Step"),
        min_value=1,
        max_value=100,
        initial=1,
        help_text=_(
            "Step 1 is tried first; the next one is taken when no relay of it can be reached."
        ),
    )
    relay = forms.ModelChoiceField(label=_("Relay"), queryset=Relay.objects.none())
    brand = forms.ModelChoiceField(
        label=_("Brand"),
        queryset=Brand.objects.none(),
        required=False,
        empty_label=_("Every brand"),
    )
    provider = forms.ChoiceField(label=_("Mail provider"), required=False)
    domain = forms.CharField(
        label=_("Or a domain"),
        max_length=253,
        required=False,
        help_text=_("For example company.hu"),
    )
    weight = forms.IntegerField(
        label=_("Share"),
        min_value=1,
        max_value=1000,
        initial=1,
        help_text=_(
            "Relays of the same step share the mail: 3 and 1 mean three quarters and one quarter."
        ),
    )

    def __init__(self, tenant: Tenant, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, model in (("relay", Relay), ("brand", Brand)):
            choice = self.fields[name]
            assert isinstance(choice, forms.ModelChoiceField)
            choice.queryset = model.objects.of(tenant).order_by("name")
        provider = self.fields["provider"]
        assert isinstance(provider, forms.ChoiceField)
        provider.choices = [("", _("Every provider")), *self.known()]


def initial_of(limit: Limit) -> dict[str, Any]:
    """Return what stands in the form of a limit at first."""
    known = {one.id for one in providers.shipped()} | {Limit.ALL, Limit.EACH}
    days = tuple(limit.ramp)
    ramp = next((name for name, given in ramps.shipped().items() if given == days), "own")
    return {
        "relay": limit.relay_id,
        "provider": limit.provider if limit.provider in known else Limit.EACH,
        "domain": "" if limit.provider in known else limit.provider,
        "connections": limit.connections,
        "per_minute": limit.per_minute,
        "per_hour": limit.per_hour,
        "per_day": limit.per_day,
        "ramp": ramp if days else "",
        "ramp_days": ", ".join(map(str, days)) if days and ramp == "own" else "",
    }
