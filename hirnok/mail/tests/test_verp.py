"""Return paths: made here or refused, whatever mail systems did to their letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirnok.lib import keys, tokens
from hirnok.mail import verp

DELIVERIES = st.integers(0, 2**48 - 1)


@given(DELIVERIES)
def test_it_reads_what_it_wrote_in_any_case(delivery_id: int) -> None:
    address = verp.return_path(verp.return_key(), delivery_id, "vissza.alma.example")
    assert len(address.partition("@")[0]) <= 64
    for seen in (address, address.upper(), f"<{address}>"):
        assert verp.read(seen) == verp.Route(verp.RETURN, delivery_id)
    assert verp.within(f"Delivered-To: {address}\nTo: x@y.example") == verp.read(address)


@given(DELIVERIES, st.integers(0, 35), st.sampled_from("0123456789abcdef"))
def test_it_refuses_what_was_changed(delivery_id: int, at: int, digit: str) -> None:
    local, _, domain = verp.return_path(verp.return_key(), delivery_id, "a.example").partition("@")
    changed = local[: 2 + at] + digit + local[3 + at :]
    if changed != local:
        with pytest.raises(tokens.BadToken):
            verp.read(f"{changed}@{domain}")


@given(st.text(max_size=80))
def test_it_refuses_anything_else(text: str) -> None:
    with pytest.raises(tokens.BadToken):
        verp.read(text)
    assert verp.within(text) is None


def test_it_keeps_purposes_apart() -> None:
    leave = tokens.in_address(tokens.recipient(keys.derive("leave"), 7))
    assert verp.read(f"u-{leave}@a.example") == verp.Route(verp.LEAVE, 7)
    with pytest.raises(tokens.BadToken):
        verp.read(f"r-{leave}@a.example")
