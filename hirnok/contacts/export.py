"""Contacts as CSV or XLSX: streamed, in the person's language, harmless to spreadsheet programs.

CSV is made by `ui.downloads`; in XLSX every text is written as text. What is exported can be imported again.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import IO, Any

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from hirnok.contacts import finding
from hirnok.contacts.models import Contact, Field
from hirnok.tenants import audit
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant
from hirnok.ui.downloads import csv_pieces

Cell = str | int | float
FETCHED = 2000
SHEET_ROWS = 1_000_000  # beside the header; a sheet holds 1 048 576


def record(
    tenant: Tenant, narrowing: finding.Narrowing, *, format: str, actor: str, at: datetime
) -> None:
    """Leave the audit entry of an export."""
    audit.record(
        tenant,
        "contact.export",
        actor=actor,
        at=at,
        format=format,
        list=narrowing.list_id,
        tag=narrowing.tag_id,
    )


def rows(tenant: Tenant, contacts: QuerySet[Contact]) -> Iterator[list[Cell]]:
    """Yield the header and a row for each contact; nothing is held longer than it is needed."""
    fields = list(Field.objects.of(tenant).order_by("position", "pk"))
    yield [
        _("E-mail"),
        _("First name"),
        _("Last name"),
        _("Language"),
        _("Tags"),
        _("Lists"),
        *(field.label for field in fields),
    ]
    found = contacts.iterator(chunk_size=FETCHED)
    while batch := list(islice(found, FETCHED)):
        lists = finding.lists_by_contact(tenant, batch)
        tags = finding.tags_by_contact(tenant, batch)
        for contact in batch:
            yield [
                contact.email,
                contact.first_name,
                contact.last_name,
                contact.language,
                "; ".join(tags.get(contact.pk, [])),
                "; ".join(lists.get(contact.pk, [])),
                *(_cell(contact.fields.get(field.key)) for field in fields),
            ]


def streamed_csv(
    tenant: Tenant, narrowing: finding.Narrowing, order: Sequence[str], language: str
) -> Iterator[bytes]:
    """Yield the bytes of a CSV in a transaction of their own: they are sent after the view has ended."""
    with acting_for(tenant), translation.override(language):
        contacts = finding.find(tenant, narrowing).order_by(*order)
        for piece in csv_pieces(rows(tenant, contacts), language):
            yield piece.encode()


def write_xlsx(table: Iterable[Sequence[Cell]], target: IO[bytes], *, sheet: str) -> None:
    """Write a workbook; every text is text, whatever it begins with. A full sheet is followed by another."""
    options: dict[str, Any] = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    name = re.sub(r"[\[\]:*?/\\]", " ", sheet)[:25]
    rest = iter(table)
    header = next(rest, [])
    with Workbook(target, options) as book:
        number = 0
        while (found := list(islice(rest, 1))) or number == 0:
            number += 1
            page = book.add_worksheet(name if number == 1 else f"{name} {number}")
            page.freeze_panes(1, 0)
            _write_rows(page, chain([header], found, islice(rest, SHEET_ROWS - 1)))


def _write_rows(page: Any, rows: Iterable[Sequence[Cell]]) -> None:
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                page.write_string(number, column, cell)
            else:
                page.write_number(number, column, cell)


def _cell(value: object) -> Cell:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float | str):
        return value
    return "" if value is None else str(value)
