"""Headers that are phrases, known by their words: "Feliratkozás napja", "Mikor vett utoljára", "Város, ahol lakik".

Only what a word or two says beyond doubt; a phrase with a word that turns its meaning ("vége", "last", "until") is
none of ours. Compared as `vocabulary.fold` does. What stands in the tables there is known without this.
"""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

from hirnok.contacts.reading import vocabulary

MOST_WORDS = 7
_WORD = re.compile(r"[^\W_]+")
_TIME = frozenset(
    [
        "datum",
        "datuma",
        "datumot",
        "ideje",
        "ido",
        "idopont",
        "idopontja",
        "nap",
        "napja",
        "kelte",
        "mikor",
        "data",
        "ziua",
        "momentul",
        "ora",
        "cand",
        "date",
        "day",
        "time",
        "when",
        "timestamp",
    ]
)
_COMING = (
    "feliratkoz", "iratkozottfel", "hozzajarul", "regisztracio", "regisztralt", "abonar", "abonat", "inscrier", "inscris",
    "consimtam", "acordului", "inregistrar", "subscribed", "subscription", "subscribing", "signup", "signedup", "optin",
    "optedin", "consent", "registration", "registered", "registering", "joined", "joining",
)  # fmt: skip
_GOING = ("leiratkoz", "iratkozottle", "dezabon", "unsubscrib", "optout", "optedout")
_TURNS = (
    "vege", "lejar", "utols", "utolj", "kovetkez", "visszavon", "megujit", "leirat", "eloz",
    "expir", "sfarsit", "ultim", "urmator", "retra", "reinno", "pana",
    "end", "last", "latest", "until", "next", "renew", "withdraw", "previous", "cancel", "birth", "szulet", "nast",
)  # fmt: skip
_SAME: dict[str, str] = {
    word: concept
    for concept, words in {
        "last": "utolso utoljara legutobbi legutobb ultima ultimul ultimei ultimului ultimadata last latest recent recently",
        "purchase": "vasarlas vasarlasa vasarlasanak vett vasarolt rendeles rendelese rendelt cumparare cumparaturi cumparat"
        " achizitie achizitia achizitii comanda comenzi comandat purchase purchased bought buy order ordered",
        "city": "varos varosa telepules telepulese helyseg helysege oras orasul orasului localitate localitatea city town",
    }.items()
    for word in words.split()
}
_FILLING = frozenset(
    [
        "a",
        "az",
        "egy",
        "ahol",
        "amelyben",
        "amikor",
        "lakik",
        "lakhely",
        "lakhelye",
        "el",
        "neve",
        "valasztott",
        "on",
        "onnek",
        "in",
        "care",
        "unde",
        "locuiti",
        "locuieste",
        "locuiesti",
        "domiciliu",
        "de",
        "la",
        "din",
        "pe",
        "cel",
        "cea",
        "al",
        "ale",
        "ati",
        "aveti",
        "the",
        "of",
        "in",
        "where",
        "you",
        "your",
        "live",
        "lives",
        "living",
        "did",
        "do",
        "have",
        "has",
        "was",
        "is",
        "at",
        "on",
        "for",
        "name",
        "most",
    ]
)


@lru_cache(maxsize=4096)
def target_of(header: str) -> str | None:
    """`consent_at` or `left` for a phrase that says when somebody came or went, else None."""
    words = _words(header)
    if not 1 < len(words) <= MOST_WORDS or not _TIME & set(words):
        return None
    joined = [*words, *(one + other for one, other in itertools.pairwise(words))]
    if any(word.startswith(_GOING) for word in joined):
        return "left"
    if any(word.startswith(_TURNS) for word in words):
        return None
    return "consent_at" if any(word.startswith(_COMING) for word in joined) else None


@lru_cache(maxsize=4096)
def meaning(phrase: str) -> frozenset[str]:
    """What a phrase is about: its words without those that fill, alike for words that mean the same; empty where
    it says nothing but a time, is too long or has figures in it."""
    words = _words(phrase)
    if not words or len(words) > MOST_WORDS:
        return frozenset()
    return frozenset(_SAME.get(word, word) for word in words if word not in _FILLING | _TIME)


def _words(text: str) -> list[str]:
    """The folded words; none where figures stand among them."""
    words = [vocabulary.fold(word) for word in _WORD.findall(text)]
    return [] if any(char.isdigit() for word in words for char in word) else words
