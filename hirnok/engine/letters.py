"""Single mails: claimed a few at a time, sent before all newsletters, one row written for each outcome.

They obey what newsletters obey: limits, suspensions and holds of their relay (they pass those who stand in line, and are
counted), and its circuit breaker: while it is open, or the relay is taken out of use, another relay takes them.

A letter's lease is its `next_at` moved on; an engine that dies with one lets it fall due again, so a letter is
rather sent twice than never. They go to nobody whose address is suppressed for all mail.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hirnok.engine import signing, statements
from hirnok.engine.channel import Channel
from hirnok.engine.database import Database
from hirnok.engine.jobs import Letter
from hirnok.engine.outcomes import SUPPRESSED, Attempt, Verdict, placed, postponed
from hirnok.engine.shaping import Shaping
from hirnok.lib import keys

logger = logging.getLogger(__name__)

_LEASE = timedelta(minutes=5)
_MOST = 50


@dataclass
class Letters:
    """The letters this engine has under way."""

    database: Database
    channel_for: Callable[[int, int], Awaitable[Channel | None]]
    shaping: Shaping
    clock: Callable[[], datetime]
    under_way: set["asyncio.Task[Any]"] = field(default_factory=set)

    async def drain(self) -> None:
        """Claim and hand out what is due."""
        while len(self.under_way) < _MOST:
            at = self.clock()
            rows = await self.database.repeat(
                statements.LETTERS, {"at": at, "until": at + _LEASE, "most": _MOST}
            )
            for row in rows:
                await self._hand_out(row, at)
            if len(rows) < _MOST:
                return

    async def finish(self) -> None:
        """Wait for what is being written."""
        while self.under_way:
            await asyncio.gather(*self.under_way, return_exceptions=True)

    async def _hand_out(self, row: tuple[Any, ...], at: datetime) -> None:
        tenant, number, attempts, address, sender, data, since, relay_tenant, relay, *rest = row
        suppressed, *key = rest
        deadline = time.monotonic() + _LEASE.total_seconds() / 2
        letter = Letter(
            tenant_id=tenant,
            id=number,
            address=address,
            return_path=sender,
            data=bytes(data),
            attempt=Attempt(attempts - 1, since, at),
            deadline=deadline,
            done=self._done,
        )
        if suppressed:
            self._done(letter, Verdict(SUPPRESSED))
            return
        channel = await self._way(tenant, relay_tenant, relay) if relay is not None else None
        if channel is None:
            self._done(letter, postponed(letter.attempt, "There is no relay to send with"))
            return
        until = await self.shaping.letter_waits(channel, address.rpartition("@")[2].lower())
        if until is not None:
            self._done(letter, placed(datetime.fromtimestamp(until, UTC)))
            return
        try:
            sign = signing.signer(sender.rpartition("@")[2] or key[0] or "", *key)
        except (keys.CannotDecrypt, ValueError):
            self._done(letter, postponed(letter.attempt, "The key that signs cannot be read"))
            return
        if sign is not None:
            letter.data = await signing.signed_letter(letter.data, sign)
        channel.post(letter)

    async def _way(self, tenant: int, relay_tenant: int, relay: int) -> Channel | None:
        """Return the channel of a letter's relay or, while that one cannot be used, of another; None: there is none."""
        own = await self.channel_for(relay_tenant, relay)
        if own is not None and own.is_trusted:
            return own
        if own is not None and not own.held:
            own.reach()  # so that it is found out when it works again
        values = {"tenant": tenant, "relay": relay}
        for other in await self.database.repeat(statements.LETTER_RELAYS, values):
            channel = await self.channel_for(*other)
            if channel is not None and channel.is_trusted:
                return channel
        return own if own is not None and not own.held else None

    def _done(self, letter: Letter, verdict: Verdict) -> None:
        task = asyncio.get_running_loop().create_task(self._write(letter, verdict))
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    async def _write(self, letter: Letter, verdict: Verdict) -> None:
        await self.database.repeat(
            statements.LETTER_DONE,
            {
                "tenant": letter.tenant_id,
                "letter": letter.id,
                "state": verdict.state,
                "code": verdict.code,
                "reply": verdict.text,
                "next": verdict.next_at,
                "tried": verdict.tried - 1,  # the claim has counted one
                "at": self.clock(),
            },
        )
