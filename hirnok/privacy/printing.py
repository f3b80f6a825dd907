"""Notices and letters as PDF: typst draws what the register made; the data come in as JSON, never as markup."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import typst

FOLDER = Path(__file__).parent / "typst"


def pdf(document: dict[str, Any], *, template: str = "notice") -> bytes:
    """Return the PDF of a document: a notice, or a letter of the same parts."""
    made = _compiler(template).compile(sys_inputs={"document": json.dumps(document)})
    assert isinstance(made, bytes)
    return made


@cache
def _compiler(template: str) -> "typst.Compiler":
    return typst.Compiler(input=str(FOLDER / f"{template}.typ"), root=str(FOLDER))
