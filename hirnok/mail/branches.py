"""Conditions on a field, without a template engine.

Most conditions of newsletters ask whether a field has a value: `{% if contact.town %}`. A fragment that has only
such tags is a choice among ready bytes, and made as such it costs a tenth of what rendering a template costs. Any
other fragment stays one (`choice` returns None). Promises: the bytes are those that the template engine would give.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

from hirnok.mail.lexer import Token, lex

_FIELD: Final = re.compile(r"\s*(?:if|elif)\s+(not\s+)?contact\.([a-z][a-z0-9_]*)\s*").fullmatch
_SLOT: Final = re.compile(r"\s*_(\d+)\s*").fullmatch


class Filling(Protocol):
    """What a message is filled with."""

    contact: Mapping[str, Any]


FillingT = TypeVar("FillingT", bound=Filling)
Value = Callable[[FillingT], bytes]


class _NotSimple(Exception):
    """The fragment needs the template engine."""


@dataclass(slots=True)
class _Branch:
    """What is printed if a field has a value (or has none); without a name: otherwise."""

    name: str = ""
    negated: bool = False
    parts: list[Any] = field(default_factory=list)  # bytes or values


def choice(source: str, slot: Callable[[int], Value[FillingT]]) -> Value[FillingT] | None:
    """The value of a fragment, or None where it needs the template engine. `slot` gives the value of `_<number>`."""
    stack: list[list[_Branch]] = [[_Branch()]]
    try:
        for token in lex(source):
            _take(token, stack, slot)
    except _NotSimple:
        return None
    return _joined(stack[0][0].parts) if len(stack) == 1 else None


def _take(token: Token, stack: list[list[_Branch]], slot: Callable[[int], Value[FillingT]]) -> None:
    if token.kind == "text":
        stack[-1][-1].parts.append(token.text.encode("ascii"))
    elif token.kind == "hole":
        match = _SLOT(token.text)
        if match is None:
            raise _NotSimple
        stack[-1][-1].parts.append(slot(int(match[1])))
    elif token.keyword == "if":
        stack.append([_condition(token)])
    elif token.keyword in {"elif", "else"} and len(stack) > 1:
        stack[-1].append(_condition(token) if token.keyword == "elif" else _Branch())
    elif token.keyword == "endif" and len(stack) > 1:
        branches = stack.pop()
        stack[-1][-1].parts.append(_chosen(branches))
    else:
        raise _NotSimple


def _condition(token: Token) -> _Branch:
    match = _FIELD(token.text)
    if match is None:
        raise _NotSimple
    return _Branch(match[2], bool(match[1]))


def _chosen(branches: list[_Branch]) -> Value[FillingT]:
    """The first branch whose field has a value: what is missing, None, "", 0, false, [] and {} has none."""
    ready: list[tuple[str, bool, Value[FillingT]]] = [
        (branch.name, branch.negated, _joined(branch.parts)) for branch in branches
    ]

    def value(filling: FillingT) -> bytes:
        for name, negated, text in ready:
            if not name or bool(filling.contact.get(name)) is not negated:
                return text(filling)
        return b""

    return value


def _joined(parts: list[Any]) -> Value[FillingT]:
    holes = [(at, part) for at, part in enumerate(parts) if not isinstance(part, bytes)]
    if not holes:
        static = b"".join(parts)
        return lambda _filling: static

    def value(filling: FillingT) -> bytes:
        row = parts.copy()
        for at, part in holes:
            row[at] = part(filling)
        return b"".join(row)

    return value
