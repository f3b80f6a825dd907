"""The second step: parts become bytes with holes, made once per campaign and filled once per recipient.

What is the same for everyone is encoded once (`hirnok.mail.quoted`: pieces from column 0 to column 0), so a
message is the join of static pieces and values. Conditions and loops are small MiniJinja templates whose static
text is already encoded; a part with `set` is one such template, because `set` reaches out of its block.

Preview, test and delivery use the same `Compiled.render`. Without link ids and pixel (no measurement) the
message has the author's own addresses and nothing to measure with. Leaves to others: ids, tokens, SMTP, DKIM.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from hirnok.mail import merge, quoted, verp
from hirnok.mail.compose import Prepared
from hirnok.mail.message import Compiled, Fragment, Slot
from hirnok.mail.parts import Part
from hirnok.mail.quoted import escape

_TRACK: Final = "_track"
_TEXT: Final = "t"
_HTML: Final = "h"


class HasErrors(Exception):
    """The campaign has errors and cannot be compiled; `problems` of the prepared campaign tell which."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a message says about itself, apart from what the author wrote.

    `message`: names the campaign in Message-IDs (letters, digits, dots, hyphens). `domain`: of the Message-ID.
    `list_id`: RFC 2919, for example `news.example.org`; empty for a letter to one person, which is of no list, has
    no way out of one, and says that a program wrote it (RFC 3834 §5). `feedback_id`: up to four parts with colons,
    for Gmail. `unsubscribe_domain`: where the receiver takes mail for leaving (`hirnok.mail.verp`); empty: none.
    `public_base`, `track_base`: URLs without a slash at the end. `pixel`: whether opens are measured.
    `language`: of the brand; it orders the names of recipients who have no language of their own.
    """

    from_name: str
    from_address: str
    domain: str
    message: str
    list_id: str
    public_base: str
    list_name: str = ""
    reply_to: str = ""
    feedback_id: str = ""
    unsubscribe_domain: str = ""
    track_base: str = ""
    pixel: bool = False
    language: str = ""


def compile_message(
    prepared: Prepared, envelope: Envelope, link_ids: Mapping[int, int] | None = None
) -> Compiled:
    """The message, ready to be filled.

    `link_ids`: the id of each link to measure, by `Link.position`; the others keep the author's address.
    Raises `HasErrors`.
    """
    if prepared.errors or not prepared.html:
        raise HasErrors
    html = _linked(prepared.html, prepared, envelope, link_ids or {}, is_html=True)
    text = _linked(prepared.text, prepared, envelope, link_ids or {}, is_html=False)
    if envelope.pixel:
        html = _with_pixel(html, envelope.track_base)
    builder = _Builder(envelope, prepared)
    boundary = _boundary(prepared, envelope)
    builder.headers(boundary)
    builder.opened(boundary, "text/plain")
    builder.body(text, _TEXT)
    builder.opened(boundary, "text/html")
    builder.body(html, _HTML)
    builder.raw(f"\r\n--{boundary}--\r\n".encode("ascii"))
    return builder.compiled()


def date_of(at: datetime) -> str:
    """`at` (with time zone) as the value of a Date header (RFC 5322 §3.3)."""
    return format_datetime(at)


class _Builder:
    """Collects pieces; neighbouring static ones become one."""

    def __init__(self, envelope: Envelope, prepared: Prepared) -> None:
        self.envelope = envelope
        self.prepared = prepared
        self.statics: list[bytes] = []
        self.slots: list[Slot] = []
        self.order: list[tuple[bool, int]] = []
        self.fragments: list[Fragment] = []
        self.subject = _header_fragment(prepared.subject, self)

    def raw(self, data: bytes) -> None:
        if self.order and not self.order[-1][0]:
            self.statics[-1] += data
        elif data:
            self.statics.append(data)
            self.order.append((False, len(self.statics) - 1))

    def slot(self, slot: Slot) -> None:
        self.order.append((True, self.number(slot)))

    def number(self, slot: Slot) -> int:
        if slot not in self.slots:
            self.slots.append(slot)
        return self.slots.index(slot)

    def compiled(self) -> Compiled:
        offset = len(self.statics)
        return Compiled(
            statics=tuple(self.statics),
            slots=tuple(self.slots),
            order=tuple(index + offset if is_slot else index for is_slot, index in self.order),
            fragments=tuple(self.fragments),
            subject=self.subject,
            brand=self.prepared.brand.values,
            unsubscribe=f"{self.envelope.public_base}/u/",
            message=f".{self.envelope.message}@{self.envelope.domain}>\r\n",
        )

    def headers(self, boundary: str) -> None:
        envelope = self.envelope
        self.raw(quoted.mailbox("From", envelope.from_name, envelope.from_address))
        self.slot(("to", envelope.language))
        if envelope.reply_to:
            self.raw(quoted.mailbox("Reply-To", "", envelope.reply_to))
        if isinstance(self.subject, str):
            self.raw(quoted.unstructured("Subject", self.subject))
        else:
            self.slot(("subject",))
        self.raw(b"Date: ")
        self.slot(("date",))
        self.raw(b"\r\nMessage-ID: <")
        self.slot(("message_id",))
        if envelope.list_id:
            self._list_headers()
            self.raw(b"Precedence: bulk\r\nX-Auto-Response-Suppress: OOF, AutoReply\r\n")
        else:
            self.raw(b"Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n")
        self.raw(b"MIME-Version: 1.0\r\n")
        self.raw(
            f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n'.encode("ascii")
        )

    def _list_headers(self) -> None:
        """RFC 2919, RFC 2369, RFC 8058 and Gmail's Feedback-ID."""
        envelope = self.envelope
        self.raw(
            quoted.mailbox("List-Id", envelope.list_name or envelope.from_name, envelope.list_id)
        )
        self.raw(f"List-Unsubscribe: <{envelope.public_base}/u/".encode("ascii"))
        self.slot(("leave",))
        if envelope.unsubscribe_domain:
            self.raw(f">,\r\n <mailto:{verp.LEAVE}".encode("ascii"))
            self.slot(("leave_in_address",))
            self.raw(f"@{envelope.unsubscribe_domain}?subject=unsubscribe".encode("ascii"))
        self.raw(b">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
        if envelope.feedback_id:
            self.raw(
                f"Feedback-ID: {quoted.one_line(envelope.feedback_id)}\r\n".encode(
                    "ascii", "replace"
                )
            )

    def opened(self, boundary: str, media_type: str) -> None:
        self.raw(
            f"\r\n--{boundary}\r\nContent-Type: {media_type}; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n".encode("ascii")
        )

    def body(self, parts: tuple[Part, ...], context: str) -> None:
        """One part. Composed parts end in a line break, so this ends in a hard one."""
        if any(part.keyword == "set" for part in parts):
            self.fragment(parts, context)
        else:
            for group in _top_level(parts):
                if len(group) == 1 and group[0].kind == "static":
                    self.raw(quoted.piece(group[0].text))
                elif len(group) == 1 and (slot := self.simple(group[0], context)):
                    self.slot(slot)
                else:
                    self.fragment(group, context)

    def fragment(self, parts: tuple[Part, ...], context: str) -> None:
        self.fragments.append(self.template(parts, context))
        self.slot(("fragment", len(self.fragments) - 1))

    def template(self, parts: tuple[Part, ...], context: str) -> Fragment:
        """A template whose static text is encoded and whose holes encode; simple names come encoded."""
        source, used = [], set()
        for part in parts:
            if part.kind == "static":
                source.append(quoted.piece(part.text, in_template=True).decode("ascii"))
            elif part.kind == "tag":
                source.append(merge.Token("tag", part.text, 0).source)
            elif slot := self.simple(part, context):
                number = self.number(slot)
                used.add(number)
                source.append(f"{{{{ _{number} }}}}")
            else:
                source.append(
                    f"{{{{ ({part.text})|{'html' if context == _HTML else 'text'}_piece }}}}"
                )
        return Fragment("".join(source), tuple(sorted(used)))

    def simple(self, part: Part, context: str) -> Slot | None:
        """The slot for a hole that needs no template engine."""
        if part.kind != "hole":
            return None
        if part.text == _TRACK:
            return ("track_piece",)
        found = merge.simple(part.text)
        if found is None:
            return None
        if found.name in merge.OWN_URLS:
            return (found.name.removesuffix("_url"), context)
        if found.name == "campaign.subject" and not found.fallback:
            return ("campaign_subject", context)
        root, _, name = found.name.partition(".")
        return ("field", context, name, found.fallback) if root == "contact" else None


def _header_fragment(
    parts: tuple[Part, ...], builder: _Builder
) -> Fragment | str | tuple[Slot | str, ...]:
    """The subject: a text, texts and fields, or a template for plain text."""
    if all(part.kind == "static" for part in parts):
        return "".join(part.text for part in parts)
    pieces: list[Slot | str] = []
    for part in parts:
        slot = builder.simple(part, _TEXT)
        if part.kind == "static":
            pieces.append(part.text)
        elif slot and slot[0] == "field":
            pieces.append(slot)
        else:
            break
    else:
        return tuple(pieces)
    source = (
        merge.quoted(part.text)
        if part.kind == "static"
        else merge.Token("hole" if part.kind == "hole" else "tag", part.text, 0).source
        for part in parts
    )
    return Fragment("".join(source), ())


def _linked(
    parts: tuple[Part, ...],
    prepared: Prepared,
    envelope: Envelope,
    link_ids: Mapping[int, int],
    *,
    is_html: bool,
) -> tuple[Part, ...]:
    """The parts with addresses in place of links."""
    found: list[Part] = []
    for part in parts:
        if part.kind != "link":
            found.append(part)
        elif (link_id := link_ids.get(part.number)) is not None:
            found.append(Part("static", f"{envelope.track_base}/c/{link_id}/"))
            found.append(Part("hole", _TRACK))
        else:
            for target in prepared.targets[part.number]:
                plain = target.kind == "static" and is_html
                found.append(replace(target, text=escape(target.text)) if plain else target)
    return tuple(_merged(found))


def _with_pixel(parts: tuple[Part, ...], track_base: str) -> tuple[Part, ...]:
    before = f'<img src="{escape(track_base)}/o/'
    after = '.gif" width="1" height="1" alt="" style="border:0;height:1px;width:1px;">'
    last = parts[-1].text if parts[-1].kind == "static" else ""
    at = last.rfind("</body>")
    head = parts[:-1] if last else parts
    end = last if at < 0 else last[:at]
    rest = "" if at < 0 else last[at:]
    pixel = [Part("static", end + before), Part("hole", _TRACK), Part("static", after + rest)]
    return tuple(_merged([*head, *pixel]))


def _merged(parts: list[Part]) -> Iterator[Part]:
    texts: list[str] = []
    for part in parts:
        if part.kind == "static":
            texts.append(part.text)
            continue
        if texts:
            yield Part("static", "".join(texts))
            texts = []
        yield part
    if texts:
        yield Part("static", "".join(texts))


def _top_level(parts: tuple[Part, ...]) -> Iterator[tuple[Part, ...]]:
    """Single parts, and whole blocks from `if` or `for` to its end."""
    group: list[Part] = []
    depth = 0
    for part in parts:
        depth += part.keyword in {"if", "for"}
        depth -= part.keyword in {"endif", "endfor"}
        group.append(part)
        if not depth:
            yield tuple(group)
            group = []


def _boundary(prepared: Prepared, envelope: Envelope) -> str:
    """Begins with `=_`, which cannot occur in quoted-printable text (RFC 2045 §6.7)."""
    seed = "\0".join((envelope.message, envelope.domain, prepared.html_source))
    return f"=_{hashlib.sha256(seed.encode('utf-8', 'replace')).hexdigest()[:24]}"
