import hashlib
import hmac

import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st

from hirnok.mail.addresses import MESSAGES, Address, Indexer, Problem, blind_index, normalise
from hirnok.mail.tests.samples import bounded

ANNA = Address("anna", "olvaso.example")


@pytest.mark.parametrize(
    "raw",
    [
        "anna@olvaso.example", "anna@OLVASO.Example", " anna@olvaso.example\t", "<anna@olvaso.example>", "anna@olvaso.example.",
        "mailto:anna@olvaso.example?subject=x", "MAILTO:<anna@olvaso.example>", "'anna@olvaso.example'", "'anna@olvaso.example",
        "„anna@olvaso.example”,", "anna@olvaso.example;", "\ufeffanna@\u200bolvaso.example\u00a0", "anna＠olvaso．example",
        "anna @ olvaso.example", "anna@olvaso.example <anna@olvaso.example>", '"anna@olvaso.example"', "(anna@olvaso.example)",
    ],
)  # fmt: skip
def test_it_frees_the_address(raw: str) -> None:
    assert normalise(raw) == ANNA


@pytest.mark.parametrize(
    ("raw", "local", "domain", "display"),
    [
        ("Anna.Kiss+hirek@olvaso.example", "Anna.Kiss+hirek", "olvaso.example", ""),
        ("Kiss Anna <anna@olvaso.example>", "anna", "olvaso.example", "Kiss Anna"),
        ('"Kiss, Anna" <anna@olvaso.example>, ', "anna", "olvaso.example", "Kiss, Anna"),
        ("anna@könyvesbolt.hu", "anna", "xn--knyvesbolt-ecb.hu", ""),
        ("anna@XN--knyvesbolt-ECB.hu", "anna", "xn--knyvesbolt-ecb.hu", ""),
        ("o'brien@olvaso.example", "o'brien", "olvaso.example", ""),
        ("a@b.test", "a", "b.test", ""),
    ],
)
def test_it_keeps_what_belongs_to_the_address(
    raw: str, local: str, domain: str, display: str
) -> None:
    found = normalise(raw)
    assert found == Address(local, domain, display)
    assert isinstance(found, Address)
    assert found.text == f"{local}@{domain}"
    assert found.key == f"{local}@{domain}".lower()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "empty"), (" \u200b,; ", "empty"), ("anna", "no_at"), ("a@b.example, c@d.example", "several"),
        ("a@b.example c@d.example", "several"), ("a@b.example/c@d.example", "several"), ("a@@b.example", "invalid"),
        ("a@b.example\r\nBcc: c@d.example", "several"), ("@b.example", "local"), ("a b@c.example", "local"),
        ("a..b@c.example", "local"), (".a@c.example", "local"), ("a.@c.example", "local"), ("ő@c.example", "non_ascii_local"),
        ("a@", "domain"), ("a@b", "domain"), ("a@localhost", "domain"), ("a@b.localhost", "domain"), ("a@-b.example", "domain"),
        ("a@b_c.example", "domain"), ("a@1.2.3.4", "domain"), ("a@[1.2.3.4]", "domain"), ("a@xn--zzzz.example", "domain"),
        ("a@b..example", "domain"), ("x" * 65 + "@a.example", "too_long"), ("a@" + "b.example." * 40, "too_long"), ("x" * 3000, "too_long"),
    ],
)  # fmt: skip
def test_it_says_why_a_cell_is_no_address(raw: str, code: str) -> None:
    found = normalise(raw)
    assert found == Problem(code)  # type: ignore[arg-type]
    assert isinstance(found, Problem)
    assert found.message == MESSAGES[found.code]


@bounded
@given(
    st.text(max_size=60)
    | st.from_regex(r"[a-z.+'ő]{1,9}@[a-z.\-ő]{1,9}\.[a-z]{2,4}", fullmatch=True)
)
def test_it_never_raises_and_settles(raw: str) -> None:
    found = normalise(raw)
    if isinstance(found, Address):
        assert normalise(found.text) == Address(found.local, found.domain)
        assert found.text.isascii()
        assert not set(found.text) & set('\r\n\t <>,;:"()')
        assert len(found.text) <= 254


@bounded
@given(
    st.emails() | st.from_regex(r"[!-~]{1,10}@([a-z0-9-]{1,8}\.){1,3}[a-z]{2,6}", fullmatch=True)
)
def test_it_agrees_with_the_validator(raw: str) -> None:
    found = normalise(raw)
    if isinstance(found, Address):
        valid = validate_email(found.text, check_deliverability=False, test_environment=True)
        assert found.key == (valid.ascii_email or "").lower()
        assert found.local.lower() in raw.lower()


def test_it_makes_blind_indexes() -> None:
    key = b"k" * 32
    expected = hmac.new(key, b"anna@olvaso.example", hashlib.sha256).digest()[:16]
    assert blind_index(key, Address("Anna", "olvaso.example", "Kiss Anna")) == expected
    indexer = Indexer(key)
    assert indexer(ANNA) == indexer(ANNA) == indexer.of_key(ANNA.key) == expected
    assert blind_index(b"other", ANNA) != expected
