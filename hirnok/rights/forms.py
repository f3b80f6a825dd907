"""Forms of staff on requests, opt-outs and orders. They validate, they never save."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hirnok.mail.addresses import Address, normalise
from hirnok.register import categories, declarations
from hirnok.rights import refusing, scans, wording
from hirnok.rights.asking import AddressField
from hirnok.rights.letters import Party
from hirnok.rights.models import OptOut, Request, Right, Task
from hirnok.rights.opting_out import Seen
from hirnok.rights.performing import MARKETING, SEND_TO
from hirnok.rights.receiving import Asked, Asker
from hirnok.tenants.models import Brand, Tenant

_DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ScanField(forms.FileField):
    """A PDF, JPEG or PNG by its content; gives its bytes."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}))
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> bytes:
        file = super().clean(data, initial)
        if not isinstance(file, UploadedFile):
            return b""
        if (file.size or 0) > scans.LARGEST:
            raise forms.ValidationError(_("The file is larger than 10 MB."))
        content: bytes = file.read()
        try:
            scans.kind_of(content)
        except scans.TooLarge as error:
            raise forms.ValidationError(_("The picture has too many dots.")) from error
        except scans.NotAScan as error:
            raise forms.ValidationError(
                _("This is no PDF, JPEG or PNG, it is damaged, or it contains a program.")
            ) from error
        return content


