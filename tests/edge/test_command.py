"""The command itself; what Django's commands do is tested where they live."""

import pytest

from hirnok import __version__, cli
from hirnok.lib import env


def test_it_prints_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["version"]) == 0
    assert capsys.readouterr().out == f"hirnok {__version__}\n"


def test_it_prints_every_setting_and_no_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIRNOK_SECRET_KEY", "not to be seen")
    assert cli.main(["settings"]) == 0
    printed = capsys.readouterr().out
    assert all(setting.name in printed and setting.meaning in printed for setting in env.SETTINGS)
    assert "not to be seen" not in printed


def test_it_lists_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    printed = capsys.readouterr().out
    assert all(f"hirnok {name}" in printed for name in cli.OWN)
    assert "migrate" in printed


def test_it_knows_what_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err
