import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hirnok.contacts.reading import names, standing, values
from hirnok.contacts.reading.values import DECIMAL_COMMA, DECIMAL_POINT, WrongValue


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("41", 41), ("-7", -7), ("+7", 7), ("2.5", 2.5), ("2,5", 2.5), ("0,125", 0.125),
        ("1 234", 1234), ("1 234 567", 1234567), ("1\u00a0234,5", 1234.5), ("1.234,56", 1234.56),
        ("1,234.56", 1234.56), ("1.234.567", 1234567), ("1,234,567", 1234567), ("1'234'567.8", 1234567.8),
        ("12 500 Ft", 12500), ("1.500,00 lei", 1500), ("€ 9,99", 9.99), ("$1,299.00", 1299), ("27%", 27),
        ("1e3", 1000.0), ("−5", -5), (" 8 ", 8), ("007", 7), ("36301234567", 36301234567),
    ],
)  # fmt: skip
def test_it_reads_a_number(text: str, number: float) -> None:
    assert values.number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1,2,3",
        "1.2.3",
        "1,23.4.5",
        "--1",
        "1 2",
        "12a",
        "nan",
        "inf",
        "1e999",
        "9" * 50,
        "²",
    ],
)
def test_it_refuses_what_is_no_number(text: str) -> None:
    with pytest.raises(WrongValue):
        values.number(text)


def test_it_does_not_guess_between_thousands_and_decimals() -> None:
    with pytest.raises(WrongValue, match="ambiguous_number"):
        values.number("1.234")
    assert values.number("1.234", DECIMAL_COMMA) == 1234
    assert values.number("1.234", DECIMAL_POINT) == 1.234
    assert values.number("1,234", DECIMAL_COMMA) == 1.234
    assert values.number("1,234", DECIMAL_POINT) == 1234


@pytest.mark.parametrize(
    ("column", "convention"),
    [
        (["1.234", "2,5"], DECIMAL_COMMA),
        (["1,234", "2.5"], DECIMAL_POINT),
        (["1.234", "12"], None),
        (["2,5", "2.5"], None),
        (["x", "1.234.567"], DECIMAL_COMMA),
    ],
)
def test_it_learns_the_convention_from_the_column(
    column: list[str], convention: str | None
) -> None:
    assert values.convention_of(column) == convention


@pytest.mark.parametrize(
    "text",
    ["igen", "IGEN", "Da", "yes", "Y", "true", "1", "x", "X", "✓", "i", "on", "Igaz", "adevărat"],
)
def test_it_reads_yes(text: str) -> None:
    assert values.yes_or_no(text) is True


@pytest.mark.parametrize(
    "text", ["nem", "Nu", "no", "N", "false", "0", "-", "hamis", "fals", "n", "off"]
)
def test_it_reads_no(text: str) -> None:
    assert values.yes_or_no(text) is False


def test_it_refuses_neither_yes_nor_no() -> None:
    with pytest.raises(WrongValue, match="not_yes_or_no"):
        values.yes_or_no("talán")


def test_it_reads_a_choice_without_regard_to_case_and_accents() -> None:
    assert values.choice(" GYOR ", ("Győr", "Pécs")) == "Győr"
    with pytest.raises(WrongValue, match="unknown_choice"):
        values.choice("Eger", ("Győr", "Pécs"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hu", "hu"),
        ("Magyar", "hu"),
        ("hu_HU", "hu"),
        ("HU-hu", "hu"),
        ("română", "ro"),
        ("Romanian", "ro"),
        ("en-GB", "en"),
        ("angol", "en"),
        ("német", "de"),
    ],
)
def test_it_reads_a_language(text: str, code: str) -> None:
    assert values.language(text) == code


@pytest.mark.parametrize("text", ["klingon", "1", "zz-ZZ"])
def test_it_refuses_an_unknown_language(text: str) -> None:
    with pytest.raises(WrongValue, match="unknown_language"):
        values.language(text)


