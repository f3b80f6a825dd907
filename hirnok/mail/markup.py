"""Reading the HTML that our HTML5 parser wrote, and leaving out what has no place in a mail.

The input of `scan` is what an HTML5 serialiser produces (attributes in double quotes, text escaped), not what
people write: that is what makes a small scanner sound. `joined(scan(html)) == html` for such input.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import unescape
from typing import Final, Literal

VOID: Final = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "keygen",
        "frame",
        "basefont",
        "bgsound",
    ]
)
URL_ATTRIBUTES: Final = frozenset(
    {"href", "src", "background", "action", "cite", "longdesc", "poster", "xlink:href"}
)

_RAW: Final = frozenset(["style", "script", "xmp", "iframe", "noembed", "noframes", "plaintext"])
_DROPPED: Final = frozenset(
    [
        "script",
        "iframe",
        "object",
        "embed",
        "applet",
        "frame",
        "frameset",
        "noembed",
        "noframes",
        "xmp",
        "plaintext",
        "base",
        "audio",
        "video",
        "canvas",
        "portal",
        "fencedframe",
    ]
)
_UNWRAPPED: Final = frozenset({"form"})
_TOKEN: Final = re.compile(
    r"<!--(?P<comment>.*?)-->|<!(?P<doctype>[^>]*)>|</(?P<close>[a-zA-Z][^\s/>]*)>"
    r"|<(?P<open>[a-zA-Z][^\s/>]*)(?P<attributes>(?: =?[^\s/>=]+=\"[^\"]*\")*)>",
    re.S,
)
_ATTRIBUTE: Final = re.compile(r" (=?[^\s/>=]+)=\"([^\"]*)\"")
_ODD_NAME: Final = re.compile(r"[^\w:.\-]")
_SCRIPT_URL: Final = re.compile(
    r"(?:javascript|vbscript|livescript|data:text/html|data:image/svg)", re.I
)
_SCRIPT_IN_COMMENT: Final = re.compile(
    r"<script\b.*?(?:</script\s*>|\Z)|\son\w+\s*=\s*(?:\"[^\"]*\"|'[^']*')", re.I | re.S
)

Attributes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Token:
    """`text`: the text as written (escaped), the name of a tag, the inside of a comment or of a style sheet.

    Attribute values are as written (escaped).
    """

    kind: Literal["text", "open", "close", "comment", "doctype", "raw"]
    text: str
    attributes: Attributes = ()

    def get(self, name: str) -> str:
        """The value of an attribute, unescaped; empty if there is none."""
        return next((unescape(value) for key, value in self.attributes if key == name), "")

    def __str__(self) -> str:
        match self.kind:
            case "open":
                attributes = "".join(f' {name}="{value}"' for name, value in self.attributes)
                return f"<{self.text}{attributes}>"
            case "close":
                return f"</{self.text}>"
            case "comment":
                return f"<!--{self.text}-->"
            case "doctype":
                return f"<!{self.text}>"
        return self.text


def scan(html: str) -> Iterator[Token]:
    """The tokens of serialised HTML. Contents of style sheets and scripts come as `raw`."""
    at = 0
    while match := _TOKEN.search(html, at):
        if match.start() > at:
            yield Token("text", html[at : match.start()])
        at = match.end()
        if match["open"] is not None:
            name = match["open"]
            yield Token("open", name, tuple(_ATTRIBUTE.findall(match["attributes"])))
            if name in _RAW:
                end = re.compile(rf"</{re.escape(name)}>").search(html, at)
                stop = end.start() if end else len(html)
                if stop > at:
                    yield Token("raw", html[at:stop])
                at = stop
        elif match["close"] is not None:
            yield Token("close", match["close"])
        elif match["comment"] is not None:
            yield Token("comment", match["comment"])
        else:
            yield Token("doctype", match["doctype"])
    if at < len(html):
        yield Token("text", html[at:])


def joined(tokens: Iterable[Token]) -> str:
    return "".join(map(str, tokens))


def clean(tokens: Iterable[Token]) -> tuple[list[Token], list[str]]:
    """The tokens without active content, and the names of what was left out.

    Left out are scripts, frames, plug-ins, event handlers, script addresses, refreshes and the tags of forms;
    style sheets, tables and conditional comments stay.
    """
    kept: list[Token] = []
    removed: dict[str, None] = {}
    inside, depth = "", 0
    for token in tokens:
        if inside:
            if token.text == inside and token.kind in {"open", "close"}:
                depth += 1 if token.kind == "open" else -1
                inside = inside if depth else ""
            continue
        if token.kind == "open" and token.text in _DROPPED:
            removed[token.text] = None
            if token.text not in VOID:
                inside, depth = token.text, 1
        elif token.kind in {"open", "close"} and token.text in _UNWRAPPED:
            removed[token.text] = None
        elif token.kind == "open":
            kept.extend(_without_handlers(token, removed))
        elif token.kind == "comment":
            kept.append(_comment(token, removed))
        else:
            kept.append(token)
    return kept, list(removed)


def _without_handlers(token: Token, removed: dict[str, None]) -> Iterator[Token]:
    if token.text == "meta" and token.get("http-equiv").strip().lower() == "refresh":
        removed["meta refresh"] = None
        return
    attributes = []
    for name, value in token.attributes:
        plain = re.sub(r"[\x00-\x20]+", "", unescape(value))
        if (
            name.startswith("on")
            or name in {"srcdoc", "formaction"}
            or (name in URL_ATTRIBUTES and _SCRIPT_URL.match(plain))
        ):
            removed[name] = None
        elif not _ODD_NAME.search(name):
            attributes.append((name, value))
    yield replace(token, attributes=tuple(attributes))


def _comment(token: Token, removed: dict[str, None]) -> Token:
    text, count = _SCRIPT_IN_COMMENT.subn("", token.text)
    if count:
        removed["script"] = None
    return replace(token, text=text)
