import copy
import json
import re
from pathlib import Path

import pytest
from django.test import Client

from hirnok.ui import gallery

PACKAGE = Path(gallery.__file__).parent


@pytest.fixture
def debug(settings: pytest.FixtureRequest) -> None:
    settings.DEBUG = True  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", [*gallery.FRAMES, "poll"])
def test_it_shows_every_component(client: Client, db: None, debug: None, page: str) -> None:
    response = client.get(f"/gallery/{page}/")
    assert response.status_code == 200


@pytest.mark.parametrize("page", gallery.FRAMES)
def test_it_needs_nothing_that_the_content_security_policy_blocks(
    client: Client, db: None, debug: None, page: str
) -> None:
    shown = client.get(f"/gallery/{page}/").content.decode()
    assert not re.search(r"\sstyle=", shown)
    assert not re.search(r"\son[a-z]+=", shown)
    for script in re.findall(r"<script[^>]*>", shown):
        assert "src=" in script or 'type="application/json"' in script


@pytest.mark.parametrize("page", gallery.FRAMES)
def test_it_has_one_heading_one_main_and_a_title(
    client: Client, db: None, debug: None, page: str
) -> None:
    shown = client.get(f"/gallery/{page}/").content.decode()
    assert shown.count("<h1") == 1
    assert shown.count("<main") == 1
    assert re.search(r"<title>\s*\S", shown)
    assert '<html lang="en">' in shown
    assert 'href="#main"' in shown


def test_it_is_closed_without_debug(client: Client, db: None) -> None:
    assert client.get("/gallery/").status_code == 404


def test_it_needs_no_script_on_pages_of_readers(client: Client, db: None, debug: None) -> None:
    shown = client.get("/gallery/public/").content.decode()
    assert "<script" not in shown
    assert "app.css" not in shown


def test_it_uses_only_icons_that_are_built() -> None:
    listed = set(json.loads((PACKAGE / "front" / "icons.json").read_text()))
    used = {
        name
        for template in PACKAGE.parent.glob("*/templates/**/*.html")
        for name in re.findall(r"""{% icon ["']([\w-]+)["']""", template.read_text())
    }
    assert used
    assert used <= listed


@pytest.mark.parametrize("page", gallery.FRAMES)
def test_it_uses_no_variable_that_is_not_there(
    client: Client, db: None, debug: None, settings: pytest.FixtureRequest, page: str
) -> None:
    templates = copy.deepcopy(settings.TEMPLATES)  # type: ignore[attr-defined]
    templates[0]["OPTIONS"]["string_if_invalid"] = "UNDEFINED(%s)"
    settings.TEMPLATES = templates  # type: ignore[attr-defined]
    assert "UNDEFINED" not in client.get(f"/gallery/{page}/").content.decode()
