"""XLS, the old binary workbook, by python-calamine. At most 65,536 rows of 256 columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

import python_calamine as calamine

from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.reading.table import Limits, NumberedRow


def sheets(path: Path) -> tuple[str, ...]:
    return tuple(_opened(path).sheet_names)


def rows(path: Path, sheet: str, limits: Limits) -> Iterator[NumberedRow]:
    """The non-empty rows of a sheet as text; numbers start where the program shows them."""
    try:
        read = _opened(path).get_sheet_by_name(sheet)
    except calamine.WorksheetNotFound as error:
        raise Problem("no_sheet", sheet=sheet) from error
    except (calamine.CalamineError, OSError) as error:
        raise Problem("broken_workbook", where=sheet) from error
    if read.width > limits.columns:
        raise Problem("too_many_columns", row=1, columns=read.width, limit=limits.columns)
    start = read.start or (0, 0)
    lead = [""] * start[1] if read.height and read.width + start[1] == read.total_width else []
    first = start[0] + 1
    for number, values in enumerate(read.iter_rows(), start=first):
        cells = [as_text(value) for value in values]
        if "".join(cells).strip():
            yield number, lead + cells


def estimate(path: Path, sheet: str) -> int:
    """The last row of a sheet."""
    return _opened(path).get_sheet_by_name(sheet).total_height


def as_text(value: object) -> str:
    """A cell as ISO text: `2026-11-25`, `12.5`, `7`, `true`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return "" if value is None else str(value)


def _opened(path: Path) -> calamine.CalamineWorkbook:
    try:
        return calamine.load_workbook(path)
    except calamine.PasswordError as error:
        raise Problem("password") from error
    except (calamine.CalamineError, OSError) as error:
        raise Problem("broken_workbook", where="workbook") from error
