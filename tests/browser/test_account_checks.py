"""Every account page and state, in each layout, language and width: axe, reflow, keyboard."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.checks import PHONE, WIDER, WIDTHS, keep, resized, violations
from tests.browser.scenes import LANGS, LAYOUTS, SCENES, Portal, portals
from tests.browser.visitors import visitor

pytestmark = pytest.mark.xdist_group("account pages")
NAMED = {scene.name: scene for scene in SCENES}

CONTROLS = """() => {
  const all = document.querySelectorAll("a[href], button, input, select, textarea, summary");
  const open = [...all].filter((one) => one.tabIndex >= 0 && !one.matches(":disabled")
      && one.type !== "hidden" && one.checkVisibility());
  open.forEach((one, n) => { one.dataset.n = n; });
  document.body.tabIndex = -1;
  document.body.focus();
  return open.map((one) => one.outerHTML.slice(0, 160));
}"""
BEYOND = "table => table.offsetWidth - table.parentElement.clientWidth"
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one.dataset.n) return {n: -1, marked: true, seen: true};
  const luminance = (colour) => {
    const parts = colour.match(/[\\d.]+/g).map(Number);
    const [r, g, b] = parts.slice(0, 3).map((part) => {
      const c = part / 255;
      return c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
    });
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const ground = (element) => {
    for (let up = element; up; up = up.parentElement) {
      const colour = getComputedStyle(up).backgroundColor;
      if (!/, 0\\)$|transparent/.test(colour) && !/^color/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const style = getComputedStyle(one);
  const [low, high] = [luminance(style.outlineColor), luminance(ground(one.parentElement))].sort();
  const seen = [...one.getClientRects()].some((box) => {
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const there = document.elementFromPoint(x, y);
    return there && (one.contains(there) || there.contains(one));
  });
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const marked = one.closest(".rdv-a")
    ? ring && (high + .05) / (low + .05) >= 3
    : ring || style.outlineStyle === "auto" || style.boxShadow !== "none";
  return {n: Number(one.dataset.n), marked, seen};
}"""


@dataclass
class Shown:
    """A page in the browser, and what it is called."""

    page: Page
    name: str

    def at(self, width: int) -> Page:
        return resized(self.page, width)


@pytest.fixture(scope="module")
def every_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Portal]]:
    with portals(tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.fixture(scope="module")
def opened(browser: Browser) -> Iterator[Page]:
    # or the page would still be scrolling when it is looked at
    with visitor(browser, reduced_motion="reduce") as page:
        yield page


@pytest.fixture(
    scope="module",
    params=[(layout, lang, scene) for layout in LAYOUTS for lang in LANGS for scene in SCENES],
    ids=lambda given: f"{given[0]}-{given[1]}-{given[2].name}",
)
def shown(request: pytest.FixtureRequest, every_portal: dict[str, Portal], opened: Page) -> Shown:
    layout, lang, scene = request.param
    every_portal[layout].show(opened, scene, lang)
    return Shown(opened, f"{layout}-{scene.name}-{lang}")


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_and_axe_finds_no_violation(shown: Shown, width: int) -> None:
    page = shown.at(width)
    keep(page, f"{shown.name}-{width}")
    assert page.evaluate(WIDER) <= 0
    # at the end, where the save bar covers nothing
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    assert violations(page) == []


@pytest.mark.parametrize("name", ["A1-problem", "A2-problem", "A3-lacking"])
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_between_a_phone_and_a_desk_a_table_stays_in_its_place(
    every_portal: dict[str, Portal], opened: Page, layout: str, lang: str, name: str
) -> None:
    every_portal[layout].show(opened, NAMED[name], lang)
    for width in range(400, 1_300, 50):
        opened.set_viewport_size({"width": width, "height": 800})
        assert opened.evaluate(WIDER) <= 0, width
        assert opened.locator(".rdv-t").evaluate(BEYOND) <= 0, width


@pytest.mark.parametrize("name", ["A0", "A2", "A4a", "A4b"])
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_can_be_opened_fits_too_and_axe_finds_no_violation(
    every_portal: dict[str, Portal], opened: Page, layout: str, lang: str, name: str
) -> None:
    every_portal[layout].show(opened, NAMED[name], lang)
    opened.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for width in WIDTHS:
        page = resized(opened, width)
        keep(page, f"open-{layout}-{name}-{lang}-{width}")
        assert page.evaluate(WIDER) <= 0
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        assert violations(page) == []


def walked(page: Page, controls: int) -> list[dict[str, Any]]:
    """Press Tab from the top of a page to its last control; return where the focus was.

    It ends there: beyond its last control a page hands the focus to the browser, who may keep it.
    """
    # the browser stops in a date field at day, month, year and calendar
    presses = controls + 3 * page.locator("input[type=date]").count()
    stops: list[dict[str, Any]] = []
    while len(stops) < presses and (not stops or stops[-1]["n"] < controls - 1):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUSED))
    return stops


def test_tab_goes_through_every_control_in_order_and_shows_where_it_is(shown: Shown) -> None:
    page = shown.at(PHONE)
    controls = page.evaluate(CONTROLS)
    stops = walked(page, len(controls))
    assert list(dict.fromkeys(stop["n"] for stop in stops)) == list(range(len(controls)))
    assert [controls[stop["n"]] for stop in stops if not stop["marked"]] == []
    assert [controls[stop["n"]] for stop in stops if not stop["seen"]] == []
