"""The pace of newsletters: which of a window's recipients may be sent to now, and when the others are asked again.

Nothing is held back by holding a lease: who has to wait is written as deferred until a place in the line (code 0, no
attempt), so a stopped provider never keeps others waiting, and what waits is in the database like everything else. Where
nothing is limited, `admit` gives back what it got. Limits and conditions are those of `plans`; buckets are shared by
all engines through the database.
"""

import asyncio
import json
import logging
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hirnok.engine import plans, queue_statements
from hirnok.engine.database import Database
from hirnok.engine.domains import Domains
from hirnok.engine.outcomes import DEFERRED, Verdict
from hirnok.engine.plans import RELAY, TENANT, Plan
from hirnok.engine.replies import Reply
from hirnok.mail.pacing import conditions
from hirnok.mail.pacing.limits import Bucket, Demand, Grant, Rate, Share

if TYPE_CHECKING:
    from hirnok.engine.channel import Channel
    from hirnok.engine.jobs import Delivery, Job, Window

logger = logging.getLogger(__name__)

PACED = 0  # the code of what was put off by us
_REFRESH = 1.0
_HELD = 600.0  # what is held by hand is looked at again so often
_SLOWED = 600.0  # while slowed down, places reach so far ahead
_FAR = 4 * 3600.0
_LETTER = 60.0  # a letter that has to wait asks again so soon
_EACH_CONNECTION = 8  # messages of a window for each connection a provider may have
_TRIES = 5
_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")


@dataclass(eq=False)
class Gate:
    """How many messages may be under way to a provider through a relay at a time, of this engine."""

    most: int
    busy: int = 0
    parked: "deque[Job]" = field(default_factory=deque)

    def enter(self, job: "Job") -> bool:
        """Whether a message may start now; else it waits here."""
        if self.busy < self.most:
            self.busy += 1
            return True
        self.parked.append(job)
        return False

    def leave(self) -> "Job | None":
        """One has ended: return the next that waits."""
        self.busy = max(0, self.busy - 1)
        return self.parked.popleft() if self.parked and self.busy < self.most else None


