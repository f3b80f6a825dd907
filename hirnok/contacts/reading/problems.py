"""Why a file cannot be read, as a code with details, and the English sentence for it.

The sentences are marked for translation here and translated by whoever shows them:
`gettext(problem.text) % problem.details`.
"""

from __future__ import annotations

from hirnok.contacts.reading.marking import gettext_noop

MESSAGES: dict[str, str] = {
    "empty_file": gettext_noop("The file is empty."),
    "no_rows": gettext_noop("The file has a header but no rows below it."),
    "too_large": gettext_noop("The file is too large: at most %(limit)s MB can be read."),
    "wrong_kind": gettext_noop("This is not a table but: %(found)s. Save the list as CSV or XLSX."),
    "html_as_table": gettext_noop(
        "The file is a web page (HTML) with the name of a spreadsheet. "
        "Open it in the spreadsheet program and save it as XLSX or CSV."
    ),
    "binary": gettext_noop("The file is not text and not a known spreadsheet."),
    "nul_bytes": gettext_noop("Row %(row)s holds NUL bytes (byte %(byte)s). The file is damaged."),
    "broken_encoding": gettext_noop(
        "The text is not valid %(encoding)s: row %(row)s, byte %(byte)s. "
        "Choose another encoding or save the file as UTF-8."
    ),
    "unknown_encoding": gettext_noop("The encoding %(encoding)s is not known."),
    "bad_delimiter": gettext_noop("The delimiter has to be one character."),
    "line_too_long": gettext_noop(
        "Row %(row)s is longer than %(limit)s characters. Is this a table?"
    ),
    "cell_too_long": gettext_noop(
        "A cell beginning at row %(row)s does not end. A quotation mark may be missing."
    ),
    "too_many_columns": gettext_noop(
        "Row %(row)s has %(columns)s columns; at most %(limit)s are read."
    ),
    "too_many_rows": gettext_noop(
        "The file has more than %(limit)s rows. Split it and import the parts."
    ),
    "broken_archive": gettext_noop("The file is damaged: it cannot be unpacked."),
    "broken_workbook": gettext_noop("The spreadsheet is damaged and cannot be read (%(where)s)."),
    "zip_bomb": gettext_noop("The file unpacks to far more than its size and is refused."),
    "password": gettext_noop("The spreadsheet is protected by a password. Save it without one."),
    "no_sheet": gettext_noop("There is no sheet called %(sheet)s."),
    "empty_sheet": gettext_noop("The sheet %(sheet)s is empty."),
    "no_table_in_archive": gettext_noop("The ZIP file holds no CSV file."),
    "many_tables_in_archive": gettext_noop(
        "The ZIP file holds %(count)s CSV files. Import them one by one."
    ),
    "no_address_column": gettext_noop("No column holds e-mail addresses."),
    "two_address_columns": gettext_noop("More than one column is marked as the e-mail address."),
    "bad_mapping": gettext_noop("The mapping names %(target)s, which is not known."),
    "mapping_length": gettext_noop("The mapping has %(given)s columns, the file has %(columns)s."),
}


class Problem(Exception):
    """The file cannot be read: `code` is a key of MESSAGES, `details` fill its sentence."""

    def __init__(self, code: str, **details: object) -> None:
        self.code = code
        self.details = details
        super().__init__(code)

    @property
    def text(self) -> str:
        """The English sentence with its named places, to be translated and then filled."""
        return MESSAGES[self.code]

    def __str__(self) -> str:
        return self.text % self.details
