"""ENISA's method by its own tables: each factor, the sums, the levels, what is refused."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from hirnok.breaches import enisa

NOTHING = {
    "identification": "maximum",
    "confidentiality": "confidentiality.none",
    "integrity": "integrity.none",
    "availability": "availability.none",
    "intent": "intent.no",
}


def chosen(**factors: str) -> dict[str, Any]:
    return {**NOTHING, **factors}


@pytest.mark.parametrize(
    ("kind", "ordinary"), [("simple", 1), ("behavioural", 2), ("financial", 3), ("sensitive", 4)]
)
def test_the_ordinary_case_of_each_kind_has_its_score(kind: str, ordinary: int) -> None:
    found = enisa.assess(chosen(**{kind: f"{kind}.{ordinary}"}))
    assert (found.context, found.score) == (ordinary, ordinary)
    group = next(one for one in enisa.CONTEXT if one.code == kind)
    assert [factor.value for factor in group.factors] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("factors", "score", "level"),
    [
        # an address list mailed to the wrong customer, who is known
        ({"simple": "simple.1", "confidentiality": "confidentiality.known"}, "1.25", "low"),
        # the same, stolen and put up for everybody
        (
            {
                "simple": "simple.1",
                "confidentiality": "confidentiality.unknown",
                "intent": "intent.yes",
            },
            "2.00",
            "medium",
        ),
        # opens and clicks with addresses, stolen
        (
            {
                "simple": "simple.1",
                "behavioural": "behavioural.2",
                "confidentiality": "confidentiality.unknown",
                "intent": "intent.yes",
            },
            "3.00",
            "high",
        ),
        # card data, pseudonymous
        ({"financial": "financial.4", "identification": "limited"}, "2.00", "medium"),
        # a lost, well encrypted disk
        ({"simple": "simple.1", "identification": "negligible"}, "0.25", "low"),
        # health data stolen, altered and lost
        (
            {
                "sensitive": "sensitive.4",
                "confidentiality": "confidentiality.unknown",
                "integrity": "integrity.lost",
                "availability": "availability.lost",
                "intent": "intent.yes",
            },
            "6.00",
            "very_high",
        ),
        (
            {
                "simple": "simple.2",
                "identification": "significant",
                "integrity": "integrity.recoverable",
            },
            "1.75",
            "low",
        ),
        ({"simple": "simple.2", "availability": "availability.temporary"}, "2.25", "medium"),
    ],
)
def test_the_score_is_context_times_identification_plus_circumstances(
    factors: dict[str, str], score: str, level: str
) -> None:
    found = enisa.assess(chosen(**factors))
    assert (found.score, found.level) == (Decimal(score), level)


@pytest.mark.parametrize(
    ("score", "level"),
    [
        ("0", "low"),
        ("1.99", "low"),
        ("2", "medium"),
        ("2.99", "medium"),
        ("3", "high"),
        ("3.99", "high"),
        ("4", "very_high"),
        ("6", "very_high"),
    ],
)
def test_the_levels_begin_where_the_method_says(score: str, level: str) -> None:
    assert enisa.level_of(Decimal(score)) == level
    assert enisa.is_high(level) == (Decimal(score) >= 3)


@pytest.mark.parametrize(
    "factors",
    [
        {},
        {"simple": "simple.5"},
        {"simple": "financial.1"},
        {"simple": "simple.1", "identification": "certain"},
        {"simple": "simple.1", "intent": ""},
    ],
)
def test_what_is_no_factor_is_refused(factors: dict[str, str]) -> None:
    with pytest.raises(enisa.UnknownFactor):
        enisa.assess(chosen(**factors))


def test_the_flags_do_not_change_the_score() -> None:
    plain = enisa.assess(chosen(simple="simple.1"), persons=100)
    flagged = enisa.assess({**chosen(simple="simple.1"), "unintelligible": True}, persons=101)
    assert (plain.many, plain.unintelligible) == (False, False)
    assert (flagged.many, flagged.unintelligible) == (True, True)
    assert plain.score == flagged.score


@settings(deadline=None)
@given(st.data())
def test_any_choice_stays_within_the_method(data: st.DataObject) -> None:
    picked = {
        group.code: data.draw(st.sampled_from([one.code for one in group.factors]))
        for group in enisa.groups()
    }
    found = enisa.assess(picked)
    assert Decimal("0.25") <= found.score <= 6
    worse = enisa.assess({**picked, "intent": "intent.yes"})
    assert worse.score >= found.score


def test_every_factor_has_its_text_in_three_languages() -> None:
    words = [group.label for group in enisa.groups()]
    words += [factor.text for group in enisa.groups() for factor in group.factors]
    words += [*enisa.LEVELS.values(), *enisa.MEANINGS.values()]
    english = [str(word) for word in words]
    for language in ("hu", "ro"):
        with override(language):
            assert [e for e, word in zip(english, words, strict=True) if str(word) == e] == []