@dataclass
class Shaping:
    """The pace of all tenants in this engine."""

    database: Database
    clock: Callable[[], datetime]
    domains: Domains = field(default_factory=Domains)
    engines: int = 1
    _plans: dict[int, Plan] = field(default_factory=dict)
    _text: str = ""
    _tenants: frozenset[int] = frozenset()
    _offset: float = 0.0
    _read_at: float = -1e9
    _locks: dict[int, asyncio.Lock] = field(default_factory=dict)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    def now(self) -> float:
        """Return the instant by the database's clock."""
        return self.clock().timestamp() + self._offset

    def plan(self, tenant: int) -> Plan:
        """Return a tenant's plan, as it was read last."""
        return self._plans.get(tenant, plans.NOTHING)

    async def refresh(self, tenants: Iterable[int]) -> None:
        """Read what is set, if the last time is a while ago or tenants have come."""
        wanted = frozenset(tenants)
        if wanted <= self._tenants and time.monotonic() - self._read_at < _REFRESH:
            return
        rows = await self.database.run(queue_statements.SHAPES, {"tenants": sorted(wanted)})
        self._offset = rows[0][0] - self.clock().timestamp()
        self._read_at = time.monotonic()
        if rows[0][1] != self._text or wanted != self._tenants:
            self._text, self._tenants = rows[0][1], wanted
            self._plans = plans.read(self._text, wanted)

    # What lanes ask

    async def admit(
        self, channel: "Channel", window: "Window", jobs: "list[Delivery]"
    ) -> "list[Delivery]":
        """Return the deliveries that may be sent now; the others get their place as their outcome."""
        relay = channel.relay
        plan = self.plan(relay.tenant_id)
        at = self.now()
        if not jobs or plan.is_free(relay.id, at):
            return jobs
        window.is_paced = True
        groups: dict[str, list[Delivery]] = {}
        for job in jobs:
            groups.setdefault(self.domains.provider(_domain(job)), []).append(job)
        passing: list[Delivery] = []
        wanted: dict[str, list[Delivery]] = {}
        for provider, group in groups.items():
            if plan.is_held(relay.id, provider):
                self._put_off(window, provider, group, [at + _HELD] * len(group))
                continue
            share = self._through_gate(channel, window, provider, group, at)
            (wanted if self._is_counted(plan, relay.id, provider, at) else {}).setdefault(
                provider, share
            )
            if provider not in wanted:
                passing += share
        if wanted:
            passing += await self._granted(plan, relay.tenant_id, relay.id, window, wanted)
        return passing

    async def letter_waits(self, channel: "Channel", domain: str) -> float | None:
        """Return until when a letter to a domain has to wait; None: it is counted and goes now. It stands in no line."""
        tenant, relay = channel.relay.tenant_id, channel.relay.id
        await self.refresh(self._tenants | {tenant})
        plan, at = self.plan(tenant), self.now()
        if plan.is_free(relay, at):
            return None
        provider = self.domains.provider(domain)
        if plan.is_held(relay, provider):
            return at + _LETTER
        if not self._is_counted(plan, relay, provider, at):
            return None
        async with self._locks.setdefault(tenant, asyncio.Lock()):
            for _ in range(_TRIES):
                at, rows, share = await self._weighed(plan, tenant, relay, [provider], at)
                chain = tuple(name for name in (TENANT, RELAY, f"={provider}") if name in rows)
                suspended = plan.condition(relay, provider).suspended_until
                grant = share.of(Demand(chain, 1, 0, suspended, _LETTER), at)
                if not grant.again:  # nothing is written: the line stays as it was
                    return min(max(grant.places[0], at + 1.0), max(suspended, at + _LETTER))
                if not await self._fill(tenant, rows, share):
                    return None
        return at + 1.0

    def _is_counted(self, plan: Plan, relay: int, provider: str, at: float) -> bool:
        """Whether anything but connections stands between a provider and its mail."""
        return (
            any(plan.of_tenant(at).counts)
            or any(plan.of_relay(relay, at).counts)
            or any(plan.of_provider(relay, provider, at).counts)
            or plan.condition(relay, provider).is_suspended(at)
        )

    def _through_gate(
        self,
        channel: "Channel",
        window: "Window",
        provider: str,
        group: "list[Delivery]",
        at: float,
    ) -> "list[Delivery]":
        """Give the group its gate where connections are limited; what would wait there for long is put off."""
        plan, relay = self.plan(channel.relay.tenant_id), channel.relay.id
        most = plan.of_provider(relay, provider, at).connections
        if most is None:
            return group
        gate = channel.gates.setdefault(provider, Gate(1))
        gate.most = max(1, most // max(1, self.engines))
        room = max(0, _EACH_CONNECTION * gate.most - len(gate.parked))
        for job in group[:room]:
            job.gate = gate
        self._put_off(window, provider, group[room:], [at + 2.0] * len(group[room:]))
        return group[:room]

    async def _granted(
        self,
        plan: Plan,
        tenant: int,
        relay: int,
        window: "Window",
        wanted: "dict[str, list[Delivery]]",
    ) -> "list[Delivery]":
        """Ask the buckets, in the database, until they agree."""
        passing: list[Delivery] = []
        async with self._locks.setdefault(tenant, asyncio.Lock()):
            for _ in range(_TRIES):
                grants, failed = await self._try(plan, tenant, relay, wanted)
                for provider, grant in grants.items():
                    if provider not in failed:
                        passing += self._apply(window, provider, wanted.pop(provider), grant)
                if not wanted:
                    return passing
        at = self.now()
        for provider, group in wanted.items():  # others are faster: come back
            self._put_off(window, provider, group, [at + 1.0] * len(group))
        return passing

    async def _try(
        self, plan: Plan, tenant: int, relay: int, wanted: "dict[str, list[Delivery]]"
    ) -> tuple[dict[str, Grant], set[str]]:
        """Grant once; returns the grants and the providers whose buckets somebody else has changed meanwhile."""
        at, rows, share = await self._weighed(plan, tenant, relay, wanted, self.now())
        grants = {}
        for provider, group in wanted.items():
            chain = tuple(name for name in (TENANT, RELAY, f"={provider}") if name in rows)
            condition = plan.condition(relay, provider)
            again = sum(job.is_again for job in group)
            is_slow = condition.suspended_until > at or condition.factor_at(at) < 1
            demand = Demand(
                chain,
                again,
                len(group) - again,
                condition.suspended_until,
                _SLOWED if is_slow else _FAR,
            )
            grants[provider] = share.of(demand, at)
        lost = await self._fill(tenant, rows, share)
        if lost & {TENANT, RELAY}:
            return {}, set(wanted)
        return grants, {name[1:] for name in lost}

    async def _weighed(
        self, plan: Plan, tenant: int, relay: int, providers: Iterable[str], at: float
    ) -> tuple[float, dict[str, tuple[int, int, Bucket]], Share]:
        """Return the instant, the buckets on the ways to providers, and what shares them."""
        rates: dict[str, Sequence[Rate | None]] = {
            TENANT: plan.of_tenant(at).rates(),
            RELAY: plan.of_relay(relay, at).rates(),
        }
        keys: dict[str, plans.Key] = {TENANT: (None, ""), RELAY: (relay, "")}
        for provider in providers:
            factor = plan.condition(relay, provider).factor_at(at)
            rates[f"={provider}"] = plan.of_provider(relay, provider, at).rates(factor)
            keys[f"={provider}"] = (relay, provider)
        counted = {name: key for name, key in keys.items() if any(rates[name])}
        at, rows = await self._buckets(tenant, counted, at)
        return at, rows, Share(rates, {name: bucket for name, (_, _, bucket) in rows.items()})

    async def _buckets(
        self, tenant: int, counted: dict[str, plans.Key], at: float
    ) -> tuple[float, dict[str, tuple[int, int, Bucket]]]:
        """Return the instant and (id, version, bucket) by name, made where there was none."""
        if not counted:
            return at, {}
        names = {key: name for name, key in counted.items()}
        values = {
            "tenant": tenant,
            "relays": [relay for relay, _ in names],
            "providers": [provider for _, provider in names],
        }
        rows = await self.database.repeat(queue_statements.BUCKETS, values)
        if len(rows) < len(names):
            await self.database.repeat(queue_statements.MAKE_BUCKETS, values)
            rows = await self.database.repeat(queue_statements.BUCKETS, values)
        found = {
            names[relay, provider]: (
                number,
                version,
                Bucket((full_at[0], full_at[1], full_at[2]), promised),
            )
            for _, number, relay, provider, version, full_at, promised in rows
        }
        return (rows[0][0] if rows else at), found

    async def _fill(
        self, tenant: int, rows: dict[str, tuple[int, int, Bucket]], share: Share
    ) -> set[str]:
        """Write the buckets that have changed; returns the names of those that could not be."""
        changed = {name: row for name, row in rows.items() if share.buckets[name] != row[2]}
        if not changed:
            return set()
        buckets = [share.buckets[name] for name in changed]
        values = {
            "tenant": tenant,
            "ids": [number for number, _, _ in changed.values()],
            "versions": [version for _, version, _ in changed.values()],
            "minutes": [bucket.full_at[0] for bucket in buckets],
            "hours": [bucket.full_at[1] for bucket in buckets],
            "days": [bucket.full_at[2] for bucket in buckets],
            "promised": [bucket.promised for bucket in buckets],
        }
        done = {number for (number,) in await self.database.repeat(queue_statements.FILL, values)}
        return {name for name, (number, _, _) in changed.items() if number not in done}

    def _apply(
        self, window: "Window", provider: str, group: "list[Delivery]", grant: Grant
    ) -> "list[Delivery]":
        again = [job for job in group if job.is_again]
        new = [job for job in group if not job.is_again]
        rest = again[grant.again :] + new[grant.new :]
        self._put_off(window, provider, rest, grant.places)
        return again[: grant.again] + new[: grant.new]

    def _put_off(
        self,
        window: "Window",
        provider: str,
        group: "Sequence[Delivery]",
        places: Sequence[float],
    ) -> None:
        kept = self.domains.kept_as(provider)
        for job, place in zip(group, places, strict=True):
            window.record(
                job.id,
                Verdict(
                    DEFERRED,
                    PACED,
                    next_at=datetime.fromtimestamp(place, UTC),
                    tried=0,
                    provider=kept,
                    relay=job.tied_to,
                ),
            )

    # What channels tell

    def refused(self, channel: "Channel", job: "Job", reply: Reply) -> None:
        """Take a refusal: note whose it is, and slow down or suspend where a rule says so."""
        relay = channel.relay
        provider = self.domains.provider(
            job.recipient.rpartition(b"@")[2].decode("ascii", "replace").lower()
        )
        job.provider = self.domains.kept_as(provider)
        plan = self.plan(relay.tenant_id)
        rule = conditions.fitting(plan.rules, provider, reply.code, reply.text)
        if rule is None:
            return
        at = self.now()
        before = plan.condition(relay.id, provider)
        now = conditions.after(before, rule, at)
        if now is before or now == before:
            return
        logger.warning("relay %s: %s by %s (%s)", relay.id, rule.action, rule.id, reply.code)
        self._own_plan(relay.tenant_id).conditions[relay.id, provider] = now
        self._sweep(channel, provider, now, at)
        task = asyncio.get_running_loop().create_task(self._write(channel, provider, now, reply))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _own_plan(self, tenant: int) -> Plan:
        """Return the plan to change: that for all tenants of which nothing is known is nobody's."""
        if tenant not in self._plans:
            self._plans[tenant] = Plan(rules=plans.NOTHING.rules)
        return self._plans[tenant]

    def _sweep(
        self, channel: "Channel", provider: str, condition: conditions.Condition, at: float
    ) -> None:
        """Take what is ready for a suspended provider out of the way."""
        if not condition.is_suspended(at):
            return
        for job in channel.take_out(lambda one: self.domains.provider(_domain(one)) == provider):
            self._put_off(job.window, provider, [job], [condition.suspended_until])

    async def _write(
        self,
        channel: "Channel",
        provider: str,
        condition: conditions.Condition,
        reply: Reply,
    ) -> None:
        await self.database.repeat(
            queue_statements.SAID,
            {
                "tenant": channel.relay.tenant_id,
                "relay": channel.relay.id,
                "provider": provider,
                "condition": json.dumps(asdict(condition)),
                "normal": condition.normal_from,
                "reply": without_addresses(f"{reply.code} {reply.text}"),
                "at": self.clock(),
            },
        )
        self._read_at = -1e9

    async def finish(self) -> None:
        """Wait for what is being written."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)


def without_addresses(text: str) -> str:
    """Return a reply as it may be kept without a person: no addresses, 300 characters."""
    return _ADDRESS.sub("…", " ".join(text.split()))[:300]


def _domain(job: "Delivery") -> str:
    return str(job.contact["email"]).rpartition("@")[2].lower()
