"""Unfolds an XLS into lines of JSON, as a process of its own: `xls_child.py PATH MEMORY SECONDS`.

Some damaged or hostile workbooks make the reader ask for terabytes and abort; here that costs only
this process. Writes to standard output `"name"` for each sheet, then `[row number, cell, …]` for
each row that holds something. Exit status: 0 done, 3 protected by a password, else unreadable.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, datetime, time

import python_calamine as calamine

PASSWORD = 3


def main(path: str, memory: int, seconds: int) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        book = calamine.load_workbook(path)
    except calamine.PasswordError:
        return PASSWORD
    for name in book.sheet_names:
        _write(name)
        sheet = book.get_sheet_by_name(name)
        row, column = sheet.start or (0, 0)
        # `iter_rows` begins at the first row that holds something; columns may begin later too.
        lead = [""] * column if sheet.width + column == sheet.total_width else []
        for number, values in enumerate(sheet.iter_rows(), start=row + 1):
            cells = [as_text(value) for value in values]
            if "".join(cells).strip():
                _write([number, *lead, *cells])
    return 0


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


def _write(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
