"""Which relays have work, and the lanes that do it: at most so many a relay, on channels that stay open.

Each relay has lanes of its own, so a slow or dead one holds up nobody else's mail.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hirnok.engine import statements
from hirnok.engine.channel import Channel, Relay
from hirnok.engine.database import Database
from hirnok.engine.lanes import Lane, Options
from hirnok.engine.newsletters import Newsletters
from hirnok.engine.smtp import Problem

logger = logging.getLogger(__name__)

_CHANNEL_IDLE = 60.0


@dataclass
class Dispatcher:
    """The channels of this engine."""

    database: Database
    options: Options
    owner: str
    hello: str
    clock: Callable[[], datetime]
    wake: Callable[[], None]
    channels: dict[tuple[int, int], Channel] = field(default_factory=dict)
    told: dict[tuple[int, int], str] = field(default_factory=dict)
    stopping: bool = False

    def __post_init__(self) -> None:
        """Share the compiled messages among all lanes."""
        self._newsletters = Newsletters(self.database, self.clock)

    async def dispatch(self) -> None:
        """Start lanes where there is work and a connection; ask for a connection where there is none."""
        for row in await self.database.run(statements.WORK):
            channel = self._channel(row)
            if not channel.is_usable:
                channel.reach()
            else:
                self._start_lanes(channel, row[-1])
        self._forget_idle()
        await self._tell()

    async def channel_for(self, tenant_id: int, relay_id: int) -> Channel | None:
        """Return the channel of a relay, or None when the relay is gone."""
        known = self.channels.get((tenant_id, relay_id))
        if known is not None:
            return known
        values = {"tenant": tenant_id, "relay": relay_id}
        rows = await self.database.repeat(statements.RELAY, values)
        return self._channel(rows[0]) if rows else None

    def tick(self) -> None:
        """Let all channels look after their time-outs."""
        for channel in self.channels.values():
            channel.tick()

    async def stop(self, patience: float) -> None:
        """Finish what is under way and hand the batches back; cut off what lasts longer."""
        self.stopping = True
        lanes = {lane for channel in self.channels.values() for lane in channel.lanes}
        for channel in self.channels.values():
            channel.finish()
        quiet = asyncio.get_running_loop().create_task(self._quiet())
        await asyncio.wait({*lanes, quiet}, timeout=patience)
        quiet.cancel()
        for channel in self.channels.values():
            channel.close()
        late = {lane for lane in lanes if not lane.done()}
        if late:
            await asyncio.wait(late, timeout=1.5)
        for lane in late:
            lane.cancel()

    async def _quiet(self) -> None:
        while any(channel.is_sending for channel in self.channels.values()):
            await asyncio.sleep(0.05)

    def _channel(self, row: tuple[Any, ...]) -> Channel:
        relay = Relay(*row[:-1])
        key = (relay.tenant_id, relay.id)
        known = self.channels.get(key)
        if known is not None and known.relay != relay:
            known.close()  # the settings have changed
            known = None
        if known is None:
            known = self.channels[key] = Channel(relay, self.hello, self.wake)
        return known

    def _start_lanes(self, channel: Channel, batches: int) -> None:
        while not self.stopping and len(channel.lanes) < min(self.options.lanes, batches):
            lane = Lane(
                channel, self.database, self._newsletters, self.options, self.owner, self.clock
            )
            task = asyncio.get_running_loop().create_task(lane.run())
            channel.lanes.add(task)
            task.add_done_callback(lambda done, of=channel: self._ended(of, done))  # type: ignore[misc]

    def _ended(self, channel: Channel, lane: "asyncio.Task[None]") -> None:
        channel.lanes.discard(lane)
        channel.used_at = time.monotonic()
        if not lane.cancelled() and lane.exception() is not None:
            # The batch's lease runs out and it is tried again: loud, slow, and nothing is lost.
            logger.error("a lane of relay %s failed", channel.relay.id, exc_info=lane.exception())

    def _forget_idle(self) -> None:
        for key, channel in list(self.channels.items()):
            old = time.monotonic() - channel.used_at > _CHANNEL_IDLE
            if old and channel.is_idle and not channel.connections:
                channel.close()
                del self.channels[key]

    async def _tell(self) -> None:
        """Write down which relays fail, when that has changed."""
        for key, channel in list(self.channels.items()):
            error = describe(channel.failing) if channel.failing else ""
            if self.told.get(key) == error or not (error or channel.is_usable):
                continue
            values = {"tenant": key[0], "relay": key[1], "at": self.clock(), "error": error}
            await self.database.run(statements.FAILING if error else statements.WORKING, values)
            self.told[key] = error


def describe(problem: Problem) -> str:
    """Return a problem as one line: where it ended and, while opening, what the server said.

    What it says later may name a recipient, so then only the code is kept.
    """
    text = problem.text if problem.cause in {"connect", "greeting", "hello", "tls", "auth"} else ""
    said = " ".join(f"{problem.code or ''} {text}".split())
    return f"{problem.cause}: {said}"[:500] if said else problem.cause
