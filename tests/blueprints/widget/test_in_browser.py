"""What the widget's script adds: focus, announcements, the grid's keys, the height of the frame."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from flask_logivet_rdv import jobs
from flask_logivet_rdv.blueprints.widget.typos import HOSTS, suggestion
from flask_logivet_rdv.models import Category, Resource, WeeklyOpening
from flask_logivet_rdv.services.transaction import transact
from host_example.models import db
from tests.blueprints.widget.owner import WIDGET
from tests.support.clinics import DOLITTLE, TestClinic, make_clinic
from tests.support.listening import listening
from tests.support.portal import Clock, make_portal, migrate

CHROMIUM = Path("/usr/bin/chromium")
EXPECTED = re.compile(r"favicon|\b(404|422)\b")
"""A form that is refused is an answer; the browser calls it an error."""
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="There is no Chromium here.")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClinic, str]]:
    """A clinic, and the address of its widget."""
    app = make_portal(
        tmp_path_factory.mktemp("browser"),
        clock=Clock(),
        LOGIVET_RDV_DEV_DOMAINS=True,
    )
    migrate(app)
    clinic = make_clinic(app, configured=True)
    query = urlencode({"widgetId": clinic.account_id, "lang": "en"})
    with listening(app) as port:
        yield clinic, f"http://127.0.0.1:{port}{WIDGET}?{query}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    """A tab that must end without a word in its console: no blocked file, no script error."""
    page, said = browser.new_page(viewport={"width": 320, "height": 700}), []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    page.close()
    assert [line for line in said if not EXPECTED.search(line)] == []


def choose(tab: Any) -> None:
    tab.select_option("[name=species]", label="Canine")
    tab.wait_for_selector("[name=category]:not([disabled])")
    tab.select_option("[name=category]", label="Exam")
    tab.wait_for_selector("table")


def focused(tab: Any, what: str) -> str:
    return str(tab.evaluate(f"document.activeElement.{what}"))


def test_a_day_is_told_and_takes_the_focus_to_its_times(tab: Any, shown: tuple[TestClinic, str]):
    tab.goto(shown[1])
    choose(tab)
    tab.click("button[value='2026-03-18']")
    tab.wait_for_selector("[name=start]:focus")
    assert focused(tab, "value") == "2026-03-18T14:00:00Z"
    assert tab.inner_text("#rdv-say") == "Wednesday, March 18, 2026, 4 free times"


def test_the_month_is_walked_by_keyboard(tab: Any, shown: tuple[TestClinic, str]):
    tab.goto(shown[1])
    choose(tab)
    assert len(tab.query_selector_all("table [tabindex='0']")) == 1
    tab.focus("table [tabindex='0']")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowDown")
    assert focused(tab, "value") == "2026-03-25"
    tab.keyboard.press("End")
    assert focused(tab, "value") == "2026-03-28"
    tab.keyboard.press("PageDown")
    tab.wait_for_selector("text=April 2026")
    tab.wait_for_selector("[value='2026-04-01']:focus")
    assert tab.inner_text("#rdv-say") == "April 2026, 22 days offered"


def in_grid(tab: Any) -> str:
    """The date that has the focus in the calendar: the only one that Tab comes to."""
    assert len(tab.query_selector_all("table [tabindex='0']")) == 1
    name = tab.evaluate("document.activeElement.closest('table [tabindex=\"0\"]').ariaLabel")
    return str(name).partition(", 2026")[0]


FROM_TUESDAY_17 = [
    ("ArrowRight", "Wednesday, March 18"),
    ("ArrowLeft", "Monday, March 16"),
    ("ArrowDown", "Tuesday, March 24"),
    ("ArrowUp", "Tuesday, March 10"),
    ("Home", "Sunday, March 15"),
    ("End", "Saturday, March 21"),
    ("ArrowDown ArrowDown ArrowRight", "Wednesday, April 1"),
    ("ArrowUp ArrowUp ArrowUp", "Tuesday, March 3"),
    ("ArrowUp ArrowUp Home ArrowLeft", "Sunday, March 1"),
    ("ArrowDown ArrowDown End ArrowRight", "Saturday, April 4"),
]


def test_the_keys_of_the_grid_move_within_the_days_shown(tab: Any, shown: tuple[TestClinic, str]):
    tab.goto(shown[1])
    choose(tab)
    start = "table [aria-current]"
    for keys, date in FROM_TUESDAY_17:
        tab.evaluate(f'document.querySelector("{start}").focus()')
        for key in keys.split():
            tab.keyboard.press(key)
        moved = tab.evaluate("document.activeElement.ariaLabel")
        assert moved.startswith(date), keys
    assert in_grid(tab) == FROM_TUESDAY_17[-1][1]


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_enter_and_space_choose_a_day_that_is_offered_and_no_other(
    tab: Any, shown: tuple[TestClinic, str], key: str
):
    tab.goto(shown[1])
    choose(tab)
    tab.focus("table [tabindex='0']")
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press(key)
    assert focused(tab, "ariaDisabled") == "true"
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowRight")
    with tab.expect_response(lambda answer: "day=2026-03-18" in answer.url):
        tab.keyboard.press(key)
    tab.wait_for_selector("[name=start]:focus")
    assert tab.inner_text("#rdv-say") == "Wednesday, March 18, 2026, 4 free times"
    chosen = tab.query_selector_all("td[aria-selected='true'] .rdv-day")
    assert [day.get_attribute("value") for day in chosen] == ["2026-03-18"]


def test_pages_of_the_keyboard_turn_the_months_and_keep_the_focus_in_the_grid(
    tab: Any, shown: tuple[TestClinic, str]
):
    tab.goto(shown[1])
    choose(tab)
    tab.focus("table [tabindex='0']")
    for key, date in (
        ("PageDown", "Wednesday, April 1"),
        ("PageDown", "Saturday, May 2"),
        ("PageDown", "Saturday, May 2"),
        ("PageUp", "Wednesday, April 1"),
        ("PageUp", "Tuesday, March 17"),
        ("PageUp", "Tuesday, March 17"),
    ):
        tab.keyboard.press(key)
        tab.wait_for_selector(f"[aria-label^='{date}']:focus")
        assert in_grid(tab) == date


def test_turning_to_the_last_month_leads_the_focus_to_its_days(
    tab: Any, shown: tuple[TestClinic, str]
):
    tab.goto(shown[1])
    choose(tab)
    tab.click("[data-to=next]")
    tab.wait_for_selector("text=April 2026")
    assert focused(tab, "dataset.to") == "next"
    tab.keyboard.press("Enter")
    tab.wait_for_selector("text=May 2026")
    assert in_grid(tab) == "Saturday, May 2"
    assert tab.inner_text("#rdv-say") == "May 2026, 11 days offered"


def test_the_chosen_time_alone_shows_its_end(tab: Any, shown: tuple[TestClinic, str]):
    """The manual's « 13:30 - 14:00 » (S77)."""
    tab.goto(shown[1])
    choose(tab)
    times = tab.locator(".rdv-slot .b")
    before = times.all_inner_texts()
    assert not any("-" in time for time in before)
    tab.locator(".rdv-slot").nth(1).click()
    chosen = times.all_inner_texts()
    assert " ".join(chosen[1].split()) == "13:30 - 14:00"
    assert chosen[:1] + chosen[2:] == before[:1] + before[2:]


