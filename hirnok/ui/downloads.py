"""Tables that people download and open in a spreadsheet program: CSV as the programs of their language expect it.

A semicolon for Hungarian and Romanian, where the comma is the decimal sign; a BOM, by which Excel knows UTF-8; times by
the clock that is active; a text that would be run as a formula gets an apostrophe before it (OWASP, CSV injection).
What programs read (the API, `hirnok report --json`) is not made here.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

Cell = str | int | float | bool | datetime | None
BOM = "\ufeff"
CSV = "text/csv; charset=utf-8"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_OPEN_NUMBER = re.compile(r"-?\d{1,3}\.\d{3}")
_PIECE = 1 << 16  # characters


def csv_pieces(
    table: Iterable[Sequence[Cell]], language: str, *, bom: bool = True
) -> Iterator[str]:
    """Yield a CSV text (RFC 4180) in pieces; words and times come as the active language and clock have them."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="," if language.startswith("en") else ";")
    if bom:
        buffer.write(BOM)
    for row in table:
        writer.writerow([escaped(cell) for cell in row])
        if buffer.tell() > _PIECE:
            yield _emptied(buffer)
    yield _emptied(buffer)


def csv_response(table: Iterable[Sequence[Cell]], name: str) -> HttpResponse:
    """Return a CSV in the active language for download under a name."""
    pieces = csv_pieces(table, translation.get_language() or "en")
    response = HttpResponse("".join(pieces), content_type=CSV)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def escaped(cell: Cell) -> str:
    """Return a cell as CSV has it; a text that could be run as a formula begins with an apostrophe."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return _("yes") if cell else _("no")
    if isinstance(cell, datetime):
        return f"{timezone.localtime(cell):%Y-%m-%d %H:%M:%S}"
    if not isinstance(cell, str):
        text = str(cell)
        # 1.234 could be read as one thousand or as a bit more than one; a fourth digit tells.
        return f"{text}0" if _OPEN_NUMBER.fullmatch(text) else text
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _emptied(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
