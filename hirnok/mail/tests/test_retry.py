from datetime import UTC, datetime, timedelta

import pytest

from hirnok.mail.retry import MAXIMUM_AGE, next_attempt

AT = datetime(2026, 11, 3, 8, tzinfo=UTC)


def test_it_waits_longer_and_longer() -> None:
    waits = [(next_attempt(number, AT, queued_at=AT) or AT) - AT for number in range(1, 9)]
    assert [wait.total_seconds() / 60 for wait in waits] == [5, 10, 20, 40, 80, 160, 240, 240]


def test_it_gives_up_after_three_days() -> None:
    at, attempts = AT, 0
    while True:
        attempts += 1
        due = next_attempt(attempts, at, queued_at=AT)
        assert due == next_attempt(attempts, at)
        if due is None:
            break
        assert due > at
        at = due
    assert MAXIMUM_AGE - timedelta(hours=4) < at - AT <= MAXIMUM_AGE
    assert attempts > 20


def test_it_takes_settings() -> None:
    due = next_attempt(
        3, AT, queued_at=AT, first=timedelta(seconds=1), longest=timedelta(seconds=3)
    )
    assert due == AT + timedelta(seconds=3)
    assert (
        next_attempt(1, AT, queued_at=AT - timedelta(hours=2), maximum_age=timedelta(hours=1))
        is None
    )


def test_it_survives_many_attempts() -> None:
    assert next_attempt(100_000, AT, queued_at=AT) == AT + timedelta(hours=4)


def test_it_counts_from_one() -> None:
    with pytest.raises(ValueError, match="from 1"):
        next_attempt(0, AT)
