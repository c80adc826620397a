"""One demo and one Chromium for the whole walk; each visitor has a browser profile of their own."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.demo import Demo, launched
from tests.browser.public_scenes import Theatre, played
from tests.browser.visitors import visitor

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
NONE = pytest.mark.skip(reason=f"no Chromium on this machine ({', '.join(NAMES)})")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-sync",
    "--test-third-party-cookie-phaseout",
)


def pytest_itemcollected(item: pytest.Item) -> None:
    if CHROMIUM is None:
        item.add_marker(NONE)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with launched(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(scope="session")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    with played(tmp_path_factory.mktemp("theatre")) as every_scene:
        yield every_scene


# A module's, not the session's: Playwright keeps an event loop, in which no other test may run.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with visitor(browser) as opened:
        yield opened


@pytest.fixture
def scriptless_page(browser: Browser) -> Iterator[Page]:
    with visitor(browser, java_script_enabled=False) as opened:
        yield opened
