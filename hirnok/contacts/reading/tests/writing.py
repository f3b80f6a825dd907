"""Writes the files that the tests read."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import xlsxwriter
import xlwt

Cell = str | int | float | bool | datetime.date | datetime.datetime | None
Grid = Sequence[Sequence[Cell]]

HUNGARIAN = (
    "E-mail cím;Vezetéknév;Keresztnév;Város\r\n"
    "orsi@pelda.hu;Fűzfás;Őrsi;Hódmezővásárhely\r\n"
    "gyorgy@pelda.hu;Kőszegi;György;Győr\r\n"
    "zsolt@pelda.hu;Szűcs;Zsolt;Kecskemét\r\n"
)
ROMANIAN = (
    "Adresă de e-mail;Nume de familie;Prenume;Oraș\r\n"
    "stefan@exemplu.ro;Țepeș;Ștefan;București\r\n"
    "ioana@exemplu.ro;Brânză;Ioana;Timișoara\r\n"
    "ana@exemplu.ro;Mureșan;Ana-Măria;Brașov\r\n"
)
CEDILLA = str.maketrans("șțȘȚ", "şţŞŢ")


def text(folder: Path, content: str, encoding: str = "utf-8", name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode(encoding))
    return path


def raw(folder: Path, content: bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def xlsx(folder: Path, name: str = "list.xlsx", **sheets: Grid) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    path = folder / name
    book.save(path)
    return path


def shared_xlsx(folder: Path, rows: Grid, name: str = "shared.xlsx") -> Path:
    """A workbook whose texts lie in the shared table, as Excel writes them."""
    path = folder / name
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Lista")
        day = book.add_format({"num_format": "yyyy\\. mm\\. dd\\."})
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, datetime.date):
                    sheet.write_datetime(number, column, value, day)
                else:
                    sheet.write(number, column, value)
    return path


def xls(folder: Path, rows: Grid, name: str = "list.xls") -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Lista")
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, datetime.date):
                sheet.write(number, column, value, xlwt.easyxf(num_format_str="YYYY-MM-DD"))
            elif value is not None:
                sheet.write(number, column, value)
    path = folder / name
    book.save(str(path))
    return path


def ods(folder: Path, rows: Grid, name: str = "list.ods", more: str = "") -> Path:
    """`more` is raw XML behind the rows of the only sheet, called `Lista`."""
    body = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
    )
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="Lista">{body}{more}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return path


def zipped(folder: Path, name: str = "export.zip", **members: bytes) -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member.replace("__", "."), content)
    return path


def _ods_cell(value: Cell) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, bool):
        told = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, datetime.date):
        told = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, int | float):
        told = f'office:value-type="float" office:value="{value}"'
    else:
        told = 'office:value-type="string"'
    return f"<table:table-cell {told}><text:p>{escape(str(value))}</text:p></table:table-cell>"