def test_in_another_zone_the_chosen_time_is_told_as_the_clinics(
    tab: Any, shown: tuple[TestClinic, str]
):
    tab.goto(shown[1])
    choose(tab)
    tab.select_option("[name=tz]", "Canada/Pacific")
    tab.wait_for_selector("text=The clinic is on Eastern time.")
    assert focused(tab, "id") == "rdv-tz"
    tab.locator(".rdv-slot").first.click()
    told = tab.inner_text("#rdv-own").replace("\xa0", " ")
    assert told == "Your appointment is at 1:00 p.m., clinic time."
    assert tab.locator(".rdv-slot small:visible").count() == 0


@pytest.fixture
def offline_scripts(browser: Any) -> Iterator[Any]:
    """A tab in which what the script asks for never comes, and what the browser asks for does."""
    page = browser.new_page(viewport={"width": 320, "height": 700})
    page.route(
        "**/*",
        lambda route: (
            route.abort() if route.request.resource_type == "fetch" else route.continue_()
        ),
    )
    yield page
    page.close()


def test_without_an_answer_the_script_leaves_the_page_to_the_browser(
    offline_scripts: Any, shown: tuple[TestClinic, str]
):
    tab = offline_scripts
    tab.goto(shown[1])
    with tab.expect_navigation():
        tab.select_option("[name=species]", label="Canine")
    with tab.expect_navigation():
        tab.select_option("[name=category]", label="Exam")
    with tab.expect_navigation():
        tab.click("button[value='2026-03-18']")
    assert "day=2026-03-18" in tab.url
    assert tab.locator("legend").inner_text() == "Wednesday, March 18, 2026"


