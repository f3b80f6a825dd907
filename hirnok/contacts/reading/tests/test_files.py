import datetime
import zipfile
from pathlib import Path

import pytest

from hirnok.contacts.reading.files import open_table
from hirnok.contacts.reading.problems import MESSAGES, Problem
from hirnok.contacts.reading.table import Limits, Table
from hirnok.contacts.reading.tests import writing

DAY = datetime.date(2026, 11, 25)
GRID = [
    ["E-mail", "Név", "Kor", "Arány", "Belépett", "Hírlevél"],
    ["a@b.hu", "Őri Űr", 41, 2.5, DAY, True],
    ["c@d.ro", "Ștefan Țepeș", None, 0, DAY, False],
]
READ = [
    ["a@b.hu", "Őri Űr", "41", "2.5", "2026-11-25", "true"],
    ["c@d.ro", "Ștefan Țepeș", "", "0", "2026-11-25", "false"],
]


def cells(table: Table) -> list[list[str]]:
    return [row for _, row in table.rows()]


def refused(path: Path, limits: Limits | None = None) -> Problem:
    with pytest.raises(Problem) as caught:
        for _ in open_table(path, limits=limits or Limits()).rows():
            pass
    assert str(caught.value)
    return caught.value


def test_it_reads_xlsx(tmp_path: Path) -> None:
    table = open_table(writing.xlsx(tmp_path, Lista=GRID))
    assert (table.kind, table.sheet, table.header) == ("xlsx", "Lista", tuple(GRID[0]))
    assert cells(table) == READ
    assert cells(table) == READ  # and again


def test_it_reads_xlsx_as_excel_writes_it(tmp_path: Path) -> None:
    table = open_table(writing.shared_xlsx(tmp_path, GRID))
    assert table.header == tuple(GRID[0])
    assert cells(table) == READ


def test_it_reads_xls(tmp_path: Path) -> None:
    table = open_table(writing.xls(tmp_path, GRID))
    assert (table.kind, table.sheets) == ("xls", ("Lista",))
    assert cells(table) == READ


def test_it_reads_ods(tmp_path: Path) -> None:
    table = open_table(writing.ods(tmp_path, GRID))
    assert (table.kind, table.sheets) == ("ods", ("Lista",))
    assert cells(table) == READ


def test_it_survives_an_xls_that_asks_for_all_memory(tmp_path: Path) -> None:
    data = writing.xls(tmp_path, GRID).read_bytes()
    at = data.index(b"\xfd\x00\x0a\x00") + 4  # LABELSST: row and column of a text
    far = data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :]
    assert refused(writing.raw(tmp_path, far, "far.xls")).code == "broken_workbook"


@pytest.mark.parametrize("name", ["contacts.csv", "contacts.pdf", "contacts"])
def test_it_goes_by_content_not_by_name(tmp_path: Path, name: str) -> None:
    assert open_table(writing.xlsx(tmp_path, name, Lista=GRID)).kind == "xlsx"
    assert open_table(writing.text(tmp_path, writing.HUNGARIAN, name="x.xlsx")).kind == "csv"


def test_it_takes_the_first_sheet_that_holds_anything(tmp_path: Path) -> None:
    path = writing.xlsx(tmp_path, Empty=[], Two=GRID, Three=[["email"], ["x@y.hu"]])
    assert open_table(path).sheet == "Two"
    assert open_table(path).sheets == ("Empty", "Two", "Three")
    assert cells(open_table(path, sheet="Three")) == [["x@y.hu"]]
    with pytest.raises(Problem, match="no sheet called Four"):
        open_table(path, sheet="Four")
    with pytest.raises(Problem, match="Empty is empty"):
        open_table(path, sheet="Empty")


def test_it_keeps_times_and_numbers_of_a_workbook(tmp_path: Path) -> None:
    at = datetime.datetime(2024, 2, 29, 13, 5, 9)
    row = ["a@b.hu", at, datetime.time(7, 30), 36301234567, 0.1, "0036301234567"]
    path = writing.xlsx(tmp_path, L=[["email", "at", "time", "phone", "rate", "text"], row])
    assert cells(open_table(path)) == [
        ["a@b.hu", "2024-02-29 13:05:09", "07:30:00", "36301234567", "0.1", "0036301234567"]
    ]


def test_it_keeps_many_shared_texts_in_a_file(tmp_path: Path) -> None:
    rows = [["email", "name"], *([f"nev{n}@pelda.hu", f"Őri {n}"] for n in range(26_000))]
    table = open_table(writing.shared_xlsx(tmp_path, rows))
    assert table.estimated_rows == 26_000
    assert cells(table) == rows[1:]


