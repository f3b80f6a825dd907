"""XLSX, streamed: one row in memory, the shared texts in a file beside.

Not by python-calamine, which lays a sheet out densely: two cells at A1 and XFD1048576, a file of
5 KB, ask for 512 GB and abort the process; a million ordinary rows take half a gigabyte.
Source: ECMA-376 part 1, §18.3 (sheets), §18.4 (shared strings), §18.8 (styles).
"""

from __future__ import annotations

import re
import weakref
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import IO
from zipfile import ZipFile

from lxml import etree

from hirnok.contacts.reading import archive as archives
from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.reading.sheetxml import elements, local, tree
from hirnok.contacts.reading.table import Limits, NumberedRow

_IN_MEMORY = 50_000  # shared texts up to this many are kept as they are
_DATE_IDS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_TIME_ONLY_IDS = frozenset((18, 19, 20, 21, 45, 46, 47))
_QUOTED = re.compile(r'"[^"]*"|\\.|\[(?!h|m|s)[^\]]*\]|_.|\*.', re.IGNORECASE)
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class _Book:
    """The parts of a workbook: sheets (name → part), and how dates are told and counted."""

    sheets: dict[str, str]
    shared: str | None
    styles: str | None
    epoch: datetime


class Workbook:
    """A workbook that can be read again and again; its shared texts are unpacked once."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        with archives.opened(path, limits) as archive:
            self._parts = _book(archive, limits)
            self._dates = _date_styles(archive, self._parts, limits)
        self._texts: _Texts | None = None

    @property
    def sheets(self) -> tuple[str, ...]:
        return tuple(self._parts.sheets)

    def rows(self, sheet: str) -> Iterator[NumberedRow]:
        """The non-empty rows of a sheet as text, by the numbers the program shows."""
        if sheet not in self._parts.sheets:
            raise Problem("no_sheet", sheet=sheet)
        with archives.opened(self._path, self._limits) as archive:
            if self._texts is None:
                self._texts = _Texts(archive, self._parts, self._limits)
            reader = _Cells(self._texts, self._dates, self._parts.epoch, self._limits)
            number = 0
            for row in elements(
                archive, self._parts.sheets[sheet], "row", self._limits, within="sheetData"
            ):
                told = row.get("r", "")
                number = int(told) if told.isdigit() and len(told) < 9 else number + 1
                cells = reader.of(row, number)
                if "".join(cells).strip():
                    yield number, cells

    def estimate(self, sheet: str) -> int:
        """The number of rows by the sheet's own word, else by counting marks in its XML."""
        part = self._parts.sheets[sheet]
        with archives.opened(self._path, self._limits) as archive:
            with archive.open(part) as file:
                head = file.read(4096)
            found = re.search(rb'<(?:\w+:)?dimension ref="[A-Z]+\d+:[A-Z]+(\d{1,7})"', head)
            if found:
                return int(found.group(1))
            return archives.count(archive, part, b"</row>", self._limits)


def _book(archive: ZipFile, limits: Limits) -> _Book:
    """The visible worksheets in their order and the parts beside them."""
    names = set(archive.namelist())
    path = next((n for n in sorted(names, key=len) if n.lower().endswith("workbook.xml")), "")
    if not path:
        raise Problem("broken_workbook", where="workbook.xml")
    root = tree(archive, path, limits)
    relations = _relations(archive, path, names, limits)
    sheets: dict[str, str] = {}
    epoch = datetime(1899, 12, 30)  # noqa: DTZ001 - dates of a workbook have no zone
    for element in root.iter():
        if local(element) == "workbookPr" and element.get("date1904") in {"1", "true"}:
            epoch = datetime(1904, 1, 1)  # noqa: DTZ001
        if local(element) == "sheet" and element.get("state", "visible") == "visible":
            part = next((str(v) for k, v in element.items() if str(k).endswith("}id")), "")
            kind, target = relations.get(part, ("", ""))
            if target in names and kind.endswith("worksheet"):
                sheets[element.get("name", "")] = target
    by_kind = {kind.rpartition("/")[2]: target for kind, target in relations.values()}
    shared, styles = by_kind.get("sharedStrings"), by_kind.get("styles")
    return _Book(
        sheets,
        shared if shared in names else None,
        styles if styles in names else None,
        epoch,
    )


