"""Pictures of the running demo (`make demo` in another terminal).

`make screenshots` writes those of the README to docs/images. `make screenshots ARGS="--all FOLDER"` writes every
main page as desktop, phone and dark, to look through.
"""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, StorageState, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from hirnok.lib import env  # noqa: E402
from hirnok.site.demo.password import password  # noqa: E402

LARGEST = 200_000  # bytes of a picture in the repository
SIZES = {"desktop": (1280, 900), "phone": (390, 844), "dark": (1280, 900)}
PAGES = {
    "overview": "/alma/",
    "contacts": "/alma/contacts/",
    "lists": "/alma/lists/",
    "imports": "/alma/imports/",
    "import_result": "/alma/imports/1/result/",
    "import_upload": "/alma/imports/new/",
    "campaigns": "/alma/campaigns/",
    "campaign": "/alma/campaigns/2/",
    "draft": "/alma/campaigns/1/edit/",
    "preview": "/alma/campaigns/1/preview/",
    "send": "/alma/campaigns/1/send/",
    "images": "/alma/images/",
    "reports": "/alma/reports/",
    "report": "/alma/reports/2/",
    "recipients": "/alma/reports/2/recipients/",
    "settings": "/alma/settings/",
    "search": "/alma/search/?q=nagy",
}


def main(arguments: list[str]) -> int:
    """Take the pictures; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every main page, in three ways")
    parser.add_argument("--as", dest="who", default="mark@alma.example", help="who signs in")
    given = parser.parse_args(arguments)
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    ports = env.var() / "run" / "ports.json"
    if not program or not ports.exists():
        print("Needs a Chromium and the running demo: make demo")
        return 1
    base = f"http://localhost:{json.loads(ports.read_text())['HIRNOK_WEB_PORT']}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        state = _signed_in(browser, base, given.who)
        if given.all:
            _everything(browser, base, state, given.all)
        else:
            _for_the_readme(browser, base, state)
        browser.close()
    return 0


def _signed_in(browser: Browser, base: str, who: str) -> StorageState:
    context = browser.new_context(base_url=base)
    page = context.new_page()
    page.goto("/account/sign-in/")
    page.locator("input[name=login]").fill(who)
    page.locator("input[name=password]").fill(password())
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/alma/")
    return context.storage_state()


def _for_the_readme(browser: Browser, base: str, state: StorageState) -> None:
    folder = ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    for name, height in (("report", 1060),):
        target = folder / f"{name}.png"
        context = browser.new_context(
            base_url=base, storage_state=state, viewport={"width": 1280, "height": height}
        )
        _picture(context, PAGES[name], target, whole=False)
        _smaller(target)
        print(target.relative_to(ROOT), target.stat().st_size)


def _everything(browser: Browser, base: str, state: StorageState, folder: Path) -> None:
    for way, (width, height) in SIZES.items():
        context = browser.new_context(
            base_url=base,
            storage_state=state,
            viewport={"width": width, "height": height},
            color_scheme="dark" if way == "dark" else "light",
        )
        for name, address in PAGES.items():
            target = folder / way / f"{name}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            _picture(context, address, target, whole=True)
        context.close()


def _picture(context: BrowserContext, address: str, target: Path, *, whole: bool) -> None:
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce")
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=target, full_page=whole)
    page.close()


def _smaller(target: Path) -> None:
    """Reduce to a palette: pages have few colours."""
    with Image.open(target) as picture:
        picture.convert("RGB").quantize(200).save(target, optimize=True)
    if target.stat().st_size > LARGEST:
        raise SystemExit(f"{target.name} is larger than {LARGEST} bytes")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
