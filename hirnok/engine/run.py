"""The engine as a process: `python -m hirnok.engine`.

SIGTERM and SIGINT finish the open windows and hand the batches back (within ten seconds). It waits for a
database that is not there and for relays that do not answer; nothing makes it give up by itself.
"""

import argparse
import asyncio
import ctypes
import gc
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import psycopg
import uvloop

from hirnok.engine import queue_statements, upkeep
from hirnok.engine.database import Database
from hirnok.engine.dispatch import Dispatcher
from hirnok.engine.lanes import Options
from hirnok.engine.letters import Letters
from hirnok.lib import clock, env, sql

logger = logging.getLogger(__name__)

CHANNEL = "hirnok_outbox"  # of the NOTIFY that the outbox sends at its commits
_CONNECTIONS = 8
_PATIENCE = 7.0
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # malloc.h
_SHORTEST_LEASE, _LONGEST_LEASE = 2.0, 300.0  # seconds; statements.LEASE says why not longer


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to end; returns the exit status."""
    given = _parser().parse_args(arguments)
    logging.basicConfig(
        level=env.get("HIRNOK_LOG_LEVEL").upper(), format="%(levelname)s %(name)s: %(message)s"
    )
    url = sql.dsn("edge")
    if not url:
        sys.stderr.write("The engine needs DATABASE_URL.\n")
        return 1
    lease = min(max(given.lease, _SHORTEST_LEASE), _LONGEST_LEASE)
    options = Options(given.lanes, given.window, lease, given.poll)
    gc.freeze()  # what is loaded now stays; looking through it again and again costs 2 % of a campaign
    gc.set_threshold(20_000, 20, 20)
    _keep_memory()
    uvloop.run(Engine(url, options).run())
    return 0


@dataclass
class Engine:
    """Everything one engine process does, as tasks of one loop."""

    url: str
    options: Options
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Put the parts together."""
        owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        hello = urlsplit(env.get("HIRNOK_PUBLIC_URL")).hostname or "localhost"
        self.database = Database(self.url, _CONNECTIONS)
        self.dispatcher = Dispatcher(
            self.database, self.options, owner, hello, clock.now, self._wake.set
        )
        self.letters = Letters(
            self.database, self.dispatcher.channel_for, self.dispatcher.shaping, clock.now
        )

    async def run(self) -> None:
        """Work until a signal comes."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        tasks = [
            loop.create_task(self._forever(step))
            for step in (
                self._dispatch,
                self._post,
                self._reopen,
                self._settle,
                self._tick,
                self._resolve,
                self._forget,
            )
        ]
        tasks.append(loop.create_task(self._listen()))
        await self._stop.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.dispatcher.stop(_PATIENCE)
        try:
            async with asyncio.timeout(1):
                await self.letters.finish()
                await self.dispatcher.leave()
        except TimeoutError:
            logger.warning("some letters will fall due again")
        await self.database.close()

    async def _forever(self, step: Callable[[], Awaitable[None]]) -> None:
        """Repeat a step; whatever goes wrong in it, the next time may go well."""
        while True:
            try:
                await step()
            except (psycopg.Error, OSError, TimeoutError) as error:
                logger.warning("%s: %s", step.__name__, type(error).__name__)
                await asyncio.sleep(self.options.poll)
            except Exception:
                logger.exception("%s failed", step.__name__)
                await asyncio.sleep(self.options.poll)

    async def _dispatch(self) -> None:
        await self.dispatcher.dispatch()
        try:
            async with asyncio.timeout(self.options.poll):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    async def _post(self) -> None:
        await self.letters.drain()
        await asyncio.sleep(min(self.options.poll, 0.5))

    async def _reopen(self) -> None:
        await upkeep.reopen_due(self.database, clock.now())
        await asyncio.sleep(self.options.poll)

    async def _settle(self) -> None:
        await upkeep.settle_messages(self.database, clock.now())
        await asyncio.sleep(self.options.poll)

    async def _tick(self) -> None:
        self.dispatcher.tick()
        await asyncio.sleep(1)

    async def _resolve(self) -> None:
        await self.dispatcher.shaping.domains.resolve()
        await asyncio.sleep(0.5)

    async def _forget(self) -> None:
        await self.database.run(queue_statements.FORGET, {"at": clock.now()})
        await asyncio.sleep(600)

    async def _listen(self) -> None:
        """Be woken by the outbox's commits; without that, polling finds the work a little later."""
        while True:
            try:
                connection = await self.database.open()
                async with connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._wake.set()
                    async for _ in connection.notifies():
                        self._wake.set()
            except (psycopg.Error, OSError) as error:
                logger.warning("listening: %s", type(error).__name__)
            await asyncio.sleep(self.options.poll)


def _keep_memory() -> None:
    """Let the allocator keep what is freed: by default it hands the memory of a message back to the kernel and asks for
    it again for the next one, four page faults each. Only where the C library is glibc (mallopt(3))."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for parameter, size in ((_TRIM_THRESHOLD, 64 << 20), (_MMAP_THRESHOLD, 4 << 20)):
            mallopt(parameter, size)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hirnok.engine", description="Drains the outbox over SMTP."
    )
    default = Options()
    parser.add_argument("--lanes", type=int, default=default.lanes, help="lanes for each relay")
    parser.add_argument(
        "--window", type=int, default=default.window, help="most messages of a window"
    )
    parser.add_argument(
        "--lease", type=float, default=env.number("HIRNOK_LEASE"), help="seconds, 2 to 300"
    )
    parser.add_argument(
        "--poll", type=float, default=default.poll, help="seconds between looks for work"
    )
    return parser
