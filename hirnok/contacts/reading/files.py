"""Opens a file of contacts, whatever it is, as a table of text cells."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TypedDict

from hirnok.contacts.reading import archive as archives
from hirnok.contacts.reading import delimited, encoding, headers, kinds, ods, xls, xlsx
from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.reading.table import LIMITS, Limits, NumberedRow, Table

SAMPLED_ROWS = 100


class Chosen(TypedDict):
    """What the person chose about the file itself; None: as it is found."""

    sheet: str | None
    encoding: str | None
    delimiter: str | None


def open_table(
    path: Path,
    *,
    filename: str = "",
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    limits: Limits = LIMITS,
) -> Table:
    """The table in a file: CSV and its kin, XLSX, XLS, ODS, or a ZIP with one CSV.

    `filename` is the name the person knows. `sheet`, `encoding` and `delimiter` override what
    would be found. Raises Problem for whatever is not a table with at least one row; nothing is
    read beyond `limits`. A break further down raises Problem while rows are read.
    """
    name = filename or path.name
    kind = kinds.kind_of(path)
    if kind == "text":
        return _open_text(path, name, encoding, delimiter, limits)
    if path.stat().st_size > limits.file_bytes:
        raise Problem("too_large", limit=limits.file_bytes >> 20)
    if kind == "xls":
        return _open_xls(path, name, sheet, limits)
    with archives.opened(path, limits) as archive:
        inner = archives.inner_kind(archive)
    if inner == "xlsx":
        return _open_xlsx(path, name, sheet, limits)
    if inner == "ods":
        return _open_ods(path, name, sheet, limits)
    unpacked = _Unpacked(path, limits)
    return _open_text(unpacked.path, name, encoding, delimiter, limits, keep=unpacked)


class _Unpacked:
    """The only table of an archive in a temporary file that goes with this object."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._file = NamedTemporaryFile(prefix="hirnok-import-")  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self.path = Path(self._file.name)
        with archives.opened(path, limits) as archive:
            table = archives.only_table(archive)
            with closing(archives.part(archive, table.filename, limits)) as stream:
                shutil.copyfileobj(stream, self._file, 1 << 20)
        self._file.flush()
        if kinds.kind_of(self.path) != "text":
            raise Problem("no_table_in_archive")


def _open_text(
    path: Path,
    filename: str,
    override: str | None,
    delimiter: str | None,
    limits: Limits,
    *,
    keep: object = None,
) -> Table:
    found = encoding.detect(path, limits, override=override)
    complete = found.size <= encoding.SAMPLE
    dialect = delimited.sniff(found.sample, complete=complete, delimiter=delimiter)

    def source(_keep: object = keep) -> Iterator[NumberedRow]:
        return delimited.rows(
            lambda: path.open("rb"),
            found.codec,
            dialect,
            lambda: encoding.locate_broken(path, found.codec),
            limits,
        )

    return _table(
        _Found("csv", filename, found.label, dialect.delimiter, dialect.quote),
        source,
        lambda: found.lines,
        limits,
    )


def _open_xls(path: Path, filename: str, sheet: str | None, limits: Limits) -> Table:
    book = xls.Workbook(path, limits)
    return _open_sheet(
        _Found("xls", filename, sheets=book.sheets), sheet, book.rows, book.estimate, limits
    )


def _open_xlsx(path: Path, filename: str, sheet: str | None, limits: Limits) -> Table:
    book = xlsx.Workbook(path, limits)
    return _open_sheet(
        _Found("xlsx", filename, sheets=book.sheets), sheet, book.rows, book.estimate, limits
    )


def _open_ods(path: Path, filename: str, sheet: str | None, limits: Limits) -> Table:
    def rows(name: str) -> Iterator[NumberedRow]:
        with archives.opened(path, limits) as archive:
            yield from ods.rows(archive, name, limits)

    def estimate(_name: str) -> int:
        with archives.opened(path, limits) as archive:
            return archives.count(archive, "content.xml", b"</table:table-row>", limits)

    with archives.opened(path, limits) as archive:
        names = ods.sheets(archive, limits)
    return _open_sheet(_Found("ods", filename, sheets=names), sheet, rows, estimate, limits)


class _Found:
    """What is known of a file before its first row is read."""

    def __init__(
        self,
        kind: str,
        filename: str,
        encoding: str | None = None,
        delimiter: str | None = None,
        quote: str | None = None,
        *,
        sheets: tuple[str, ...] = (),
    ) -> None:
        self.kind = kind
        self.filename = filename
        self.encoding = encoding
        self.delimiter = delimiter
        self.quote = quote
        self.sheets = sheets
        self.sheet: str | None = None


def _open_sheet(
    found: _Found,
    wanted: str | None,
    rows: Callable[[str], Iterator[NumberedRow]],
    estimate: Callable[[str], int],
    limits: Limits,
) -> Table:
    """The wanted sheet, else the first that holds anything."""
    if wanted is not None and wanted not in found.sheets:
        raise Problem("no_sheet", sheet=wanted)
    if not found.sheets:
        raise Problem("broken_workbook", where="workbook")
    candidates = (wanted,) if wanted is not None else found.sheets
    chosen = next((n for n in candidates if next(rows(n), None) is not None), None)
    if chosen is None:
        raise Problem("empty_sheet", sheet=candidates[0])
    found.sheet = chosen
    return _table(found, lambda: rows(chosen), lambda: estimate(chosen), limits)


def _table(
    found: _Found,
    source: Callable[[], Iterator[NumberedRow]],
    count: Callable[[], int],
    limits: Limits,
) -> Table:
    head = list(islice(source(), SAMPLED_ROWS + 20))
    if not head:
        raise Problem("empty_file")
    at = headers.header_row(head)
    below = head if at is None else head[at + 1 :]
    if not below:
        raise Problem("no_rows")
    header = [] if at is None else [" ".join(cell.split()) for cell in head[at][1]]
    width = _width(header, [cells for _, cells in below])
    is_whole = len(head) < SAMPLED_ROWS + 20
    return Table(
        kind=found.kind,
        filename=found.filename,
        encoding=found.encoding,
        delimiter=found.delimiter,
        quote=found.quote,
        sheet=found.sheet,
        sheets=found.sheets,
        has_header=at is not None,
        header=tuple((header + [""] * width)[:width]),
        sample=tuple(tuple(cells) for _, cells in below[:SAMPLED_ROWS]),
        estimated_rows=len(below) if is_whole else max(count() - below[0][0] + 1, len(below)),
        source=source,
        first_row=below[0][0],
        limits=limits,
    )


def _width(header: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Columns up to the last one with a name; without a header, with a cell."""
    named = max((i + 1 for i, cell in enumerate(header) if cell), default=0)
    filled = max((i + 1 for row in rows for i, cell in enumerate(row) if cell.strip()), default=1)
    if not named:
        return filled
    # A few unnamed cells behind the header are stray; a column filled in most rows is a column.
    often = [
        i + 1
        for i in range(named, filled)
        if sum(1 for row in rows if i < len(row) and row[i].strip()) * 2 > len(rows)
    ]
    return max((named, *often))
