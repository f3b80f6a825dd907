"""The readable text of an HTML message."""

import re
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Final

from hirnok.mail import markup

_SKIPPED: Final = frozenset(
    [
        "head",
        "style",
        "script",
        "title",
        "template",
        "noscript",
        "select",
        "textarea",
        "svg",
        "math",
    ]
)
_BLOCKS: Final = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "header",
        "html",
        "legend",
        "main",
        "nav",
        "section",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "caption",
        "option",
    ]
)
_SPACED: Final = frozenset(
    ["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "pre", "blockquote", "table", "dl"]
)
_HIDDEN: Final = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.I)
_INVISIBLE: Final = re.compile("[\u00ad\u034f\u200b-\u200f\u2028\u2029\u2060\ufeff]")
_BLANKS: Final = re.compile(r"[ \t\r\n\f\u00a0]+")
_CELL: Final = "\x1f"


@dataclass(slots=True)
class _Writer:
    """Collects text; blocks ask for line breaks, which are written when the next text comes."""

    words: re.Pattern[str]
    # `breaks` are asked for, `given` are written since the last text; `fresh`: at the beginning of a
    # line; `marked`: a list item has begun, its text follows in the same line
    out: list[str] = field(default_factory=list)
    breaks: int = 0
    given: int = 0
    blank: bool = False
    fresh: bool = True
    lists: list[int] = field(default_factory=list)
    links: list[tuple[str, int]] = field(default_factory=list)
    tables: list[bool] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    pre: int = 0
    marked: bool = False

    def line(self, count: int = 1) -> None:
        """At least `count` line breaks before the next text."""
        if not self.marked:
            self.breaks = max(self.breaks, count)
            self.blank = False

    def text(self, text: str) -> None:
        text = _INVISIBLE.sub("", unescape(text))
        if self.pre:
            for number, row in enumerate(text.split("\n")):
                if number:
                    self.line()
                self.write(row)
            return
        text = _BLANKS.sub(" ", text)
        if text.startswith(" "):
            self.blank = True
        if inner := text.strip(" "):
            self.write(inner)
            self.blank = text.endswith(" ")

    def write(self, text: str) -> None:
        if not text:
            return
        self.flush()
        if self.blank and not self.fresh:
            self.out.append(" ")
        self.out.append(text)
        self.blank = self.fresh = False
        self.given = 0
        self.marked = False

    def flush(self) -> None:
        missing = self.breaks - self.given
        if missing > 0 and any(self.out):
            self.out.append("\n" * missing)
            self.given += missing
            self.fresh = True
        self.breaks = 0

    def tag(self, word: str) -> None:
        """A template tag: stands where it is, takes no room."""
        self.flush()
        if self.blank and not self.fresh:
            self.out.append(" ")
            self.blank = False
        self.out.append(word)


def text_of(html: str, words: re.Pattern[str] | None = None) -> str:
    """The text part for an HTML document (as our serialiser writes it).

    Links become `text (address)`, pictures their alternative text, list items get a dash or a number, cells of
    data tables are parted by `|`. What is hidden (`display: none`) is left out. `words` finds the words that
    stand for template tags (see `hirnok.mail.parts`); they keep their places.
    """
    writer = _Writer(words or re.compile(r"(?!)"))
    for token in markup.scan(html):
        if token.kind == "comment":
            if not writer.hidden and writer.words.fullmatch(f"<!--{token.text}-->"):
                writer.tag(f"<!--{token.text}-->")
        elif writer.hidden:
            _skip(writer, token)
        elif token.kind == "text":
            writer.text(token.text)
        elif token.kind == "open":
            _opened(writer, token)
        elif token.kind == "close":
            _closed(writer, token.text)
    return _tidied("".join(writer.out))


def _skip(writer: _Writer, token: markup.Token) -> None:
    if token.kind == "open" and token.text not in markup.VOID:
        writer.hidden.append(token.text)
    elif token.kind == "close" and writer.hidden[-1] == token.text:
        writer.hidden.pop()


def _opened(writer: _Writer, token: markup.Token) -> None:
    name = token.text
    if name in markup.VOID:
        _void(writer, token)
        return
    if name in _SKIPPED or _HIDDEN.search(token.get("style")):
        writer.hidden.append(name)
        return
    _space(writer, name)
    match name:
        case "pre":
            writer.pre += 1
        case "a":
            writer.links.append((token.get("href").strip(), len(writer.out)))
        case "ul" | "ol":
            writer.lists.append(-1 if name == "ul" else 0)
        case "li":
            _item(writer)
        case "table":
            writer.tables.append(token.get("role") == "presentation")
        case "td" | "th":
            _cell(writer)


def _void(writer: _Writer, token: markup.Token) -> None:
    if token.text == "br":
        writer.line(max(writer.breaks, writer.given) + 1)
    elif token.text == "img" and not _HIDDEN.search(token.get("style")):
        writer.text(escape(token.get("alt"), quote=False))
    elif token.text == "hr":
        writer.line()
        writer.write("-" * 40)
        writer.line()


def _closed(writer: _Writer, name: str) -> None:
    if name == "a" and writer.links:
        _link(writer)
    if name in {"li", "ul", "ol"}:
        writer.marked = False
    if name in {"ul", "ol"} and writer.lists:
        writer.lists.pop()
    elif name == "table" and writer.tables:
        writer.tables.pop()
    elif name == "pre":
        writer.pre = max(writer.pre - 1, 0)
    elif name == "li":
        writer.line()
    if name != "br":
        _space(writer, name)


def _space(writer: _Writer, name: str) -> None:
    nested = name in {"ul", "ol"} and len(writer.lists) > 0
    if name in _SPACED and not nested:
        writer.line(2)
    elif name in _BLOCKS or nested:
        writer.line()


def _item(writer: _Writer) -> None:
    writer.marked = False
    writer.line()
    depth = max(len(writer.lists) - 1, 0)
    mark = "-"
    if writer.lists and writer.lists[-1] >= 0:
        writer.lists[-1] += 1
        mark = f"{writer.lists[-1]}."
    writer.write("  " * depth + mark)
    writer.blank = writer.marked = True


def _cell(writer: _Writer) -> None:
    if not writer.tables or writer.tables[-1]:
        writer.line()
    elif not writer.fresh and not writer.breaks:
        writer.blank = False
        writer.write(_CELL)
        writer.fresh = True


def _link(writer: _Writer) -> None:
    """After the text of a link comes its address in brackets; a text that is the address stands alone."""
    address, start = writer.links.pop()
    label = "".join(writer.out[start:]).strip()
    plain = address.removeprefix("mailto:").removeprefix("tel:")
    if not address or address.startswith("#"):
        return
    if label == re.sub(r"^https?://(www\.)?|/$", "", plain) and label != plain:
        lead = re.match(r"\s*", "".join(writer.out[start:]))
        writer.out[start:] = [lead[0] if lead else "", address]
    elif not label:
        writer.write(address)
    elif label not in {address, plain}:
        writer.blank = True
        writer.write(f"({_balanced(plain)})")
        return
    writer.blank = True


def _balanced(url: str) -> str:
    """A URL that ends where its bracket ends for a reader who only sees the text."""
    if url.count("(") == url.count(")"):
        return url
    return url.replace("(", "%28").replace(")", "%29")


def _tidied(text: str) -> str:
    text = re.sub(f" *{_CELL}(?= *(?:{_CELL}|\n|$))", "", text)
    text = re.sub(f"(^|\n) *{_CELL} *", r"\1", text)
    text = re.sub(f" *{_CELL} *", " | ", text)
    text = re.sub(r"[ \t]+(?=\n|$)", "", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
