"""What the widget's script adds: focus, announcements, the grid's keys, the height of the frame."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.serving import make_server

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Resource
from flask_logivet_rdv.services.transaction import transact
from host_example.models import db
from tests.blueprints.widget.owner import WIDGET
from tests.support.clinics import DOLITTLE, TestClinic, make_clinic
from tests.support.portal import Clock, make_portal, migrate

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="There is no Chromium here.")


@contextmanager
def served(app: Flask) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


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
    with served(app) as port:
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
    assert [line for line in said if "favicon" not in line and "404" not in line] == []


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
    with served(site) as port:

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