def test_so_it_does_with_what_was_typed_which_stays_out_of_the_address(
    offline_scripts: Any, shown: tuple[TestClinic, str]
):
    tab = offline_scripts
    clinic, address = shown
    triple = {
        "species": clinic.species["Canin"],
        "category": clinic.categories["Examen"],
        "resource": clinic.resources[DOLITTLE],
        "start": "2026-03-18T14:00:00Z",
    }
    tab.goto(address.replace("?", "/details?") + "&" + urlencode(triple))
    tab.fill("[name=name]", "Marie")
    tab.click("text=Back")
    with tab.expect_navigation():
        tab.click("button[value='2026-03-19']")
    assert tab.locator("legend").inner_text() == "Thursday, March 19, 2026"
    assert "Marie" not in tab.url
    tab.locator(".rdv-slot").first.click()
    tab.click(".rdv-go .rdv-btn")
    assert tab.input_value("[name=name]") == "Marie"


def test_while_it_waits_the_page_is_busy(tab: Any, shown: tuple[TestClinic, str]):
    tab.goto(shown[1])
    waiting: list[Any] = []
    tab.route("**/*species=*", lambda route: waiting.append(route))
    tab.select_option("[name=species]", label="Canine")
    tab.wait_for_selector("#rdv[aria-busy=true]")
    assert tab.locator("#rdv-say").is_visible()
    tab.wait_for_function("true")
    waiting[0].continue_()
    tab.wait_for_selector("#rdv:not([aria-busy]) [name=category]:enabled")


def test_of_two_choices_in_a_hurry_the_last_one_counts(tab: Any, shown: tuple[TestClinic, str]):
    tab.goto(shown[1])
    waiting: list[Any] = []
    tab.route("**/*species=*", lambda route: waiting.append(route))
    tab.select_option("[name=species]", label="Canine")
    tab.wait_for_selector("#rdv[aria-busy=true]")
    tab.unroute_all()
    tab.select_option("[name=species]", label="Feline")
    tab.wait_for_selector("table")
    assert tab.locator("[name=species] option:checked").inner_text() == "Feline"


def test_what_is_gone_meanwhile_is_told(tab: Any, shown: tuple[TestClinic, str]):
    app, address = shown[0].app, shown[1]
    other = make_clinic(app, configured=True)
    tab.goto(address.replace(str(shown[0].account_id), str(other.account_id)))
    tab.select_option("[name=species]", label="Canine")
    tab.wait_for_selector("[name=category]:not([disabled])")
    where = (other.account_id, other.categories["Examen"])
    with app.app_context():
        transact(
            jobs.desk(),
            other.account_id,
            lambda tx: setattr(tx.session.get(Category, where), "online", False),
        )
    tab.select_option("[name=category]", label="Exam")
    tab.wait_for_selector(".rdv-note")
    said = "This choice is no longer offered online. Please choose again."
    assert tab.inner_text("#rdv-say").startswith(said)


