"""The register of breaches to hand over (33 (5)): a workbook, and a PDF, in the language that is active."""

import io
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl import Workbook

from hirnok.breaches import drafts, enisa, reports, wording
from hirnok.breaches.models import Breach, BreachEvent
from hirnok.privacy import printing
from hirnok.register import categories
from hirnok.tenants.models import Tenant
from hirnok.ui.words import moment, number


def heads() -> list[str]:
    """Return the columns' names."""
    return [
        _("No."), _("State"), _("In a few words"), _("How it became known"), _("First suspicion"), _("Known since"),
        _("What was lost"), _("What happened"), _("Categories of data"), _("Persons"), _("Records"),
        _("Likely consequences"), _("Measures taken"), _("Measures planned"), _("Severity"), _("Authority"),
        _("Notified at"), _("Why late"), _("Persons told"), _("Reasons"), _("What is to be learnt"), _("Closed"),
    ]  # fmt: skip


def row(breach: Breach) -> list[str]:
    """Return one breach in words, in the order of `heads`."""
    first = reports.first_notice(breach)
    decisions = {None: "", True: _("yes"), False: _("no")}
    return [
        number(breach.number),
        str(breach.get_state_display()),
        breach.title,
        str(breach.get_known_by_display()),
        moment(breach.suspected_at),
        _moment(breach.aware_at),
        drafts.kinds(breach),
        breach.description,
        ", ".join(categories.words(one) for one in breach.categories),
        _number(breach.persons),
        _number(breach.records),
        breach.consequences,
        breach.measures_taken,
        breach.measures_planned,
        str(enisa.LEVELS.get(breach.severity, "")),
        decisions[breach.notify_authority],
        _moment(first.at if first else None),
        breach.late_reason,
        decisions[breach.notify_persons],
        " ".join(filter(None, (breach.authority_reason, breach.persons_reason))),
        breach.lessons,
        _moment(breach.closed_at),
    ]


def xlsx(tenant: Tenant) -> bytes:
    """Return the workbook: the register, and the steps of each breach. Texts are never formulas."""
    book = Workbook()
    sheet = book.active
    sheet.title = _("Breaches")
    rows = list(Breach.objects.of(tenant).order_by("number"))
    _fill(sheet, [heads(), *(row(one) for one in rows)])
    steps = book.create_sheet(_("Steps"))
    _fill(steps, [[_("No."), _("When"), _("Step"), _("Who"), _("Text")], *_steps(tenant)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def pdf(tenant: Tenant, at: datetime) -> bytes:
    """Return the register as PDF."""
    sections = []
    labels = heads()
    for breach in Breach.objects.of(tenant).order_by("number"):
        facts = [
            [label, value]
            for label, value in zip(labels[1:], row(breach)[1:], strict=True)
            if value
        ]
        sections.append(
            {
                "heading": f"{breach.number}. {breach.title}",
                "blocks": [{"kind": "facts", "rows": facts}],
            }
        )
    document = {
        "title": _("Register of personal data breaches"),
        "language": get_language() or "en",
        "stand": f"{tenant.name} · {moment(at)}",
        "sections": sections or [{"heading": _("None"), "blocks": []}],
    }
    return printing.pdf(document)


def _steps(tenant: Tenant) -> list[list[str]]:
    events = (
        BreachEvent.objects.of(tenant)
        .select_related("breach")
        .order_by("breach__number", "at", "pk")
    )
    return [
        [number(one.breach.number), moment(one.at), wording.event(one.kind), one.actor, one.text]
        for one in events
    ]


def _fill(sheet: Any, rows: list[list[str]]) -> None:
    for number_of_row, cells in enumerate(rows, 1):
        for column, text in enumerate(cells, 1):
            cell = sheet.cell(number_of_row, column)
            cell.value = "".join(sign for sign in text if sign >= " " or sign in "\n\t")
            cell.data_type = "s"


def _moment(at: datetime | None) -> str:
    return moment(at) if at else ""


def _number(value: int | None) -> str:
    return "" if value is None else number(value)
