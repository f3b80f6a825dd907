from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from hirnok.lib import maintenance
from hirnok.ui.maintenance import MaintenanceMiddleware
from tests.world import NOON


def test_it_excuses_itself_in_three_languages_without_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIRNOK_VAR", str(tmp_path))
    maintenance.begin("restoring", NOON)

    guarded = MaintenanceMiddleware(lambda request: HttpResponse())
    for method in (RequestFactory().get, RequestFactory().post):
        answer = guarded(method("/alma/contacts/"))
        assert answer.status_code == 503 and answer["Retry-After"]
        page = answer.content.decode()
        for words in ("We are at work", "Karbantartás folyik", "Lucrări de întreținere"):
            assert words in page
        assert "restoring" not in page

    maintenance.end()
    assert guarded(RequestFactory().get("/")).status_code == 200
    assert maintenance.current() is None


def test_it_takes_a_file_that_cannot_be_read_for_maintenance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIRNOK_VAR", str(tmp_path))
    maintenance.path().write_text("{")
    assert maintenance.current() is not None
