"""The audit log in words: none is missing, in none of the languages."""

import ast
import re
from collections.abc import Iterator

import pytest
from django.utils.translation import override

from hirnok.accounts import audit_words
from tests.invariants.layers import ROOT

CODE = re.compile(r"[a-z]+(?:_[a-z]+)*\.[a-z]+(?:_[a-z]+)*")
IN_SQL = re.compile(r"'engine', '([a-z_.]+)'")
PASSED_ON = {"record", "_saved", "_set_archived", "_set_closed"}


def _recorded() -> Iterator[tuple[str, set[str]]]:
    """Yield each action that is recorded somewhere, with the names of its details."""
    for path in sorted((ROOT / "hirnok").rglob("*.py")):
        if {"tests", "migrations"} & set(path.parts):
            continue
        text = path.read_text()
        yield from ((code, set()) for code in IN_SQL.findall(text))
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
            given = [one.value for one in node.args if isinstance(one, ast.Constant)]
            names = {one.arg for one in node.keywords if one.arg} - {"actor", "at", "about"}
            if called in PASSED_ON:
                yield from (
                    (one, names) for one in given if isinstance(one, str) and CODE.fullmatch(one)
                )


def test_every_action_and_detail_that_is_recorded_has_words() -> None:
    found = list(_recorded())
    assert len(found) > 70
    assert {code for code, _ in found} - set(audit_words.ACTIONS) == set()
    assert {name for _, names in found for name in names} - set(audit_words.DETAILS) == set()


@pytest.mark.parametrize("language", ["en", "hu", "ro"])
def test_no_two_actions_are_called_the_same(language: str) -> None:
    with override(language):
        words = [name for _, name in audit_words.choices()]
    assert len(set(words)) == len(words)
    assert not any(CODE.fullmatch(word) for word in words)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("user:7", "Kata"),
        ("user:8", "A user who is no more"),
        ("job:import", "Hirnok, by itself"),
        ("engine", "Hirnok, by itself"),
        ("command:setup", "Whoever runs Hirnok"),
        ("visitor", "Nobody signed in"),
        ("person", "The reader"),
        ("token:4", "A program with an API token"),
        ("something else", "something else"),
    ],
)
def test_it_says_who(code: str, words: str) -> None:
    assert audit_words.actor(code, {"user:7": "Kata"}) == words


def test_it_says_what_else_is_known() -> None:
    with override("hu"):
        said = audit_words.details(
            {
                "recipients": 12345,
                "by": "password,totp",
                "never_again": True,
                "reason": "",
                "x": [1, 2],
            }
        )
    assert said == [
        ("címzettek", "12\xa0345"),
        ("mivel", "jelszó, az alkalmazás kódja"),
        ("végleg", "igen"),
        ("x", "1, 2"),
    ]
    assert audit_words.about("campaign", 12) == "Campaign 12"
    assert audit_words.about("", None) == ""