class RequestForm(forms.Form):
    """A request that came otherwise than by the portal."""

    channel = forms.ChoiceField(
        label=_("How it came"),
        choices=[one for one in Request.Channel.choices if one[0] != Request.Channel.PORTAL],
    )
    received_on = forms.DateField(
        label=_("Received on"),
        widget=_DAY,
        help_text=_("The day on which it reached the firm; from it the time counts."),
    )
    rights = forms.MultipleChoiceField(
        label=_("What is asked for"),
        choices=Right.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    marketing = forms.BooleanField(
        label=_("The objection is to newsletters and advertising"), required=False
    )
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    email = AddressField(
        label=_("E-mail address"),
        required=False,
        help_text=_("The one under which the data are kept, if it is known."),
    )
    postal_address = forms.CharField(label=_("Postal address"), required=False, widget=_lines(3))
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    words = forms.CharField(
        label=_("In the person's words"), required=False, max_length=20_000, widget=_lines(5)
    )
    last_name = forms.CharField(label=_("Last name, corrected"), max_length=100, required=False)
    first_name = forms.CharField(label=_("First name, corrected"), max_length=100, required=False)
    address = AddressField(label=_("E-mail address, corrected"), required=False)
    send_to = AddressField(
        label=_("Take along: to which provider"),
        required=False,
        help_text=_("The e-mail address that the person named; empty: to the person."),
    )
    representative = forms.CharField(
        label=_("Representative"),
        required=False,
        widget=_lines(2),
        help_text=_("Who asks for the person, and by what authorisation."),
    )
    language = forms.ChoiceField(label=_("Language of the answer"), choices=settings.LANGUAGES)
    brand = forms.ModelChoiceField(
        label=_("Only this brand"),
        queryset=Brand.objects.none(),
        required=False,
        empty_label=_("all brands"),
    )
    scan = ScanField(label=_("The letter, scanned"), required=False)

    def __init__(self, tenant: Tenant, at: datetime, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tenant, self.at = tenant, at
        brand = self.fields["brand"]
        assert isinstance(brand, forms.ModelChoiceField)
        brand.queryset = Brand.objects.of(tenant).order_by("name", "pk")

    def clean_received_on(self) -> date:
        """No day to come."""
        found: date = self.cleaned_data["received_on"]
        if found > timezone.localdate(self.at):
            raise forms.ValidationError(_("This day is still to come."))
        return found

    def clean(self) -> dict[str, Any]:
        """Somebody has to be named, and a correction has to say what."""
        cleaned = super().clean() or {}
        named = cleaned.get("name", "").strip() and cleaned.get("postal_address", "").strip()
        if not cleaned.get("email") and not named and "email" not in self.errors:
            self.add_error("email", _("Give an e-mail address, or a name with a postal address."))
        return cleaned

    def asker(self) -> Asker:
        """Return who asks."""
        names = ("email", "name", "postal_address", "phone", "words", "representative")
        return Asker(**{name: self.cleaned_data[name] for name in names})

    def asked(self) -> list[Asked]:
        """Return the rights, with what goes with each."""
        return [self._one(Right(code)) for code in self.cleaned_data["rights"]]

    def received_at(self) -> datetime:
        """Return noon of the day of the receipt, which is the same day in every zone of Europe."""
        noon = datetime.combine(self.cleaned_data["received_on"], time(12))
        return min(timezone.make_aware(noon), self.at)

    def _one(self, right: Right) -> Asked:
        details: dict[str, Any] = {}
        changes: dict[str, str] = {}
        if right == Right.OBJECTION and self.cleaned_data["marketing"]:
            details[MARKETING] = True
        if right == Right.PORTABILITY and self.cleaned_data["send_to"]:
            details[SEND_TO] = self.cleaned_data["send_to"]
        if right == Right.RECTIFICATION:
            names = ("last_name", "first_name", "address")
            changes = {name: self.cleaned_data[name] for name in names if self.cleaned_data[name]}
        return Asked(right, details, words=self.cleaned_data["words"], changes=changes)


class IdentifyForm(forms.Form):
    """How the person was identified, and why that is enough."""

    how = forms.ChoiceField(
        label=_("How"),
        choices=[one for one in Request.Identified.choices if one[0] != Request.Identified.LINK],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Why that is enough"),
        widget=_lines(3),
        max_length=2000,
        help_text=_("The result only: no numbers and no copies of documents."),
    )


class ReasonsForm(forms.Form):
    """Reasons that the person is told."""

    reasons = forms.CharField(
        label=_("Reasons"),
        widget=_lines(4),
        max_length=4000,
        help_text=_("The person reads them: write in the language of the request."),
    )


class DecideForm(forms.Form):
    """Granting a right, in full or in part."""

    partly = forms.BooleanField(label=_("Only in part"), required=False)
    reasons = forms.CharField(
        label=_("What the person should know"),
        required=False,
        widget=_lines(4),
        max_length=4000,
        help_text=_("The person reads it: write in the language of the request."),
    )

    def clean(self) -> dict[str, Any]:
        """What is granted in part only needs a reason."""
        cleaned = super().clean() or {}
        if cleaned.get("partly") and not cleaned.get("reasons", "").strip():
            self.add_error("reasons", _("Say why only in part."))
        return cleaned


class RefuseForm(ReasonsForm):
    """Refusing a right, on one of the law's grounds."""

    field_order = ("ground", "reasons")

    def __init__(self, task: Task, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        marketing = bool(task.details.get(MARKETING))
        self.fields["ground"] = forms.ChoiceField(
            label=_("Ground"),
            widget=forms.RadioSelect,
            choices=[
                (code, f"{one.words} ({one.article})")
                for code, one in refusing.grounds_for(task.right, is_marketing=marketing)
            ],
        )
        self.order_fields(self.field_order)


class FeeForm(forms.Form):
    """A fee where the law has one."""

    ground = forms.ChoiceField(label=_("Ground"), widget=forms.RadioSelect)
    amount = forms.DecimalField(
        label=_("Amount"), max_digits=10, decimal_places=2, min_value=Decimal("0.01")
    )
    currency = forms.ChoiceField(
        label=_("Currency"), choices=[(one, one) for one in ("HUF", "RON", "EUR", "MDL")]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["ground"]
        assert isinstance(field, forms.ChoiceField)
        codes = [code for code, one in refusing.GROUNDS.items() if one.asks_for_fee]
        field.choices = [
            (code, wording.fee_ground(code)) for code in (*codes, refusing.FURTHER_COPIES)
        ]


class PartyForm(forms.Form):
    """To whom a request is passed on."""

    name = forms.CharField(label=_("Name of the right party"), max_length=200)
    email = AddressField(label=_("E-mail address"), required=False)
    postal_address = forms.CharField(label=_("Postal address"), required=False, widget=_lines(3))

    def clean(self) -> dict[str, Any]:
        """The letter needs a way."""
        cleaned = super().clean() or {}
        if not cleaned.get("email") and not cleaned.get("postal_address", "").strip():
            self.add_error("email", _("Give an e-mail address or a postal address."))
        return cleaned

    def party(self) -> Party:
        """Return the party."""
        return Party(
            name=self.cleaned_data["name"],
            postal_address=self.cleaned_data["postal_address"],
            email=self.cleaned_data["email"],
        )


class DuplicateForm(forms.Form):
    """Which request says the same."""

    reference = forms.CharField(label=_("Reference of the other request"), max_length=24)


class SettleForm(forms.Form):
    """What a person did by hand where a module could not."""

    kind = forms.ChoiceField(
        label=_("What was done"),
        widget=forms.RadioSelect,
        choices=[
            ("removed", _("Deleted by hand")),
            ("anonymised", _("Made anonymous by hand")),
            ("rectified", _("Corrected by hand")),
            ("restricted", _("Restricted by hand")),
            ("exported", _("Added to the copy by hand")),
            ("retained", _("Kept, for a lawful reason")),
            ("none_found", _("Looked at; there is nothing")),
        ],
    )
    reason = forms.CharField(label=_("Explanation"), max_length=300, widget=_lines(2))


class DeliveredForm(forms.Form):
    """How a printed letter went."""

    how = forms.ChoiceField(choices=[("post", ""), ("hand", "")])


class OptOutForm(forms.Form):
    """A signed letter of who wants nothing any more from anybody."""

    who = forms.ChoiceField(label=_("Who"), choices=OptOut.Who.choices, widget=forms.RadioSelect)
    name = forms.CharField(label=_("Name"), max_length=200)
    addresses = forms.CharField(
        label=_("E-mail addresses"), widget=_lines(4), help_text=_("One a line."), max_length=20_000
    )
    received_on = forms.DateField(label=_("Received on"), widget=_DAY)
    scan = ScanField(label=_("The letter, scanned"))

    def clean_addresses(self) -> list[str]:
        """Return them in their normal form."""
        found: list[str] = []
        for line in self.cleaned_data["addresses"].splitlines():
            if not line.strip():
                continue
            one = normalise(line)
            if not isinstance(one, Address):
                raise forms.ValidationError(
                    _("%(line)s is no e-mail address."), params={"line": line.strip()[:100]}
                )
            found.append(one.text)
        return found


class CheckListForm(forms.Form):
    """What the scan shows, and what is decided."""

    letterhead = forms.BooleanField(label=_("Letterhead of the company"), required=False)
    signature = forms.BooleanField(label=_("Signature"), required=False)
    stamp = forms.BooleanField(label=_("Stamp of the company"), required=False)
    reasons = forms.CharField(
        label=_("Reasons of a refusal"), required=False, widget=_lines(3), max_length=2000
    )

    def __init__(self, who: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if who == OptOut.Who.INDIVIDUAL:
            del self.fields["letterhead"], self.fields["stamp"]

    def seen(self) -> Seen:
        """Return the check list."""
        names = ("letterhead", "signature", "stamp")
        return Seen(**{name: bool(self.cleaned_data.get(name)) for name in names})


class OrderForm(forms.Form):
    """Data handed to an authority, with its order."""

    email = AddressField(label=_("E-mail address of the person"))
    authority = forms.CharField(label=_("Authority"), max_length=200)
    number = forms.CharField(label=_("Number of the order"), max_length=100)
    ordered_on = forms.DateField(label=_("Date of the order"), widget=_DAY)
    legal_basis = forms.CharField(
        label=_("The law it rests on"), max_length=300, help_text=_("Act and section.")
    )
    categories = forms.MultipleChoiceField(
        label=_("Kinds of data"), widget=forms.CheckboxSelectMultiple
    )
    handed_out = forms.CharField(label=_("What was handed out"), widget=_lines(4), max_length=4000)
    is_secret = forms.BooleanField(label=_("The law forbids telling the person"), required=False)
    secret_reason = forms.CharField(
        label=_("Which law, and until when"), required=False, max_length=300
    )
    document = ScanField(label=_("The order, scanned"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = sorted({one for ones in declarations.categories().values() for one in ones})
        field = self.fields["categories"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(one, categories.words(one)) for one in known]

    def clean(self) -> dict[str, Any]:
        """Secrecy names its law."""
        cleaned = super().clean() or {}
        if cleaned.get("is_secret") and not cleaned.get("secret_reason", "").strip():
            self.add_error("secret_reason", _("Name the law that forbids it."))
        return cleaned
