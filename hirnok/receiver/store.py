"""One connection to the database for all sessions of a receiver; opened again when it was lost."""

import asyncio
import hashlib
from datetime import datetime
from typing import Any, LiteralString

import psycopg

from hirnok.receiver import statements

PATIENCE = 20.0  # seconds for one statement; the sender tries again later


class Away(Exception):
    """The database does not answer now."""


class Store:
    """Asks and stores; `Away` whenever the database does not do it."""

    def __init__(self, dsn: str) -> None:
        """Take the address; nothing is opened yet."""
        self._dsn = dsn
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._turn = asyncio.Lock()

    async def tenant_of_delivery(self, delivery_id: int) -> int | None:
        """Return whose delivery this is; None when it is gone."""
        return await self._one(statements.DELIVERY, (delivery_id,))

    async def tenant_of_domain(self, domain: str) -> int | None:
        """Return whose return domain this is; None when it is nobody's."""
        return await self._one(statements.DOMAIN, (domain,))

    async def keep(self, raw: bytes, *, tenant: int, delivery: int | None, road: str, purpose: str, at: datetime) -> None:  # fmt: skip
        """Store a mail for one recipient, committed when this returns."""
        named = f"{delivery or 0}:{purpose}:".encode()
        await self._run(
            statements.STORE,
            {
                "tenant": tenant, "delivery": delivery, "road": road, "purpose": purpose, "raw": raw, "at": at,
                "digest": hashlib.sha256(named + raw).digest()[:16],
            },
        )  # fmt: skip

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()

    async def _one(self, statement: LiteralString, values: tuple[object, ...]) -> int | None:
        rows = await self._run(statement, values)
        return int(rows[0][0]) if rows else None

    async def _run(self, statement: LiteralString, values: Any) -> list[tuple[Any, ...]]:
        async with self._turn:
            try:
                async with asyncio.timeout(PATIENCE):
                    if self._connection is None or self._connection.closed:
                        self._connection = await psycopg.AsyncConnection.connect(
                            self._dsn, autocommit=True
                        )
                    cursor = await self._connection.execute(statement, values)
                    return await cursor.fetchall() if cursor.description else []
            except (psycopg.Error, OSError, TimeoutError) as error:
                if self._connection is not None:
                    await self._connection.close()
                raise Away from error
