"""ODS, streamed. Rows and cells that repeat are unfolded only where they hold something.

Source: OpenDocument 1.3 part 3, §9 (tables), §19.385 (office:value-type).
"""

from __future__ import annotations

from collections.abc import Iterator
from zipfile import ZipFile

from lxml import etree

from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.reading.sheetxml import events, forget, local
from hirnok.contacts.reading.table import Limits, NumberedRow

_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
_CONTENT = "content.xml"
_NAMES = ("table", "table-row")


def sheets(archive: ZipFile, limits: Limits) -> tuple[str, ...]:
    """The names of the sheets in order (one pass over the content)."""
    names = []
    for event, element in events(archive, _CONTENT, _NAMES, limits, kinds=("start", "end")):
        if element.tag == f"{{{_TABLE}}}table" and event == "start":
            names.append(element.get(f"{{{_TABLE}}}name", ""))
        elif event == "end" and element.tag == f"{{{_TABLE}}}table-row":
            forget(element)
    return tuple(names)


def rows(archive: ZipFile, sheet: str, limits: Limits) -> Iterator[NumberedRow]:
    """The non-empty rows of a sheet as text, by the numbers the program shows."""
    inside, found, number = False, False, 0
    for event, element in events(archive, _CONTENT, _NAMES, limits, kinds=("start", "end")):
        if element.tag == f"{{{_TABLE}}}table":
            if event == "end" and inside:
                return
            inside = event == "start" and element.get(f"{{{_TABLE}}}name", "") == sheet
            found = found or inside
        elif event == "end" and element.tag == f"{{{_TABLE}}}table-row":
            if inside:
                times = _repeats(element, "number-rows-repeated")
                cells = _cells(element, number + 1, limits)
                is_filled = bool("".join(cells).strip())
                for _ in range(times if is_filled else 0):
                    number += 1
                    yield number, list(cells)
                number += 0 if is_filled else times
            forget(element)
    if not found:
        raise Problem("no_sheet", sheet=sheet)


def _cells(row: etree._Element, number: int, limits: Limits) -> list[str]:
    cells: list[str] = []
    empty = 0
    for cell in row:
        if local(cell) not in {"table-cell", "covered-table-cell"}:
            continue
        text, times = _value(cell), _repeats(cell, "number-columns-repeated")
        if not text:
            empty += times
            continue
        if len(cells) + empty + times > limits.columns:
            columns = len(cells) + empty + times
            raise Problem("too_many_columns", row=number, columns=columns, limit=limits.columns)
        if len(text) > limits.cell:
            raise Problem("line_too_long", row=number, limit=limits.cell)
        cells.extend([""] * empty + [text] * times)
        empty = 0
    return cells


def _value(cell: etree._Element) -> str:
    kind = cell.get(f"{{{_OFFICE}}}value-type")
    if kind == "date":
        return _date(cell.get(f"{{{_OFFICE}}}date-value", ""))
    if kind == "boolean":
        return cell.get(f"{{{_OFFICE}}}boolean-value", "")
    if kind in {"float", "percentage", "currency"}:
        return _number(cell.get(f"{{{_OFFICE}}}value", ""))
    return "\n".join(_paragraph(each) for each in cell if each.tag == f"{{{_TEXT}}}p")


def _paragraph(element: etree._Element) -> str:
    parts = [element.text or ""]
    for child in element:
        name = local(child)
        if name == "s":
            times = child.get(f"{{{_TEXT}}}c", "1")
            parts.append(" " * (int(times) if times.isdigit() and len(times) < 3 else 1))
        elif name == "tab":
            parts.append("\t")
        elif name == "line-break":
            parts.append("\n")
        elif name not in {"annotation", ""}:
            parts.append(_paragraph(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _date(value: str) -> str:
    day, _, clock = value.partition("T")
    clock = clock.partition(".")[0]
    return day if clock in {"", "00:00:00"} else f"{day} {clock}"


def _number(value: str) -> str:
    try:
        number = float(value)
    except ValueError:
        return value
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _repeats(element: etree._Element, name: str) -> int:
    told = element.get(f"{{{_TABLE}}}{name}", "1")
    return max(int(told), 1) if told.isdigit() and len(told) < 10 else 1
