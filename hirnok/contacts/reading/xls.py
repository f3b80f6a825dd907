"""XLS, the old binary workbook of at most 65,536 rows of 256 columns, by python-calamine.

It is unfolded once, by a process of its own with little memory (see `xls_child`), into a temporary
file that goes with the workbook.
"""

from __future__ import annotations

import json
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile

from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.reading.table import Limits, NumberedRow
from hirnok.contacts.reading.xls_child import PASSWORD

_CHILD = Path(__file__).with_name("xls_child.py")
_MEMORY = 1 << 30
_SECONDS = 60


class Workbook:
    """A workbook that can be read again and again."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self._file = TemporaryFile()  # noqa: SIM115 - goes with the workbook
        weakref.finalize(self, self._file.close)
        self._unfold(path)
        self._places: dict[str, int] = {}
        self._last: dict[str, int] = {}
        self._index()

    @property
    def sheets(self) -> tuple[str, ...]:
        return tuple(self._places)

    def rows(self, sheet: str) -> Iterator[NumberedRow]:
        """The non-empty rows of a sheet as text, by the numbers the program shows."""
        if sheet not in self._places:
            raise Problem("no_sheet", sheet=sheet)
        at, most = self._places[sheet], self._limits.columns
        while True:
            self._file.seek(at)  # another reader of the same file may be at work
            line = self._file.readline()
            at += len(line)
            if not line.startswith(b"["):
                return
            number, *cells = json.loads(line)
            if len(cells) > most:
                raise Problem("too_many_columns", row=number, columns=len(cells), limit=most)
            yield number, cells

    def estimate(self, sheet: str) -> int:
        """The number of the last row."""
        return self._last.get(sheet, 0)

    def _unfold(self, path: Path) -> None:
        command = [
            sys.executable,
            "-I",
            str(_CHILD),
            str(path.resolve()),
            str(_MEMORY),
            str(_SECONDS),
        ]
        try:
            done = subprocess.run(  # noqa: S603 - our own file and a path as arguments
                command,
                stdin=subprocess.DEVNULL,
                stdout=self._file,
                stderr=subprocess.DEVNULL,
                timeout=2 * _SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Problem("broken_workbook", where="workbook") from error
        if done.returncode == PASSWORD:
            raise Problem("password")
        if done.returncode != 0:
            raise Problem("broken_workbook", where="workbook")

    def _index(self) -> None:
        self._file.seek(0)
        at, name = 0, ""
        for line in self._file:
            at += len(line)
            if line.startswith(b'"'):
                name = json.loads(line)
                self._places[name] = at
            else:
                self._last[name] = int(line[1 : line.index(b",")])
