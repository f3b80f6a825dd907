"""What the very message says of itself: parts, size, headers, pictures, links, fields that are empty. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from lxml import html as lxml_html

from hirnok.doctor.findings import Finding, failed, passed, warning
from hirnok.mail import merge

GMAIL_SHOWS = 102_000  # bytes of HTML before it is clipped
LONG_SUBJECT = 90  # characters; phones show less than half of it
SHORTENERS = frozenset(
    [
        "bit.ly",
        "goo.gl",
        "is.gd",
        "ow.ly",
        "rb.gy",
        "t.co",
        "t.ly",
        "tiny.cc",
        "tinyurl.com",
        "cutt.ly",
    ]
)
_SHOWN_HOST = re.compile(r"^(?:https?://)?((?:[\w-]+\.)+[a-z]{2,})(?:[/?#].*)?$", re.IGNORECASE)
_OPEN, _CLOSE = "\ue000", "\ue001"


@dataclass(frozen=True)
class Picture:
    """A picture of the HTML part; `alternative` None: the attribute is missing."""

    url: str
    alternative: str | None
    is_pixel: bool


@dataclass(frozen=True)
class Contents:
    """A message, taken apart."""

    message: EmailMessage
    html: str
    text: str
    links: tuple[tuple[str, str], ...]  # (url, what is shown)
    pictures: tuple[Picture, ...]
    words: int


def read(data: bytes) -> Contents:
    """Take a message apart, by the standard library and lxml."""
    message = message_from_bytes(data, policy=policy.default)
    html, text = _part(message, "html"), _part(message, "plain")
    tree: Any = lxml_html.document_fromstring(html) if html.strip() else None
    if tree is None:
        return Contents(message, html, text, (), (), 0)
    for hidden in list(tree.iter("style", "script", "title")):
        hidden.drop_tree()
    links = tuple(
        (str(one.get("href")), " ".join(one.text_content().split()))
        for one in tree.iter("a")
        if one.get("href")
    )
    pictures = tuple(_picture(one) for one in tree.iter("img") if one.get("src"))
    return Contents(message, html, text, links, pictures, len(tree.text_content().split()))


def examine(contents: Contents) -> Iterator[Finding]:
    """Look at one message as it is sent."""
    yield _text_part(contents)
    yield _size(contents)
    yield _alternatives(contents)
    yield _pictures_and_words(contents)
    yield _subject(str(contents.message["Subject"] or ""))
    yield _one_click(contents.message)
    yield _links(contents)


def empty_fields(
    sources: Iterable[str], scopes: Iterable[Mapping[str, Any]]
) -> tuple[Finding, int]:
    """Fill the author's templates for a sample of readers; say which holes stay empty, and the sample's size.

    Only holes that are printed count: one behind a condition that does not hold is no blank.
    """
    marked = [_marked(source) for source in sources if source.strip()]
    blank: Counter[str] = Counter()
    cannot, readers = 0, 0
    for scope in scopes:
        readers += 1
        missing: set[str] = set()
        try:
            for source, holes in marked:
                text = merge.render(source, scope)
                missing |= {
                    hole
                    for number, hole in enumerate(holes)
                    if f"{_OPEN}{number}{_OPEN}{_CLOSE}" in text
                }
        except merge.CannotRender:
            cannot += 1
            continue
        blank.update(missing)
    if cannot:
        return failed("fields", "fields_break", readers=cannot, sample=readers), readers
    if blank:
        worst, count = blank.most_common(1)[0]
        names = ", ".join(f"{{{{ {name} }}}}" for name, _count in blank.most_common(5))
        found = warning(
            "fields", "fields_empty", names=names, worst=worst, readers=count, sample=readers
        )
        return found, readers
    return passed("fields", "fields_filled", sample=readers), readers


def _text_part(contents: Contents) -> Finding:
    if not contents.text.strip():
        return failed("text", "text_missing")
    words = len(contents.text.split())
    if contents.words > 40 and words < contents.words // 4:
        return warning("text", "text_short", words=words, html=contents.words)
    return passed("text", "text_there", words=words)


def _size(contents: Contents) -> Finding:
    size = len(contents.html.encode())
    details = {"kilobytes": round(size / 1000)}
    if size > GMAIL_SHOWS:
        return failed("size", "size_clipped", **details)
    if size > GMAIL_SHOWS * 0.9:
        return warning("size", "size_near", **details)
    return passed("size", "size_fits", **details)


def _alternatives(contents: Contents) -> Finding:
    wanted = [one for one in contents.pictures if not one.is_pixel]
    missing = [one.url for one in wanted if one.alternative is None]
    if missing:
        return warning("alternatives", "alternatives_missing", count=len(missing), first=missing[0])
    return passed("alternatives", "alternatives_there", count=len(wanted))


def _pictures_and_words(contents: Contents) -> Finding:
    shown = [one for one in contents.pictures if not one.is_pixel]
    if shown and contents.words < 20:
        return warning(
            "balance", "balance_only_pictures", pictures=len(shown), words=contents.words
        )
    return passed("balance", "balance_right", pictures=len(shown), words=contents.words)


def _subject(subject: str) -> Finding:
    letters = [letter for letter in subject if letter.isalpha()]
    if len(subject) > LONG_SUBJECT:
        return warning("subject", "subject_long", length=len(subject))
    if len(letters) > 8 and all(letter.isupper() for letter in letters):
        return warning("subject", "subject_shouts")
    if re.match(r"(?i)(re|fwd?|vá|tov)\s*:", subject):
        return warning("subject", "subject_pretends")
    return passed("subject", "subject_right", length=len(subject))


def _one_click(message: EmailMessage) -> Finding:
    """RFC 8058 §3: an https address in List-Unsubscribe, and the fixed value of List-Unsubscribe-Post."""
    address = one_click_address(message)
    if not address:
        return failed("one_click_headers", "one_click_missing")
    if str(message["List-Unsubscribe-Post"] or "").strip() != "List-Unsubscribe=One-Click":
        return failed("one_click_headers", "one_click_post_missing")
    if urlsplit(address).scheme != "https":
        return warning("one_click_headers", "one_click_not_https", address=address)
    return passed("one_click_headers", "one_click_there")


def one_click_address(message: EmailMessage) -> str:
    """Return the web address of List-Unsubscribe, "" when there is none."""
    found = re.findall(r"<\s*(https?://[^>\s]+)\s*>", str(message["List-Unsubscribe"] or ""))
    return found[0] if found else ""


def _links(contents: Contents) -> Finding:
    for url, shown in contents.links:
        target = (urlsplit(url).hostname or "").lower()
        if target in SHORTENERS:
            return warning("link_texts", "links_shortened", url=url)
        said = _SHOWN_HOST.match(shown)
        if said and target and not _same_site(said[1].lower(), target):
            return warning("link_texts", "links_pretend", shown=shown, host=target)
    return passed("link_texts", "links_honest", count=len(contents.links))


def _same_site(one: str, other: str) -> bool:
    ends = (one.removeprefix("www."), other.removeprefix("www."))
    return ends[0] == ends[1] or any(a.endswith("." + b) for a, b in (ends, ends[::-1]))


def _picture(element: Any) -> Picture:
    tiny = {"0", "1", "0px", "1px"}
    is_pixel = element.get("width") in tiny and element.get("height") in tiny
    return Picture(str(element.get("src")), element.get("alt"), is_pixel)


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _marked(source: str) -> tuple[str, list[str]]:
    """Put marks around each hole, so that a filled text shows which of them are empty."""
    pieces: list[str] = []
    holes: list[str] = []
    for token in merge.lex(source):
        if token.kind == "hole":
            pieces.append(f"{_OPEN}{len(holes)}{_OPEN}{token.source}{_CLOSE}")
            holes.append(token.text.strip())
        elif token.kind == "tag":
            pieces.append(token.source)
        else:
            pieces.append(merge.literal(token.text))
    return "".join(pieces), holes
