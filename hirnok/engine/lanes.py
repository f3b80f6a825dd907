"""A lane leases batches of one relay and sends them window by window.

The loop of research: the window statement permits a window durably before its first message is sent and writes
the outcomes of the one before. So after a kill only the open windows are uncertain: lanes × window messages. The
fence keeps the database right when a stopped process wakes up; the local deadline (0.8 of the lease, measured
from before the statement) keeps such a process from sending.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hirnok.engine import signing, statements
from hirnok.engine.channel import Channel
from hirnok.engine.database import Database
from hirnok.engine.jobs import Delivery, Newsletter, Window
from hirnok.engine.newsletters import Newsletters
from hirnok.engine.outcomes import SUPPRESSED, Outcomes, Verdict
from hirnok.engine.outlet import Outlet
from hirnok.engine.shaping import PACED

logger = logging.getLogger(__name__)

_SAFE_PART = 0.8  # of the lease
_RENEW_PART = 0.4


@dataclass(frozen=True)
class Options:
    """How an engine works. lanes × window bounds what is uncertain after a kill: at most 256 a relay."""

    lanes: int = 3
    window: int = 85
    lease: float = 30.0
    poll: float = 1.0

    def window_for(self, channel: Channel) -> int:
        """Return the window's size: enough to keep the relay's connections busy, not more."""
        relay = channel.relay
        size = min(self.window, max(8, 4 * relay.connections))
        if relay.messages_per_second:
            share = relay.messages_per_second / channel.engines
            size = min(size, max(1, int(share * self.lease / 4)))
        return size


@dataclass(frozen=True)
class Batch:
    """A leased range of deliveries."""

    tenant_id: int
    id: int
    message_id: int
    first: int
    last: int
    first_contact: int
    last_contact: int
    fence: int
    window_from: int | None
    window_to: int | None
    window_relays: list[int] | None = None


@dataclass
class Lane:
    """One lane of a channel."""

    outlet: Outlet
    database: Database
    newsletters: Newsletters
    options: Options
    owner: str
    clock: Callable[[], datetime]

    async def run(self) -> None:
        """Send batches until there are none, or the relay cannot be reached."""
        after = 0
        channel = self.outlet.channel
        relay = channel.relay
        while self.outlet.is_usable and self.outlet.channel is channel:
            rows = await self.database.repeat(
                statements.LEASE,
                {
                    "owner": self.owner,
                    "lease": self.options.lease,
                    "tenant": relay.tenant_id,
                    "relay": relay.id,
                    "after": after,
                    "routed": not channel.is_usable,
                },
            )
            if not rows:
                return
            batch = Batch(*rows[0])
            after = batch.message_id
            newsletter = await self.newsletters.get(batch.tenant_id, batch.message_id)
            await _Drain(self, batch, newsletter).run()


@dataclass
class _Drain:
    """One batch, from lease to end."""

    lane: Lane
    batch: Batch
    newsletter: Newsletter

    async def run(self) -> None:
        batch, outlet = self.batch, self.lane.outlet
        position = await self._begin()
        outcomes = Outcomes()
        size = self.lane.options.window_for(outlet.channel)
        begun = batch.window_to if batch.window_to is not None else -1  # by a predecessor
        while position <= batch.last:
            high = min(position + size - 1, batch.last)
            relays = outlet.usable(self.newsletter)
            is_taken_over = position <= begun
            if is_taken_over and relays is not None and batch.window_relays is not None:
                high, relays = min(high, begun), frozenset(batch.window_relays)
            started, rows = await self._say(outcomes, position, high, relays=relays)
            if not rows:
                return self._lost()
            if not rows[0][0]:  # paused or cancelled: go no further
                await self._leave(Outcomes(), position)
                return
            window = self._window(started, rows)
            window.relays, window.is_taken_over = relays, is_taken_over
            is_ours = await self._send(window, rows)
            if not is_ours:
                return
            outcomes = window.outcomes
            if window.halted:
                await self._leave(outcomes, position)
                return
            position = high + 1
        await self._say(outcomes, None, None, is_done=True)

    async def _begin(self) -> int:
        """Return where to start: after a predecessor's death by the message's policy."""
        batch = self.batch
        if batch.window_from is None:
            return batch.first
        if batch.window_to is None:
            return batch.window_from
        repeats = self.newsletter.repeats
        await self.lane.database.repeat(
            statements.REPEAT if repeats else statements.REPORT,
            {
                "tenant": batch.tenant_id,
                "batch": batch.id,
                "message": batch.message_id,
                "fence": batch.fence,
                "window_from": batch.window_from,
                "window_to": batch.window_to,
                "at": self.lane.clock(),
            },
        )
        return batch.window_from if repeats else batch.window_to + 1

    async def _leave(self, outcomes: Outcomes, position: int) -> None:
        """Hand the batch back, to be taken up again at `position`."""
        _, rows = await self._say(outcomes, position, None, is_left=True)
        if not rows:
            self._lost()

    async def _say(
        self,
        outcomes: Outcomes,
        low: int | None,
        high: int | None,
        *,
        is_done: bool = False,
        is_left: bool = False,
        relays: frozenset[int] | None = None,
    ) -> tuple[float, list[tuple[Any, ...]]]:
        batch, reads = self.batch, not (is_done or is_left)
        values = {
            "tenant": batch.tenant_id,
            "batch": batch.id,
            "message": batch.message_id,
            "brand": self.newsletter.brand_id,
            "lists": list(self.newsletter.lists),
            "fence": batch.fence,
            "lease": self.lane.options.lease,
            "window_from": low,
            "window_to": high,
            "relays": sorted(relays) if relays is not None else None,
            "done": is_done,
            "leave": not reads,
            "lo": low if reads else 0,
            "hi": high if reads else -1,
            "first_contact": batch.first_contact,
            "last_contact": batch.last_contact,
            "at": self.lane.clock(),
        }
        return await self.lane.database.timed(statements.WINDOW, values | outcomes.values())

    def _lost(self) -> None:
        """The fence has spoken: forget everything of the batch."""
        logger.warning("batch %s was taken over by another engine", self.batch.id)

    def _window(self, started: float, rows: list[tuple[Any, ...]]) -> Window:
        window = Window(
            self.newsletter, started + _SAFE_PART * self.lane.options.lease, self.lane.clock
        )
        relay = self.lane.outlet.channel.relay
        window.schedule = relay.schedule
        window.is_paced = relay.messages_per_second is not None
        window.open = sum(row[1] is not None for row in rows)
        return window

    async def _send(self, window: Window, rows: list[tuple[Any, ...]]) -> bool:
        """Send a window and wait for all its answers; False when the batch was lost to somebody else."""
        gone = await self._opted_out(rows) if self.newsletter.has_opt_outs else frozenset()
        jobs = [job for row in rows if row[1] is not None and (job := self._job(window, row, gone))]
        if self.newsletter.sign is not None:
            jobs = await signing.signed(jobs, self.newsletter.sign)
        outlet = self.lane.outlet
        await outlet.send(window, jobs)
        emptied = asyncio.ensure_future(window.emptied())
        try:
            while not emptied.done():
                await asyncio.wait({emptied}, timeout=_RENEW_PART * self.lane.options.lease)
                if not emptied.done() and not await self._renew(window):
                    outlet.drop(window)
                    self._lost()
                    return False
        finally:
            emptied.cancel()
            outlet.forget(window)
        return True

    async def _opted_out(self, rows: list[tuple[Any, ...]]) -> frozenset[int]:
        """Return the deliveries of a window to people who opted out of everything on this installation (A7)."""
        keys = {
            self.newsletter.everywhere_of(row[3].lower()): row[1]
            for row in rows
            if row[1] is not None
        }
        found = await self.lane.database.repeat(statements.OPTED_OUT, {"keys": list(keys)})
        return frozenset(keys[bytes(key)] for (key,) in found)

    async def _renew(self, window: Window) -> bool:
        """Keep the batch while a slow relay makes the window last."""
        lease = self.lane.options.lease
        batch = self.batch
        started, rows = await self.lane.database.timed(
            statements.RENEW,
            {"lease": lease, "tenant": batch.tenant_id, "batch": batch.id, "fence": batch.fence},
        )
        window.deadline = max(window.deadline, started + _SAFE_PART * lease) if rows else 0.0
        return bool(rows)

    def _job(
        self, window: Window, row: tuple[Any, ...], gone: frozenset[int] = frozenset()
    ) -> Delivery | None:
        """Return what to send to a recipient, or None for one who must not be written to any more."""
        _, number, attempts, email, first, last, language, fields, *rest = row
        suppressed, code, pinned = rest
        suppressed = suppressed or number in gone
        newsletter = self.newsletter
        if suppressed or (newsletter.domains and newsletter.domain_of(email) in newsletter.domains):
            window.record(number, Verdict(SUPPRESSED, tried=0))
            return None
        contact = fields | {
            "email": email,
            "first_name": first,
            "last_name": last,
            "language": language,
        }
        job = Delivery(window, number, attempts, contact)
        if code == PACED:
            job.is_again = True
        job.relay = pinned
        return job
