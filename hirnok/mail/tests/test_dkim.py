"""Signatures, verified by dkimpy (somebody else's reading of RFC 6376) with a DNS of our own."""

import re
from email.message import EmailMessage

import dkim as independent
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hirnok.mail import dkim

KEY = dkim.new_key()
SIGNER = dkim.Signer("alma.example", "h1", KEY)
MESSAGE = (
    b"From: Alma <hirlevel@alma.example>\r\nTo: anna@example.org\r\nSubject: Tavasz  van\r\n"
    b"Date: Mon, 30 Nov 2026 23:53:43 +0000\r\nMessage-ID: <1@alma.example>\r\n"
    b"List-Unsubscribe: <https://alma.example/u/x>,\r\n <mailto:u@alma.example>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain;\r\n\tcharset=utf-8\r\n\r\nSzia  Anna!\r\n\r\n  vege \t\r\n\r\n"
)


def dns(name: bytes, timeout: int = 5) -> bytes:
    assert name == b"h1._domainkey.alma.example."
    return dkim.record(KEY).encode()


def holds(message: bytes) -> bool:
    return bool(independent.verify(message, dnsfunc=dns))


def test_it_signs_what_another_program_verifies() -> None:
    signed = SIGNER.sign(MESSAGE)
    assert signed.endswith(MESSAGE)
    assert holds(signed)
    head = signed[: signed.index(b"From: ")]
    assert max(map(len, head.split(b"\r\n"))) <= 78
    names = re.sub(rb"\s", b"", head.partition(b"h=")[2].partition(b";")[0]).split(b":")
    assert names.count(b"From") == names.count(b"Subject") == names.count(b"List-Unsubscribe") == 2
    assert names.count(b"List-Unsubscribe-Post") == 2
    assert names.count(b"Reply-To") == 1
    assert names.count(b"Date") == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Szia", b"Szio"),
        (b"Subject: Tavasz", b"Subject: Akasz"),
        (b"<https://alma.example/u/x>", b"<https://evil.example/u/x>"),
        (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=No"),
        (b"MIME-Version", b"Subject: another\r\nMIME-Version"),
        (b"MIME-Version", b"Reply-To: evil@example.org\r\nMIME-Version"),
        (b"MIME-Version", b"Cc: evil@example.org\r\nMIME-Version"),
        (b"MIME-Version", b"From: evil@example.org\r\nMIME-Version"),
    ],
)
def test_a_change_breaks_it(before: bytes, after: bytes) -> None:
    signed = SIGNER.sign(MESSAGE)
    assert before in signed
    assert not holds(signed.replace(before, after, 1))


def test_what_a_relay_may_fold_and_fill_does_not_break_it() -> None:
    signed = SIGNER.sign(MESSAGE)
    assert holds(
        signed.replace(b"Tavasz  van", b"Tavasz van").replace(b"  vege \t\r\n", b" vege\r\n")
    )
    assert holds(signed + b"\r\n\r\n")


LINES = st.lists(
    st.text(alphabet=" \tab=.\x0b", max_size=12).map(lambda line: line.encode()), max_size=8
)


@settings(deadline=None, max_examples=60)
@given(lines=LINES, subject=st.text(alphabet="ab \t.:;=", max_size=30))
def test_it_verifies_whatever_is_written(lines: list[bytes], subject: str) -> None:
    head = f"From: a@alma.example\r\nSubject: {subject}\r\nTo: b@example.org\r\n\r\n".encode()
    assert holds(SIGNER.sign(head + b"".join(line + b"\r\n" for line in lines)))


def test_it_signs_what_the_standard_library_writes() -> None:
    message = EmailMessage()
    message["From"], message["To"] = "Őri Ágnes <a@alma.example>", "b@example.org"
    message["Subject"] = (
        "Árvíztűrő tükörfúrógép, és még sok egyéb, ami már nem fér el egyetlen sorba"
    )
    message.set_content("Árvíz\n\n.\n.. \n")
    data = message.as_bytes().replace(b"\n", b"\r\n")
    assert holds(SIGNER.sign(data))


def test_it_takes_no_other_keys() -> None:
    with pytest.raises(ValueError, match="PEM"):
        dkim.Signer("alma.example", "h1", "nothing")
    assert dkim.record(KEY).startswith("v=DKIM1; k=rsa; p=MIIBIjANBgkq")
