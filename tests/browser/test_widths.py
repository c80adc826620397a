"""Every page on a phone and on a desk, in both languages; `RDV_SCREENSHOTS` keeps what it saw."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import visitors
from tests.browser.demo import Demo, until
from tests.browser.visitors import Owner, log_in, open_day

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.parametrize("lang", ["fr", "en"])]

DESK, PHONE = 1000, 320
ACCOUNT = {"A0": "", "A1": "categories", "A2": "especes", "A3": "ressources"}
NAMES = {"fr": ("Canin", "Examen"), "en": ("Canine", "Exam")}


def fits(page: Page, name: str) -> None:
    """See the page at both widths: nothing of it may be wider than the phone."""
    for width in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": 800})
        shoot(page, f"{name}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    page.set_viewport_size({"width": DESK, "height": 800})


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the whole page, where somebody asked for it."""
    if folder := os.environ.get("RDV_SCREENSHOTS"):
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": int(name.rpartition("-")[2]), "height": height})
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_the_widget_and_the_cancellation_fit_a_phone(demo: Demo, page: Page, lang: str) -> None:
    owner = Owner(name="Zoé D'Amours-Côté", pet="Éclair", email=f"phone.{lang}@exemple.ca")
    page.goto(demo.widget_url(demo.first, lang))
    fits(page, f"W1-start-{lang}")
    visitors.choose(page, *NAMES[lang])
    open_day(page)
    fits(page, f"W1-{lang}")
    visitors.pick_first_time(page)
    fits(page, f"W2-{lang}")
    visitors.reserve(page)
    expect(page.get_by_role("alert")).to_be_visible()
    fits(page, f"W2-errors-{lang}")
    visitors.fill(page, owner)
    visitors.reserve(page)
    expect(page.get_by_role("status").get_by_role("heading")).to_be_visible()
    fits(page, f"W3-{lang}")
    until(lambda: demo.mails(owner.email), 5)
    page.goto(visitors.cancel_link(demo.mails(owner.email)[0]))
    fits(page, f"C1-{lang}")
    page.locator("[name=reason]").fill(owner.reason)
    page.locator("form .rdv-btn").first.click()
    expect(page.locator("form")).to_have_count(0)
    fits(page, f"C2-{lang}")


def test_the_account_fits_a_phone(demo: Demo, page: Page, lang: str) -> None:
    with demo.staff_reads(lang):
        log_in(page, demo, demo.first)
        prefix = f"{demo.portal_url}/compte/rendez-vous-en-ligne"
        for name, path in ACCOUNT.items():
            page.goto(f"{prefix}/{path}")
            fits(page, f"{name}-{lang}")
        page.get_by_role("row").filter(has_text="Dolittle").get_by_role("link").click()
        expect(page.locator(".rdv-tabs")).to_be_visible()
        fits(page, f"A4a-{lang}")
        page.locator(".rdv-tabs a").last.click()
        expect(page.locator(".rdv-week")).to_be_visible()
        fits(page, f"A4b-{lang}")
