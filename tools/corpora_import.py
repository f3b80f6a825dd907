"""Reads every file of a folder of corpora as the import would: no crash, no mojibake.

    python tools/corpora_import.py FOLDER

FOLDER holds `csv` (tables of all kinds, expected texts partly beside them as JSON) and `encodings`
(texts in folders named by encoding and language). Prints counts; exit status 1 on a failure.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from hirnok.contacts.reading import encoding, mapping
from hirnok.contacts.reading.files import open_table
from hirnok.contacts.reading.preview import preview
from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.reading.rows import read_rows
from hirnok.contacts.reading.table import LIMITS

LANGUAGES = ("croatian", "czech", "hungarian", "romanian", "slovak", "slovene")
MISLABELLED = {"location_coordinates"}  # its JSON holds another telephone number
NOT_TABLES = {"license", "copying", "readme"}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print(__doc__)
        return 2
    folder = Path(arguments[0])
    failures = [*tables(folder / "csv"), *encodings(folder / "encodings")]
    for failure in failures:
        print("FAILED", failure)
    return 1 if failures else 0


def tables(folder: Path) -> list[str]:
    """Every file is read to the end or refused with a Problem."""
    counts: Counter[str] = Counter()
    failures = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.stem.casefold() in NOT_TABLES or path.suffix == ".json":
            continue
        try:
            counts[_read(path)] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            failures.append(f"{path}: {type(error).__name__}: {error}")
        failures += _against_json(path)
    print("tables:", ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())))
    return failures


def _read(path: Path) -> str:
    try:
        table = open_table(path)
        guess = mapping.guess(table)
        json.dumps(preview(table).as_json())
        rows = list(table.rows())
        if guess.index_of("email") is not None and len(list(read_rows(table, guess))) != len(rows):
            raise AssertionError("rows without an outcome")
        is_damaged = "\ufffd".encode() in path.read_bytes()  # already in the file
        if not is_damaged and any("\ufffd" in cell for _, cells in rows for cell in cells):
            raise AssertionError("replacement characters")
    except Problem as problem:
        return f"refused as {problem.code}"
    return f"read as {table.kind}"


def _against_json(path: Path) -> list[str]:
    """csv-spectrum keeps what each table holds as JSON (but line ends were lost in some copies)."""
    expected = path.parent.parent / "json" / f"{path.stem}.json"
    if path.suffix != ".csv" or not expected.is_file() or path.stem in MISLABELLED:
        return []
    table = open_table(path)
    found = [
        dict(zip(table.header, (cell.replace("\r\n", "\n") for cell in cells), strict=False))
        for _, cells in table.rows()
    ]
    wanted = json.loads(expected.read_text(encoding="utf-8").replace("\\r\\n", "\\n"))
    return [] if found == wanted else [f"{path}: {found} is not {wanted}"]


def encodings(folder: Path) -> list[str]:
    """The text by the found encoding equals the text by the labelled one."""
    counts: Counter[str] = Counter()
    failures = []
    for path in sorted(folder.glob("*/tests/*/*")):
        label = path.parent.name.casefold()
        for language in LANGUAGES:
            label = label.removesuffix(f"-{language}")
        data = path.read_bytes()
        try:
            found = encoding.detect(path, LIMITS)
        except Problem as problem:
            failures.append(f"{path}: {problem}")
            continue
        if data.decode(found.codec) == data.decode(label):
            counts[label] += 1
        else:
            failures.append(f"{path}: read as {found.label}")
    print("encodings:", ", ".join(f"{count} {label}" for label, count in sorted(counts.items())))
    return failures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
