"""Which relay takes a recipient's mail: routes by brand and provider or domain, in order, by weight, with failover.

Pure and steady: the same recipient goes the same way as long as the same relays are usable, so that what has to be
sent again after a crash is sent again through the relay that may have it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """Mail of a brand (None: every one) to a provider or domain ("": every one) goes to a relay."""

    position: int
    relay_id: int
    brand_id: int | None = None
    to: str = ""
    weight: int = 1

    def fits(self, brand_id: int, domain: str, provider: str) -> bool:
        """Whether it speaks of this mail."""
        return self.brand_id in (None, brand_id) and self.to in ("", domain, provider)


def way(
    routes: Sequence[Route], default: int, brand_id: int, domain: str, provider: str
) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return the steps for a mail, each a tuple of (relay, weight): the first with a usable relay is taken.

    Routes of one position are a step together; the default relay is the last step.
    """
    fitting = [route for route in routes if route.fits(brand_id, domain, provider)]
    steps = []
    for position in sorted({route.position for route in fitting}):
        here = [route for route in fitting if route.position == position]
        steps.append(tuple((route.relay_id, max(1, route.weight)) for route in here))
    if all(relay != default for step in steps for relay, _ in step):
        steps.append(((default, 1),))
    return tuple(steps)


def relay_for(
    steps: Sequence[Sequence[tuple[int, int]]], usable: Collection[int], number: int
) -> int | None:
    """Return the relay of a recipient (its delivery's number spreads them by weight); None when none is usable."""
    for step in steps:
        open_here = [(relay, weight) for relay, weight in step if relay in usable]
        if not open_here:
            continue
        point = _spread(number) % sum(weight for _, weight in open_here)
        for relay, weight in open_here:
            if point < weight:
                return relay
            point -= weight
    return None


def _spread(number: int) -> int:
    """Return a number that looks random, always the same for the same (Knuth's multiplicative hash)."""
    return (number * 2_654_435_761 & 0xFFFFFFFF) >> 12
