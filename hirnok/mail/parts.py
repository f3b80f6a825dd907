"""Templates on their way through parsers that know nothing of templates.

Before Markdown, MJML or an HTML parser sees a template, its holes become words and its tags become comments (or
words, where a comment could not stand); afterwards they are found again and the result is a list of parts.
Words contain only small letters and digits and begin with a prefix that occurs in none of the sources, so they
survive in text, attributes, URLs and comments.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from hirnok.mail import merge

Kind = Literal["static", "hole", "tag", "link"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a composed part: static text, a hole's expression, a tag's inside, or a link's number."""

    kind: Kind
    text: str
    number: int = 0

    @property
    def keyword(self) -> str:
        return merge.Token("tag", self.text, 0).keyword if self.kind == "tag" else ""


@dataclass(frozen=True, slots=True)
class Origin:
    """A token and where it came from."""

    token: merge.Token
    where: merge.Where
    line: int
    column: int


@dataclass(slots=True)
class Words:
    """The words that stand for tokens, and the tokens by number."""

    prefix: str
    origins: list[Origin] = field(default_factory=list)
    _pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        self._pattern = re.compile(rf"<!--{self.prefix}(b)(\d+)x-->|{self.prefix}([hblk])(\d+)x")

    @classmethod
    def avoiding(cls, sources: Iterable[str]) -> "Words":
        """Words with a prefix that occurs in none of `sources`."""
        everything = "\0".join(sources).lower()
        number = 0
        while (prefix := f"q{number or ''}z") in everything:
            number += 1
        return cls(prefix)

    @property
    def pattern(self) -> re.Pattern[str]:
        """Any word. Groups: kind and number of a comment, kind and number of a word."""
        return self._pattern

    def hide(self, source: str, where: merge.Where, *, comments: bool) -> str:
        """`source` with words in place of tokens; with `comments`, tags become comments where they can."""
        hidden: list[str] = []
        inside_comment = False
        for token in merge.lex(source):
            if token.kind == "text":
                text = re.sub(r"\{(?=[{%#])", f"{self.prefix}l0x", token.text)
                hidden.append(text)
                inside_comment = _in_comment(text, inside_comment)
                continue
            line, column = merge.position(source, token.offset)
            word = self.word(token, where, line, column)
            is_comment = comments and token.kind == "tag" and not inside_comment
            hidden.append(f"<!--{word}-->" if is_comment else word)
        return "".join(hidden)

    def word(self, token: merge.Token, where: merge.Where, line: int = 0, column: int = 0) -> str:
        self.origins.append(Origin(token, where, line, column))
        return f"{self.prefix}{'h' if token.kind == 'hole' else 'b'}{len(self.origins) - 1}x"

    def hole(self, expression: str, where: merge.Where = "body") -> str:
        """The word for a hole of our own making."""
        return self.word(merge.Token("hole", expression, 0), where)

    def link(self, number: int) -> str:
        return f"{self.prefix}k{number}x"

    def lone_tags_as_comments(self, text: str) -> str:
        """Tags that have a line of Markdown for themselves become comments, which do not make a paragraph."""
        lone = re.compile(rf"^[ \t]*(?:{self.prefix}b\d+x[ \t]*)+$", re.M)
        return lone.sub(lambda match: self.tags_as_comments(match[0].strip()), text)

    def tags_as_comments(self, text: str) -> str:
        """All tags in a stretch of HTML text as comments, also where a comment had become text."""
        bare = re.sub(rf"&lt;!--({self.prefix}b\d+x)--&gt;", r"\1", text)
        return re.sub(rf"{self.prefix}b\d+x", lambda match: f"<!--{match[0]}-->", bare)

    def holes_in(self, text: str) -> list[Origin]:
        return [self.origins[int(n)] for n in re.findall(rf"{self.prefix}h(\d+)x", text)]

    def tags_in(self, text: str) -> list[int]:
        return [int(n) for n in re.findall(rf"{self.prefix}b(\d+)x", text)]

    def parts(self, text: str) -> tuple[Part, ...]:
        """`text` cut at its words. Neighbouring static parts are one."""
        found: list[Part] = []
        at = 0
        for match in self._pattern.finditer(text):
            _static(found, text[at : match.start()])
            at = match.end()
            kind, number = match[1] or match[3], int(match[2] or match[4])
            if kind == "l":
                _static(found, "{")
            elif kind == "k":
                found.append(Part("link", "", number))
            else:
                token = self.origins[number].token
                found.append(Part("hole" if kind == "h" else "tag", token.text.strip(), number))
        _static(found, text[at:])
        return tuple(found)


def as_source(parts: Iterable[Part]) -> str:
    """Parts (without links) as a template again."""
    texts = []
    for part in parts:
        if part.kind == "static":
            texts.append(merge.literal(part.text))
        else:
            kind: Literal["hole", "tag"] = "hole" if part.kind == "hole" else "tag"
            texts.append(merge.Token(kind, part.text, 0).source)
    return "".join(texts)


def folded(
    parts: Iterable[Part], scope: Mapping[str, object], encode: Callable[[str], str]
) -> tuple[Part, ...]:
    """The parts with static text in place of holes that need nothing but the names in `scope`."""
    known = {
        f"{root}.{name}"
        for root, names in scope.items()
        if isinstance(names, Mapping)
        for name in names
    }
    found: list[Part] = []
    for part in parts:
        if part.kind == "hole" and merge.names_in(part.text) <= known:
            _static(found, encode(merge.render(merge.Token("hole", part.text, 0).source, scope)))
        elif part.kind == "static":
            _static(found, part.text)
        else:
            found.append(part)
    return tuple(found)


def _static(found: list[Part], text: str) -> None:
    if not text:
        return
    if found and found[-1].kind == "static":
        found[-1] = Part("static", found[-1].text + text)
    else:
        found.append(Part("static", text))


def _in_comment(text: str, inside: bool) -> bool:  # noqa: FBT001
    """Whether an HTML comment is open after `text`."""
    at = 0
    while True:
        found = text.find("-->" if inside else "<!--", at)
        if found < 0:
            return inside
        # `<!-->` is a complete comment: what follows `<!--[if !mso]><!-->` is outside
        if not inside and text.startswith(("<!-->", "<!--->"), found):
            at = found + 5
            continue
        at = found + (3 if inside else 4)
        inside = not inside
