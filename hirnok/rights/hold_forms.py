"""Forms on holds and restrictions. They validate, they never save."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hirnok.register import answers
from hirnok.register.models import Activity, Hold
from hirnok.rights import restricting
from hirnok.rights.asking import AddressField
from hirnok.rights.forms import ScanField
from hirnok.tenants.models import Tenant

KINDS = {
    Hold.Kind.LEGAL: _("Kept for a claim or an order of an authority"),
    Hold.Kind.RESTRICTION: _("Restricted at the wish of the person"),
}
GROUNDS = {
    restricting.Ground.ACCURACY: _("The person says that the data are wrong"),
    restricting.Ground.UNLAWFUL: _("The use is unlawful, and the person does not want erasure"),
    restricting.Ground.CLAIMS: _("The person needs the data for a claim"),
    restricting.Ground.OBJECTION: _("The person objected, and it is not decided yet"),
    restricting.Ground.PRESERVATION: _("The person asks that nothing be deleted for now"),
}
PURPOSES = {
    Hold.Purpose.CLAIMS: _("legal claims"),
    Hold.Purpose.CONSENT: _("what the person agreed to"),
    Hold.Purpose.OTHERS: _("the rights of somebody else"),
    Hold.Purpose.PUBLIC: _("an important public interest"),
}


class HoldForm(forms.Form):
    """Hold data back: whose, why, for what they may be used, until when."""

    email = AddressField(label=_("E-mail address of the person"))
    kind = forms.ChoiceField(
        label=_("What is it?"), choices=list(KINDS.items()), widget=forms.RadioSelect
    )
    ground = forms.ChoiceField(
        label=_("Ground of a restriction"), choices=[("", "–"), *GROUNDS.items()], required=False
    )
    requester = forms.CharField(label=_("Who asks for it?"), max_length=200)
    reason = forms.CharField(
        label=_("Why"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For a claim: what shows the legitimate interest."),
    )
    activities = forms.MultipleChoiceField(
        label=_("Which data"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing marked means everything."),
    )
    allowed = forms.MultipleChoiceField(
        label=_("May be used for"),
        choices=list(PURPOSES.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    document = ScanField(label=_("What proves it, scanned"), required=False)

    def __init__(self, tenant: Tenant, language: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["activities"]
        assert isinstance(field, forms.MultipleChoiceField)
        rows = Activity.objects.of(tenant).filter(active=True).order_by("pk")
        field.choices = [(one.code, answers.name_of(one, language)) for one in rows]

    def clean(self) -> dict[str, Any]:
        """A claim has its proof, a restriction its ground."""
        cleaned = super().clean() or {}
        if cleaned.get("kind") == Hold.Kind.LEGAL and not cleaned.get("document"):
            self.add_error("document", _("A claim needs a paper that shows the interest."))
        if cleaned.get("kind") == Hold.Kind.RESTRICTION and not cleaned.get("ground"):
            self.add_error("ground", _("Say on which ground."))
        return cleaned

    def ends(self) -> datetime | None:
        """Return the end of the last day, by the tenant's clock."""
        day = self.cleaned_data.get("until")
        return timezone.make_aware(datetime.combine(day, time.max)) if day else None


class LookForm(forms.Form):
    """For what held data are looked at."""

    purpose = forms.ChoiceField(label=pgettext_lazy("of looking", "For what?"))

    def __init__(self, allowed: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["purpose"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("request", _("to answer the person")),
            *((one, PURPOSES[Hold.Purpose(one)]) for one in allowed),
        ]
