"""Shared inputs of the tests of this package."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from hirnok.mail.compile import Compiled, Envelope, compile_message
from hirnok.mail.compose import Brand, Footer, Prepared, Source, prepare

bounded = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
BRAND = Brand("Kis Könyvesbolt", "Kis Könyvesbolt Kft.\n1051 Budapest, Fő utca 1.", "Kovács Őrs")
FOOTER = Footer("Leiratkozás", "Azért kapja, mert feliratkozott.")
ENVELOPE = Envelope(
    from_name="Kovács Őrs",
    from_address="hirek@konyvesbolt.example",
    domain="konyvesbolt.example",
    message="c12",
    list_id="hirek.konyvesbolt.example",
    public_base="https://konyvesbolt.example",
    track_base="https://t.konyvesbolt.example",
    feedback_id="12:3:newsletter:hirnok",
)
FIELDS = frozenset({"town", "points", "vip", "born", "tags"})
ANNA = {
    "email": "anna.kiss+hirek@olvaso.example",
    "first_name": "Anna",
    "last_name": "Kiss",
    "language": "hu",
    "town": "Kőszeg",
    "points": 12,
    "vip": True,
    "born": "1980-02-29",
    "tags": "vers,regény",
}
TRACK, LEAVE = "t" * 24, "l" * 24
DATE = "Tue, 03 Nov 2026 09:00:00 +0100"

NASTY = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40),
    st.sampled_from(
        [
            "", ".", "..", ".\r\n.", "a.", " a ", "trailing \r\nblank\t\r\n", "=", "=3D", "=\r\n", "é" * 80,
            "x" * 200, "x" * 72 + ".", "x" * 73 + "..", "😀" * 30, "a\u2028b", "a\rb\nc", "\t", "--=_0", "\r\n--=_77\r\n",
            "{{ contact.email }}", "{% raw %}", "<b>&amp;\"'</b>", "-->", "From me", "Árvíztűrő tükörfúrógép",
            "Bcc: x@y.example\r\n\r\nbody", "=?utf-8?q?x?=", "a,b;c", "\x7f\x1b", "ő",
        ]
    ),
)  # fmt: skip
CONTACTS = st.fixed_dictionaries(
    {"email": st.just("anna@olvaso.example")},
    optional=dict.fromkeys(
        ("first_name", "last_name", "language", "town", "points", "vip", "born", "tags"), NASTY
    ),
)


def source(body: str, **changes: Any) -> Source:
    values = {"kind": "html", "subject": "Hírek", "language": "hu", "fields": FIELDS, **changes}
    return Source(body=body, **values)


def prepared(body: str, **changes: Any) -> Prepared:
    return prepare(source(body, **changes), BRAND, FOOTER)


def codes(body: str, **changes: Any) -> list[str]:
    return [problem.code for problem in prepared(body, **changes).problems]


def compiled(body: str, *, measured: bool = False, **changes: Any) -> Compiled:
    ready = prepared(body, **changes)
    assert not ready.errors, ready.errors
    ids = {link.position: 100 + link.position for link in ready.links} if measured else {}
    return compile_message(ready, ENVELOPE, ids)


def rendered(message: Compiled, contact: Any = ANNA) -> bytes:
    return message.render(contact, track=TRACK, leave=LEAVE, delivery_id=7, date=DATE)
