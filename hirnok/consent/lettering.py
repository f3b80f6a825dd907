"""How the letters of forms look: text and HTML in the brand's colours, composed as newsletters are.

Promises: the same words and look are composed once in a process (`_compiled` is a pure function of its arguments);
a letter is filled as a newsletter is. Nothing of a tenant's words is taken for the merge language. Leaves to
others: what is said (`wording`), when, and under which holding (`writing`).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string

from hirnok.mail import compile as mail_compile
from hirnok.mail import compose, merge
from hirnok.mail.compile import Envelope
from hirnok.mail.footers import Footer
from hirnok.mail.message import PREVIEW, Compiled
from hirnok.tenants.models import Brand
from hirnok.ui import colours

PLAIN_ACCENT = "#066fd1"
_HOLES = {"token": "{{ contact.token }}", "day": "{{ contact.day }}"}


@dataclass(frozen=True)
class Look:
    """Whose letter it is, and in which colours and language."""

    brand: str
    sender: str
    from_address: str
    reply_to: str
    postal_address: str
    public_base: str
    logo: str
    accent: str
    accent_dark: str
    language: str


@dataclass(frozen=True)
class Said:
    """What a letter says: the tenant's words, a button that leads to `/page/TOKEN/`, in the text part after
    `lead`, and a last line; `closing` may hold a `%(day)s`."""

    subject: str
    opening: str
    lead: str
    button: str
    page: str
    closing: str = ""
    otherwise: str = ""  # what stands before the written address, for who cannot press the button


def look(brand: Brand, accent: str, language: str) -> Look:
    """Return how a brand's letters look. `brand` knows its logo."""
    base = public_base(brand)
    light, dark = colours.accents(accent) or colours.accents(PLAIN_ACCENT) or ("", "")
    return Look(
        brand=brand.name,
        sender=brand.sender_name,
        from_address=brand.from_address,
        reply_to=brand.reply_to,
        postal_address=", ".join(brand.postal_address.splitlines()),
        public_base=base,
        logo=f"{base}/m/{brand.logo.token}" if brand.logo else "",
        accent=light,
        accent_dark=dark,
        language=language,
    )


def public_base(brand: Brand) -> str:
    """Return the address under which readers reach a brand's pages, without a slash at the end."""
    return (brand.public_base_url or settings.PUBLIC_URL).rstrip("/")


def written(
    look: Look, said: Said, *, address: str, token: str = PREVIEW, day: str = "", at: datetime
) -> bytes:
    """Return the whole message for one address (RFC 5322, CRLF, 7-bit)."""
    return _compiled(look, said).render(
        {"email": address, "token": token, "day": day},
        track=secrets.token_hex(16),
        leave="",
        delivery_id=0,
        date=mail_compile.date_of(at),
    )


@lru_cache(maxsize=512)
def _compiled(look: Look, said: Said) -> Compiled:
    names = ("subject", "opening", "lead", "button", "closing", "otherwise")
    shown = {name: merge.literal(getattr(said, name)) for name in names}
    shown["closing"] = shown["closing"].replace("%(day)s", _HOLES["day"])
    url = f"{look.public_base}/{said.page}/{_HOLES['token']}/"
    signature = f"{look.sender}\n{look.postal_address}"
    html = render_to_string(
        "consent/letter.html",
        {**shown, "url": url, "look": look, "brand": merge.literal(look.brand)}
        | {"signature": merge.literal(signature)},
    )
    text = "\n\n".join(
        filter(
            None,
            (
                shown["opening"].strip(),
                f"{shown['lead']}\n{url}",
                shown["closing"],
                merge.literal(signature),
            ),
        )
    )
    prepared = compose.prepare(
        compose.Source(
            kind="html",
            body=html,
            subject=shown["subject"],
            text=text,
            language=look.language,
            fields=frozenset(_HOLES),
        ),
        compose.Brand(look.brand, look.postal_address, look.sender),
        Footer(unsubscribe=""),
    )
    return mail_compile.compile_message(
        prepared,
        Envelope(
            from_name=look.sender,
            from_address=look.from_address,
            domain=look.from_address.rpartition("@")[2],
            message="form",
            list_id="",
            language=look.language,
            public_base=look.public_base,
            reply_to=look.reply_to,
        ),
    )
