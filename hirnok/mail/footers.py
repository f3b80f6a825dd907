"""The end of every newsletter: who sends it, from where, and the way out.

A postal address and a visible unsubscribe link are required by law and by the large providers. What the author placed
counts, if every reader sees it: not inside a condition or a loop, not only in a comment.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hirnok.mail import body, merge
from hirnok.mail.parts import Words
from hirnok.mail.quoted import escape

UNSUBSCRIBE, PREFERENCES = "unsubscribe_url", "preferences_url"
ADDRESS = "brand.postal_address"


@dataclass(frozen=True, slots=True)
class Footer:
    """Texts below the letter, already in its language: `unsubscribe` and `preferences` are labels of links, `note`
    says why the reader gets it. The last two may be empty: there is no such row then."""

    unsubscribe: str
    note: str = ""
    preferences: str = ""

    @property
    def links(self) -> list[tuple[str, str]]:
        """The links by the name of their address, in their order."""
        labels = {UNSUBSCRIBE: self.unsubscribe, PREFERENCES: self.preferences}
        return [(name, label) for name, label in labels.items() if label]


def in_html(html: str, words: Words, postal_address: str, footer: Footer) -> str:
    """`html` (with words) and below it what is missing of note, address and unsubscribe link."""
    holes = list(_always_there(html, words))
    rows = [escape(footer.note)] if footer.note else []
    if not _mentions(html, postal_address) and not any(name == ADDRESS for name, _ in holes):
        rows.append(escape(", ".join(postal_address.split("\n"))))
    placed = {name for name, before in holes if _in_href(before)}
    links = [
        f'<a href="{words.hole(name)}" style="color:#6b7280;">{escape(label)}</a>'
        for name, label in footer.links
        if name not in placed
    ]
    rows += [" &middot; ".join(links)] if links else []
    return body.with_footer(html, rows)


def in_text(text: str, words: Words, postal_address: str, footer: Footer) -> str:
    """The same for the text part. Ends in exactly one line break."""
    holes = list(_always_there(text, words))
    rows = [footer.note] if footer.note else []
    if not _mentions(text, postal_address) and not any(name == ADDRESS for name, _ in holes):
        rows.append(", ".join(postal_address.split("\n")))
    placed = {name for name, _ in holes}
    rows += [
        f"{label}: {words.hole(name, 'text')}" for name, label in footer.links if name not in placed
    ]
    below = "\n\n---\n" + "\n".join(rows) if rows else ""
    return f"{text.rstrip()}{below}\n"


def _always_there(text: str, words: Words) -> Iterator[tuple[str, str]]:
    """The name in each hole outside of conditions, loops and comments, and the text before it; what an expression
    makes of a name may be nothing, so expressions do not count."""
    depth = 0
    for match in words.pattern.finditer(text):
        kind = match[1] or match[3]
        if kind not in {"h", "b"}:
            continue
        token = words.origins[int(match[2] or match[4])].token
        if token.keyword in {"if", "for"}:
            depth += 1
        elif token.keyword in {"endif", "endfor"}:
            depth -= 1
        elif kind == "h" and not depth:
            before = text[max(0, match.start() - 4000) : match.start()]
            plain = merge.simple(token.text)
            if plain is not None and before.rfind("<!--") <= before.rfind("-->"):
                yield plain.name, before


def _in_href(before: str) -> bool:
    return re.search(r"<a\s[^<>]*href=\"[^\"]*\Z", before) is not None


def _mentions(text: str, postal_address: str) -> bool:
    wanted = _letters(postal_address)
    return not wanted or wanted in _letters(re.sub(r"<[^<>]*>", " ", text))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()
