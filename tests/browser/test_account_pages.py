"""The account pages in a browser: late answers, answers of others, very long names."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.demo import Demo
from tests.browser.visitors import log_in, open_entry, save

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


@pytest.fixture
def asked(page: Page) -> list[str]:
    """What the browser asks before it leaves a page; the answer is to leave."""
    found: list[str] = []
    page.on("dialog", lambda dialog: (found.append(dialog.type), dialog.accept()))
    return found


@pytest.fixture
def exam(demo: Demo, page: Page) -> Locator:
    """The duration of an exam, in the page of categories."""
    log_in(page, demo, demo.first)
    open_entry(page, "Catégories de rendez-vous")
    return page.get_by_label("Durée de Examen, en minutes")


def test_what_is_being_typed_is_not_left_without_asking(
    page: Page, asked: list[str], exam: Locator
) -> None:
    exam.press_sequentially("5")
    page.reload()
    assert asked == ["beforeunload"]


def test_what_was_refused_is_not_left_without_asking(
    page: Page, asked: list[str], exam: Locator
) -> None:
    exam.fill("7")
    page.get_by_role("button", name="ENREGISTRER").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert asked == []
    expect(page.locator(".rdv-save")).to_contain_text("Modifications non enregistrées.")
    page.keyboard.press("Tab")
    page.reload()
    assert asked == ["beforeunload"]


def test_the_title_says_that_plus_was_refused_until_it_is_right(demo: Demo, page: Page) -> None:
    log_in(page, demo, demo.second)
    open_entry(page, "Rendez-vous en ligne")
    for typed, said in (
        ("pas un domaine", r"Erreur\s: Rendez-vous"),
        ("clinique.ca", "Rendez-vous"),
    ):
        page.get_by_label("Ajouter un domaine").fill(typed)
        page.get_by_role("button", name="Ajouter ce domaine").click()
        expect(page).to_have_title(re.compile(f"^{said} en ligne – "))


def test_what_is_saved_is_left_without_asking(page: Page, asked: list[str], exam: Locator) -> None:
    exam.press_sequentially(" ")
    save(page)
    page.reload()
    assert asked == []


def test_the_code_is_mailed_without_asking(demo: Demo, page: Page, asked: list[str]) -> None:
    log_in(page, demo, demo.second)
    open_entry(page, "Rendez-vous en ligne")
    page.get_by_label("Ajouter un domaine").fill("clinique.ca")
    page.get_by_role("link", name="Envoyer par courriel").click()
    assert asked == []
    page.reload()
    assert asked == ["beforeunload"]


def test_the_code_is_copied_where_scripts_may_not_reach_the_clipboard(
    demo: Demo, page: Page
) -> None:
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error())")
    log_in(page, demo, demo.second)
    open_entry(page, "Rendez-vous en ligne")
    page.get_by_role("button", name="Copier le code").click()
    expect(page.get_by_role("button", name="Code copié")).to_be_visible()
    field = page.get_by_label("Ajouter un domaine")
    field.press("Control+V")
    assert field.input_value() == page.locator("#code-fr").input_value()


def test_a_switch_that_is_refused_asks_nothing_and_keeps_what_is_typed(
    week: Page, asked: list[str]
) -> None:
    week.get_by_role("button", name="Ajouter une plage le mardi").click()
    week.get_by_label("Mardi, plage 1, début").fill("9h")
    week.get_by_role("switch").click()
    expect(week.get_by_role("alert")).to_be_focused()
    expect(week.get_by_label("Mardi, plage 1, début")).to_have_value("9h")
    assert asked == []
    week.reload()
    assert asked == ["beforeunload"]


def test_enter_in_a_field_saves(week: Page) -> None:
    week.get_by_role("button", name="Ajouter une plage le mardi").click()
    week.get_by_label("Mardi, plage 1, début").fill("midi")
    week.keyboard.press("Enter")
    expect(week.get_by_role("alert")).to_contain_text("« midi » n'est pas une heure valide.")


def test_nothing_can_be_typed_into_a_page_that_is_being_replaced(week: Page) -> None:
    week.get_by_role("button", name="Ajouter une plage le lundi").click()
    field = week.get_by_label("Lundi, plage 1, début")
    expect(field).to_be_focused()
    held: list[Route] = []
    week.route("**/disponibilites", lambda route: held.append(route))
    week.get_by_role("button", name="Ajouter une plage le mardi").click()
    expect(week.locator(".rdv-page[inert]")).to_be_attached()
    held[0].continue_()
    expect(week.get_by_label("Mardi, plage 1, début")).to_be_focused()
    expect(week.locator(".rdv-page[inert]")).not_to_be_attached()


def test_after_an_answer_that_never_came_the_page_works_again(week: Page) -> None:
    statuses = [200, 204]  # nothing of ours, then nothing at all

    def nothing(route: Route) -> None:
        route.fulfill(status=statuses.pop(0), body="")

    week.route("**/disponibilites", nothing, times=2)
    plus = week.get_by_role("button", name="Ajouter une plage le mardi")
    with week.expect_response(lambda answer: answer.status == 204):
        plus.click()
    plus.click()
    expect(week.get_by_label("Mardi, plage 1, début")).to_be_focused()


def test_sorting_alone_does_not_hold_anybody_back(demo: Demo, page: Page, asked: list[str]) -> None:
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


def test_a_duration_comes_back_when_the_page_was_sorted_meanwhile(
    page: Page, exam: Locator
) -> None:
    box = page.get_by_label("Rendez-vous en ligne : Consultation comportementale")
    box.uncheck()
    page.get_by_role("button", name="Anglais").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Anglais")
    box.check()
    minutes = page.get_by_label("Durée de Consultation comportementale, en minutes")
    expect(minutes).to_have_value("45")


def test_the_switch_acts_and_keeps_what_is_typed(demo: Demo, page: Page, asked: list[str]) -> None:
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


def test_an_answer_that_leads_elsewhere_is_followed(week: Page) -> None:
    there = str(week.get_by_role("link", name="Gestion des ressources").get_attribute("href"))
    week.route(
        "**/disponibilites", lambda route: route.fulfill(status=303, headers={"Location": there})
    )
    week.get_by_role("button", name="Ajouter une plage le mardi").click()
    expect(week).to_have_url(re.compile(f"{there}$"))
    expect(week.get_by_role("heading", level=1)).to_have_text("Gestion des ressources")


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
