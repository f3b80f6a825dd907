"""Which row is the header, if any, by the first rows of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hirnok.contacts.reading import vocabulary
from hirnok.contacts.reading.table import NumberedRow

_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.\w+")
_NUMBERS = re.compile(r"[\d\s.,:/+\-()%]+")
_LOOKED_AT = 10


def header_row(rows: Sequence[NumberedRow]) -> int | None:
    """The index in `rows` of the header, None where the file has none.

    A title or a note above the header is passed over. A row with an address is never a header;
    a row with a known word (e-mail, név, prenume …) is one; else a first row of words is one.
    """
    head = rows[:_LOOKED_AT]
    for index, (_, cells) in enumerate(head):
        if any(_MAIL.search(cell) for cell in cells):
            break
        if _known_words(cells) and (_filled(cells) > 1 or _width(head) == 1):
            return index
    first = head[0][1] if head else []
    return 0 if _is_words(first) and len(head) > 1 else None


def _known_words(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if vocabulary.target_of(cell) is not None)


def _filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def _width(rows: Sequence[NumberedRow]) -> int:
    return max((_filled(cells) for _, cells in rows), default=0)


def _is_words(cells: Sequence[str]) -> bool:
    filled = [cell.strip() for cell in cells if cell.strip()]
    return (
        bool(filled)
        and len(set(filled)) == len(filled)
        and not any(_MAIL.search(cell) or _NUMBERS.fullmatch(cell) for cell in filled)
        and max(len(cell) for cell in filled) <= 80
    )
