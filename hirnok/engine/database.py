"""Statements against the database, which may go away and come back.

Every statement is a transaction of its own. `repeat` says the same statement again until it has succeeded: the
engine's statements are made so that a second time changes nothing more (research: after a database failure
repeat instead of dropping the batch, so nothing is sent twice).
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any, LiteralString

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

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
                async with asyncio.timeout(_STATEMENT_TIMEOUT + 10):
                    cursor = await connection.execute(statement, values)
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
        return await AsyncConnection.connect(
            self._url,
            autocommit=True,
            connect_timeout=10,
            keepalives_idle=15,
            keepalives_interval=5,
            keepalives_count=3,
            options=f"-c jit=off -c statement_timeout={int(_STATEMENT_TIMEOUT)}s",
            application_name="hirnok engine",
        )

    async def close(self) -> None:
        """Close what is free."""
        while self._free:
            await self._free.pop().close()
