"""The booking with the keyboard alone: Tab, letters, arrows, Enter and Space."""

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser import visitors
from tests.browser.demo import Demo
from tests.browser.visitors import Owner

pytestmark = pytest.mark.xdist_group("browser")

NOE = Owner(name="Noé Saint-Onge", pet="Moka", email="noe@exemple.ca")
FOCUSED = "document.activeElement !== document.body && document.activeElement.matches(wanted)"


def has_focus(widget: Frame, selector: str) -> bool:
    return bool(widget.evaluate(f"wanted => {FOCUSED}", selector))


def tab_to(page: Page, widget: Frame, selector: str) -> None:
    """Press Tab until something that matches `selector` has the focus in the widget."""
    for _ in range(40):
        if has_focus(widget, selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {selector}")


def focus_comes_to(widget: Frame, selector: str) -> None:
    expect(widget.locator(f"{selector}:focus")).to_be_attached()


def choose_first(page: Page, widget: Frame, name: str) -> None:
    tab_to(page, widget, f"select[name={name}]:enabled")
    page.keyboard.press("ArrowDown")
    expect(widget.locator(f"select[name={name}] option:checked")).not_to_have_attribute("value", "")


def test_an_owner_books_with_the_keyboard_alone(demo: Demo, page: Page) -> None:
    widget = visitors.widget_in(page, demo.first.page_url)
    choose_first(page, widget, "species")
    expect(widget.locator("select[name=category]")).to_be_enabled()
    choose_first(page, widget, "category")
    expect(widget.locator(".rdv-cal")).to_be_visible()

    tab_to(page, widget, ".rdv-day")
    page.keyboard.press("PageDown")
    focus_comes_to(widget, ".rdv-day")
    for _ in range(42):
        if has_focus(widget, "button[name=day]"):
            break
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    focus_comes_to(widget, "input[name=start]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(widget.locator("input[name=start]:checked")).to_be_focused()
    tab_to(page, widget, "form[action*=details] button")
    page.keyboard.press("Enter")

    expect(widget.locator("input[name=email]")).to_be_visible()
    for field, text in (
        ("name", NOE.name),
        ("email", NOE.email),
        ("pet_name", NOE.pet),
        ("phone", NOE.phone),
        ("reason", NOE.reason),
    ):
        tab_to(page, widget, f"[name={field}]")
        page.keyboard.type(text)
    tab_to(page, widget, "[name=consent]")
    page.keyboard.press("Space")
    tab_to(page, widget, ".rdv-go .rdv-btn")
    page.keyboard.press("Enter")
    expect(widget.get_by_role("heading", level=1)).to_have_text("Votre rendez-vous est réservé!")
