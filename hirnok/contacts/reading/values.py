"""One cell to one typed value: number, yes or no, choice, text, language, tags, IP address."""

from __future__ import annotations

import csv
import ipaddress
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from hirnok.contacts.reading.vocabulary import fold

DECIMAL_COMMA = "decimal comma"
DECIMAL_POINT = "decimal point"

TEXT_LIMIT = 1_000
NAME_LIMIT = 100
SOURCE_LIMIT = 200
TAG_LIMIT = 60
TAGS_LIMIT = 50

Value = str | int | float | bool


@dataclass(frozen=True)
class Field:
    """A custom field of the tenant. `kind`: text, number, date, boolean or choice."""

    key: str
    label: str
    kind: str = "text"
    choices: tuple[str, ...] = ()


class WrongValue(ValueError):
    """The cell does not hold what its column should; `code` is a key of `rows.WARNINGS`."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


_YES = frozenset(
    map(
        fold,
        [
            "yes",
            "y",
            "true",
            "t",
            "1",
            "x",
            "on",
            "igen",
            "i",
            "igaz",
            "van",
            "da",
            "d",
            "adevărat",
            "checked",
            "subscribed",
        ],
    )
) | {"✓", "✔", "☑", "1.0"}
_NO = frozenset(
    map(
        fold,
        [
            "no",
            "n",
            "false",
            "f",
            "0",
            "off",
            "nem",
            "nincs",
            "hamis",
            "h",
            "nu",
            "fals",
            "none",
            "never",
            "na",
            "unchecked",
        ],
    )
) | {"-", "✗", "☐", "0.0"}
_CURRENCY = re.compile(r"\s*(?:ft\.?|huf|lei|ron|eur|euro|usd|%|€|\$|£)\s*", re.IGNORECASE)
_SPACES = re.compile(r"(?<=\d)[\s\u00a0\u202f\u2009'’](?=\d{3}(?!\d))")
_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")

_LANGUAGES: dict[str, str] = {
    fold(name): code
    for code, names in {
        "hu": "hu, hun, magyar, hungarian, maghiară, maghiar, ungarisch, hu-hu, hongrois",
        "ro": "ro, ron, rum, rou, román, romanian, română, romana, romanesc, rumänisch",
        "en": "en, eng, angol, english, engleză, englisch",
        "de": "de, ger, deu, német, german, germană, deutsch",
        "fr": "fr, fre, fra, francia, french, franceză, français",
        "it": "it, ita, olasz, italian, italiană, italiano",
        "es": "es, spa, spanyol, spanish, spaniolă, español",
        "sk": "sk, slk, slo, szlovák, slovak, slovacă, slovenčina",
        "cs": "cs, cze, ces, cseh, czech, cehă, čeština",
        "pl": "pl, pol, lengyel, polish, poloneză, polski",
        "sr": "sr, srp, szerb, serbian, sârbă",
        "hr": "hr, hrv, horvát, croatian, croată, hrvatski",
        "sl": "sl, slv, szlovén, slovenian, slovenă",
        "uk": "uk, ukr, ukrán, ukrainian, ucraineană",
        "ru": "ru, rus, orosz, russian, rusă",
    }.items()
    for name in names.split(",")
}
_LOCALE = re.compile(r"([a-z]{2})[-_][a-z]{2,4}", re.IGNORECASE)


@lru_cache(maxsize=8192)
def number(text: str, convention: str | None = None) -> int | float:
    """A number with Hungarian, Romanian or English separators, a currency or % left aside.

    `1.234` alone can be either; `convention` (of the column, see `convention_of`) decides, and
    without one it is an error rather than a guess.
    """
    plain = _bare(text)
    if not _PLAIN.fullmatch(plain) or _is_open(plain):
        plain = _with_point(plain, convention)
    if not _PLAIN.fullmatch(plain) or len(plain) > 40:
        raise WrongValue("not_a_number")
    value = float(plain)
    if value in {float("inf"), float("-inf")}:
        raise WrongValue("not_a_number")
    return int(plain) if plain.lstrip("+-").isdigit() else value


def convention_of(values: Iterable[str]) -> str | None:
    """Decimal comma or point, by the values that leave no doubt; None without or with mixed ones."""
    seen = {told for value in values if (told := _told(_bare(value))) is not None}
    return seen.pop() if len(seen) == 1 else None


@lru_cache(maxsize=8192)
def yes_or_no(text: str) -> bool:
    word = fold(text) or text.strip()
    if word in _YES:
        return True
    if word in _NO or text.strip() in _NO:
        return False
    raise WrongValue("not_yes_or_no")


@lru_cache(maxsize=8192)
def choice(text: str, choices: tuple[str, ...]) -> str:
    wanted = fold(text)
    for each in choices:
        if fold(each) == wanted:
            return each
    raise WrongValue("unknown_choice")


def words(text: str, limit: int = TEXT_LIMIT) -> str:
    """Text in one line without control characters and doubled spaces."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() or char.isspace() else "" for char in text)
        text = " ".join(text.split())
    elif "  " in text:
        text = " ".join(text.split())
    else:
        text = text.strip()
    if len(text) > limit:
        raise WrongValue("too_long")
    return text


