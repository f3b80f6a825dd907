"""The map is true: what the documents say of packages, paths and settings is what there is."""

import re

from hirnok.lib import env
from tests.invariants.layers import PACKAGE, ROOT, sources

ARCHITECTURE = ROOT / "ARCHITECTURE.md"
SETTINGS = ROOT / "docs" / "settings.md"
LONGEST = 300


def _packages() -> set[str]:
    return {path.parent.name for path in PACKAGE.glob("*/__init__.py")}


def test_each_package_has_its_paragraph() -> None:
    text = ARCHITECTURE.read_text()
    assert {
        name for name in _packages() if not re.search(rf"`(?:hirnok/)?{name}/?`", text)
    } == set()


def test_each_path_that_is_named_exists() -> None:
    for document in [ARCHITECTURE, *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]:
        for name in re.findall(r"`((?:hirnok|tests|docs|tools)/[\w./-]+)`", document.read_text()):
            assert (ROOT / name).exists(), f"{document.name} names {name}"


def test_the_map_is_short() -> None:
    assert len(ARCHITECTURE.read_text().splitlines()) <= LONGEST


def test_the_table_of_settings_is_the_one_of_the_code() -> None:
    rows = [
        tuple(cell.strip().strip("`") for cell in line.strip().strip("|").split("|"))
        for line in SETTINGS.read_text().splitlines()
        if re.match(r"\|\s*`[A-Z_]+`", line)
    ]
    assert [(name, default.replace("–", ""), meaning) for name, default, meaning, *_ in rows] == [
        (setting.name, setting.default, setting.meaning) for setting in env.SETTINGS
    ]


def test_no_setting_is_read_beside_the_table() -> None:
    known = {setting.name for setting in env.SETTINGS} | {"HIRNOK_TEST_DB"}  # of the tests alone
    for path in sources():
        for name in re.findall(r"[\"'](HIRNOK_[A-Z_]+)[\"']", path.read_text()):
            assert name in known, f"{path}: {name}"
