"""Group commit: hits that arrive while one batch is being committed form the next one.

There is no timer: an idle tracker commits a single hit at once, a busy one commits hundreds together. All
hits of a batch that wait equally long await one shared future. The queue is bounded; a database that is away is tried again until
it is back, and the batch that was under way is repeated (a hit may then be stored twice if the answer to its
commit was lost, never zero times).
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from hirnok.tracker import statements

log = logging.getLogger(__name__)

QUEUE_LIMIT = 50_000
BATCH_LIMIT = 2_000
_PAUSES = (0.05, 0.2, 0.5, 1.0, 2.0)


class Full(Exception):
    """More hits wait for the database than the tracker keeps."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One open (kind 1) or click (kind 2), as it will be stored; link 0 for opens."""

    delivery_id: int
    kind: int
    klass: int
    link_id: int
    country: str
    at: datetime


class _Answer(asyncio.Future[bool]):
    """Whether a batch was committed in time. Whoever waits may be cancelled, but not the others with it."""

    def cancel(self, msg: Any | None = None) -> bool:
        return False


@dataclass
class _Batch:
    hits: list[Hit] = field(default_factory=list)
    answers: dict[float, _Answer] = field(default_factory=dict)  # by the seconds of patience
    timers: list[asyncio.TimerHandle] = field(default_factory=list)

    def answer(self, patience: float) -> _Answer:
        """Return the future of all that wait so long; its time runs from the first of them."""
        found = self.answers.get(patience)
        if found is None:
            loop = asyncio.get_running_loop()
            found = self.answers[patience] = _Answer(loop=loop)
            self.timers.append(loop.call_later(patience, _settle, found, False))
        return found

    def committed(self) -> None:
        for timer in self.timers:
            timer.cancel()
        for answer in self.answers.values():
            _settle(answer, True)


def _settle(answer: _Answer, is_committed: bool) -> None:  # noqa: FBT001
    if not answer.done():
        answer.set_result(is_committed)


class Store:
    """The writer and the reader of one tracker process: one connection for each."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._next: _Batch
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._writer: psycopg.AsyncConnection | None = None
        self._reader: psycopg.AsyncConnection | None = None
        self._reading = asyncio.Lock()
        self._stopping = False
        self.lost = 0

    def start(self) -> None:
        """Begin to commit; call it in the running loop."""
        self._next = _Batch()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Commit what waits (for at most five seconds) and close."""
        self._stopping = True
        self._wake.set()
        if self._task:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._task, 5)
        for connection in (self._writer, self._reader):
            if connection is not None:
                await connection.close()

    def add(self, hit: Hit, patience: float) -> "asyncio.Future[bool]":
        """Queue a hit; the future says True once it is committed, or False after so many seconds (the hit is
        committed later). Full when too many wait."""
        batch = self._next
        if len(batch.hits) >= QUEUE_LIMIT:
            self.lost += 1
            raise Full
        batch.hits.append(hit)
        if not self._wake.is_set():
            self._wake.set()
        return batch.answer(patience)

    async def fetch(
        self, statement: str, arguments: tuple[object, ...]
    ) -> "tuple[object, ...] | None":
        """Read one row; OSError or psycopg.Error when the database is away."""
        async with self._reading:
            if self._reader is None or self._reader.closed:
                self._reader = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True)
            try:
                cursor = await self._reader.execute(statement, arguments)
                return await cursor.fetchone()
            except psycopg.OperationalError:
                await self._reader.close()
                raise

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            batch, self._next = self._next, _Batch()
            if batch.hits:
                await self._commit(batch)
            if self._stopping and not self._next.hits:
                return

    async def _commit(self, batch: _Batch) -> None:
        start = 0
        attempt = 0
        while start < len(batch.hits):
            part = batch.hits[start : start + BATCH_LIMIT]
            try:
                await self._write(part)
                start += len(part)
                attempt = 0
            except (psycopg.OperationalError, psycopg.InterfaceError, OSError) as error:
                log.warning("hits wait for the database: %s", error)
                await asyncio.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
                attempt += 1
            except psycopg.Error:
                log.exception("%d hits could not be stored", len(part))
                self.lost += len(part)
                start += len(part)
        batch.committed()

    async def _write(self, hits: list[Hit]) -> None:
        if self._writer is None or self._writer.closed:
            self._writer = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True)
        await self._writer.execute(
            statements.RECORD,
            [
                _array(str(hit.delivery_id) for hit in hits),
                _array(str(hit.kind) for hit in hits),
                _array(str(hit.klass) for hit in hits),
                _array(str(hit.link_id) for hit in hits),
                _array(f'"{hit.country}"' for hit in hits),
                _array(hit.at.isoformat() for hit in hits),
            ],
        )


def _array(values: Iterable[str]) -> str:
    """Return an array as PostgreSQL reads it: made so, it costs a tenth of what lists of values cost."""
    return f"{{{','.join(values)}}}"
