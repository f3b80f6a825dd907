"""Cells and lines of files that spreadsheet programs open."""

import csv
import io
from collections.abc import Iterable, Iterator

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def escaped(cell: str) -> str:
    """Return a cell that no spreadsheet program runs as a formula: an apostrophe goes before it (OWASP)."""
    if cell.startswith(_STARTS_A_FORMULA) and not _is_number(cell):
        return f"'{cell}"
    return cell


def csv_lines(rows: Iterable[list[str]], *, delimiter: str = ",") -> Iterator[str]:
    """Yield the lines of a CSV file (RFC 4180, CRLF), cells escaped; the first begins with a BOM for Excel."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter)
    mark = "\ufeff"
    for row in rows:
        writer.writerow([escaped(cell) for cell in row])
        yield mark + buffer.getvalue()
        mark = ""
        buffer.seek(0)
        buffer.truncate()


def _is_number(cell: str) -> bool:
    body = cell[1:]
    return cell[0] in "+-" and body.replace(".", "", 1).replace(",", "", 1).isdecimal()
