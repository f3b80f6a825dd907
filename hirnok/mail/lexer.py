"""Templates as tokens: static text, holes, tags."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

_OPEN: Final = re.compile(r"\{\{|\{%|\{#")
_INSIDE: Final = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[-+]?%\}|[-+]?\}\}|[{}]", re.S)
_ENDRAW: Final = re.compile(r"\{%([-+]?)\s*endraw\s*([-+]?)%\}")
_KEYWORD: Final = re.compile(r"\s*(\w+)")


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
