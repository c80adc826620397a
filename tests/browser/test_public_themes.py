"""The public pages in the dark, in forced colours, without motion, and on paper."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.checks import DESK, keep, resized, violations
from tests.browser.public_scenes import SCENES, Theatre
from tests.browser.visitors import visitor

pytestmark = pytest.mark.xdist_group("public pages")

IN_THE_DARK = ("W1", "W1-gone", "W2-nothing-filled", "W2-taken-other-zone", "W3", "C1-no-reason")
BY_NAME = {scene.name: scene for scene in SCENES}
WHITE, NIGHT = "rgb(255, 255, 255)", "rgb(20, 24, 29)"
DARK = "document.documentElement.dataset.theme = 'dark'"
STYLE = "([selector, name, part]) => getComputedStyle(document.querySelector(selector), part)[name]"
SYSTEM = "(name) => { const i = document.createElement('i'); i.style.color = name; \
    document.body.append(i); const c = getComputedStyle(i).color; i.remove(); return c; }"


@pytest.fixture(scope="module")
def opened(browser: Browser) -> Iterator[Page]:
    with visitor(browser) as page:
        yield resized(page, DESK)


@pytest.fixture
def page(opened: Page) -> Page:
    """A page of a browser that asks for nothing special."""
    opened.emulate_media(
        media="screen", color_scheme="light", forced_colors="none", reduced_motion="no-preference"
    )
    return opened


def style(page: Page, selector: str, name: str, part: str | None = None) -> str:
    return str(page.evaluate(STYLE, [selector, name, part]))


@pytest.mark.parametrize("name", IN_THE_DARK)
def test_axe_finds_no_violation_in_the_dark(theatre: Theatre, page: Page, name: str) -> None:
    theatre.show(page, BY_NAME[name], "fr")
    page.evaluate(DARK)
    keep(page, f"dark-{name}-{DESK}")
    assert style(page, "body", "backgroundColor") == NIGHT
    assert violations(page) == []


@pytest.mark.parametrize(("system", "ground"), [("light", WHITE), ("dark", NIGHT)])
def test_a_mailed_link_follows_the_system(
    theatre: Theatre, page: Page, system: str, ground: str
) -> None:
    page.emulate_media(color_scheme=system)
    theatre.show(page, BY_NAME["C1"], "en")
    assert style(page, "body", "backgroundColor") == ground


def test_the_widget_follows_the_clinics_page_not_the_system(theatre: Theatre, page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    theatre.show(page, BY_NAME["W1"], "en")
    assert style(page, "body", "backgroundColor") == WHITE


def test_in_forced_colours_what_is_chosen_is_the_systems_highlight(
    theatre: Theatre, page: Page
) -> None:
    page.emulate_media(forced_colors="active")
    theatre.show(page, BY_NAME["W1"], "fr")
    page.locator(".rdv-slot input").first.check(force=True)
    keep(page, f"forced-W1-{DESK}")
    highlight = page.evaluate(SYSTEM, "Highlight")
    assert style(page, ".is-chosen .rdv-day", "backgroundColor") == highlight
    assert style(page, ".rdv-slot input:checked ~ .b", "backgroundColor") == highlight
    assert style(page, ".rdv-slot:last-child .b", "backgroundColor") != highlight
    for name in ("W2-nothing-filled", "W3", "C1-no-reason"):
        theatre.show(page, BY_NAME[name], "fr")
        keep(page, f"forced-{name}-{DESK}")


@pytest.mark.parametrize(("motion", "lasts"), [("no-preference", "0.15s"), ("reduce", "0s")])
def test_a_page_that_loads_fades_unless_motion_is_unwanted(
    theatre: Theatre, page: Page, motion: str, lasts: str
) -> None:
    page.emulate_media(reduced_motion=motion)
    theatre.show(page, BY_NAME["W1"], "fr")
    page.evaluate("document.getElementById('rdv').setAttribute('aria-busy', 'true')")
    assert style(page, "#rdv", "transitionDuration") == lasts


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_printed_confirmation_has_every_fact_and_nothing_to_press(
    theatre: Theatre, page: Page, theme: str
) -> None:
    theatre.show(page, BY_NAME["W3"], "fr")
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    page.emulate_media(media="print")
    keep(page, f"print-{theme}-W3-{DESK}")
    text = page.locator("main").inner_text()
    for fact in (
        "Votre rendez-vous est réservé!",
        "mercredi 18 mars 2026, 10\N{NO-BREAK SPACE}h à 10\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30",
        "Tom (Canin)",
        "Examen, 30",
        "Dr John Dolittle",
        "1250, rue Fleury Est, Montréal",
        "514\N{NO-BREAK SPACE}555-0134",
        "Pour annuler",
    ):
        assert fact in text
    assert page.locator("button:visible, .rdv-btn:visible, .rdv-steps:visible").count() == 0
    assert style(page, "dd", "color") == "rgb(27, 31, 36)"
    assert style(page, "body", "backgroundColor") == WHITE
