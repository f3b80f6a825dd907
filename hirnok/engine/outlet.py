"""Where a lane's mail goes: the channel of its relay and, for routed messages, those that the routes lead to.

Promises: a recipient's relay depends only on the routes, on which relays were usable when its window was permitted, and
on its number; that set is kept with the window, so after a crash everybody is sent again through the relay that may have
the message already, or waits for it. A message that is uncertain never goes to another relay.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from hirnok.engine.channel import Channel
from hirnok.engine.jobs import Delivery, Newsletter, Window
from hirnok.engine.outcomes import DEFERRED, Verdict
from hirnok.engine.shaping import PACED, Shaping
from hirnok.mail.pacing import routes

_MOMENT = timedelta(seconds=30)

Steps = tuple[tuple[tuple[int, int], ...], ...]


@dataclass(eq=False)
class Outlet:
    """The channels of one lane."""

    channel: Channel
    shaping: Shaping
    others: dict[int, Channel] = field(default_factory=dict)

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
        for channel, share in self._shares(window, jobs):
            channel.put(window, await self.shaping.admit(channel, window, share))
            if window.relays is None and not channel.is_usable:
                self.drop(window)

    def drop(self, window: Window) -> None:
        """Start nothing more of a window."""
        for channel in (self.channel, *self.others.values()):
            channel.drop(window)

    def forget(self, window: Window) -> None:
        """A window has ended."""
        for channel in (self.channel, *self.others.values()):
            channel.windows.discard(window)

    def _shares(
        self, window: Window, jobs: list[Delivery]
    ) -> Iterable[tuple[Channel, list[Delivery]]]:
        if window.relays is None:
            return [(self.channel, jobs)]
        shares: dict[int, list[Delivery]] = {}
        known: dict[str, Steps] = {}
        for job in jobs:
            relay = self._relay(window, window.relays, job, known)
            channel = self.channel if relay == self.channel.relay.id else None
            if channel is None and relay is not None:
                channel = self.others.get(relay)
            if channel is None or not channel.is_trusted:
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
