"""The packages from low to high, as import-linter has them in pyproject.toml."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "hirnok"


def heights() -> dict[str, int]:
    """Return package -> height; what is on one line has the same."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (contract,) = (
        one for one in configuration["tool"]["importlinter"]["contracts"] if one["type"] == "layers"
    )
    lines = reversed(contract["layers"])
    return {
        name.strip(): height
        for height, line in enumerate(lines)
        for name in line.replace(":", "|").split("|")
    }


def sources() -> list[Path]:
    """Return our Python files, without tests and migrations."""
    return [
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if not {"tests", "migrations"} & set(path.relative_to(PACKAGE).parts)
    ]
