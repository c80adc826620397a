"""One demo and one Chromium for the whole walk; each visitor has a browser profile of their own."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.demo import Demo, launched
from tests.browser.visitors import visitor

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
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


@pytest.fixture(scope="session")
def chromium() -> str:
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        pytest.skip(f"no Chromium on this machine ({', '.join(CHROMIUMS)}): no browser walk")
    return path


@pytest.fixture(scope="session")
def demo(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with launched(tmp_path_factory.mktemp("demo")) as running:
        yield running


# A module's, not the session's: Playwright keeps an event loop, in which no other test may run.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
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
