"""`hirnok sort-mail`: what mails mean, a line of JSON each."""

import json
from pathlib import Path

import pytest

from hirnok import cli
from hirnok.mail.tests import returned


def test_it_prints_a_line_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("qmail", "delayed"):
        (tmp_path / f"{name}.eml").write_bytes(returned.BOUNCES[name][0])
    (tmp_path / "away.eml").write_bytes(returned.OTHERS["RFC 3834"][0])
    status = cli.main(
        [
            "sort-mail",
            *(str(tmp_path / f"{name}.eml") for name in ("qmail", "delayed", "away", "missing")),
        ]
    )
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert status == 1  # one file is not there
    assert [
        (Path(row["file"]).name, row["kind"], row["permanence"], row["class"]) for row in rows
    ] == [
        ("qmail.eml", "bounce", "permanent", "address"),
        ("delayed.eml", "bounce", "transient", "network"),
        ("away.eml", "autoreply", None, None),
    ]
    assert set(rows[0]) == {"file", "kind", "recipients", "permanence", "class", "status", "reply"}
    assert rows[0]["status"] == "5.1.1"
