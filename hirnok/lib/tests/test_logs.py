"""The log tells of a database error without the row that it was about."""

import logging
import sys

import pytest

from hirnok.lib import logs

DETAIL = 'duplicate key value violates unique constraint "u"\nDETAIL:  Key (email)=(dora@example.hu) already exists.'
COPY = 'invalid input syntax for type json\nDETAIL:  Token "x\ny" is invalid.\nCONTEXT:  COPY r, line 1: "dora@example.hu"'


@pytest.mark.parametrize("text", [DETAIL, COPY, f"{COPY}\n\nDuring handling of it\n\n{DETAIL}"])
def test_values_are_left_out(text: str) -> None:
    told = logs.without_values(text)
    assert "dora" not in told
    assert told.startswith(text.split("\n", maxsplit=1)[0])
    assert ("During handling" in told) == ("During handling" in text)


def test_a_traceback_is_told_without_them() -> None:
    try:
        raise ValueError(DETAIL)
    except ValueError:
        record = logging.LogRecord(
            "x", logging.ERROR, "f", 1, "Internal Server Error", (), sys.exc_info()
        )
    line = logs.Formatter("%(levelname)s %(message)s").format(record)
    assert "test_logs.py" in line
    assert "duplicate key" in line
    assert "dora" not in line


def test_what_is_no_such_error_stays() -> None:
    assert logs.without_values("a\nb: c") == "a\nb: c"
