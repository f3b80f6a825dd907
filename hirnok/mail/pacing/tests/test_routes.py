"""Which relay takes whose mail."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from hirnok.mail.pacing.routes import Route, relay_for, way

ROUTES = [
    Route(1, 10, brand_id=7, to="gmail", weight=3),
    Route(1, 11, brand_id=7, to="gmail", weight=1),
    Route(2, 12, to="gmail"),
    Route(3, 13, to="kisceg.hu"),
]


def test_the_first_step_that_fits_comes_first_and_the_default_last() -> None:
    assert way(ROUTES, 1, 7, "gmail.com", "gmail") == (((10, 3), (11, 1)), ((12, 1),), ((1, 1),))
    assert way(ROUTES, 1, 8, "kisceg.hu", "kisceg.hu") == (((13, 1),), ((1, 1),))
    assert way([], 1, 7, "a.hu", "a.hu") == (((1, 1),),)


def test_the_weights_share_out_and_what_fails_is_passed_over() -> None:
    steps = way(ROUTES, 1, 7, "gmail.com", "gmail")
    all_up = Counter(relay_for(steps, {1, 10, 11, 12}, number) for number in range(8_000))
    assert set(all_up) == {10, 11}
    assert 5_500 < all_up[10] < 6_500
    assert {relay_for(steps, {1, 11, 12}, number) for number in range(100)} == {11}
    assert {relay_for(steps, {1, 12}, number) for number in range(100)} == {12}
    assert relay_for(steps, {1}, 5) == 1
    assert relay_for(steps, set(), 5) is None


@given(st.integers(0, 2**60), st.sets(st.sampled_from([1, 10, 11, 12, 13])))
def test_the_same_recipient_goes_the_same_way(number: int, usable: set[int]) -> None:
    steps = way(ROUTES, 1, 7, "gmail.com", "gmail")
    found = relay_for(steps, usable, number)
    assert found == relay_for(steps, usable, number)
    assert found is None or found in usable
