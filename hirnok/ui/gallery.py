"""Sample data of the gallery: a small firm's newsletter, fixed in time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import HttpRequest

from hirnok.ui import charts, wizard
from hirnok.ui.confirmation import Confirmation, ConfirmForm
from hirnok.ui.paging import Page
from hirnok.ui.progress import Progress
from hirnok.ui.states import STATES

FRAMES = {
    "components": "ui/gallery/components.html",
    "list": "ui/gallery/list.html",
    "empty": "ui/gallery/list.html",
    "form": "ui/gallery/form.html",
    "wizard": "ui/gallery/wizard.html",
    "confirm": "ui/confirm.html",
    "public": "ui/gallery/public.html",
    "signed-out": "ui/gallery/signed_out.html",
}
LAUNCHED_AT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
PROGRESS = Progress(
    label="Import of november.csv",
    done=61_240,
    total=104_000,
    seconds=7.4,
    poll_url="/gallery/poll/",
    cancel_url="/gallery/",
    unit="rows",
)


@dataclass(frozen=True)
class Reader:
    """A row of the list."""

    pk: int
    email: str
    name: str
    state: str
    opened: int


READERS = [
    Reader(1, "agota.kovacs@example.com", "Kovács Ágota", "subscribed", 14),
    Reader(2, "bogdan.ionescu@example.com", "Ionescu Bogdan", "pending", 0),
    Reader(
        3, "csaba.a.nagyon.hosszu.cimmel@subdomain.example.com", "Tóth Csaba", "unsubscribed", 1204
    ),
    Reader(4, "dora.szabo@example.com", "Szabó Dóra", "bounced", 3),
]


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Name of the campaign", max_length=80)
    sender = forms.EmailField(
        label="From",
        help_text="Readers see this address. Its domain must be one of your sending domains.",
    )
    language = forms.ChoiceField(choices=[("hu", "Magyar"), ("ro", "Română"), ("en", "English")])
    lists = forms.MultipleChoiceField(
        label="To these lists",
        choices=[("1", "Newsletter (2,000)"), ("2", "Partners (38)")],
        widget=forms.CheckboxSelectMultiple,
        help_text="Somebody on two lists gets one message.",
    )
    format = forms.ChoiceField(
        choices=[("markdown", "Markdown"), ("html", "HTML"), ("mjml", "MJML")],
        widget=forms.RadioSelect,
    )
    body = forms.CharField(widget=forms.Textarea(attrs={"class": "code", "rows": 6}))
    picture = forms.FileField(required=False, help_text="JPEG, PNG, GIF or WebP, at most 5 MB.")
    measured = forms.BooleanField(
        label="Measure opens and clicks",
        required=False,
        help_text="Off: no pixel, links stay as they are.",
    )


def context(request: HttpRequest, page: str) -> dict[str, Any]:
    """Return what the page of the gallery shows."""
    makers: dict[str, Callable[[], dict[str, Any]]] = {
        "list": _rows,
        "empty": _no_rows,
        "form": lambda: {"form": _form(request), "cancel_url": "/gallery/"},
        "wizard": lambda: {"form": SampleForm(), "steps": _steps(), "back_url": "/gallery/"},
        "confirm": lambda: _question(request),
        "public": lambda: {"brand": SimpleNamespace(name="Kovács Kertészet", accent="#2f9e44")},
        "signed-out": lambda: {"form": ConfirmForm(word="SEND")},
    }
    return makers.get(page, _components)()


def _no_rows() -> dict[str, Any]:
    nothing: Page[Any] = Page([])
    return {"page": nothing, "bulk_url": ""}


def _rows() -> dict[str, Any]:
    rows: Any = READERS
    return {
        "page": Page(rows, next="token", previous="other"),
        "states": [(name, state.label, 12) for name, state in STATES["contact"].items()],
        "bulk_url": "/gallery/list/",
    }


def _form(request: HttpRequest) -> SampleForm:
    if "errors" in request.GET:
        return SampleForm(
            {"name": "", "sender": "not an address", "body": "Dear {{ contact.first_name }}"}
        )
    return SampleForm(initial={"name": "November", "language": "hu", "measured": True})


def _steps() -> list[wizard.Step]:
    named = [
        ("File", "?step=1"),
        ("Columns", "?step=2"),
        ("Origin", "?step=3"),
        ("Check", "?step=4"),
    ]
    return wizard.steps(named, current=2)


def _question(request: HttpRequest) -> dict[str, Any]:
    question = Confirmation(
        title="Send “November” to 1,962 people",
        text="38 of the 2,000 contacts will not get it: 30 unsubscribed, 8 addresses bounced.",
        action="Send now",
        cancel_url="/gallery/",
        undo=False,
        danger=True,
        word="SEND",
    )
    return {"confirmation": question, "form": ConfirmForm(request.POST or None, word="SEND")}


def _components() -> dict[str, Any]:
    hours = [(f"{hour}:00", 400 // (hour - 7) + hour, 180 // (hour - 7)) for hour in range(8, 20)]
    return {
        "progress": PROGRESS,
        "unmeasured": Progress(label="Reading the file", done=3_000, total=None, unit="rows"),
        "steps": _steps(),
        "states": [(kind, value) for kind, words in STATES.items() for value in words],
        "launched_at": LAUNCHED_AT,
        "hours": charts.line("Opens per hour", ["Hour", "People", "Machines"], hours),
        "links": charts.bar(
            "Clicks per link",
            ["Link", "Clicks"],
            [("Autumn bulbs", 204), ("Opening hours", 61), ("Unsubscribe", 9)],
            sideways=True,
            help="Clicks by people; machines are left out.",
        ),
    }
