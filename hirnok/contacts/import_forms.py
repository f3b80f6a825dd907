"""Forms of the import's steps. They validate, they never save."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hirnok.contacts import wording
from hirnok.contacts.forms import BASIS_CHOICES, TagList
from hirnok.contacts.imports import BOUGHT, Origin
from hirnok.contacts.models import List
from hirnok.contacts.opening import Opened
from hirnok.contacts.reading.mapping import Column
from hirnok.register.answers import SOURCES
from hirnok.register.models import LegalBasis, Source
from hirnok.tenants.models import Brand, Tenant

NEW_FIELD = "new"
DOCUMENT_LIMIT = 10 << 20
KINDS = [
    *((str(kind), SOURCES[kind]) for kind in Source.Kind if kind is not Source.Kind.STAFF),
    (BOUGHT, _("Bought or rented")),
]
ENCODINGS = [
    ("", _("found by itself")),
    *((name, name) for name in ("utf-8", "windows-1250", "windows-1252", "ISO-8859-2", "utf-16")),
]
DELIMITERS = [
    ("", _("found by itself")),
    (";", _("semicolon ;")),
    (",", _("comma ,")),
    ("\t", _("tabulator")),
    ("|", _("bar |")),
]


class UploadForm(forms.Form):
    """The file and where its rows go."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV, TSV, XLSX, XLS or ODS. An export of Mailchimp, Brevo, HubSpot or listmonk is known as it is."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.ods,.zip"}),
        error_messages={"empty": _("The file is empty."), "required": _("Choose a file.")},
    )
    list = forms.ModelChoiceField(
        label=_("List"),
        queryset=List.objects.none(),
        help_text=_("Everybody in the file joins this list."),
    )
    tags = TagList(
        label=_("Tags"),
        required=False,
        max_length=500,
        help_text=_("Everybody in the file gets them. Separated by commas."),
    )

    def __init__(self, tenant: Tenant, *args: Any, has_file: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists = List.objects.of(tenant).filter(archived_at=None).order_by("name")
        self._set_lists(lists, severally=Brand.objects.of(tenant).count() > 1)
        self.fields["file"].required = not has_file

    def _set_lists(self, lists: Any, *, severally: bool) -> None:
        field: Any = self.fields["list"]
        field.queryset = lists.select_related("brand")
        field.empty_label = None if len(lists) == 1 else _("Choose a list")
        if severally:
            field.label_from_instance = lambda one: f"{one.name} ({one.brand.name})"


class SuppressionUploadForm(forms.Form):
    """A list of people who must not be written to."""

    file = UploadForm.base_fields["file"]
    brand = forms.ModelChoiceField(
        label=_("For"),
        queryset=Brand.objects.none(),
        required=False,
        empty_label=_("all brands"),
        help_text=_("Whose newsletters these people no longer get."),
    )

    def __init__(self, tenant: Tenant, *args: Any, has_file: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["brand"]
        field.queryset = Brand.objects.of(tenant).order_by("name")
        if tenant.only_brands is not None:
            field.required, field.empty_label = True, None
        self.fields["file"].required = not has_file


class ReadingForm(forms.Form):
    """How the file itself is read."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=ENCODINGS, required=False)
    delimiter = forms.ChoiceField(label=_("Delimiter"), choices=DELIMITERS, required=False)
    sheet = forms.ChoiceField(label=_("Sheet"), required=False)

    def __init__(self, opened: Opened, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        table = opened.table
        if table.sheets:
            del self.fields["encoding"], self.fields["delimiter"]
            field: Any = self.fields["sheet"]
            field.choices = [(name, name) for name in table.sheets]
        else:
            del self.fields["sheet"]


class ColumnsForm(forms.Form):
    """What each column means."""

    def __init__(
        self,
        columns: Sequence[Column],
        custom: Sequence[tuple[str, str]],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        own = [(f"field:{key}", label) for key, label in custom]
        choices = [
            ("ignore", wording.TARGETS["ignore"]),
            (_("Contact"), [pair for pair in wording.TARGETS.items() if pair[0] not in _LATER]),
            (_("Own fields"), [*own, (NEW_FIELD, _("New field with this name"))]),
            (_("Sign-up and status"), [(name, wording.TARGETS[name]) for name in _LATER[1:]]),
        ]
        for column in columns:
            self.fields[f"column_{column.index}"] = forms.ChoiceField(
                label=column.header or _("Column %(number)s") % {"number": column.index + 1},
                choices=choices,
                initial=column.target,
            )

    def targets(self) -> list[str]:
        """Return a target for each column."""
        return [self.cleaned_data[name] for name in self.fields]


class OriginForm(forms.Form):
    """Where the list comes from, and on what basis it is used (N28, A1)."""

    kind = forms.ChoiceField(
        label=_("Where do these addresses come from?"), choices=KINDS, widget=forms.RadioSelect
    )
    description = forms.CharField(
        label=_("In more detail"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "For example: sign-up form of our web shop, 2021 to 2025, moved from Mailchimp."
        ),
    )
    legal_basis = forms.ChoiceField(
        label=_("Why may you write to them?"), choices=BASIS_CHOICES, widget=forms.RadioSelect
    )
    document = forms.FileField(
        label=_("Balancing document"),
        required=False,
        help_text=_(
            "Needed for legitimate interest: your written weighing of interests, at most 10 MB."
        ),
    )

    def __init__(self, *args: Any, document_name: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document_name = document_name
        if document_name:
            self.fields["document"].help_text = _(
                "Kept: %(name)s. Choose a file to replace it."
            ) % {"name": document_name}

    def clean_document(self) -> Any:
        """Refuse what is too large to be a document."""
        file = self.cleaned_data["document"]
        if file and file.size > DOCUMENT_LIMIT:
            raise forms.ValidationError(_("The document is larger than 10 MB."))
        return file

    def clean(self) -> dict[str, Any]:
        """Refuse bought lists, and legitimate interest without its document."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind") == BOUGHT:
            self.add_error("kind", BOUGHT_IS_REFUSED)
        wants = cleaned.get("legal_basis") == LegalBasis.LEGITIMATE_INTEREST
        if wants and not cleaned.get("document") and not self.document_name:
            self.add_error("document", DOCUMENT_IS_NEEDED)
        return cleaned

    def origin(self) -> Origin:
        """Return the declaration."""
        file = self.cleaned_data["document"]
        return Origin(
            kind=self.cleaned_data["kind"],
            legal_basis=self.cleaned_data["legal_basis"],
            description=self.cleaned_data["description"],
            document_name=file.name if file else "",
            document=file.read() if file else None,
        )


BOUGHT_IS_REFUSED = _(
    "Bought and rented lists cannot be imported: nobody on them has agreed to hear from you, and writing to"
    " them would break the law and ruin the delivery of your other newsletters."
)
DOCUMENT_IS_NEEDED = _(
    "For legitimate interest attach the document in which you weighed your interest against theirs."
)
_LATER = (
    "ignore",
    "status",
    "left",
    "dead",
    "consent_at",
    "consent_source",
    "consent_ip",
    "attributes",
)