class _Cells:
    """The cells of a row element as text."""

    def __init__(
        self, texts: _Texts, dates: dict[int, str], epoch: datetime, limits: Limits
    ) -> None:
        self._texts = texts
        self._dates = dates
        self._epoch = epoch
        self._limit = limits.columns
        self._columns: dict[str, int] = {}
        self._value_tag = "v"

    def of(self, row: etree._Element, number: int) -> list[str]:
        cells: list[str] = []
        self._value_tag = str(row.tag)[:-3] + "v"
        for cell in row:
            reference = cell.get("r")
            if reference:
                at = self._column(reference)
                if at >= self._limit:
                    if not self._text(cell):
                        continue
                    raise Problem("too_many_columns", row=number, columns=at + 1, limit=self._limit)
                if at > len(cells):
                    cells.extend([""] * (at - len(cells)))
                elif at < len(cells):
                    cells[at] = self._text(cell)
                    continue
            cells.append(self._text(cell))
        if len(cells) > self._limit:
            raise Problem("too_many_columns", row=number, columns=len(cells), limit=self._limit)
        return cells

    def _column(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        known = self._columns.get(letters)
        if known is None:
            known = 0
            for letter in letters[:4].upper():
                known = known * 26 + max(0, ord(letter) - 64)
            known = self._columns[letters] = max(known - 1, 0)
        return known

    def _text(self, cell: etree._Element) -> str:
        kind = cell.get("t")
        if kind == "inlineStr":
            return _plain_text(cell)
        wanted, value = self._value_tag, None
        for child in cell:
            if child.tag == wanted:
                value = child.text
        if value is None or kind == "e":
            return ""
        if kind == "s":
            return self._texts.at(value)
        if kind is None or kind == "n":
            return self._number(value, cell.get("s"))
        return _KINDS.get(kind, _unescaped)(value)

    def _number(self, value: str, style: str | None) -> str:
        if style is not None and style.isdigit() and int(style) in self._dates:
            return _as_date(value, self._epoch, self._dates[int(style)])
        if value.isdigit():
            return value
        try:
            number = float(value)
        except ValueError:
            return value
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


class _Texts:
    """The shared texts: a list while they are few, else a file with their places."""

    def __init__(self, archive: ZipFile, parts: _Book, limits: Limits) -> None:
        self._some: list[str] = []
        self._limit = limits.cell
        self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - goes with the workbook
        weakref.finalize(self, self._file.close)
        self._ends = array("Q")
        self._recent: dict[int, str] = {}
        if parts.shared is not None:
            for item in elements(archive, parts.shared, "si", limits, within="sst"):
                self._add(_plain_text(item))

    def at(self, index: str) -> str:
        try:
            place = int(index)
            if place < 0:
                raise IndexError(index)
            return self._some[place] if place < _IN_MEMORY else self._stored(place)
        except (ValueError, IndexError) as error:
            raise Problem("broken_workbook", where="sharedStrings.xml") from error

    def _add(self, text: str) -> None:
        if len(text) > self._limit:
            raise Problem("line_too_long", row=1, limit=self._limit)
        if len(self._some) < _IN_MEMORY:
            self._some.append(text)
            return
        data = text.encode("utf-8", "replace")
        self._file.write(data)
        self._ends.append((self._ends[-1] if self._ends else 0) + len(data))

    def _stored(self, place: int) -> str:
        known = self._recent.get(place)
        if known is None:
            index = place - _IN_MEMORY
            start = self._ends[index - 1] if index else 0
            self._file.seek(start)
            known = self._file.read(self._ends[index] - start).decode()
            if len(self._recent) > 20_000:
                self._recent.clear()
            self._recent[place] = known
        return known


def _as_date(value: str, epoch: datetime, kind: str) -> str:
    try:
        days = float(value)
        moment = epoch + timedelta(seconds=round(days * 86400))
    except (ValueError, OverflowError):
        return value
    if kind == "time" and 0 <= days < 1:
        return moment.time().isoformat("seconds")
    if moment.hour == moment.minute == moment.second == 0:
        return moment.date().isoformat()
    return moment.isoformat(" ", "seconds")


def _plain_text(item: etree._Element) -> str:
    """The text of an item, of all its runs, without what is only read aloud (`rPh`)."""
    parts: list[str] = []
    for child in item.iter():
        if local(child) != "t" or not child.text:
            continue
        parent = child.getparent()
        if parent is None or local(parent) != "rPh":
            parts.append(child.text)
    return _unescaped("".join(parts))


def _unescaped(text: str) -> str:
    """`_x000D_` is a carriage return; a lone surrogate or NUL is dropped."""
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda found: _char(int(found.group(1), 16)), text)


def _char(code: int) -> str:
    return "" if code == 0 or 0xD800 <= code < 0xE000 else chr(code)


_KINDS: dict[str, Callable[[str], str]] = {
    "b": lambda value: "true" if value.strip() == "1" else "false",
    "d": lambda value: value.replace("T00:00:00", "").replace("T", " "),
}


def _relations(
    archive: ZipFile, path: str, names: set[str], limits: Limits
) -> dict[str, tuple[str, str]]:
    folder = PurePosixPath(path).parent
    part = str(folder / "_rels" / (PurePosixPath(path).name + ".rels"))
    if part not in names:
        raise Problem("broken_workbook", where=part)
    found: dict[str, tuple[str, str]] = {}
    for element in tree(archive, part, limits).iter():
        target = element.get("Target", "")
        if target and element.get("TargetMode") != "External":
            full = target.lstrip("/") if target.startswith("/") else str(folder / target)
            found[element.get("Id", "")] = (element.get("Type", ""), full)
    return found


def _date_styles(archive: ZipFile, parts: _Book, limits: Limits) -> dict[int, str]:
    """Style number → `date` or `time`, for those whose number format shows a date."""
    if parts.styles is None:
        return {}
    root = tree(archive, parts.styles, limits)
    formats: dict[int, str] = {}
    styles: dict[int, str] = {}
    for element in root.iter():
        if local(element) == "numFmt" and element.get("numFmtId", "").isdigit():
            formats[int(element.get("numFmtId", "0"))] = element.get("formatCode", "")
    for element in root.iter():
        if local(element) == "cellXfs":
            for index, style in enumerate(element):
                number = style.get("numFmtId", "0")
                kind = _kind(int(number), formats) if number.isdigit() else None
                if kind is not None:
                    styles[index] = kind
    return styles


def _kind(number: int, formats: dict[int, str]) -> str | None:
    code = formats.get(number)
    if code is None:
        if number not in _DATE_IDS:
            return None
        return "time" if number in _TIME_ONLY_IDS else "date"
    shown = _QUOTED.sub("", code.split(";")[0]).lower()
    if "general" in shown:
        return None
    if re.search(r"[yd]|m{3,}|^m+$|é|h{3}", shown):
        return "date"
    return "time" if re.search(r"[hs]", shown) else None
