"""A full name in two parts. Hungarian names have the family name first, most others last."""

from __future__ import annotations

_TITLES = frozenset(
    [
        "dr",
        "drs",
        "prof",
        "ifj",
        "id",
        "ozv",
        "phd",
        "mr",
        "mrs",
        "ms",
        "miss",
        "ing",
        "ec",
        "dna",
        "dl",
        "dlui",
        "dnei",
        "herr",
        "frau",
    ]
)

FAMILY_FIRST = "family first"
GIVEN_FIRST = "given first"


def order_for(language: str | None) -> str:
    return FAMILY_FIRST if language == "hu" else GIVEN_FIRST


def split(full: str, order: str) -> tuple[str, str]:
    """(first name, last name). Titles stay with the last name, a comma always ends the family name.

    One word alone is the first name, so that a greeting has something to say.
    """
    if "," in full:
        last, _, first = full.partition(",")
        if not _is_title(first.strip()):
            return first.strip(), last.strip()
        full = last
    words = full.split()
    titles = []
    while len(words) > 1 and _is_title(words[0]):
        titles.append(words.pop(0))
    while len(words) > 2 and _is_title(words[-1]):
        titles.append(words.pop())
    if len(words) < 2:
        return ("", " ".join((*titles, *words))) if titles else (words[0] if words else "", "")
    if order == FAMILY_FIRST:
        return " ".join(words[1:]), " ".join((*titles, words[0]))
    return " ".join(words[:-1]), " ".join((*titles, words[-1]))


def _is_title(word: str) -> bool:
    return word.rstrip(".").casefold() in _TITLES
