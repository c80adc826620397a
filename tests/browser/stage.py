"""A portal at its https address, a clinic whose domains a test sets, a browser to reach them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright

from flask_logivet_rdv import jobs
from flask_logivet_rdv.services.transaction import transact
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.sites import OURS, served
from tests.support.clinics import TestClinic, make_clinic
from tests.support.portal import Clock, make_portal, migrate

WIDGET = f"{OURS}/services/online-appointment"
CLINIC, EVIL = "https://www.clinique.test", "https://mal.test"
WIDGET_SHOWN, REFUSED, BLOCKED = "the widget", "our refusal", "the browser's refusal"


@dataclass(frozen=True)
class Stage:
    """A portal whose clinic's domains are in the test's hands, and a browser that reaches it."""

    app: Flask
    clinic: TestClinic
    browser: Browser

    @property
    def widget(self) -> str:
        return f"{WIDGET}?widgetId={self.clinic.account_id}&lang=en"

    def save(self, *domains: str) -> None:
        """Store these domains as they are, whatever they hold."""

        def write(tx: Any) -> None:
            tx.account.domains = list(domains)

        with self.app.app_context():
            transact(jobs.desk(), self.clinic.account_id, write)

    def shows(self, page: Page, parent: str) -> str:
        """Open a page and return what its innermost frame shows."""
        page.goto(parent)
        if blocked(page):
            return BLOCKED
        frame = page.frames[-1]
        text = frame.inner_text("main")
        if "This booking tool is not authorized on this website." in text:
            assert frame.locator("form, a, .rdv-step").count() == 0
            return REFUSED
        assert frame.locator("select[name=species]").count() == 1
        return WIDGET_SHOWN


def blocked(page: Page) -> bool:
    """Tell whether the browser shows its own error in the innermost frame."""
    frame = page.frames[-1]
    frame.wait_for_url(lambda url: url not in {"", "about:blank"})
    return frame.url.startswith("chrome-error:")


def portal(folder: Path) -> Flask:
    """Return the portal at its https address; its host sets a cookie with every answer."""
    app = make_portal(folder, clock=Clock(), LOGIVET_RDV_PUBLIC_URL=OURS)

    @app.after_request
    def set_cookie(response: Any) -> Any:
        response.set_cookie("host", "everywhere")
        return response

    return app


@contextmanager
def opened(app: Flask) -> Iterator[Stage]:
    migrate(app)
    clinic = make_clinic(app, configured=True)
    with served(app) as arguments, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*ARGUMENTS, *arguments]
        )
        yield Stage(app, clinic, browser)
        browser.close()


@contextmanager
def tab(stage: Stage, **options: Any) -> Iterator[Page]:
    """Give a tab of somebody new, who keeps nothing afterwards."""
    context = stage.browser.new_context(ignore_https_errors=True, **options)
    context.set_default_timeout(10_000)
    try:
        yield context.new_page()
    finally:
        context.close()
