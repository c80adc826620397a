"""No style leaks: ours leave the portal's own page alone, the portal's leave our controls alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.checks import DESK, WIDER, WIDTHS, keep, resized
from tests.browser.scenes import SCENES, Portal, Scene, portals
from tests.browser.visitors import visitor

pytestmark = pytest.mark.xdist_group("account pages")

LOOKS = ("bootstrap", "plain")
NAMES = ("A0", "A1", "A2", "A3", "A4a", "A4b-problem", "history", "why")
PAGES = [scene for scene in SCENES if scene.name in NAMES]
# A size is no style: the text beside decides it.
OUTSIDE = """() => [...document.body.querySelectorAll("*")].filter((one) => !one.closest(".rdv-a"))
  .map((one) => {
    const style = getComputedStyle(one);
    const names = [...style].filter((name) => !/size$|^width|^height|origin$/.test(name));
    return one.tagName + names.map((name) => `${name}:${style.getPropertyValue(name)}`).join();
  })"""
WITHOUT_OURS = "() => { document.querySelector('link[href*=\"account.css\"]').disabled = true; }"
LOUD = """
  button, [type=submit], [role=button] { width: 100%; margin: 0 0 1rem; }
  ul li { margin-bottom: 1rem; list-style: square; }
  summary { padding: 1rem; margin-bottom: 1rem; }
  summary::after { float: right; width: 3rem; height: 3rem; transform: rotate(-90deg); }
"""
BOXES = """() => [...document.querySelectorAll(
    ".rdv-a :is(.rdv-b, .rdv-x, .rdv-ib, .rdv-chip, .rdv-switch, .rdv-sort, .rdv-ms, .rdv-more li)"
  )].map((one) => {
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    return [one.className, box.width, box.height, style.listStyleType];
  })"""


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Portal]]:
    with portals(tmp_path_factory.mktemp("portal"), LOOKS, ("fr",)) as made:
        yield made


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with visitor(browser, reduced_motion="reduce") as opened:
        yield opened


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("scene", PAGES, ids=lambda scene: scene.name)
def test_ours_change_nothing_around(every, page: Page, look: str, scene: Scene) -> None:
    every[look].show(page, scene, "fr")
    with_ours = resized(page, DESK).evaluate(OUTSIDE)
    page.evaluate(WITHOUT_OURS)
    assert len(with_ours) > 10
    assert page.evaluate(OUTSIDE) == with_ours


@pytest.mark.parametrize("name", ["A2-read-only", "A4b-read-only"])
def test_whoever_only_reads_sees_no_button_that_does_nothing(every, page: Page, name: str) -> None:
    every["plain"].show(page, next(scene for scene in SCENES if scene.name == name), "fr")
    buttons = page.locator(".rdv-page button")
    assert buttons.count() > 2
    assert [one.get_attribute("aria-label") for one in buttons.all() if one.is_visible()] == []


@pytest.mark.parametrize("scene", PAGES, ids=lambda scene: scene.name)
def test_a_portal_that_styles_every_element_does_not_bend_our_controls(
    every, page: Page, scene: Scene
) -> None:
    every["plain"].show(page, scene, "fr")
    for width in WIDTHS:
        resized(page, width)
        before = page.evaluate(BOXES)
        sheet = page.add_style_tag(content=LOUD)
        keep(page, f"loud-{scene.name}-{width}")
        assert page.evaluate(BOXES) == before
        assert page.evaluate(WIDER) <= 0
        sheet.evaluate("sheet => sheet.remove()")
