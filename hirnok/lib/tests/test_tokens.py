"""Tokens of recipients: bound to their purpose, not to be guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirnok.lib import tokens

TRACK, LEAVE = b"t" * 32, b"l" * 32


@given(st.integers(0, 2**48 - 1))
def test_it_reads_back_what_it_wrote(number: int) -> None:
    token = tokens.recipient(TRACK, number)
    assert len(token) == tokens.RECIPIENT_LENGTH
    assert tokens.read_recipient(TRACK, token) == number
    with pytest.raises(tokens.BadToken):
        tokens.read_recipient(LEAVE, token)


@given(st.text(max_size=40) | st.text("ABCDEFGHIJabcdefghij0123456789-_", min_size=24, max_size=24))
def test_it_refuses_what_it_did_not_write(text: str) -> None:
    with pytest.raises(tokens.BadToken):
        tokens.read_recipient(TRACK, text)