def test_a_resource_without_times_is_told(tab: Any, shown: tuple[TestClinic, str]):
    app, address = shown[0].app, shown[1]
    other = make_clinic(app, configured=True)
    with app.app_context():
        hours = db.session.query(WeeklyOpening).filter_by(account_id=other.account_id)
        for row in hours.offset(1):
            db.session.delete(row)
        hours.first().end_min = hours.first().start_min + 5
        db.session.commit()
    tab.goto(address.replace(str(shown[0].account_id), str(other.account_id)))
    tab.select_option("[name=species]", label="Feline")
    tab.wait_for_selector(".rdv-empty .rdv-go")
    assert tab.inner_text("#rdv-say").startswith("No free times in the next 2 months")


def fill(tab: Any, **typed: str) -> None:
    """Fill the details form, whose address is nobody else's."""
    fields = {
        "name": "Marie Tremblay",
        "email": f"marie-{secrets.token_hex(6)}@exemple.ca",
        "pet_name": "Tom",
        "phone": "514 555-0134",
        "reason": "Vaccin",
    }
    for name, text in (fields | typed).items():
        tab.fill(f"[name={name}]", text)
    tab.check("[name=consent]")


def details_of(clinic: TestClinic, address: str, start: str) -> str:
    query = {
        "species": clinic.species["Canin"],
        "category": clinic.categories["Examen"],
        "resource": clinic.resources[DOLITTLE],
        "start": start,
    }
    return address.replace("?", "/details?") + "&" + urlencode(query)


def test_back_from_the_confirmation_leads_to_the_booking_and_not_to_a_taken_time(
    tab: Any, shown: tuple[TestClinic, str]
):
    tab.goto(shown[1])
    tab.goto(details_of(*shown, "2026-03-25T14:00:00Z"))
    fill(tab)
    tab.click(".rdv-go .rdv-btn >> nth=0")
    tab.wait_for_selector("text=Your appointment is booked!")
    confirmation = tab.url
    tab.go_back()
    tab.wait_for_selector("text=Your appointment is booked!")
    assert tab.url == confirmation
    tab.go_back()
    tab.wait_for_selector("[name=species]")


def test_nor_does_it_after_a_form_that_had_to_be_corrected(tab: Any, shown: tuple[TestClinic, str]):
    tab.goto(shown[1])
    tab.goto(details_of(*shown, "2026-03-25T14:30:00Z"))
    fill(tab, name="")
    tab.click(".rdv-go .rdv-btn >> nth=0")
    tab.wait_for_selector("[role=alert]:focus")
    tab.fill("[name=name]", "Marie Tremblay")
    tab.click(".rdv-go .rdv-btn >> nth=0")
    tab.wait_for_selector("text=Your appointment is booked!")
    for _ in range(2):
        tab.go_back()
        tab.wait_for_selector("text=Your appointment is booked!")


def test_a_slip_in_the_address_is_told_and_is_not_in_the_way(
    tab: Any, shown: tuple[TestClinic, str]
):
    tab.goto(details_of(*shown, "2026-03-25T15:00:00Z"))
    name = f"marie-{secrets.token_hex(6)}"
    fill(tab, email=f"{name}@gmial.com")
    assert tab.inner_text("#rdv-email-hint") == f"Did you mean {name}@gmail.com?"
    tab.fill("[name=email]", f"{name}@gmail.com")
    tab.press("[name=email]", "Tab")
    assert tab.inner_text("#rdv-email-hint") == ""
    tab.fill("[name=email]", f"{name}@gmial.com")
    tab.click(".rdv-go .rdv-btn >> nth=0", delay=200)
    tab.wait_for_selector("text=Your appointment is booked!")


