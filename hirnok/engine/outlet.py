"""Where a lane's mail goes: the channel of its relay and, for routed messages, those that the routes lead to.

Promises: a recipient's relay depends only on the routes, on which relays were usable when its window was permitted, and
on its number; that set is kept with the window, so after a crash everybody is sent again through the relay that may have
the message already, or waits for it. A message that is uncertain never goes to another relay.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from hirnok.engine.channel import Channel
from hirnok.engine.jobs import Delivery, Newsletter, Window
from hirnok.engine.outcomes import DEFERRED, UNKNOWN, Verdict
from hirnok.engine.shaping import PACED, Shaping
from hirnok.mail.pacing import routes

_MOMENT = timedelta(seconds=30)

Steps = tuple[tuple[tuple[int, int], ...], ...]


@dataclass(eq=False)
class Outlet:
    """The channels of one lane."""

    channel: Channel
    shaping: Shaping
    find: Callable[[int, int], Awaitable[Channel | None]]  # by tenant and relay; None: it is gone
    others: dict[int, Channel] = field(default_factory=dict)
    _given: dict[Window, list[Channel]] = field(
        default_factory=dict
    )  # whoever has something of a window

    @property
    def is_usable(self) -> bool:
        """Whether anything can be sent."""
        return self.channel.is_usable or any(one.is_trusted for one in self.others.values())

    def usable(self, newsletter: Newsletter) -> frozenset[int] | None:
        """Return the relays a routed message may be given to now; None: it is not routed."""
        if not newsletter.is_routed:
            return None
        found = {number for number, one in self.others.items() if one.is_trusted}
        if self.channel.is_trusted:
            found.add(self.channel.relay.id)
        return frozenset(found)

    async def send(self, window: Window, jobs: list[Delivery]) -> None:
        """Hand a window's deliveries to their channels, as fast as they may go."""
        shares: Iterable[tuple[Channel, list[Delivery]]] = [(self.channel, jobs)]
        if window.relays is not None:
            shares = self._shares(window, window.relays, await self._tied(window, jobs))
        for channel, share in shares:
            admitted = await self.shaping.admit(channel, window, share)
            self._given.setdefault(window, []).append(channel)
            channel.put(window, admitted)
            is_open = channel.is_usable if window.relays is None else channel.is_trusted
            if not is_open:
                self.drop(window)

    def drop(self, window: Window) -> None:
        """Start nothing more of a window."""
        window.halted = True
        for channel in self._given.get(window, ()):
            channel.drop(window)

    def forget(self, window: Window) -> None:
        """A window has ended."""
        for channel in self._given.pop(window, ()):
            channel.windows.discard(window)

    async def _tied(self, window: Window, jobs: list[Delivery]) -> list[Delivery]:
        """Look for the relays of those that are tied to one; where it is gone, nobody will ever know."""
        for number in {job.relay for job in jobs if job.relay is not None}:
            if number == self.channel.relay.id or number in self.others:
                continue
            found = await self.find(self.channel.relay.tenant_id, number)
            if found is not None:
                self.others[number] = found
                continue
            for job in jobs:
                if job.relay == number:
                    window.record(job.id, Verdict(UNKNOWN, tried=0))
            jobs = [job for job in jobs if job.relay != number]
        return jobs

    def _shares(
        self, window: Window, usable: Collection[int], jobs: list[Delivery]
    ) -> Iterable[tuple[Channel, list[Delivery]]]:
        plan = self.shaping.plan(window.newsletter.tenant_id)
        own = self.channel.relay.id
        is_simple = own == window.newsletter.relay_id and own in usable and self.channel.is_trusted
        if is_simple and not plan.routes and all(job.relay is None for job in jobs):
            for job in jobs:
                job.relay = own
            return [(self.channel, jobs)]
        shares: dict[int, list[Delivery]] = {}
        known: dict[str, Steps] = {}
        for job in jobs:
            relay = self._relay(window, usable, job, known)
            channel = self.channel if relay == self.channel.relay.id else None
            if channel is None and relay is not None:
                channel = self.others.get(relay)
            if channel is None or not channel.is_trusted:
                if channel is not None and not channel.held:
                    channel.reach()
                self._wait(window, job, relay)
                continue
            job.relay = relay
            shares.setdefault(channel.relay.id, []).append(job)
        return [
            (self.channel if number == self.channel.relay.id else self.others[number], share)
            for number, share in shares.items()
        ]

    def _relay(
        self,
        window: Window,
        usable: Collection[int],
        job: Delivery,
        known: dict[str, Steps],
    ) -> int | None:
        if job.relay is not None:  # the only one that may send it
            job.is_uncertain = True
            return job.relay
        domain = str(job.contact["email"]).rpartition("@")[2].lower()
        steps = known.get(domain)
        if steps is None:
            newsletter = window.newsletter
            provider = self.shaping.domains.provider(domain)
            plan = self.shaping.plan(newsletter.tenant_id)
            steps = known[domain] = routes.way(
                plan.routes, newsletter.relay_id, newsletter.brand_id, domain, provider
            )
        return routes.relay_for(steps, usable, job.id)

    def _wait(self, window: Window, job: Delivery, relay: int | None) -> None:
        """Its relay cannot be used now: come back. Where the relay may have it, it waits for that one."""
        is_tied = job.is_uncertain or window.is_taken_over
        verdict = Verdict(
            DEFERRED,
            PACED,
            next_at=window.clock() + _MOMENT,
            tried=0,
            provider=self.shaping.domains.kept_as(""),
            relay=relay if is_tied else None,
        )
        window.record(job.id, verdict)
