"""The template language of campaigns: a small part of MiniJinja, sandboxed.

Promises: a template that `check` finds no errors in can be rendered for every contact within bounded time and
memory, or fails with `CannotRender` for that contact; nothing but the contact, the brand and the campaign's
subject can be reached from it. What is missing or None prints nothing.

The language: `{{ expression }}`, the tags `if`/`elif`/`else`, `for`, `set name = expression` and `raw`, comments.
Names: `contact.<field>`, `brand.name`, `brand.postal_address`, `brand.sender_name`, `campaign.subject`,
`unsubscribe_url`. `default` (also `d`) gives its fallback for what is missing, None *and empty text*, so that
`{{ contact.first_name|default('there') }}` works for contacts whose name is blank.

Problems are values with a code; their wording is `MESSAGES[code]`, to be translated and filled by the layer
that shows them. Leaves to others: what only shows in the composed HTML (`hirnok.mail.compose`).
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final, Literal
from urllib.parse import quote

from minijinja import Environment, TemplateError

from hirnok.mail.quoted import escape, html_value, show, text_value

Where = Literal["subject", "preheader", "body", "text"]

MESSAGES: Final = {
    "syntax": "This cannot be read as a template: %(detail)s",
    "forbidden_tag": "The tag “%(tag)s” is not available here. Use if, for, set or raw.",
    "unknown_name": "There is no field called “%(name)s”.",
    "unknown_filter": "There is no filter called “%(name)s”.",
    "method_call": "Methods cannot be called here. Use a filter instead of “%(name)s()”.",
    "reserved_name": "“%(name)s” is reserved and cannot be given a value.",
    "set_grows": "A value may use at most one value that was set before, and no multiplication.",
    "multiplication": "Multiply once, by a written number of at most 1000.",
    "recursive_loop": "Recursive loops are not available.",
    "too_long": "The template is too long: at most %(limit)s characters are possible.",
    "mjml": "The MJML cannot be read: %(detail)s",
    "css": "The styles of the message cannot be applied: %(detail)s",
    "hole_in_tag": "A merge field may stand in a text or in a quoted attribute value, not inside a tag.",
    "hole_in_style": "A merge field cannot stand for a whole style. Put it into the value of one property.",
    "block_in_tag": "“%(tag)s” stands inside a tag, an address or a style. Write {{ 'a' if condition else 'b' }} "
    "or put the condition around the whole element.",
    "block_across_elements": "The tags that belong to “%(tag)s” must stand inside the same element.",
    "whole_url": "An address cannot be a merge field as a whole. Its beginning, with the host, must be written out.",
    "hole_in_host": "The host of an address must be written out, merge fields may follow after it.",
    "local_name_in_url": "“%(name)s” is not known when the link is clicked. Only fields of the contact may be used.",
    "relative_url": "“%(url)s” has no host, so it leads nowhere in a mail.",
    "empty_url": "A link leads nowhere.",
    "removed": "“%(name)s” does not work in mail and was left out.",
}
WARNINGS: Final = frozenset({"relative_url", "empty_url", "removed"})

CONTACT_FIELDS: Final = frozenset({"email", "first_name", "last_name", "language"})
NAMES: Final = frozenset(
    {
        "brand.name",
        "brand.postal_address",
        "brand.sender_name",
        "campaign.subject",
        "unsubscribe_url",
    }
)
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
FUEL: Final = 200_000
LARGEST_VALUE: Final = 20_000

_RESERVED: Final = frozenset({"contact", "brand", "campaign", "unsubscribe_url", "loop", "self"})
_OPEN: Final = re.compile(r"\{\{|\{%|\{#")
_INSIDE: Final = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[-+]?%\}|[-+]?\}\}|[{}]", re.S)
_STRINGS: Final = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", re.S)
_ENDRAW: Final = re.compile(r"\{%([-+]?)\s*endraw\s*([-+]?)%\}")
_KEYWORD: Final = re.compile(r"\s*(\w+)")
_FILTER: Final = re.compile(r"(?<!\|)\|\s*(\w+)")
_METHOD: Final = re.compile(r"\.\s*(\w+)\s*\(")
_SET: Final = re.compile(r"\s*set\s+(\w+(?:\s*,\s*\w+)*)\s*=(?!=)(.*)", re.S)
_FOR: Final = re.compile(r"\s*for\s+(.*?)\s+in\b", re.S)
_NAME: Final = re.compile(r"[^\W\d]\w*")
_FACTOR: Final = re.compile(r"\b(\d{1,4})\s*\*(?!\*)|(?<!\*)\*\s*(\d{1,4})\b(?![.\d])")
_SIMPLE: Final = re.compile(
    r"\s*(?:(contact|brand|campaign)\.(\w+)|(unsubscribe_url))"
    r"(?:\s*\|\s*(?:default|d)\(\s*(\"[^\"\\]*\"|'[^'\\]*')\s*\))?\s*",
    re.S,
)


class CannotRender(Exception):
    """The message cannot be made for this contact, for example because a text is added to a number."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a template. `line` and `column` count from 1 (0: the place is not known)."""

    code: str
    line: int = 0
    column: int = 0
    where: Where = "body"
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return MESSAGES[self.code] % self.details

    @property
    def is_error(self) -> bool:
        return self.code not in WARNINGS


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch of a template: static text, the inside of `{{ }}`, or the inside of a `{% %}` tag."""

    kind: Literal["text", "hole", "tag"]
    text: str
    offset: int

    @property
    def keyword(self) -> str:
        match = _KEYWORD.match(self.text)
        return match[1] if match and self.kind == "tag" else ""

    @property
    def source(self) -> str:
        if self.kind == "hole":
            return "{{ " + self.text.strip() + " }}"
        return "{% " + self.text.strip() + " %}"


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
        known -= {"campaign.subject", "unsubscribe_url"}
    bound = bound_names(tokens)
    problems = []
    for token in tokens:
        if token.kind == "text":
            continue
        for code, at, details in _wrong(token, known, bound):
            line, column = position(source, token.offset + at)
            problems.append(Problem(code, line, column, where, details))
    return problems


def lex(source: str) -> Iterable[Token]:
    """The tokens of `source`; comments are dropped, raw blocks are text, whitespace control is applied.

    Sound for sources in which `check` found no syntax error. Two texts may follow each other.
    """
    at, strip = 0, False
    while match := _OPEN.search(source, at):
        text, text_at = source[at : match.start()], at
        start = match.end()
        before = source[start : start + 1]
        if match[0] == "{#":
            end = source.index("#}", start)
            inside, after, at = "", source[end - 1], end + 2
            before = before if end > start else ""
        else:
            inside, after, at = _inside(source, start, match[0] == "{%")
        text, text_at = _trimmed(text, text_at, left=strip, right=before == "-")
        if text:
            yield Token("text", text, text_at)
        strip = after == "-"
        if match[0] == "{{":
            yield Token("hole", inside, match.start())
        elif match[0] == "{%" and _keyword(inside) == "raw":
            raw, at, strip = _raw(source, at, strip=strip)
            if raw.text:
                yield raw
        elif match[0] == "{%":
            yield Token("tag", inside, match.start())
    text, text_at = _trimmed(source[at:], at, left=strip, right=False)
    if text:
        yield Token("text", text, text_at)


def position(source: str, offset: int) -> tuple[int, int]:
    """Line and column, counted from 1, of an offset."""
    line = source.count("\n", 0, offset) + 1
    return line, offset - (source.rfind("\n", 0, offset) + 1) + 1


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
    contact: Mapping[str, Any], brand: Mapping[str, Any], subject: str, unsubscribe_url: str
) -> dict[str, Any]:
    """The names a template sees. Fields that are None are left out, so they print and compare as missing."""
    return {
        "contact": {key: value for key, value in contact.items() if value is not None},
        "brand": brand,
        "campaign": {"subject": subject},
        "unsubscribe_url": unsubscribe_url,
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
    return Problem("syntax", line, column, where, {"detail": error.detail or error.message})


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


def _keyword(inside: str) -> str:
    match = _KEYWORD.match(inside)
    return match[1] if match else ""


def _inside(source: str, start: int, is_tag: bool) -> tuple[str, str, int]:  # noqa: FBT001
    """The inside of `{{ }}` or `{% %}` from `start`, the sign before its end, and where the rest begins."""
    close = "%}" if is_tag else "}}"
    depth, at = 0, start
    while match := _INSIDE.search(source, at):
        found = match[0]
        at = match.end()
        if found == "{":
            depth += 1
        elif found == "}":
            depth -= 1
        elif found.endswith(close) and not depth:
            inside = source[start : match.start()]
            return inside.removeprefix("-").removeprefix("+"), found[0], at
        elif found.endswith("}}"):
            depth -= 1
            at = match.end() - 1
    raise ValueError("unclosed tag: check the source first")


def _raw(source: str, at: int, *, strip: bool) -> tuple[Token, int, bool]:
    match = _ENDRAW.search(source, at)
    if match is None:
        raise ValueError("unclosed raw block: check the source first")
    text, text_at = _trimmed(source[at : match.start()], at, left=strip, right=match[1] == "-")
    return Token("text", text, text_at), match.end(), match[2] == "-"


def _trimmed(text: str, offset: int, *, left: bool, right: bool) -> tuple[str, int]:
    if left:
        stripped = text.lstrip()
        offset += len(text) - len(stripped)
        text = stripped
    return (text.rstrip() if right else text), offset


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