def test_it_reads_a_zip_with_one_csv(tmp_path: Path) -> None:
    path = writing.zipped(tmp_path, subscribers__csv=writing.HUNGARIAN.encode("cp1250"))
    table = open_table(path)
    assert (table.kind, table.encoding) == ("csv", "windows-1250")
    assert cells(table)[0] == ["orsi@pelda.hu", "Fűzfás", "Őrsi", "Hódmezővásárhely"]


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"a__csv": b"email\nx@y.hu\n", "b__csv": b"email\nx@y.hu\n"}, "many_tables_in_archive"),
        ({"readme__md": b"hello"}, "no_table_in_archive"),
        ({"a__csv": b"%PDF-1.7"}, "wrong_kind"),
        ({"a__csv": b""}, "empty_file"),
    ],
)
def test_it_refuses_other_archives(tmp_path: Path, members: dict[str, bytes], code: str) -> None:
    assert refused(writing.zipped(tmp_path, **members)).code == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n\n \r\n", "empty_file"),
        (b";;;\n;;;\n", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (b"E-mail;Nev\r\n", "no_rows"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "wrong_kind"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "wrong_kind"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "wrong_kind"),
        (b"MZ\x90\0\x03\0\0\0\x04\0\0\0", "wrong_kind"),
        (b"\x7fELF\x02\x01\x01\0", "wrong_kind"),
        (b"\x1f\x8b\x08\0", "wrong_kind"),
        (b'{"contacts": []}', "wrong_kind"),
        (b"<?xml version='1.0'?><a/>", "wrong_kind"),
        (b"<html><table><tr><td>a@b.hu</td></tr></table></html>", "html_as_table"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html><html>", "html_as_table"),
        ("<html><body>".encode("utf-16"), "html_as_table"),
        (b"<?xml version='1.0'?><html><table>", "html_as_table"),
        (bytes(range(256)) * 20, "binary"),
        (b"email;name\na@b.hu;\0\0x\n", "nul_bytes"),
        (b"\xff\xfe\0\0a\0\0\0", "unknown_encoding"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "wrong_kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") * 80,
            "broken_workbook",
        ),
        (b"PK\x03\x04" + b"\0" * 100, "broken_archive"),
    ],
)
def test_it_refuses_what_is_not_a_table(tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(writing.raw(tmp_path, content, "list.xls")).code == code


def test_it_says_where_nul_bytes_are(tmp_path: Path) -> None:
    problem = refused(writing.raw(tmp_path, b"email;name\na@b.hu;x\nc@d.hu;\0\n"))
    assert problem.details == {"row": 3, "byte": 28}


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le"])
def test_it_never_reads_an_endless_line(tmp_path: Path, codec: str) -> None:
    long = writing.text(tmp_path, "email;name\n" + "x" * 5_000_000, codec)
    assert refused(long).code == "line_too_long"
    short = writing.text(tmp_path, "email;name\na@b.hu;" + "x" * 2_000 + "\n", codec)
    assert refused(short, Limits(line=1_000)).code == "line_too_long"


def test_it_refuses_a_file_above_the_limit(tmp_path: Path) -> None:
    path = writing.text(tmp_path, writing.HUNGARIAN)
    assert refused(path, Limits(file_bytes=50)).code == "too_large"
    assert refused(writing.xlsx(tmp_path, L=GRID), Limits(file_bytes=50)).code == "too_large"


def test_it_refuses_zip_bombs(tmp_path: Path) -> None:
    path = writing.xlsx(tmp_path, L=GRID)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/x.bin", b"\0" * (20 << 20))
    assert refused(path).code == "zip_bomb"
    small = writing.xlsx(tmp_path, "2.xlsx", L=GRID)
    assert refused(small, Limits(unpacked_bytes=1_000)).code == "zip_bomb"


def test_it_refuses_an_archive_that_lies_about_its_size(tmp_path: Path) -> None:
    path = writing.zipped(tmp_path, list__csv=b"email\n" + b"a@b.hu\n" * 4_000)
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    assert refused(writing.raw(tmp_path, bytes(data), "lies.zip")).code in {
        "broken_archive",
        "no_rows",
    }


def test_it_is_not_hurt_by_a_sheet_with_two_distant_cells(tmp_path: Path) -> None:
    path = writing.xlsx(tmp_path, L=[["email"], ["a@b.hu"]])
    patch(
        path,
        "xl/worksheets/sheet1.xml",
        b"</sheetData>",
        b'<row r="1048576"><c r="XFD1048576" t="str"><v>z</v></c></row></sheetData>',
    )
    assert refused(path).code == "too_many_columns"
    far = writing.xlsx(tmp_path, "far.xlsx", L=[["email"], ["a@b.hu"]])
    patch(
        far,
        "xl/worksheets/sheet1.xml",
        b"</sheetData>",
        b'<row r="1048576"><c r="A1048576" t="str"><v>z@z.hu</v></c></row></sheetData>',
    )
    assert list(open_table(far).rows())[-1] == (1_048_576, ["z@z.hu"])


def test_it_unfolds_repeated_cells_of_ods_only_where_they_hold_something(tmp_path: Path) -> None:
    empty = (
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert cells(open_table(writing.ods(tmp_path, GRID, more=empty))) == READ
    wide = (
        '<table:table-row><table:table-cell office:value-type="string" '
        'table:number-columns-repeated="99999999"><text:p>x</text:p></table:table-cell></table:table-row>'
    )
    assert refused(writing.ods(tmp_path, GRID, more=wide)).code == "too_many_columns"
    tall = (
        '<table:table-row table:number-rows-repeated="99999999"><table:table-cell '
        'office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'
    )
    assert refused(writing.ods(tmp_path, GRID, more=tall), Limits(rows=500)).code == "too_many_rows"


def test_it_refuses_one_row_that_fills_the_memory(tmp_path: Path) -> None:
    path = writing.xlsx(tmp_path, L=[["email"], ["a@b.hu"]])
    cells_ = b"<c/>" * (5 << 20)
    patch(
        path, "xl/worksheets/sheet1.xml", b"</sheetData>", b"<row>" + cells_ + b"</row></sheetData>"
    )
    assert refused(path, Limits(ratio=100_000)).code == "zip_bomb"
    wide = f"<table:table-row>{'<table:table-cell/>' * 900_000}</table:table-row>"
    assert refused(writing.ods(tmp_path, GRID, more=wide), Limits(ratio=100_000)).code == "zip_bomb"
    long = f"<table:table-row><table:table-cell><text:p>{'x' * 200_000}</text:p></table:table-cell></table:table-row>"
    assert refused(writing.ods(tmp_path, GRID, more=long)).code == "line_too_long"


def test_it_ignores_entities_in_workbooks(tmp_path: Path) -> None:
    path = writing.shared_xlsx(tmp_path, GRID)
    declared = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY f SYSTEM "file:///etc/hostname">]><worksheet'
    patch(path, "xl/worksheets/sheet1.xml", b"<worksheet", declared)
    patch(
        path,
        "xl/worksheets/sheet1.xml",
        b"</sheetData>",
        b'<row r="9"><c r="A9" t="str"><v>&f;&a;</v></c></row></sheetData>',
    )
    try:
        read = [cell for row in cells(open_table(path)) for cell in row]
    except Problem as problem:
        assert problem.code == "broken_workbook"
    else:
        assert not any("aaaa" in cell for cell in read)


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/sharedStrings.xml"]
)
def test_it_says_which_part_of_a_workbook_is_broken(tmp_path: Path, part: str) -> None:
    path = writing.shared_xlsx(tmp_path, GRID)
    replace(path, part, b"<broken")
    assert refused(path).code == "broken_workbook"
    truncated = writing.raw(tmp_path, path.read_bytes()[:-200], "cut.xlsx")
    assert refused(truncated).code == "broken_archive"


def test_it_refuses_word_and_protected_documents(tmp_path: Path) -> None:
    assert refused(writing.zipped(tmp_path, **{"word/document__xml": b"<w/>"})).code == "wrong_kind"
    path = writing.ods(tmp_path, GRID)
    replace(path, "META-INF/manifest.xml", b"<manifest:encryption-data/>")
    assert refused(path).code == "password"


def test_its_messages_have_all_their_details() -> None:
    for code, message in MESSAGES.items():
        names = {part.partition(")s")[0] for part in message.split("%(")[1:]}
        assert str(Problem(code, **dict.fromkeys(names, 1)))


def patch(path: Path, part: str, old: bytes, new: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        content = archive.read(part)
    assert old in content
    replace(path, part, content.replace(old, new, 1))


def replace(path: Path, part: str, content: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[part] = content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
