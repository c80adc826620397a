"""Lists with one row, with thirty and with three hundred."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.checks import WIDER, WIDTHS, keep
from tests.browser.rows import with_rows
from tests.browser.scenes import ORIGIN, PREFIX, Portal, Scene, portals
from tests.browser.visitors import visitor

pytestmark = pytest.mark.xdist_group("account pages")

COUNTS = (1, 30, 300)
LISTS = {
    "categories": "/categories",
    "species": "/especes",
    "resources": "/ressources",
    "offers": "/ressources/{resource}/categories",
}
BYTES_OF_A_ROW = 2_000
BYTES_OF_FIVE_CHIPS = 2_500


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The portal with Bootstrap, and a clinic of each size."""
    with portals(tmp_path_factory.mktemp("portal"), ("bootstrap",), langs=()) as made:
        running = made["bootstrap"]
        for count in COUNTS:
            full = with_rows(running.app, count)
            running.enter(f"{count} rows", "fr", full.user_id, {"resource": full.resource})
        yield running


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with visitor(browser, reduced_motion="reduce") as opened:
        opened.set_default_timeout(60_000)
        yield opened


def scene(what: str, count: int) -> Scene:
    return Scene(what, f"{count} rows", LISTS[what])


@pytest.mark.parametrize(("what", "count"), [(what, n) for what in LISTS for n in COUNTS])
def test_a_list_shows_every_row_and_fits(portal: Portal, page: Page, what: str, count: int) -> None:
    portal.show(page, scene(what, count), "fr")
    assert page.locator(".rdv-t tbody tr").count() == count
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(WIDER) <= 0
        keep(page, f"rows-{what}-{count}-{width}")


@pytest.mark.parametrize("what", ["categories", "resources"])
def test_three_hundred_rows_cost_what_their_number_says(portal: Portal, what: str) -> None:
    one = len(portal.answer(scene(what, 1), "fr").data)
    many = len(portal.answer(scene(what, 300), "fr").data)
    assert many - one < 299 * BYTES_OF_A_ROW


def test_three_hundred_species_do_not_bring_three_hundred_categories_each(portal: Portal) -> None:
    many = len(portal.answer(scene("species", 300), "fr").data)
    assert many < 300 * (BYTES_OF_A_ROW + BYTES_OF_FIVE_CHIPS)


def test_the_arrow_of_a_species_puts_its_choices_in_place(portal: Portal, page: Page) -> None:
    portal.show(page, scene("species", 300), "fr")
    client, _ids = portal.staff["300 rows", "fr"]

    def answer(route: Route) -> None:
        kind = route.request.headers["content-type"]
        sent = client.post(f"{PREFIX}/especes", data=route.request.post_data, content_type=kind)
        route.fulfill(status=sent.status_code, headers=dict(sent.headers), body=sent.data)

    page.route(f"{ORIGIN}{PREFIX}/especes*", answer)
    arrow = page.get_by_role("button", name="Choisir les catégories pour Espèce 7", exact=True)
    expect(arrow).to_have_attribute("aria-expanded", "false")
    arrow.click()
    expect(page.locator(".rdv-ms fieldset label")).to_have_count(300)
    expect(arrow).to_have_attribute("aria-expanded", "true")
    expect(arrow).to_be_focused()
    keep(page, "rows-species-open")
    page.get_by_label("Consultation 300", exact=True).check()
    chips = page.locator("tr", has=arrow).locator(".rdv-chip")
    expect(chips).to_have_count(6)
    assert page.locator(".rdv-chip").count() == 5 * 300 + 1
