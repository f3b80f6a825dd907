"""Lines of the log, without the values of rows that the database tells with an error."""

import logging
import re

# PostgreSQL names values in these parts of an error: `DETAIL: Key (email)=(…) already exists.`, `CONTEXT: COPY …, line 3: "…"`.
# They go to the end of the error: an empty line stands before what follows in a traceback.
_TOLD = re.compile(r"^(DETAIL|CONTEXT): .*?(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)


class Formatter(logging.Formatter):
    """As the standard one, but for what `without_values` leaves out."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the traceback where there is one."""
        return without_values(super().format(record))


def without_values(text: str) -> str:
    """Return a text without the parts of database errors that may hold somebody's data."""
    return _TOLD.sub(r"\1: left out", text) if "DETAIL: " in text or "CONTEXT: " in text else text
