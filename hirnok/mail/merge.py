"""The template language of campaigns: a small part of MiniJinja, sandboxed.

Promises: a template that `check` finds no errors in can be rendered for every contact within bounded time and
memory, or fails with `CannotRender` for that contact; nothing but the contact, the brand and the campaign's
subject can be reached from it. What is missing or None prints nothing.

The language: `{{ expression }}`, the tags `if`/`elif`/`else`, `for`, `set name = expression` and `raw`, comments.
Names: `contact.<field>`, `brand.name`, `brand.postal_address`, `brand.sender_name`, `campaign.subject`,
`unsubscribe_url`, `preferences_url`. `default` (also `d`) gives its fallback for what is missing, None *and empty text*, so that
`{{ contact.first_name|default('there') }}` works for contacts whose name is blank.

Problems are values with a code; their wording is `MESSAGES[code]`, to be translated and filled by the layer
that shows them. Leaves to others: what only shows in the composed HTML (`hirnok.mail.compose`).
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final
from urllib.parse import quote

from minijinja import Environment, TemplateError

from hirnok.mail.lexer import Token as Token
from hirnok.mail.lexer import lex as lex
from hirnok.mail.lexer import position as position
from hirnok.mail.problems import MESSAGES as MESSAGES
from hirnok.mail.problems import Problem as Problem
from hirnok.mail.problems import Where as Where
from hirnok.mail.quoted import escape, html_value, show, text_value

CONTACT_FIELDS: Final = frozenset({"email", "first_name", "last_name", "language"})
NAMES: Final = frozenset(
    {
        "brand.name",
        "brand.postal_address",
        "brand.sender_name",
        "campaign.subject",
        "unsubscribe_url",
        "preferences_url",
    }
)
OWN_URLS: Final = frozenset({"unsubscribe_url", "preferences_url"})  # of the reader's own pages
TAGS: Final = frozenset({"if", "elif", "else", "endif", "for", "endfor", "set"})
FILTERS: Final = frozenset(
    [
        "default",
        "d",
        "upper",
        "lower",
        "title",
        "capitalize",
        "trim",
        "replace",
        "length",
        "count",
        "first",
        "last",
        "join",
        "split",
        "round",
        "int",
        "float",
        "abs",
        "urlencode",
        "date",
    ]
)
LONGEST: Final = 1_000_000
FUEL: Final = 20_000
LARGEST_LOOPS: Final = 50_000
LARGEST_VALUE: Final = 20_000

_RESERVED: Final = OWN_URLS | {"contact", "brand", "campaign", "loop", "self"}
_STRINGS: Final = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", re.S)
_FILTER: Final = re.compile(r"(?<!\|)\|\s*(\w+)")
_METHOD: Final = re.compile(r"\.\s*(\w+)\s*\(")
_SET: Final = re.compile(r"\s*set\s+(\w+(?:\s*,\s*\w+)*)\s*=(?!=)(.*)", re.S)
_FOR: Final = re.compile(r"\s*for\s+(.*?)\s+in\b", re.S)
_NAME: Final = re.compile(r"[^\W\d]\w*")
_FACTOR: Final = re.compile(r"\b(\d{1,4})\s*\*(?!\*)|(?<!\*)\*\s*(\d{1,4})\b(?![.\d])")
_SIMPLE: Final = re.compile(
    r"\s*(?:(contact|brand|campaign)\.(\w+)|(unsubscribe_url|preferences_url))"
    r"(?:\s*\|\s*(?:default|d)\(\s*(\"[^\"\\]*\"|'[^'\\]*')\s*\))?\s*",
    re.S,
)


class CannotRender(Exception):
    """The message cannot be made for this contact, for example because a text is added to a number."""


@dataclass(frozen=True, slots=True)
class Simple:
    """A hole that needs no template engine: one name and perhaps a fallback."""

    name: str
    fallback: str = ""


def check(source: str, fields: Collection[str], where: Where = "body") -> list[Problem]:
    """What is wrong with `source`, in order of appearance; empty when it can be used.

    `fields` are the keys of the custom fields; those of every contact (`CONTACT_FIELDS`) are always known.
    """
    if len(source) > LONGEST:
        return [Problem("too_long", 1, 1, where, {"limit": str(LONGEST)})]
    try:
        _checker().add_template("template", source)
    except TemplateError as error:
        return [_syntax(source, error, where)]
    tokens = list(lex(source))
    known = NAMES | {f"contact.{name}" for name in CONTACT_FIELDS | set(fields)}
    if where == "subject":
        known -= OWN_URLS | {"campaign.subject"}
    bound = bound_names(tokens)
    problems = []
    for token in tokens:
        if token.kind == "text":
            continue
        for code, at, details in _wrong(token, known, bound):
            line, column = position(source, token.offset + at)
            problems.append(Problem(code, line, column, where, details))
    return problems


def bound_names(tokens: Iterable[Token]) -> frozenset[str]:
    """The names that `set` and `for` give a value."""
    names: set[str] = set()
    for token in tokens:
        names.update(_targets(token))
    return frozenset(names)


def names_in(expression: str) -> frozenset[str]:
    """The dotted names an expression asks for, such as `contact.email`."""
    found: set[str] = _checker().undeclared_variables_in_str(
        "{{ " + expression + "\n}}", nested=True
    )
    return frozenset(found)


def simple(expression: str) -> Simple | None:
    """The expression as one name with an optional fallback, if it is no more than that."""
    match = _SIMPLE.fullmatch(expression)
    if match is None:
        return None
    return Simple(match[3] or f"{match[1]}.{match[2]}", match[4][1:-1] if match[4] else "")


def literal(text: str) -> str:
    """A template that prints `text` as it is."""
    return re.sub(r"\{(?=[{%#]|\Z)", "{% raw %}{{% endraw %}", text)


def quoted(text: str) -> str:
    """A template that prints `text`, as an expression: safe for any text."""
    return "{{ " + json.dumps(text) + " }}" if text else ""


def scope(
    contact: Mapping[str, Any],
    brand: Mapping[str, Any],
    subject: str,
    unsubscribe_url: str,
    preferences_url: str = "",
) -> dict[str, Any]:
    """The names a template sees. Fields that are None are left out, so they print and compare as missing."""
    return {
        "contact": {key: value for key, value in contact.items() if value is not None},
        "brand": brand,
        "campaign": {"subject": subject},
        "unsubscribe_url": unsubscribe_url,
        "preferences_url": preferences_url,
    }


def render(source: str, scope: Mapping[str, Any]) -> str:
    """`source` filled in as plain text. Raises `CannotRender`. For text made once, not once per recipient."""
    try:
        text: str = _plain().render_str(source, **scope)
    except TemplateError as error:
        raise CannotRender(error.detail or error.message) from error
    return text


def environment(*, finalizer: Callable[[Any], Any] | None = None) -> Environment:
    """The sandbox: no globals, no loader, bounded fuel; the filters of this language and those that encode.

    Without a `finalizer` (`show`, or `escape` after it), every hole must end in one of the encoding filters.
    """
    env = Environment(
        fuel=FUEL,
        debug=False,
        pycompat=False,
        keep_trailing_newline=True,
        undefined_behavior="chainable",
        auto_escape_callback=lambda _name: False,
        finalizer=finalizer,
        filters={
            "default": _default,
            "d": _default,
            "replace": _replace,
            "join": _join,
            "urlencode": _urlencode,
            "date": _date,
            "html_piece": lambda value: html_value(value).decode("ascii"),
            "text_piece": lambda value: text_value(value).decode("ascii"),
            "escaped": lambda value: escape(show(value)),
        },
    )
    for name in ("range", "dict", "debug", "namespace"):
        env.remove_global(name)
    return env


@cache
def _checker() -> Environment:
    return environment()


@cache
def _plain() -> Environment:
    return environment(finalizer=show)


def _syntax(source: str, error: TemplateError, where: Where) -> Problem:
    line, column = error.line or 1, 1
    if error.range is not None:
        before = source.encode("utf-8", "replace")[: error.range[0]].decode("utf-8", "ignore")
        line, column = position(source, len(before))
    detail = error.detail or error.message
    if detail.startswith("unexpected end of input"):
        return Problem("unclosed", line, column, where)
    return Problem("syntax", line, column, where, {"detail": detail})


def _wrong(
    token: Token, known: Collection[str], bound: Collection[str]
) -> Iterable[tuple[str, int, dict[str, str]]]:
    """Codes, places relative to the token, details."""
    if token.kind == "tag" and token.keyword not in TAGS:
        yield "forbidden_tag", 0, {"tag": token.keyword}
        return
    expression = _expression(token)
    if expression is None:
        yield "forbidden_tag", 0, {"tag": "set"}
        return
    bare = _STRINGS.sub(lambda match: '"' + " " * (len(match[0]) - 2) + '"', token.text)
    for target in _targets(token):
        if target in _RESERVED or target.startswith("_"):
            yield "reserved_name", 2, {"name": target}
    for match in _FILTER.finditer(bare):
        if match[1] not in FILTERS:
            yield "unknown_filter", 2 + match.start(1), {"name": match[1]}
    for match in _METHOD.finditer(bare):
        yield "method_call", 2 + match.start(1), {"name": match[1]}
    yield from _unknown(token, expression, known, bound)
    yield from _growth(token, bare, bound)


def _unknown(
    token: Token, expression: str, known: Collection[str], bound: Collection[str]
) -> Iterable[tuple[str, int, dict[str, str]]]:
    if not expression.strip():
        return
    found: Set[str] = frozenset()
    if token.keyword == "for":
        found = _checker().undeclared_variables_in_str(
            "{%" + token.text + "%}{% endfor %}", nested=True
        )
    else:
        found = names_in(expression)
    for name in sorted(found):
        root = name.partition(".")[0]
        if name not in known and root not in bound and root != "loop":
            place = token.text.find(name)
            yield "unknown_name", 2 + max(place, 0), {"name": name}


def _growth(
    token: Token, bare: str, bound: Collection[str]
) -> Iterable[tuple[str, int, dict[str, str]]]:
    """Fuel does not count memory: what could double a text again and again is refused."""
    if token.keyword == "for" and re.search(r"\brecursive\s*$", bare):
        yield "recursive_loop", 0, {}
    factors = len(re.findall(r"(?<!\*)\*(?!\*)", bare))
    if token.keyword == "set":
        earlier = [name for name in _NAME.findall(bare.partition("=")[2]) if name in bound]
        if len(earlier) > 1 or factors:
            yield "set_grows", 0, {}
    elif factors > 1 or (factors and not _FACTOR.search(bare)):
        yield "multiplication", 2, {}


def _expression(token: Token) -> str | None:
    """What a token evaluates; None for a `set` that is not `name = expression`."""
    if token.kind == "hole":
        return token.text
    if token.keyword == "set":
        match = _SET.fullmatch(token.text)
        return match[2] if match else None
    return token.text.strip()[len(token.keyword) :]


def _targets(token: Token) -> list[str]:
    match = None
    if token.keyword == "set":
        match = _SET.match(token.text)
    elif token.keyword == "for":
        match = _FOR.match(token.text)
    return _NAME.findall(match[1]) if match else []


def _default(value: Any, fallback: Any = "", _boolean: Any = None) -> Any:
    return fallback if value is None or value == "" else value


def _replace(value: Any, old: Any, new: Any) -> str:
    return show(value).replace(show(old), show(new))[:LARGEST_VALUE]


def _join(values: Any, between: Any = "") -> str:
    return show(between).join(show(value) for value in values or ())[:LARGEST_VALUE]


def _urlencode(value: Any) -> str:
    return quote(show(value).encode("utf-8", "replace"), safe="")


def _date(value: Any, form: str = "%Y-%m-%d") -> str:
    try:
        return datetime.fromisoformat(show(value)).strftime(form[:100])
    except ValueError:
        return show(value)
