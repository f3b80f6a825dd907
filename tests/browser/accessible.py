"""axe-core on a page of a browser test: `assert violations(page) == []`."""

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong: rule and place, one line each."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document)")
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
