"""Mail that came back: what it means, whatever wrote it."""

import json
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hirnok.mail import parse, prose, sort
from hirnok.mail.tests import mail_systems, returned

BOUNCES = {**returned.BOUNCES, **mail_systems.BOUNCES}


@pytest.mark.parametrize("name", BOUNCES)
def test_it_reads_bounces(name: str) -> None:
    raw, recipients, permanence, reply_class = BOUNCES[name]
    found = sort.sort(raw)
    assert (found.kind, found.recipients) == ("bounce", recipients)
    assert (found.verdicts[0].permanence, found.verdicts[0].reply_class) == (
        permanence,
        reply_class,
    )


@pytest.mark.parametrize("name", returned.OTHERS)
def test_it_tells_what_is_no_bounce(name: str) -> None:
    raw, kind, recipients = returned.OTHERS[name]
    found = sort.sort(raw)
    assert (found.kind, found.recipients) == (kind, recipients)


@pytest.mark.parametrize("name", BOUNCES)
def test_it_reads_the_same_with_the_line_ends_of_the_wire(name: str) -> None:
    raw = BOUNCES[name][0]
    assert sort.sort(raw.replace(b"\n", b"\r\n")) == sort.sort(raw)


def test_it_says_how_a_delay_differs_from_a_failure() -> None:
    delayed = sort.sort(returned.BOUNCES["delayed"][0]).verdicts[0]
    failed = sort.sort(returned.BOUNCES["RFC 3464"][0]).verdicts[0]
    assert (delayed.action, failed.action) == ("delayed", "failed")
    assert failed.reply == "550 5.1.1 <anna@teszt.example>: User unknown in virtual mailbox table"


def test_it_knows_the_mail_a_report_is_about() -> None:
    found = sort.sort(returned.BOUNCES["qmail"][0])
    assert found.original.get("message-id") == "<20260302.1@kiado.example>"
    assert sort.sort(returned.OTHERS["ARF"][0]).feedback == "abuse"


def test_it_reads_names_without_a_domain_only_where_recipients_are_announced() -> None:
    said = "The message that you sent was undeliverable to the following:\n\n\tanna (Mailbox is full)\n\tbela\n\nBest\n"
    assert [one.address for one in prose.names(said)] == ["anna", "bela"]
    assert prose.names("Your mail was rejected.\n\n  anna\n") == []
    assert prose.names("The recipients are:\n  anna\n") == []


def test_it_opens_no_report_which_a_person_hands_on() -> None:
    inside = returned.report(returned.status()).split(b"\n", 1)[1]
    head = "From: %s\nTo: hirlevel@kiado.example\nSubject: Fwd\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=zz\n\n--zz\n"
    words = b"\n--zz\nContent-Type: text/plain\n\nWhat is this?\n--zz--\n"
    enclosed = b"Content-Type: message/rfc822\n\n" + inside
    for sender, kind in (("Anna <anna@teszt.example>", "none"), ("Mail Delivery System <MAILER-DAEMON@mx.example>", "bounce")):  # fmt: skip
        assert sort.sort((head % sender).encode() + enclosed + words).kind == kind


SAMPLES = [raw for raw, *_ in (*returned.BOUNCES.values(), *returned.OTHERS.values())]


@given(st.binary(max_size=2000))
@settings(max_examples=300, deadline=None)
def test_it_sorts_any_bytes(raw: bytes) -> None:
    assert sort.sort(raw).kind in set(sort.Kind)
    json.dumps(sort.summary(sort.sort(raw)))


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 400), st.binary(max_size=60)), max_size=6),
)
@settings(max_examples=400, deadline=None)
def test_it_sorts_damaged_mails(raw: bytes, cuts: list[tuple[float, int, bytes]]) -> None:
    for where, length, other in cuts:
        at = int(where * len(raw))
        raw = raw[:at] + other + raw[at + length :]
    found = sort.sort(raw)
    assert all("@" in address and "\0" not in address for address in found.recipients)
    assert sort.sort(raw) == found


@given(
    st.text(max_size=400),
    st.sampled_from(["base64", "quoted-printable", "8bit", "x-unknown"]),
    st.sampled_from(
        [
            "utf-7",
            "punycode",
            "idna",
            "unicode_escape",
            "hex",
            "zlib",
            "koi8-r",
            "utf-16",
            "\u0151",
            "x" * 300,
        ]
    ),
)
@settings(max_examples=200, deadline=None)
def test_it_survives_charsets_and_encodings(body: str, encoding: str, charset: str) -> None:
    head = f"From: MAILER-DAEMON\nSubject: =?{charset}?B?AAA=?= =?utf-8?q?=C3?=\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
    assert sort.sort((head + body).encode("utf-8", "surrogatepass")).kind in set(sort.Kind)


HOSTILE = {
    "one long line": b"Subject: failure notice\n\n" + b"a" * 3_000_000,
    "signs of addresses": b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n" + b"a@" * 400_000,
    "many addresses": b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n" + b"<a@b.example>:\n" * 150_000,
    "one header of blanks": b"Subject: x" + b" " * 2_000_000 + b"\n\n",
    "folded for ever": b"Subject: x\n" + b" y\n" * 600_000,
    "many header fields": b"X: y\n" * 400_000,
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\n\n",
    "open tags": b"Content-Type: text/html\nSubject: failure notice\n\n" + b"<a " * 500_000,
    "open comments": b"Content-Type: text/html\n\n" + b"<!--" * 400_000,
    "many parts": b'Content-Type: multipart/mixed; boundary="b"\n\n' + b"--b\nContent-Type: text/plain\n\nx\n" * 60_000,
    "boundary of one sign": b'Content-Type: multipart/mixed; boundary="-"\n\n' + b"---\n" * 500_000,
    "NULs": b"\0" * 2_000_000,
    "fields for ever": b"From: mailer-daemon@x\nContent-Type: message/delivery-status\n\n" + b"Final-Recipient: rfc822; a@b.example\n\n" * 50_000,
    "JSON": b"Subject: x\n\n{\"notificationType\":" + b"[" * 100_000,
    "punctuation": b"From: mailer-daemon@x\nSubject: failure notice\n\n" + b"=-_* " * 400_000,
    "nearly a phrase": b"From: mailer-daemon@x\nSubject: failure notice\n\n" + b"could not be mailbox recipient address user " * 40_000,
}  # fmt: skip


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", HOSTILE)
def test_it_ends_whatever_is_sent(name: str) -> None:
    assert sort.sort(HOSTILE[name]).kind in set(sort.Kind)


@pytest.mark.timeout(30)
def test_it_stops_at_a_depth() -> None:
    raw = b"end"
    for depth in range(2 * sys.getrecursionlimit()):
        raw = b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n%s\n--b%d--\n' % (
            depth,
            depth,
            raw,
            depth,
        )
        if len(raw) > 100_000:
            break
    assert len(parse.parse(raw).parts) <= parse.MOST_PARTS
    assert sort.sort(raw).kind == "none"


def test_it_takes_what_is_not_excluded() -> None:
    found = prose.recipients(
        "Could not be delivered to a@b.example, c@d.example", frozenset({"a@b.example"})
    )
    assert [one.address for one in found] == ["c@d.example"]
