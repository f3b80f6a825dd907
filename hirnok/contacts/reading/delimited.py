"""CSV, TSV and their kin: finds delimiter and quotes, then gives rows within bounds.

A line is never read beyond the limit, and a quotation mark that never closes is an error with its
row instead of a cell that swallows the file. Row numbers are those of a spreadsheet program: a cell
with line breaks is one row, `sep=;` is none.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO

from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.reading.table import Limits, NumberedRow

DELIMITERS = (";", ",", "\t", "|")

_SEP = re.compile(r"sep=(.)\r?\n?\Z", re.IGNORECASE)
_MAIL = re.compile(r"[^\s@;,|]+@[^\s@;,|]+\.[^\s@;,|]+")
_SNIFFED_ROWS = 200


@dataclass(frozen=True)
class Dialect:
    """How cells are written. `has_sep_line` when the first line is Excel's `sep=;`."""

    delimiter: str
    quote: str = '"'
    escape: str | None = None
    has_sep_line: bool = False


def sniff(sample: str, *, complete: bool, delimiter: str | None = None) -> Dialect:
    """The dialect of a text by its first lines; `complete` says that the sample is the whole text."""
    first, lines = _lines_of(sample, complete=complete)
    told = _SEP.match(first)
    if told:
        lines = lines[1:]
    if delimiter is not None and len(delimiter) != 1:
        raise Problem("bad_delimiter")
    text = "".join(lines)
    quote, escape = _quotes(text)
    chosen = delimiter or (told.group(1) if told else None) or _delimiter(lines, quote)
    return Dialect(chosen, quote, escape, told is not None)


def rows(
    opened: Callable[[], AbstractContextManager[IO[bytes]]],
    codec: str,
    dialect: Dialect,
    broken: Callable[[], Problem],
    limits: Limits,
) -> Iterator[NumberedRow]:
    """The non-empty rows with their numbers. `broken` finds the place that cannot be decoded."""
    with opened() as raw:
        stream = io.TextIOWrapper(raw, encoding=codec, newline="")
        try:
            yield from _records(stream, dialect, limits)
        except UnicodeDecodeError as error:
            raise broken() from error
        finally:
            stream.detach()


def _records(stream: io.TextIOWrapper, dialect: Dialect, limits: Limits) -> Iterator[NumberedRow]:
    lines = _BoundedLines(stream, limits)
    if dialect.has_sep_line:
        next(lines.each(), None)
        lines.number = 0
    reader = csv.reader(
        lines.each(),
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        escapechar=dialect.escape,
        doublequote=dialect.escape is None,
    )
    number, ended = 0, 0
    most = limits.columns
    try:
        for cells in reader:
            number += 1
            if reader.line_num - ended > limits.lines_in_a_row:
                raise Problem("cell_too_long", row=number)
            ended = reader.line_num
            if len(cells) > most:
                raise Problem("too_many_columns", row=number, columns=len(cells), limit=most)
            if lines.ended:  # the reader ran to the end inside a quoted cell
                raise Problem("cell_too_long", row=number)
            if "".join(cells).strip():
                yield number, cells
    except csv.Error as error:
        raise Problem("cell_too_long", row=number + 1) from error


class _BoundedLines:
    """Lines of a stream, none longer than the limit."""

    def __init__(self, stream: io.TextIOWrapper, limits: Limits) -> None:
        self._stream = stream
        self._limit = limits.line
        self.number = 0
        self.ended = False

    def each(self) -> Iterator[str]:
        readline, limit, over = self._stream.readline, self._limit, self._limit + 1
        while line := readline(over):
            self.number += 1
            if len(line) > limit:
                raise Problem("line_too_long", row=self.number, limit=limit)
            if "\0" in line:
                raise Problem("nul_bytes", row=self.number, byte=line.index("\0") + 1)
            yield line
        self.ended = True


def _lines_of(sample: str, *, complete: bool) -> tuple[str, list[str]]:
    text = sample.removeprefix("\ufeff")
    lines = list(io.StringIO(text, newline=""))
    if not complete and len(lines) > 1:
        lines = lines[:-1]
    lines = lines[: _SNIFFED_ROWS * 5]
    return (lines[0] if lines else ""), lines


def _quotes(text: str) -> tuple[str, str | None]:
    """The quotation mark, and the backslash where marks inside cells are escaped by it."""
    double = len(re.findall(r'(?:^|[;,\t|])"', text, re.MULTILINE))
    single = len(re.findall(r"(?:^|[;,\t|])'[^'\n]*'(?=[;,\t|\r\n]|$)", text, re.MULTILINE))
    if single > double and single > text.count("\n"):
        return "'", None
    inside = len(re.findall(r'\\"(?![;,\t|\r\n]|$)', text, re.MULTILINE))
    if inside and '""' not in text.replace('\\""', ""):
        return '"', "\\"
    return '"', None


def _delimiter(lines: list[str], quote: str) -> str:
    """The candidate that cuts most rows into the same number of cells, addresses kept whole."""
    best, best_score = ";", 0.0
    for candidate in DELIMITERS:
        score = _evenness(lines, candidate, quote)
        if score > best_score + 1e-9:
            best, best_score = candidate, score
    return best if best_score > 0 else _any_present(lines)


def _evenness(lines: list[str], delimiter: str, quote: str) -> float:
    try:
        parsed = [
            row
            for row, _ in zip(
                csv.reader(lines, delimiter=delimiter, quotechar=quote),
                range(_SNIFFED_ROWS),
                strict=False,
            )
        ]
    except csv.Error:
        return 0.0
    filled = [row for row in parsed if any(row)]
    if not filled:
        return 0.0
    width, times = Counter(len(row) for row in filled).most_common(1)[0]
    if width < 2:
        return 0.0
    whole = sum(1 for row in filled if any(_MAIL.fullmatch(cell.strip()) for cell in row))
    return times / len(filled) + 0.5 * whole / len(filled) + min(width, 20) * 0.005


def _any_present(lines: list[str]) -> str:
    text = "".join(lines[:50])
    return max(DELIMITERS, key=lambda candidate: (text.count(candidate), candidate == ";"))
