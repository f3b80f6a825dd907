import re

from hypothesis import given
from hypothesis import strategies as st

from hirnok.mail import quoted
from hirnok.mail.tests.samples import NASTY, bounded
from hirnok.mail.tests.strict import headers_of, unquoted

TEXTS = st.one_of(NASTY.map(quoted.show), st.text(st.characters(codec="utf-8")))


def normal(text: str) -> str:
    return re.sub(r"\r\n|\r|\n", "\r\n", text)


@bounded
@given(st.lists(TEXTS, max_size=6))
def test_it_joins_pieces_in_any_order(texts: list[str]) -> None:
    pieces = [quoted.piece(text) for text in texts]
    for piece in pieces:
        assert piece == b"" or piece.endswith(b"\r\n")
        assert not any(line.startswith(b".") for line in piece.split(b"\r\n"))
    joined = b"".join(pieces)
    expected = "".join(normal(text) for text in texts)
    assert unquoted(joined).decode() == expected


@bounded
@given(TEXTS)
def test_it_hides_brackets_from_template_engines(text: str) -> None:
    piece = quoted.piece(text, in_template=True)
    assert b"{" not in piece
    assert b"}" not in piece
    assert unquoted(piece).decode() == normal(text)


@bounded
@given(NASTY)
def test_it_encodes_values_as_pieces(value: object) -> None:
    assert quoted.text_value(value) == quoted.piece(quoted.show(value))
    assert quoted.html_value(value) == quoted.piece(quoted.escape(quoted.show(value)))


@bounded
@given(TEXTS)
def test_it_writes_subjects_that_read_back(text: str) -> None:
    line = quoted.unstructured("Subject", text)
    assert headers_of(line.removesuffix(b"\r\n"))["subject"] == quoted.one_line(text)


@bounded
@given(TEXTS)
def test_it_writes_names_that_read_back(text: str) -> None:
    line = quoted.mailbox("To", text, "anna@olvaso.example")
    value = headers_of(line.removesuffix(b"\r\n"))["to"]
    name = quoted.one_line(text)
    if not name:
        assert value == "anna@olvaso.example"
        return
    shown, _, address = value.rpartition(" ")
    assert address == "<anna@olvaso.example>"
    if shown.startswith('"') and shown != name:
        shown = re.sub(r"\\(.)", r"\1", shown[1:-1])
    assert shown == name


def test_it_shows_values_as_readers_expect() -> None:
    values = [None, True, False, 3.0, 3.5, 12, "x", 1e300]
    assert [quoted.show(value) for value in values] == [
        "",
        "true",
        "false",
        "3",
        "3.5",
        "12",
        "x",
        "1e+300",
    ]
