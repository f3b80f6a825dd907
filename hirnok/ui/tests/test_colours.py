import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirnok.ui import colours


@given(rgb=st.tuples(*[st.integers(0, 255)] * 3))
def test_it_makes_every_colour_readable_on_light_and_dark(rgb: tuple[int, int, int]) -> None:
    found = colours.accents("#{:02x}{:02x}{:02x}".format(*rgb))
    assert found
    for accent, surface in zip(found, (colours.LIGHT_SURFACE, colours.DARK_SURFACE), strict=True):
        parsed = colours._parsed(accent)
        assert parsed
        assert colours.contrast(parsed, surface) >= 4.5


def test_it_keeps_a_colour_that_is_readable() -> None:
    found = colours.accents("#0b5cad")
    assert found
    assert found[0] == "#0b5cad"


@pytest.mark.parametrize("given", [None, "", "red", "#fff", "#12345g", "#123456;}", "url(x)"])
def test_it_refuses_what_is_no_colour(given: str | None) -> None:
    assert colours.accents(given) is None
