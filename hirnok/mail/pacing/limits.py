"""Granting messages out of buckets: a token bucket of each limit, and a line for what has to wait.

A limit "N in a period" lets N tenths go at once and spreads the rest so that no span of the period, wherever it
begins, sees more than N (generic cell rate algorithm, ITU-T I.371 annex A). What is not granted gets a place in a
line: an instant at which it is likely to be granted, one after the other, so that a long queue is touched once for
each message and not again and again. Who has had a place comes before who is new.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from hirnok.mail.pacing.ramps import DAY

MINUTE: Final = 60.0
HOUR: Final = 3600.0
_PERIODS: Final = (MINUTE, HOUR, DAY)
_DESERTED = (
    60.0  # so long nobody came although it was free: the line is of those who do not come any more
)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in any span of `period` seconds."""

    count: int
    period: float

    @property
    def burst(self) -> int:
        """How many may go at once."""
        return max(1, self.count // 10)

    @property
    def gap(self) -> float:
        """Seconds from one to the next, when they go evenly."""
        return self.period / (self.count - self.burst + 1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one bucket allows; None: no limit."""

    per_minute: int | None = None
    per_hour: int | None = None
    per_day: int | None = None
    connections: int | None = None

    @property
    def counts(self) -> tuple[int | None, int | None, int | None]:
        """The three counts, in the order of a bucket's fills."""
        return self.per_minute, self.per_hour, self.per_day

    def rates(self, factor: float = 1.0) -> tuple[Rate | None, ...]:
        """Return a rate for each period; slowed down, at least one message stays."""
        return tuple(
            None if count is None else Rate(max(1, int(count * factor)), period)
            for count, period in zip(self.counts, _PERIODS, strict=True)
        )

    def tighter(self, other: "Limits") -> "Limits":
        """Return what holds when both hold."""
        return Limits(
            *(
                min((value for value in pair if value is not None), default=None)
                for pair in zip(
                    (*self.counts, self.connections),
                    (*other.counts, other.connections),
                    strict=True,
                )
            )
        )


UNLIMITED: Final = Limits()


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is remembered of the past: for each period the instant at which the bucket is full again (the theoretical
    arrival time), and until when places have been given out."""

    full_at: tuple[float, float, float] = (0.0, 0.0, 0.0)
    promised: float = 0.0

    def capacity(self, rates: Sequence[Rate | None], at: float) -> int | None:
        """Return how many may go at an instant; None: any number."""
        most: int | None = None
        for full_at, rate in zip(self.full_at, rates, strict=True):
            if rate is not None:
                room = int((at - _now(full_at, rate, at)) / rate.gap + rate.burst + 1e-6)
                most = max(0, room) if most is None else max(0, min(most, room))
        return most

    def taken(self, rates: Sequence[Rate | None], at: float, count: int) -> "Bucket":
        """Return the bucket after so many have gone."""
        if not count:
            return self
        filled = [
            full_at if rate is None else _now(full_at, rate, at) + count * rate.gap
            for full_at, rate in zip(self.full_at, rates, strict=True)
        ]
        return replace(self, full_at=(filled[0], filled[1], filled[2]))

    def next_at(self, rates: Sequence[Rate | None], at: float) -> float:
        """Return the earliest instant at which one may go."""
        found = at
        for full_at, rate in zip(self.full_at, rates, strict=True):
            if rate is not None:
                found = max(found, _now(full_at, rate, at) - (rate.burst - 1) * rate.gap)
        return found

    def is_deserted(self, rates: Sequence[Rate | None], at: float) -> bool:
        """Whether it has been free for a while and nobody came: nobody stands in its line any more."""
        return all(
            full_at < at - _DESERTED
            for full_at, rate in zip(self.full_at, rates, strict=True)
            if rate is not None
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """What waits for one provider in a window, and by which buckets it has to pass.

    `not_before`: nothing goes before this instant (suspension). `places`: places are given at most so many seconds
    ahead; what is further back asks again then, for limits may have changed.
    """

    buckets: tuple[str, ...]
    again: int  # have had a place
    new: int
    not_before: float = 0.0
    places: float = 4 * HOUR


@dataclass(frozen=True, slots=True)
class Grant:
    """How many may go now, and when the others (first those that had a place) shall ask again."""

    again: int
    new: int
    places: tuple[float, ...] = ()


@dataclass
class Share:
    """Buckets by name with their rates; `of` grants out of them."""

    rates: Mapping[str, Sequence[Rate | None]]
    buckets: dict[str, Bucket] = field(default_factory=dict)

    def of(self, demand: Demand, at: float) -> Grant:
        """Grant what all buckets on the way allow; the buckets remember it."""
        chain = [name for name in demand.buckets if any(self.rates.get(name, ()))]
        room = demand.again + demand.new
        if at < demand.not_before:
            room = 0
        for name in chain:
            capacity = self.buckets[name].capacity(self.rates[name], at)
            room = room if capacity is None else min(room, capacity)
        again = min(demand.again, room)
        new = min(demand.new, room - again) if self._is_clear(chain, at) else 0
        for name in chain:
            self.buckets[name] = self.buckets[name].taken(self.rates[name], at, again + new)
        rest = demand.again + demand.new - again - new
        return Grant(again, new, self._places(demand, chain, rest, at) if rest else ())

    def _is_clear(self, chain: Sequence[str], at: float) -> bool:
        """Whether nobody stands in line before one who comes new."""
        return all(
            self.buckets[name].promised <= at
            or self.buckets[name].is_deserted(self.rates[name], at)
            for name in chain
        )

    def _places(
        self, demand: Demand, chain: Sequence[str], rest: int, at: float
    ) -> tuple[float, ...]:
        furthest = max(at, demand.not_before) + demand.places
        if not chain:
            return (max(at, demand.not_before),) * rest
        gaps = {
            name: max(rate.gap for rate in self.rates[name] if rate is not None) for name in chain
        }
        tightest = max(chain, key=lambda name: gaps[name])
        bucket = self.buckets[tightest]
        start = max(
            demand.not_before,
            *(self.buckets[name].next_at(self.rates[name], at) for name in chain),
        )
        if not bucket.is_deserted(self.rates[tightest], at) or start > at:
            start = max(start, min(bucket.promised, furthest))
        places = tuple(min(start + number * gaps[tightest], furthest) for number in range(rest))
        promised = min(start + rest * gaps[tightest], furthest)
        self.buckets[tightest] = replace(bucket, promised=promised)
        return places


def _now(full_at: float, rate: Rate, at: float) -> float:
    """Return the theoretical arrival time, kept sane after a change of the rate or a jump of the clock."""
    return min(max(full_at, at), at + max(rate.period, rate.burst * rate.gap))
