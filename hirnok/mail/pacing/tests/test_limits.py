"""Buckets never give more than their limit, whatever comes when; nothing waits for ever."""

from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st

from hirnok.mail.pacing.limits import (
    DAY,
    HOUR,
    MINUTE,
    Bucket,
    Demand,
    Limits,
    Rate,
    Share,
)

START = 1_790_000_000.0
counts = st.integers(min_value=1, max_value=5_000)
periods = st.sampled_from([MINUTE, HOUR, DAY])


@given(counts, periods, st.lists(st.tuples(st.floats(0, 0.7), st.integers(0, 400)), max_size=60))
def test_it_never_grants_more_than_the_limit_in_any_span_of_the_period(
    count: int, period: float, asked: list[tuple[float, int]]
) -> None:
    rates = (Rate(count, period), None, None)
    bucket, at = Bucket(), START
    gone: list[float] = []
    for pause, wanted in asked:
        at += pause * period
        granted = min(wanted, bucket.capacity(rates, at) or 0)
        bucket = bucket.taken(rates, at, granted)
        gone += [at] * granted
    for number, begin in enumerate(gone):
        assert bisect_left(gone, begin + period - 1e-3) - number <= count


@given(counts, periods)
def test_it_gives_nearly_the_whole_limit(count: int, period: float) -> None:
    rates = (Rate(count, period), None, None)
    bucket = Bucket()
    gone = 0
    for tick in range(401):
        at = START + tick * period / 200
        granted = bucket.capacity(rates, at) or 0
        bucket = bucket.taken(rates, at, granted)
        gone += granted
    assert gone >= int(2 * count * 0.85)


def test_several_limits_hold_together_and_the_tighter_one_decides() -> None:
    one = Limits(per_minute=10, per_day=100).tighter(Limits(per_minute=20, per_hour=5))
    assert one == Limits(10, 5, 100)
    assert one.rates(0.25) == (Rate(2, MINUTE), Rate(1, HOUR), Rate(25, DAY))
    assert Limits().rates() == (None, None, None)


@given(
    st.integers(1, 600),
    st.lists(st.integers(0, 300), min_size=1, max_size=8),
    st.floats(0, 3600),
)
def test_everybody_in_the_line_gets_through(
    per_minute: int, arrivals: list[int], suspended: float
) -> None:
    """A simulated clock: what gets a place asks again at that place, in the end all have gone, and not faster
    than allowed."""
    rates = {"q": Limits(per_minute=per_minute).rates()}
    share = Share(rates, {"q": Bucket()})
    due: list[tuple[float, int, int]] = []  # when, again, new
    for number, count in enumerate(arrivals):
        due.append((START + number, 0, count))
    gone: list[float] = []
    asked = 0
    while due:
        due.sort()
        at, again, new = due.pop(0)
        while due and due[0][0] <= at + 1.0:  # looked at once a second
            _, more, fresh = due.pop(0)
            again, new = again + more, new + fresh
        at += 1.0
        grant = share.of(Demand(("q",), again, new, not_before=START + suspended), at)
        assert grant.again + grant.new + len(grant.places) == again + new
        assert all(place >= START + suspended for place in grant.places)
        asked += again + new
        gone += [at] * (grant.again + grant.new)
        due += [(place, 1, 0) for place in grant.places]
        assert asked < 6 * sum(arrivals) + 50
    assert len(gone) == sum(arrivals)
    assert all(at >= START + suspended for at in gone)
    for number, begin in enumerate(gone):
        assert bisect_left(gone, begin + MINUTE - 1e-3) - number <= per_minute


def test_who_had_a_place_comes_before_who_is_new() -> None:
    share = Share({"q": Limits(per_minute=60).rates()}, {"q": Bucket()})
    first = share.of(Demand(("q",), 0, 30), START)
    assert (first.new, len(first.places)) == (6, 24)
    late = share.of(Demand(("q",), 0, 10), START + 5)
    assert late.new == 0
    assert min(late.places) >= max(first.places)
    back = share.of(Demand(("q",), 5, 5), START + 6)
    assert back.again == 5
    assert back.new == 0


def test_a_line_in_which_nobody_stands_is_forgotten() -> None:
    share = Share({"q": Limits(per_minute=60).rates()}, {"q": Bucket()})
    share.of(Demand(("q",), 0, 5_000), START)
    much_later = START + 600
    assert share.of(Demand(("q",), 0, 4), much_later).new == 4


def test_every_bucket_on_the_way_has_its_say() -> None:
    rates = {
        "relay": Limits(per_minute=50).rates(),
        "a": Limits(per_minute=600).rates(),
        "b": Limits().rates(),
    }
    share = Share(rates, {"relay": Bucket(), "a": Bucket()})
    assert share.of(Demand(("relay", "a"), 0, 3), START).new == 3
    assert share.of(Demand(("relay", "b"), 0, 3), START).new == 2


def test_a_clock_that_jumped_back_does_not_stop_a_bucket_for_long() -> None:
    rates = Limits(per_minute=60).rates()
    bucket = Bucket((START + 9_999_999, 0.0, 0.0))
    assert bucket.next_at(rates, START) <= START + MINUTE
