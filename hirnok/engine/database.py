"""Statements against the database, which may go away and come back.

Every statement is a transaction of its own. `repeat` says the same statement again until it has succeeded: the
engine's statements are made so that a second time changes nothing more (research: after a database failure
repeat instead of dropping the batch, so nothing is sent twice).
"""

import asyncio
import json
import logging
import re
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, LiteralString

import psycopg
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.rows import TupleRow
from psycopg.types.json import set_json_loads

logger = logging.getLogger(__name__)

Values = Mapping[str, Any]

_STATEMENT_TIMEOUT = 60.0
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 5.0
# A contact that is erased between snapshot and check lets a reply's foreign key fail; the next snapshot knows.
_PASSING = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.IntegrityError,
    OSError,
    TimeoutError,
)


# Plans are made once for a connection: planning the window statement anew each time costs as much as half of its work.
# They are right for all values, since every range in it is bounded by ids (tests/edge/test_engine_plans.py).
_OPTIONS = (
    "-c jit=off -c plan_cache_mode=force_generic_plan"
    f" -c statement_timeout={int(_STATEMENT_TIMEOUT)}s"
)
_NAMED = re.compile(r"%(?:%|\((\w+)\)s)")
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined] # in the source, not in the stubs


@lru_cache(200)
def numbered(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """Return a statement with `$1`, `$2` … instead of `%(name)s`, and the names in this order.

    psycopg would look for the names again each time: it keeps nothing of statements longer than 4,096 characters.
    """
    names: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        return f"${names.setdefault(match[1], len(names) + 1)}" if match[1] else "%"

    return _NAMED.sub(number, statement).encode(), tuple(names)


def _json(data: bytes | str) -> Any:
    """Read what PostgreSQL has written as jsonb: never blanks around it, never an error."""
    return _scan(data if isinstance(data, str) else data.decode(), 0)[0]


class Database:
    """A few connections, opened when needed."""

    def __init__(self, url: str, most: int) -> None:
        """Take the URL; nothing is opened yet."""
        self._url = url
        self._free: list[AsyncConnection[TupleRow]] = []
        self._places = asyncio.Semaphore(most)

    async def run(self, statement: LiteralString, values: Values | None = None) -> list[TupleRow]:
        """Run a statement once and return its rows; on any failure the connection is dropped."""
        async with self._places:
            connection = self._free.pop() if self._free else await self.open()
            try:
                text, names = numbered(statement)
                given = [values[name] for name in names] if values else None
                async with asyncio.timeout(_STATEMENT_TIMEOUT + 10):
                    cursor = await connection.execute(text, given)
                    rows = await cursor.fetchall() if cursor.description else []
            except BaseException:
                await connection.close()
                raise
            self._free.append(connection)
            return rows

    async def repeat(
        self, statement: LiteralString, values: Values | None = None
    ) -> list[TupleRow]:
        """Run a statement until it succeeds; errors that do not pass by waiting are raised."""
        return (await self.timed(statement, values))[1]

    async def timed(
        self, statement: LiteralString, values: Values | None = None
    ) -> tuple[float, list[TupleRow]]:
        """Do as `repeat`, and return also `time.monotonic()` before the attempt that succeeded."""
        wait = _FIRST_WAIT
        while True:
            started = time.monotonic()
            try:
                return started, await self.run(statement, values)
            except _PASSING as error:
                logger.warning("database: %s, again in %.1f s", type(error).__name__, wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    async def open(self) -> AsyncConnection[TupleRow]:
        """Open a connection of its own: autocommit, plans without JIT (it costs more than the statement)."""
        connection = await AsyncConnection.connect(
            self._url,
            autocommit=True,
            cursor_factory=AsyncRawCursor,
            connect_timeout=10,
            keepalives_idle=15,
            keepalives_interval=5,
            keepalives_count=3,
            options=_OPTIONS,
            application_name="hirnok engine",
        )
        set_json_loads(_json, connection)
        return connection

    async def close(self) -> None:
        """Close what is free."""
        while self._free:
            await self._free.pop().close()
