"""A notice as PDF: typst draws the document that the register made; the data come in as JSON, never as markup."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import typst

TEMPLATE = Path(__file__).parent / "typst" / "notice.typ"


def pdf(document: dict[str, Any]) -> bytes:
    """Return the PDF of a notice's document."""
    made = _compiler().compile(sys_inputs={"document": json.dumps(document)})
    assert isinstance(made, bytes)
    return made


@cache
def _compiler() -> "typst.Compiler":
    return typst.Compiler(input=str(TEMPLATE), root=str(TEMPLATE.parent))
