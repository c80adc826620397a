"""Every public page and state, in both languages and widths: axe, reflow."""

from collections.abc import Iterator
from dataclasses import dataclass
from time import sleep

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.checks import DESK, PHONE, WIDER, WIDTHS, keep, resized, violations
from tests.browser.public_scenes import LANGS, SCENES, Scene, Theatre
from tests.browser.visitors import visitor

pytestmark = pytest.mark.xdist_group("public pages")

# The languages differ in words alone: axe sees each state once on each width.
WIDTH_OF = {"fr": PHONE, "en": DESK}
SHIFTED = """new Promise((tell) => {
    let sum = 0;
    const add = (seen) => seen.getEntries().forEach((shift) => { sum += shift.value; });
    new PerformanceObserver(add).observe({type: "layout-shift", buffered: true});
    setTimeout(() => tell(sum), 200);
})"""


@dataclass
class Shown:
    """A page in the browser, and what it is called."""

    page: Page
    scene: Scene
    lang: str

    @property
    def name(self) -> str:
        return f"{self.scene.name}-{self.lang}"


@pytest.fixture(scope="module")
def opened(browser: Browser) -> Iterator[Page]:
    with visitor(browser, reduced_motion="reduce") as page:
        yield page


@pytest.fixture(
    scope="module",
    params=[(scene, lang) for lang in LANGS for scene in SCENES],
    ids=lambda given: f"{given[0].name}-{given[1]}",
)
def shown(request: pytest.FixtureRequest, theatre: Theatre, opened: Page) -> Shown:
    scene, lang = request.param
    theatre.show(opened, scene, lang)
    return Shown(opened, scene, lang)


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits(shown: Shown, width: int) -> None:
    page = resized(shown.page, width)
    keep(page, f"{shown.name}-{width}")
    assert page.evaluate(WIDER) <= 0


def test_axe_finds_no_violation(shown: Shown) -> None:
    assert violations(resized(shown.page, WIDTH_OF[shown.lang])) == []


def test_the_page_does_not_jump_when_its_script_comes_late(theatre: Theatre, opened: Page) -> None:
    def late(route: Route) -> None:
        sleep(0.4)
        route.fallback()

    theatre.show(resized(opened, PHONE), next(one for one in SCENES if one.name == "W1"), "fr")
    opened.route("**/widget.js*", late)
    opened.reload()
    expect(opened.locator(".rdv-choices")).to_be_hidden()
    assert opened.evaluate(SHIFTED) == 0
