from datetime import timedelta

import pytest

from hirnok.consent import stamps
from hirnok.consent.stamps import BadStamp, Shown, TooOld, TooSoon
from tests.world import NOON

KEY = b"k" * 32
MADE = stamps.stamp(KEY, "form", Shown(7, NOON))


def test_it_says_when_and_with_which_words_a_form_was_shown() -> None:
    assert stamps.read(KEY, "form", MADE, NOON + stamps.SOONEST) == Shown(7, NOON)


@pytest.mark.parametrize("text", ["", ".", "x", MADE[:-1], f"9{MADE}", MADE.replace(".7.", ".8.")])
def test_it_refuses_what_it_did_not_make(text: str) -> None:
    with pytest.raises(BadStamp):
        stamps.read(KEY, "form", text, NOON + stamps.SOONEST)


def test_it_is_of_one_form_and_one_key() -> None:
    for key, form in ((KEY, "other"), (b"x" * 32, "form")):
        with pytest.raises(BadStamp):
            stamps.read(key, form, MADE, NOON + stamps.SOONEST)


def test_it_refuses_what_comes_back_too_soon_or_too_late() -> None:
    with pytest.raises(TooSoon):
        stamps.read(KEY, "form", MADE, NOON + stamps.SOONEST - timedelta(microseconds=1))
    with pytest.raises(TooOld):
        stamps.read(KEY, "form", MADE, NOON + stamps.LATEST + timedelta(seconds=1))
