"""The account pages in a browser: late answers, answers of others, very long names."""

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.demo import Demo
from tests.browser.visitors import log_in, open_entry

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def week(demo: Demo, page: Page) -> Page:
    """The weekly hours of a resource that has none."""
    log_in(page, demo, demo.second)
    open_entry(page, "Gestion des ressources")
    page.get_by_role("link", name="Éditer Technicien(nes)").click()
    page.locator(".rdv-tabs").get_by_role("link", name="Disponibilités en ligne").click()
    expect(page.get_by_role("button", name="Ajouter une plage le mardi")).to_be_visible()
    page.wait_for_load_state()
    return page


def test_a_double_click_on_plus_adds_one_range(week: Page) -> None:
    week.get_by_role("button", name="Ajouter une plage le mardi").dblclick()
    expect(week.get_by_label("Mardi, plage 1, début")).to_be_focused()
    expect(week.get_by_label("Mardi, plage 2, début")).not_to_be_attached()


def test_when_the_session_is_over_plus_leads_to_the_login_page(week: Page) -> None:
    week.context.clear_cookies()
    week.get_by_role("button", name="Ajouter une plage le mardi").click()
    expect(week).to_have_title("Connexion – LogiVet")


def test_an_answer_that_is_not_ours_is_shown_by_the_browser(week: Page) -> None:
    def maintenance(route: Route) -> None:
        route.fulfill(status=200, body="<h1>Maintenance</h1>", content_type="text/html")

    week.route("**/disponibilites", maintenance)
    week.get_by_role("button", name="Ajouter une plage le mardi").click()
    expect(week.get_by_role("heading", level=1)).to_have_text("Maintenance")


def test_sorting_alone_does_not_hold_anybody_back(demo: Demo, page: Page) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    log_in(page, demo, demo.second)
    open_entry(page, "Catégories de rendez-vous")
    page.get_by_role("button", name="Anglais").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Anglais")
    page.reload()
    assert asked == []


@pytest.mark.parametrize("width", [320, 1_000])
@pytest.mark.parametrize("entry", ["Catégories de rendez-vous", "Gestion des ressources"])
def test_a_long_name_does_not_widen_the_page(
    demo: Demo, page: Page, entry: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, demo, demo.first)
    open_entry(page, entry)
    page.get_by_role("rowheader").first.evaluate("cell => { cell.textContent = 'É'.repeat(200); }")
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.fixture
def asked(page: Page) -> list[str]:
    """What the browser asks before it leaves a page; the answer is always to leave."""
    kinds: list[str] = []
    page.on("dialog", lambda dialog: (kinds.append(dialog.type), dialog.accept()))
    return kinds


@pytest.fixture
def durations(demo: Demo, page: Page) -> Page:
    """The categories, of which one is about to be saved with a wrong duration."""
    log_in(page, demo, demo.first)
    open_entry(page, "Catégories de rendez-vous")
    page.wait_for_load_state()
    return page


def test_a_key_pressed_in_a_field_is_guarded(durations: Page, asked: list[str]) -> None:
    durations.get_by_label("Durée de Examen, en minutes").press("7")
    durations.reload()
    assert asked == ["beforeunload"]


def test_a_duration_comes_back_when_the_page_was_sorted_meanwhile(durations: Page) -> None:
    box = durations.get_by_label("Rendez-vous en ligne : Consultation comportementale")
    box.uncheck()
    durations.get_by_role("button", name="Anglais").click()
    expect(durations.locator("th[aria-sort=ascending]")).to_contain_text("Anglais")
    box.check()
    minutes = durations.get_by_label("Durée de Consultation comportementale, en minutes")
    expect(minutes).to_have_value("45")


def test_what_was_refused_is_still_guarded(durations: Page, asked: list[str]) -> None:
    durations.get_by_label("Durée de Examen, en minutes").fill("7")
    durations.locator(".rdv-save").get_by_role("button", name="ENREGISTRER").click()
    expect(durations.get_by_role("alert")).to_be_visible()
    expect(durations.locator(".rdv-note")).to_have_text("Modifications non enregistrées.")
    durations.wait_for_load_state()
    durations.get_by_role("alert").click()
    assert asked == []
    durations.reload()
    assert asked == ["beforeunload"]


def test_the_switch_asks_nothing_and_keeps_what_is_typed(
    demo: Demo, page: Page, asked: list[str]
) -> None:
    log_in(page, demo, demo.first)
    open_entry(page, "Gestion des ressources")
    page.get_by_role("link", name="Éditer Dr John Dolittle").click()
    page.locator(".rdv-tabs").get_by_role("link", name="Disponibilités en ligne").click()
    page.wait_for_load_state()
    page.get_by_label("Lundi, plage 1, début").fill("8h")
    switch = page.get_by_role("switch")
    for state in ("false", "true"):
        switch.click()
        expect(switch).to_have_attribute("aria-checked", state)
        expect(switch).to_be_focused()
        expect(page.get_by_label("Lundi, plage 1, début")).to_have_value("8h")
    assert asked == []
    page.get_by_role("link", name="ANNULER").click()
    expect(page.get_by_label("Lundi, plage 1, début")).to_have_value("09h00")
    assert asked == []


def test_a_page_that_logivet_took_away_is_shown_as_a_page(demo: Demo, browser: Browser) -> None:
    def gone(route: Route) -> None:
        body = '<title>Parti</title><div class="rdv-a"><div class="rdv-page"></div></div>'
        route.fulfill(status=404, body=body, content_type="text/html")

    with browser.new_context() as context:  # in which a 404 is no error
        page = context.new_page()
        log_in(page, demo, demo.second)
        open_entry(page, "Gestion des ressources")
        page.get_by_role("link", name="Éditer Technicien(nes)").click()
        page.locator(".rdv-tabs").get_by_role("link", name="Disponibilités en ligne").click()
        page.wait_for_load_state()
        page.route("**/disponibilites", gone)
        page.get_by_role("button", name="Ajouter une plage le mardi").click()
        expect(page).to_have_title("Parti")