def test_the_script_and_the_server_know_the_same_slips(tab: Any, shown: tuple[TestClinic, str]):
    tab.goto(details_of(*shown, "2026-03-25T15:30:00Z"))
    for host in (
        *HOSTS, "gmial.com", "gmail.con", "gmal.com", "ggmail.com", "gmailc.om", "gmai.lcom",
        "exemple.ca", "hotmial.ca", "otlook.com", "", "com", "gmail", "GMIAL.com",
    ):  # fmt: skip
        tab.fill("[name=email]", f"a@{host}")
        tab.dispatch_event("[name=email]", "change")
        meant = suggestion(f"a@{host}")
        said = f"Did you mean {meant}?" if meant else ""
        assert tab.inner_text("#rdv-email-hint") == said, host


def test_back_keeps_what_was_typed(tab: Any, shown: tuple[TestClinic, str]):
    tab.goto(shown[1])
    choose(tab)
    tab.check("[name=start] >> nth=0", force=True)
    tab.click(".rdv-go .rdv-btn")
    tab.fill("[name=name]", "Marie")
    tab.click("text=Back")
    tab.click("button[value='2026-03-19']")
    tab.wait_for_selector("[name=start]:focus")
    tab.keyboard.press("Space")
    tab.click(".rdv-go .rdv-btn")
    tab.wait_for_selector("[name=name]")
    assert tab.input_value("[name=name]") == "Marie"
    assert "Marie" not in tab.url


@pytest.mark.parametrize("listed", [True, False])
def test_only_a_listed_site_gets_the_height(
    browser: Any, shown: tuple[TestClinic, str], listed: bool
):
    clinic, address = shown
    site = Flask("site")
    script = f"{address.partition('?')[0]}/embed.js"
    site.add_url_rule(
        "/",
        view_func=lambda: (
            f"<!doctype html><title>Clinique</title>"
            f"<iframe src='{address}' title='Rendez-vous'></iframe><script src='{script}'></script>"
        ),
    )
    with listening(site) as port:

        def save(tx: Any) -> None:
            tx.account.domains = [f"localhost:{port if listed else 1}"]

        with clinic.app.app_context():
            transact(jobs.desk(), clinic.account_id, save)
        tab = browser.new_page()
        tab.goto(f"http://localhost:{port}/")
        height = "parseInt(document.querySelector('iframe').style.height || 0)"
        if listed:
            tab.wait_for_function(f"{height} > 320")
            choose(tab.frames[1])
            tab.wait_for_function(f"{height} > 700")
        else:
            text = tab.frames[1].inner_text("main")
            assert "This booking tool is not authorized on this website." in text
            assert tab.evaluate(height) == 0
        tab.close()


def test_the_last_choice_folds_the_lists_and_keeps_the_focus_near(tab: Any, shown: Any):
    tab.goto(shown[1])
    choose(tab)
    assert tab.locator(".rdv-choices").is_hidden()
    assert focused(tab, "tagName") == "SUMMARY"


def test_a_browser_that_leaves_the_pressed_button_out_of_the_form_is_served(tab: Any, shown: Any):
    tab.add_init_script(
        "const Whole = FormData;"
        "window.FormData = class extends Whole { constructor(form) { super(form); } };"
    )
    tab.goto(shown[1])
    choose(tab)
    with tab.expect_response(lambda answer: "day=2026-03-19" in answer.url):
        tab.click("[name=day][value='2026-03-19']")


def test_a_name_without_a_space_stays_within_a_small_screen(tab: Any, shown: Any):
    app, url = shown[0].app, shown[1]
    other = make_clinic(app, configured=True)
    with app.app_context():
        where = (other.account_id, other.resources[DOLITTLE])
        db.session.get(Resource, where).name_en = "Wordwithoutend" * 9
        db.session.commit()
    tab.goto(url.replace(str(shown[0].account_id), str(other.account_id)))
    choose(tab)
    assert tab.evaluate("document.documentElement.scrollWidth") == 320
