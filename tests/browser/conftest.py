"""A real browser on a real server: Chromium from `CHROMIUM` or the PATH; without one these tests are skipped,
with `CI=true` they fail. A page that logs an error (a script that fails, a policy that blocks) fails its test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.as_web import wait_until_idle

# Playwright's loop runs in the thread of the tests, where Django would refuse to use the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 30_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return the browser of this module's tests.

    Not of the session: while it lives, Playwright's loop runs in the thread of the tests, and a test of another
    module that the same worker gets next could not run a loop of its own.
    """
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not program:
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs a Chromium: apt-get install chromium, or set CHROMIUM")
        pytest.skip("no Chromium: set CHROMIUM or put one on the PATH")
    if not (ROOT / "hirnok/ui/static/built/app.js").exists():
        pytest.fail("the front end is not built: make setup")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def static_root() -> None:
    """Make the folder that whitenoise would warn of when the server starts."""
    from django.conf import settings

    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def browser_context(chromium: Browser, live_server: object) -> Iterator[BrowserContext]:
    """Return a fresh profile; further pages of the test come from it."""
    context = chromium.new_context(
        base_url=str(live_server), reduced_motion="reduce", viewport={"width": 1280, "height": 900}
    )
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()
    assert wait_until_idle(), "the server still answers a request"


@pytest.fixture
def page(browser_context: BrowserContext) -> Iterator[Page]:
    """Return a page; what it logs as an error fails the test."""
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(f"{message.text} ({message.location.get('url')})")

    page = browser_context.new_page()
    page.on("console", note)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    page.close()
    assert problems == []
