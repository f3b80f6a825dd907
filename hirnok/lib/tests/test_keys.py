"""The installation secret and what derives from it."""

from pathlib import Path

import pytest

from hirnok.lib import env, keys, sql


def test_it_makes_one_secret_that_only_the_owner_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIRNOK_VAR", str(tmp_path / "var"))
    first = keys.derive("track")
    assert keys.derive("track") == first
    assert keys.derive("leave") != first
    secret = tmp_path / "var" / "secret.key"
    assert secret.stat().st_mode & 0o077 == 0
    assert [path.name for path in secret.parent.iterdir()] == ["secret.key"]


def test_it_seals_and_tells_a_foreign_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRNOK_SECRET_KEY", "one")
    sealed = keys.seal("jelszó")
    assert "jelszó" not in sealed
    assert keys.unseal(sealed) == "jelszó"
    assert keys.seal("") == keys.unseal("") == ""
    monkeypatch.setenv("HIRNOK_SECRET_KEY", "two")
    with pytest.raises(keys.CannotDecrypt):
        keys.unseal(sealed)


def test_it_names_the_role_in_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRNOK_SECRET_KEY", "one")
    url = "postgresql://owner:secret@/news?host=/run/pg"
    assert sql.parameters("owner", url)["user"] == "owner"
    web = sql.parameters("web", url)
    assert (web["user"], web["dbname"], web["host"]) == ("news_web", "news", "/run/pg")
    assert web["password"] == keys.role_password("news_web")
    with pytest.raises(ValueError, match="HIRNOK_ROLE"):
        sql.parameters("root", url)


def test_it_knows_only_the_settings_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyError):
        env.get("HIRNOK_UNHEARD_OF")
    monkeypatch.setenv("HIRNOK_WEB_PORT", "many")
    with pytest.raises(ValueError, match="HIRNOK_WEB_PORT"):
        env.number("HIRNOK_WEB_PORT")


def test_it_reads_after_a_rotation_what_was_sealed_before_and_finds_what_was_indexed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("HIRNOK_SECRET_KEY", raising=False)
    monkeypatch.setenv("HIRNOK_VAR", str(tmp_path))
    sealed, index, password = keys.seal("x"), keys.blind_index_key(1), keys.role_password("a")

    keys.rotate()

    assert keys.unseal(sealed) == "x" and keys.blind_index_key(1) == index
    assert keys.role_password("a") != password
    first, second = (tmp_path / "secret.key").read_text().split()
    monkeypatch.setenv("HIRNOK_SECRET_KEY", first)
    with pytest.raises(keys.CannotDecrypt):
        keys.unseal(sealed)
    monkeypatch.setenv("HIRNOK_OLD_SECRET_KEYS", second)
    assert keys.unseal(sealed) == "x" and keys.blind_index_key(1) == index
    with pytest.raises(keys.CannotRotate):
        keys.rotate()
