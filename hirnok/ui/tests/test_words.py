from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from hirnok.ui import words

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "1,234,567"),
        ("hu", "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567"),
        ("ro", "1.234.567"),
    ],
)
def test_it_groups_digits_by_the_language(language: str, written: str) -> None:
    with translation.override(language):
        assert words.number(1_234_567) == written


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "21 November 2026"), ("hu", "2026. november 21."), ("ro", "21 noiembrie 2026")],
)
def test_it_writes_dates_by_the_language(language: str, written: str) -> None:
    with translation.override(language):
        assert words.day(date(2026, 11, 21)) == written
        assert words.day(NOON) == written


def test_it_writes_shares_with_one_decimal_and_a_dash_for_none() -> None:
    with translation.override("en"):
        assert [words.percent(share) for share in (0, 0.412, 1, None)] == [
            "0%",
            "41.2%",
            "100%",
            "–",
        ]
    with translation.override("hu"):
        assert words.percent(0.412) == "41,2%"


def test_it_says_how_long_ago_and_turns_to_dates_after_a_month() -> None:
    with translation.override("en"):
        assert words.ago(NOON - timedelta(hours=3), NOON) == "3 hours ago"
        assert words.ago(NOON + timedelta(days=2), NOON) == "in 2 days"
        assert words.ago(NOON, NOON) == "just now"
        assert words.ago(NOON - timedelta(days=40), NOON) == "12 October 2026"


def test_it_names_the_zone_of_an_instant() -> None:
    with translation.override("en"):
        assert words.moment(NOON).endswith("UTC")
        assert words.moment(None) == "–"


def test_it_writes_sizes_and_spans() -> None:
    with translation.override("en"):
        assert words.size(1_234_567) == "1.2 MB"
        assert words.size(900) == "900 byte"
        assert words.span(0.2) == "1 second"
        assert words.span(7200) == "2 hours"


def test_it_speaks_english_where_a_language_is_unknown() -> None:
    with translation.override("tlh"):
        assert words.number(1000) == "1,000"
