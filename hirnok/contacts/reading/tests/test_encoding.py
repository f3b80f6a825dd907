from pathlib import Path

import pytest

from hirnok.contacts.reading import encoding
from hirnok.contacts.reading.files import open_table
from hirnok.contacts.reading.problems import Problem
from hirnok.contacts.reading.table import LIMITS
from hirnok.contacts.reading.tests import writing

GERMAN = "Name;E-Mail\r\nMüller;m@beispiel.de\r\nGroß;g@beispiel.de\r\nBäcker;b@beispiel.de\r\n"
FRENCH = "Nom;Courriel\r\nLefèvre;a@exemple.fr\r\nÉloïse Bérénice;b@exemple.fr\r\nçà et là;c@exemple.fr\r\n"
PORTUGUESE = (
    "nome;email\r\nJoão Simões;a@exemplo.pt\r\nConceição;b@exemplo.pt\r\nAntão;c@exemplo.pt\r\n"
)
CZECH = "jméno;email\r\nDvořák;a@priklad.cz\r\nNěmec Jiří;b@priklad.cz\r\nŠťastný;c@priklad.cz\r\n"
SIGNS = "név;email\r\n„Őrség” – Kft.;a@pelda.hu\r\nTóth…;b@pelda.hu\r\n"


@pytest.mark.parametrize("content", [writing.HUNGARIAN, writing.ROMANIAN, CZECH, FRENCH])
@pytest.mark.parametrize(
    ("codec", "label"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with BOM"),
        ("utf-16", "UTF-16 with BOM"),
        ("utf-16-le", "UTF-16 LE"),
        ("utf-16-be", "UTF-16 BE"),
    ],
)
def test_it_reads_every_unicode_form(tmp_path: Path, content: str, codec: str, label: str) -> None:
    table = open_table(writing.text(tmp_path, content, codec))
    assert table.encoding == label
    assert [list(table.header), *(cells for _, cells in table.rows())] == [
        line.split(";") for line in content.splitlines()
    ]


@pytest.mark.parametrize(
    ("content", "codec"),
    [
        (writing.HUNGARIAN, "cp1250"),
        (writing.HUNGARIAN, "iso8859-2"),
        (writing.HUNGARIAN.upper(), "cp1250"),
        (writing.ROMANIAN.translate(writing.CEDILLA), "cp1250"),
        (writing.ROMANIAN.translate(writing.CEDILLA), "iso8859-2"),
        (writing.HUNGARIAN + writing.ROMANIAN.translate(writing.CEDILLA), "cp1250"),
        (SIGNS, "cp1250"),
        (GERMAN, "cp1252"),
        (GERMAN, "iso8859-1"),
        (FRENCH, "cp1252"),
        (FRENCH, "iso8859-1"),
        (PORTUGUESE, "cp1252"),
        (CZECH, "cp1250"),
        (CZECH, "iso8859-2"),
        ("név;e-mail\nŐri;a@b.hu\n", "cp1250"),
        ("név;e-mail\nKiss;a@b.hu\n", "cp1250"),
    ],
)
def test_it_tells_the_one_byte_encodings_apart(tmp_path: Path, content: str, codec: str) -> None:
    found = encoding.detect(writing.text(tmp_path, content, codec), LIMITS)
    assert found.sample == content


def test_it_finds_letters_far_below_the_beginning(tmp_path: Path) -> None:
    plain = "".join(f"nev{number}@pelda.hu;Nagy;Anna\n" for number in range(60_000))
    table = open_table(writing.text(tmp_path, plain + "x@pelda.hu;Őri;Tűzkő\n", "cp1250"))
    assert table.encoding == "windows-1250"
    assert list(table.rows())[-1] == (60_001, ["x@pelda.hu", "Őri", "Tűzkő"])


def test_it_says_where_utf8_breaks(tmp_path: Path) -> None:
    good = "név;e-mail\nŐri;a@b.hu\nŰr;c@d.hu\n".encode()
    with pytest.raises(Problem) as refused:
        open_table(writing.raw(tmp_path, good + b"Z\xfcr;e@f.hu\n"))
    assert refused.value.code == "broken_encoding"
    assert refused.value.details == {"encoding": "UTF-8", "row": 4, "byte": len(good) + 2}
    assert "row 4" in str(refused.value)


def test_it_says_where_a_chosen_encoding_breaks(tmp_path: Path) -> None:
    path = writing.raw(tmp_path, b"nev;email\nA\x81;a@b.hu\n")
    with pytest.raises(Problem) as refused:
        open_table(path, encoding="windows-1250")
    assert refused.value.code == "broken_encoding"
    assert refused.value.details["byte"] == 12


def test_it_says_where_utf16_ends_in_the_middle_of_a_letter(tmp_path: Path) -> None:
    content = "név;e-mail\nŐri;a@b.hu\n".encode("utf-16")
    with pytest.raises(Problem) as refused:
        list(open_table(writing.raw(tmp_path, content + b"\x41")).rows())
    assert refused.value.code == "broken_encoding"


def test_it_obeys_a_chosen_encoding(tmp_path: Path) -> None:
    path = writing.text(tmp_path, "név;e-mail\nõri;a@b.hu\n", "cp1252")
    assert open_table(path, encoding="cp1252").sample[0][0] == "õri"
    assert open_table(path, encoding="cp1250").sample[0][0] == "őri"


@pytest.mark.parametrize("name", ["no-such", "rot13", "hex", "idna"])
def test_it_refuses_an_unknown_encoding(tmp_path: Path, name: str) -> None:
    with pytest.raises(Problem) as refused:
        open_table(writing.text(tmp_path, writing.HUNGARIAN), encoding=name)
    assert refused.value.code == "unknown_encoding"
