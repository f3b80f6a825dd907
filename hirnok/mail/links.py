"""Links of a message: finding them, judging them, and filling those that carry merge fields.

A link is counted per occurrence. Its URL is either static or a template (`https://x.example/?u={{
contact.email|urlencode }}`) whose scheme and host are written out, so that filling it can never lead to another
host (no open redirect). Never measured: `mailto:`, `tel:`, `sms:`, places in the same page, the unsubscribe
link. Leaves to others: ids, storage, the redirect.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import unescape
from typing import Any, Final, Literal

from hirnok.mail import markup, merge
from hirnok.mail.parts import Part, Words, as_source, folded

_STATIC_HOST: Final = re.compile(r"https?://[^\s/?#\\]+[/?#]", re.I)
_WEB: Final = re.compile(r"https?://[^\s/?#\\]", re.I)
_OTHER_SCHEME: Final = re.compile(r"(?:mailto|tel|sms|cid|data|webcal):", re.I)
_IN_TEXT: Final = re.compile(r"https?://[^\s<>\"“”„]+", re.I)
_AFTER_URL: Final = ".,;:!?)]'’"
_IN_COMMENT: Final = re.compile(r"(\b(?:href|src)\s*=\s*)([\"'])(.*?)\2", re.I | re.S)
_CSS_URL: Final = re.compile(r"url\(\s*['\"]?([^)'\"]*)", re.I)


@dataclass(frozen=True, slots=True)
class Link:
    """`position`: the number of the occurrence, from 0. `url`: the URL, or a template of it. `text`: what the
    reader sees. `prefix`: the static beginning, where a click goes when the contact is gone."""

    position: int
    url: str
    is_template: bool
    prefix: str
    text: str
    part: Literal["html", "text"] = "html"


def fill(link_url: str, contact: Mapping[str, Any]) -> str:
    """The URL for a contact from a URL template (`Link.url` of a link with `is_template`).

    Raises `merge.CannotRender`. Line breaks and blanks in values are percent-encoded.
    """
    url = merge.render(link_url, merge.scope(contact, {}, "", ""))
    return re.sub(r"[\x00-\x20\x7f\\<>\"]", lambda match: f"%{ord(match[0]):02X}", url)


def problems_of(
    url: str, words: Words, bound: frozenset[str]
) -> Iterator[tuple[str, dict[str, str], int]]:
    """What is wrong with a URL (unescaped, with words in it): code, details and the number of the origin (-1:
    no certain place)."""
    if tags := words.tags_in(url):
        yield "block_in_tag", {"tag": words.origins[tags[0]].token.source}, tags[0]
        return
    match = words.pattern.search(url)
    if match is None or (match[3] or match[1]) != "h":
        if not url:
            yield "empty_url", {}, -1
        elif not (url.startswith("#") or _WEB.match(url) or _OTHER_SCHEME.match(url)):
            yield "relative_url", {"url": url[:100]}, -1
        return
    yield from _problems_of_holes(url, match, words, bound)


def urls_in_text(text: str) -> Iterator[str]:
    """Every web address in running text."""
    for match in _IN_TEXT.finditer(text):
        yield _without_end(match[0])


def urls_of(token: markup.Token) -> Iterator[str]:
    """Every URL in a token: attributes, `url()` of styles, and links inside conditional comments."""
    if token.kind == "open":
        for name, value in token.attributes:
            if name in markup.URL_ATTRIBUTES:
                yield unescape(value).strip()
            elif name == "style":
                yield from (url.strip() for url in _CSS_URL.findall(unescape(value)))
    elif token.kind == "comment":
        for _, _, value in _IN_COMMENT.findall(token.text):
            yield unescape(value).strip()


class Register:
    """Numbers the links of one message in order of appearance and puts words in their places."""

    def __init__(self, words: Words, scope: Mapping[str, Any]) -> None:
        self.words = words
        self.scope = scope
        self.links: list[Link] = []
        self.targets: list[tuple[Part, ...]] = []
        self.urls: list[str] = []

    def in_html(self, tokens: list[markup.Token]) -> list[markup.Token]:
        """The tokens with a word for every link that can be measured."""
        changed = list(tokens)
        for index, token in enumerate(tokens):
            if token.kind == "open" and token.text in {"a", "area"}:
                label = token.get("alt") if token.text == "area" else _label(tokens, index)
                attributes = tuple(
                    (name, self._in_attribute(value, label) if name == "href" else value)
                    for name, value in token.attributes
                )
                changed[index] = replace(token, attributes=attributes)
            elif token.kind == "comment" and "href" in token.text:
                changed[index] = replace(token, text=_IN_COMMENT.sub(self._in_comment, token.text))
        return changed

    def in_text(self, text: str) -> str:
        """`text` with a word for every web address; those of the HTML keep their numbers."""
        known: dict[str, list[int]] = {}
        for number, url in enumerate(self.urls):
            known.setdefault(url, []).append(number)

        def word(match: re.Match[str]) -> str:
            url = _without_end(match[0])
            rest = match[0][len(url) :]
            if not self._is_measurable(url):
                return match[0]
            numbers = known.get(url)
            if numbers:
                number = numbers.pop(0) if len(numbers) > 1 else numbers[0]
                return self.words.link(number) + rest
            return self.words.link(self._add(url, "", "text")) + rest

        return _IN_TEXT.sub(word, text)

    def _in_attribute(self, value: str, label: str) -> str:
        url = unescape(value).strip()
        return self.words.link(self._add(url, label, "html")) if self._is_measurable(url) else value

    def _in_comment(self, match: re.Match[str]) -> str:
        if not match[1].lower().startswith("href"):
            return match[0]
        return f"{match[1]}{match[2]}{self._in_attribute(match[3], '')}{match[2]}"

    def _is_measurable(self, url: str) -> bool:
        return bool(_WEB.match(url)) and not any(
            merge.OWN_URLS & merge.names_in(origin.token.text)
            for origin in self.words.holes_in(url)
        )

    def _add(self, url: str, label: str, part: Literal["html", "text"]) -> int:
        number = len(self.links)
        parts = folded(self.words.parts(url), self.scope, str)
        is_template = any(found.kind != "static" for found in parts)
        prefix = parts[0].text
        shown = as_source(self.words.parts(label)) if self.words.holes_in(label) else label
        whole = as_source(parts) if is_template else prefix
        self.links.append(Link(number, whole, is_template, prefix, shown, part))
        self.targets.append(parts)
        self.urls.append(url)
        return number


def _problems_of_holes(
    url: str, first: re.Match[str], words: Words, bound: frozenset[str]
) -> Iterator[tuple[str, dict[str, str], int]]:
    number = int(first[4])
    head = url[: first.start()]
    names = merge.names_in(words.origins[number].token.text)
    if _OTHER_SCHEME.match(head) or (names and names <= merge.OWN_URLS and not head):
        return
    if not _STATIC_HOST.match(head):
        yield ("hole_in_host" if "://" in head else "whole_url"), {}, number
    for origin in words.holes_in(url):
        for name in merge.names_in(origin.token.text):
            if name.partition(".")[0] in bound:
                yield "local_name_in_url", {"name": name}, words.origins.index(origin)


def _without_end(found: str) -> str:
    """A web address in running text without the punctuation and the closing bracket after it."""
    depth = 0
    for at, character in enumerate(found):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            found = found[:at]
            break
    return found.rstrip(_AFTER_URL if depth <= 0 and "(" not in found else ".,;:!?'’")


def _label(tokens: list[markup.Token], index: int) -> str:
    label = []
    for token in tokens[index + 1 :]:
        if token.kind == "close" and token.text == "a":
            break
        if token.kind == "text":
            label.append(unescape(token.text))
        elif token.kind == "open" and token.text == "img":
            label.append(token.get("alt"))
    return " ".join(" ".join(label).split())[:200]
