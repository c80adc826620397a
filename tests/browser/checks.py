"""What every page has to pass in a browser: nothing too wide, nothing that axe calls a violation.

`RDV_SCREENSHOTS` keeps what the browser saw.
"""

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PHONE, DESK = 320, 1000
WIDTHS = {PHONE: 640, DESK: 800}
"""The heights of the screens by their width."""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
FIND = "async options => (await axe.run(document, options)).violations"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def resized(page: Page, width: int) -> Page:
    """Return the page on a screen of a width."""
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    return page


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """Return the rules that axe finds broken, each with the elements that break it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(FIND, AXE)
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]


def keep(page: Page, name: str) -> None:
    """Keep a picture of the whole page, where somebody asked for it."""
    if folder := os.environ.get("RDV_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