@lru_cache(maxsize=8192)
def language(text: str) -> str:
    """A two-letter code (ISO 639-1) from a code, a locale or the language's name."""
    known = _LANGUAGES.get(fold(text))
    if known is not None:
        return known
    locale = _LOCALE.fullmatch(text.strip())
    if locale and locale.group(1).lower() in _LANGUAGES:
        return locale.group(1).lower()
    raise WrongValue("unknown_language")


@lru_cache(maxsize=8192)
def tags(text: str) -> tuple[str, ...]:
    """Tags from `a, b`, `a; b`, `a|b`, Mailchimp's `"a","b"` or a JSON list, each once."""
    raw = _tag_list(text)
    found = dict.fromkeys(tag for each in raw if (tag := words(each, TAG_LIMIT)))
    if len(found) > TAGS_LIMIT:
        raise WrongValue("too_many_tags")
    return tuple(found)


def ip(text: str) -> str:
    try:
        return str(
            ipaddress.ip_address(text.strip().partition("%")[0])
        )  # without a zone (RFC 4007)
    except ValueError as error:
        raise WrongValue("not_an_ip") from error


def _bare(text: str) -> str:
    return _SPACES.sub("", _CURRENCY.sub("", text.strip().replace("−", "-")))


def _is_open(plain: str) -> bool:
    """`1.234`: thousand or decimals? Only three digits after one to three leave the question."""
    return re.fullmatch(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", plain) is not None


def _told(plain: str) -> str | None:
    if _is_open(plain):
        return None
    last = max(plain.rfind("."), plain.rfind(","))
    if last < 0 or not re.fullmatch(r"[+-]?[\d.,]+", plain):
        return None
    mark = plain[last]
    if plain.count(mark) > 1:
        return DECIMAL_COMMA if mark == "." else DECIMAL_POINT
    return DECIMAL_COMMA if mark == "," else DECIMAL_POINT


def _with_point(plain: str, convention: str | None) -> str:
    told = convention if _is_open(plain) else _told(plain)
    if told is None:
        raise WrongValue("ambiguous_number" if _is_open(plain) else "not_a_number")
    thousands, decimal = (".", ",") if told == DECIMAL_COMMA else (",", ".")
    whole, mark, rest = plain.partition(decimal)
    if thousands in whole and not re.fullmatch(rf"[+-]?\d{{1,3}}(?:\{thousands}\d{{3}})+", whole):
        raise WrongValue("not_a_number")
    return whole.replace(thousands, "") + ("." if mark else "") + rest


def _tag_list(text: str) -> list[str]:
    text = text.strip()
    if text.startswith("["):
        try:
            return [str(each) for each in json.loads(text)]
        except (ValueError, RecursionError):
            text = text.strip("[]")
    for mark in (";", "|"):
        if mark in text:
            return text.split(mark)
    try:
        return next(csv.reader([",".join(text.splitlines())], skipinitialspace=True), [])
    except csv.Error as error:
        raise WrongValue("too_long") from error
