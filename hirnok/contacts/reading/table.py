"""The table a file turned out to be, and the limits within which files are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import dropwhile, islice

from hirnok.contacts.reading.problems import Problem

Cells = list[str]
"""The cells of one row as text; dates, numbers and yes/no of spreadsheets in ISO form."""

NumberedRow = tuple[int, Cells]
"""Row number as a spreadsheet program shows it (the first is 1), and the cells."""


@dataclass(frozen=True)
class Limits:
    """What is refused. Bytes are of the file or of what it unpacks to; lines are in characters."""

    rows: int = 1_000_000
    columns: int = 500
    line: int = 1 << 20
    cell: int = 131_072
    file_bytes: int = 1 << 30
    unpacked_bytes: int = 2 << 30
    ratio: int = 250
    lines_in_a_row: int = 1_000


LIMITS = Limits()


@dataclass(frozen=True)
class Table:
    """A file that can be read as rows. `rows()` may be called more than once; each call reads anew.

    `header` has one entry for each column of the widest row seen in the beginning of the file,
    empty where the file names none. `sample` holds the first rows below the header.
    `estimated_rows` is exact when the whole file was seen.
    """

    kind: str  # csv, xlsx, xls, ods
    filename: str
    encoding: str | None
    delimiter: str | None
    quote: str | None
    sheet: str | None
    sheets: tuple[str, ...]
    has_header: bool
    header: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    estimated_rows: int
    source: Callable[[], Iterator[NumberedRow]]
    first_row: int
    limits: Limits = LIMITS

    def rows(self) -> Iterator[NumberedRow]:
        """The rows below the header, without empty ones. Raises Problem where the file breaks."""
        source = dropwhile(lambda row: row[0] < self.first_row, self.source())
        yield from islice(source, self.limits.rows)
        if next(source, None) is not None:
            raise Problem("too_many_rows", limit=self.limits.rows)
