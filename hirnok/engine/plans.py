"""What a tenant's settings say about pace and routes, and how its queues are now. Pure: made from one JSON text."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hirnok.mail.pacing import conditions, providers, ramps
from hirnok.mail.pacing.conditions import NORMAL, Condition, Rule
from hirnok.mail.pacing.limits import UNLIMITED, Limits
from hirnok.mail.pacing.routes import Route

TENANT = "tenant"  # names of buckets; a provider's own is its id or domain
RELAY = "relay"
_ALL, _EACH = "", "*"

Key = tuple[int | None, str]  # relay (None: of the tenant), provider


@dataclass(frozen=True, slots=True)
class Setting:
    """A limit as it is set: counts, and perhaps a ramp."""

    limits: Limits
    ramp: tuple[int, ...] = ()
    ramp_from: float | None = None

    def at(self, instant: float) -> Limits:
        """Return what it allows at an instant; before a ramp's first day one message an hour."""
        if not self.ramp or self.ramp_from is None:
            return self.limits
        allowed = ramps.allowed(self.ramp, self.ramp_from, instant)
        if allowed is None:
            return self.limits
        return self.limits.tighter(Limits(per_day=max(1, allowed)))


@dataclass
class Plan:
    """One tenant's."""

    limits: dict[Key, Setting] = field(default_factory=dict)
    common: dict[str, Setting] = field(default_factory=dict)  # the operator's, by provider
    rules: Sequence[Rule] = ()
    routes: Sequence[Route] = ()
    conditions: dict[Key, Condition] = field(default_factory=dict)
    held: set[Key] = field(default_factory=set)

    def is_free(self, relay: int, at: float) -> bool:
        """Whether nothing at all limits what goes through a relay now: the hot path."""
        if self.common or (self.limits and any(of in (None, relay) for of, _ in self.limits)):
            return False
        if self.held and any(of == relay for of, _ in self.held):
            return False
        return all(
            of != relay or condition.is_normal(at) for (of, _), condition in self.conditions.items()
        )

    def of_tenant(self, at: float) -> Limits:
        """Return what holds for all mail of the tenant."""
        found = self.limits.get((None, _ALL)) or self.common.get(_ALL)
        return found.at(at) if found else UNLIMITED

    def of_relay(self, relay: int, at: float) -> Limits:
        """Return what holds for all mail through a relay."""
        found = self.limits.get((relay, _ALL))
        return found.at(at) if found else UNLIMITED

    def of_provider(self, relay: int, provider: str, at: float) -> Limits:
        """Return what holds for a provider behind a relay: the most particular setting decides; while the provider
        has slowed us down and nothing is set, its usual rate."""
        found = self.setting(relay, provider)
        given = found.at(at) if found else UNLIMITED
        if self.condition(relay, provider).factor_at(at) < 1 and not any(given.counts):
            usual = providers.shipped().usual_per_minute(provider)
            return given.tighter(Limits(per_minute=usual))
        return given

    def setting(self, relay: int, provider: str) -> Setting | None:
        """Return the most particular setting for a provider behind a relay."""
        return (
            self.limits.get((relay, provider))
            or self.limits.get((relay, _EACH))
            or self.limits.get((None, provider))
            or self.limits.get((None, _EACH))
            or self.common.get(provider)
            or self.common.get(_EACH)
        )

    def condition(self, relay: int, provider: str) -> Condition:
        """Return what a provider said to a relay."""
        return self.conditions.get((relay, provider), NORMAL)

    def is_held(self, relay: int, provider: str) -> bool:
        """Whether somebody has stopped a queue by hand."""
        if not self.held:
            return False
        kept = providers.shipped().kept_as(provider)
        return any((relay, name) in self.held for name in (provider, kept, _ALL))


NOTHING = Plan(rules=conditions.shipped())


def read(text: str, tenants: Iterable[int]) -> dict[int, Plan]:
    """Return the plans of tenants from the text of `queue_statements.SHAPES`."""
    given: dict[str, Any] = json.loads(text)
    operator = given["operator"]
    own_rules = {
        tenant: conditions.all_made(_rule(row) for row in given["rules"] if row[0] == tenant)
        for tenant in {row[0] for row in given["rules"]}
    }
    plans = {
        tenant: Plan(
            rules=(
                *own_rules.get(tenant, ()),
                *(own_rules.get(operator, ()) if tenant != operator else ()),
                *conditions.shipped(),
            )
        )
        for tenant in tenants
    }
    _take_limits(plans, given["limits"], operator)
    for tenant, position, relay, brand, to, weight in given["routes"]:
        if tenant in plans:
            route = Route(position, relay, brand, to, weight)
            plans[tenant].routes = (*plans[tenant].routes, route)
    for tenant, relay, provider, condition, is_held in given["queues"]:
        if tenant in plans:
            if condition:
                plans[tenant].conditions[relay, provider] = Condition(**condition)
            if is_held:
                plans[tenant].held.add((relay, provider))
    return plans


def _take_limits(plans: dict[int, Plan], rows: Iterable[Sequence[Any]], operator: int) -> None:
    """Put limits where they hold: those of the operator without a relay in every tenant."""
    for tenant, relay, provider, minute, hour, day, connections, ramp, ramp_from in rows:
        setting = Setting(Limits(minute, hour, day, connections), tuple(ramp), ramp_from)
        if tenant in plans:
            plans[tenant].limits[relay, provider] = setting
        if tenant == operator and relay is None:
            for other in plans:
                if other != operator:
                    plans[other].common[provider] = setting


def _rule(row: Sequence[Any]) -> dict[str, Any]:
    _, number, provider, contains, action, factor, minutes = row
    return {
        "id": f"own-{number}",
        "provider": provider,
        "contains": contains,
        "action": action,
        "factor": factor,
        "minutes": minutes,
    }