@pytest.mark.parametrize(
    "text",
    [
        "VIP, új vevő",
        "VIP;új vevő",
        "VIP|új vevő",
        '"VIP","új vevő"',
        '["VIP", "új vevő"]',
        " VIP ,VIP,, új  vevő",
    ],
)
def test_it_reads_tags(text: str) -> None:
    assert values.tags(text) == ("VIP", "új vevő")


def test_it_cleans_text() -> None:
    assert values.words(" a\u00a0 b\nc\x00\u200b ") == "a b c"
    with pytest.raises(WrongValue, match="too_long"):
        values.words("x" * 1_001)


def test_it_reads_an_ip_address() -> None:
    assert values.ip(" 2001:DB8::1 ") == "2001:db8::1"
    assert values.ip(f"fe80::1%{'eth0' * 20}") == "fe80::1"
    with pytest.raises(WrongValue):
        values.ip("1.2.3")


@pytest.mark.parametrize(
    ("full", "order", "first", "last"),
    [
        ("Kovács János", names.FAMILY_FIRST, "János", "Kovács"),
        ("Kovács János Péter", names.FAMILY_FIRST, "János Péter", "Kovács"),
        ("Dr. Kovács-Szabó Anna", names.FAMILY_FIRST, "Anna", "Dr. Kovács-Szabó"),
        ("ifj. dr. Nagy Béla", names.FAMILY_FIRST, "Béla", "ifj. dr. Nagy"),
        ("John Smith", names.GIVEN_FIRST, "John", "Smith"),
        ("Ana Maria Popescu", names.GIVEN_FIRST, "Ana Maria", "Popescu"),
        ("Popescu, Ion", names.GIVEN_FIRST, "Ion", "Popescu"),
        ("Anna", names.FAMILY_FIRST, "Anna", ""),
        ("Dr. Kovács", names.FAMILY_FIRST, "", "Dr. Kovács"),
        ("", names.FAMILY_FIRST, "", ""),
        ("John Smith, PhD", names.GIVEN_FIRST, "John", "Smith"),
    ],
)
def test_it_splits_a_name(full: str, order: str, first: str, last: str) -> None:
    assert names.split(full, order) == (first, last)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Subscribed", "subscribed"), ("enabled", "subscribed"), ("Feliratkozott", "subscribed"), ("Abonat", "subscribed"),
        ("unsubscribed", "unsubscribed"), ("Leiratkozott", "unsubscribed"), ("dezabonat", "unsubscribed"), ("disabled", "unsubscribed"),
        ("Cleaned", "dead"), ("Hard bounce", "dead"), ("visszapattant", "dead"), ("Respins", "dead"),
        ("blocklisted", "blocklisted"), ("Blacklisted", "blocklisted"), ("tiltólistás", "blocklisted"),
        ("Complained", "complained"), ("spam", "complained"), ("pending", "unconfirmed"), ("VIP", None),
    ],
)  # fmt: skip
def test_it_understands_what_other_systems_say(word: str, status: str | None) -> None:
    assert standing.of_word(word) == status


def test_the_own_will_of_a_person_binds_more_than_a_dead_address() -> None:
    assert standing.stronger("dead", "unsubscribed") == "unsubscribed"
    assert standing.stronger("unsubscribed", "dead") == "unsubscribed"
    assert standing.stronger("subscribed", "dead") == "dead"
    assert standing.stronger(None, "subscribed") == "subscribed"


@settings(max_examples=200, deadline=None)
@given(st.integers(-(10**12), 10**12), st.integers(0, 99))
def test_it_reads_back_written_numbers(whole: int, cents: int) -> None:
    english = f"{whole:,}.{cents:02}"
    hungarian = english.replace(",", "\u00a0").replace(".", ",")
    romanian = english.translate(str.maketrans(",.", ".,"))
    for text in (english, hungarian, romanian):
        assert values.number(text) == float(f"{whole}.{cents:02}")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20))
def test_it_never_breaks(text: str) -> None:
    for read in (values.number, values.yes_or_no, values.language, values.tags, values.ip):
        with contextlib.suppress(WrongValue):
            read(text)
    assert standing.is_marked(text) in {True, False}
