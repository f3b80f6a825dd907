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

from hirnok.engine import queue_statements, statements
from hirnok.engine.channel import Channel, Relay
from hirnok.engine.database import Database
from hirnok.engine.lanes import Lane, Options
from hirnok.engine.newsletters import Newsletters
from hirnok.engine.outlet import Outlet
from hirnok.engine.shaping import Shaping
from hirnok.engine.smtp import Problem

logger = logging.getLogger(__name__)

_CHANNEL_IDLE = 60.0
_BEAT = 1.0


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
    outlets: dict[tuple[int, int], Outlet] = field(default_factory=dict)
    told: dict[tuple[int, int], str] = field(default_factory=dict)
    stopping: bool = False

    def __post_init__(self) -> None:
        """Share the compiled messages among all lanes."""
        self._newsletters = Newsletters(self.database, self.clock)
        self.shaping = Shaping(self.database, self.clock)
        self._beaten_at = -1e9

    async def dispatch(self) -> None:
        """Start lanes where there is work and a connection; ask for a connection where there is none."""
        await self._beat()
        rows = await self.database.run(statements.WORK)
        await self.shaping.refresh({row[0] for row in rows})
        for row in rows:
            channel = self._channel(row)
            outlet = self.outlets.setdefault(
                (channel.relay.tenant_id, channel.relay.id),
                Outlet(channel, self.shaping, self.channel_for),
            )
            outlet.channel = channel
            outlet.others = await self._others(channel) if row[-2] else {}
            failing = [one for one in outlet.others.values() if one.failing is not None]
            for one in (channel, *failing):
                if not one.is_usable and not one.held:
                    one.reach()
            if outlet.is_usable:
                self._start_lanes(outlet, row[-1])
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

    async def _others(self, channel: Channel) -> dict[int, Channel]:
        """Return the channels to which the tenant's routes lead, but this one."""
        tenant, found = channel.relay.tenant_id, {}
        for number in {route.relay_id for route in self.shaping.plan(tenant).routes}:
            if number != channel.relay.id:
                rows = await self.database.run(
                    statements.RELAY, {"tenant": tenant, "relay": number}
                )
                if rows:
                    found[number] = self._channel(rows[0])
                    found[number].used_at = time.monotonic()
        return found

    async def _beat(self) -> None:
        """Say that we live, and learn with how many others we share the relays."""
        if time.monotonic() - self._beaten_at < _BEAT:
            return
        rows = await self.database.run(queue_statements.BEAT, {"owner": self.owner})
        self._beaten_at = time.monotonic()
        self.shaping.engines = 1 + rows[0][0]

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
        self.shaping.domains.close()
        late = {lane for lane in lanes if not lane.done()}
        if late:
            await asyncio.wait(late, timeout=1.5)
        for lane in late:
            lane.cancel()

    async def leave(self) -> None:
        """Say that we are gone."""
        await self.shaping.finish()
        await self.database.run(queue_statements.GO, {"owner": self.owner})

    async def _quiet(self) -> None:
        while any(channel.is_sending for channel in self.channels.values()):
            await asyncio.sleep(0.05)

    def _channel(self, row: tuple[Any, ...]) -> Channel:
        *settings, held, probe_at, _routed, _batches = row
        relay = Relay(*settings)
        key = (relay.tenant_id, relay.id)
        known = self.channels.get(key)
        if known is not None and known.relay != relay:
            known.close()  # the settings have changed
            known = None
        if known is None:
            known = self.channels[key] = Channel(relay, self.hello, self.wake)
            known.on_refusal = self.shaping.refused
        known.share(self.shaping.engines, held=held, probe_at=probe_at)
        return known

    def _start_lanes(self, outlet: Outlet, batches: int) -> None:
        channel = outlet.channel
        while not self.stopping and len(channel.lanes) < min(self.options.lanes, batches):
            lane = Lane(
                outlet, self.database, self._newsletters, self.options, self.owner, self.clock
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
                self.outlets.pop(key, None)

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
