"""What the clinic's page gets from its widget: height, steps, and nothing of anybody (embed.js)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, Request

from flask_logivet_rdv.domains import parse
from flask_logivet_rdv.models import Booking
from host_example.models import db
from tests.browser.sites import OTHER_PORT, OURS, address
from tests.browser.stage import CLINIC, EVIL, WIDGET, Stage, opened, portal, tab
from tests.support.clinics import DOLITTLE, make_clinic
from tests.support.links import Link

pytestmark = pytest.mark.xdist_group("embedding")
SCRIPT = f"{WIDGET}/embed.js"
EXAM = {"lang": "en", "species": "Canine", "category": "Exam"}
TYPED = {
    "name": "Marie-Ève Tremblay",
    "email": "marie@exemple.ca",
    "pet_name": "Éclair",
    "phone": "514 555-0134",
    "reason": "Boite depuis hier",
}
HEIGHT = "(n) => parseInt(document.querySelectorAll('iframe')[n].style.height || 0)"
KEPT = """async () => [
    document.cookie, localStorage.length, sessionStorage.length,
    (await indexedDB.databases()).length, (await caches.keys()).length,
    (await navigator.serviceWorker.getRegistrations()).length,
]"""
NOTHING: list[Any] = ["", 0, 0, 0, 0, 0]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with opened(portal(tmp_path_factory.mktemp("embedded"))) as running:
        running.save("www.clinique.test")
        yield running


@pytest.fixture
def page(stage: Stage) -> Iterator[Page]:
    """A tab whose pages end without a violation or an error of a script."""
    said: list[str] = []
    with tab(stage, viewport={"width": 390, "height": 700}) as new:
        new.add_init_script(
            "addEventListener('securitypolicyviolation', (e) => console.error(e.violatedDirective))"
        )
        new.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
        new.on("pageerror", lambda error: said.append(str(error)))
        yield new
    assert [line for line in said if "Failed to load resource" not in line] == []


@pytest.fixture
def booker(stage: Stage) -> Stage:
    """The stage with a clinic of the test's own: its times are all free."""
    own = Stage(stage.app, make_clinic(stage.app, configured=True), stage.browser)
    own.save("www.clinique.test")
    return own


def grown(page: Page, n: int = 0, above: int = 320) -> int:
    """Wait until the iframe has a height of its own, and return it."""
    page.wait_for_function(f"({HEIGHT})({n}) > {above}")
    return int(page.evaluate(HEIGHT, n))


def choose(widget: Frame) -> None:
    widget.select_option("[name=species]", label="Canine")
    widget.wait_for_selector("[name=category]:not([disabled])")
    widget.select_option("[name=category]", label="Exam")
    widget.wait_for_selector("table")


def fill_and_book(widget: Frame) -> None:
    """Take the first time offered."""
    widget.click(".rdv-slot >> nth=0")
    widget.click(".rdv-go .rdv-btn")
    for name, value in TYPED.items():
        widget.fill(f"[name={name}]", value)
    widget.check("[name=consent]")
    widget.click(".rdv-go .rdv-btn >> nth=0")
    widget.wait_for_selector(".rdv-ok")


def steps(page: Page) -> list[Any]:
    return page.evaluate("steps")


def test_the_page_is_told_each_step_and_nothing_of_its_owner(booker: Stage, page: Page) -> None:
    page.goto(address(CLINIC, booker.widget, script=SCRIPT))
    grown(page)
    widget = page.frames[1]
    choose(widget)
    fill_and_book(widget)
    page.wait_for_function("steps.some(([, { step }]) => step === 'booked')")
    assert [detail for _, detail in steps(page)] == [
        {"step": "choose", "lang": "en"},
        {"step": "choose", "lang": "en", "species": "Canine"},
        {"step": "choose", **EXAM},
        {"step": "details", **EXAM},
        {"step": "booked", **EXAM},
    ]
    messages = page.evaluate("messages")
    assert {origin for origin, _ in messages} == {OURS}
    members = {"height": {"rdv", "h"}, "step": {"rdv", "step", "lang", "species", "category"}}
    for _, text in messages:
        told = json.loads(text)
        assert told.keys() <= members[told["rdv"]]
        assert not [typed for typed in TYPED.values() if typed in text]


def test_a_whole_booking_keeps_nothing_in_the_browser(booker: Stage, page: Page) -> None:
    """Even when the host sets a cookie with every answer."""
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    page.goto(address(CLINIC, booker.widget, script=SCRIPT))
    grown(page)
    widget = page.frames[1]
    assert widget.evaluate(KEPT) == NOTHING
    choose(widget)
    fill_and_book(widget)
    assert widget.evaluate(KEPT) == NOTHING
    with booker.app.app_context():
        (booking,) = db.session.query(Booking).filter_by(account_id=booker.clinic.account_id)
    assert (booking.client_name, booking.pet_name) == (TYPED["name"], TYPED["pet_name"])
    assert page.context.cookies() == []
    assert {request.all_headers().get("cookie") for request in asked} == {None}
    assert {request.url.partition("/?")[0].partition("/services")[0] for request in asked} == {
        CLINIC,
        OURS,
    }


def test_a_cancellation_keeps_nothing_in_the_browser(booker: Stage, page: Page) -> None:
    link = Link(booker.clinic)
    shown = page.goto(OURS + link.path)
    assert "set-cookie" not in shown.all_headers()
    page.fill("textarea", "Guéri")
    with page.expect_navigation() as done:
        page.click(".rdv-btn--danger")
    page.wait_for_selector(".rdv-ok")
    assert "set-cookie" not in done.value.all_headers()
    assert page.evaluate(KEPT)[1:] == NOTHING[1:]


def test_the_iframe_follows_what_it_shows_and_no_longer_scrolls(stage: Stage, page: Page) -> None:
    page.goto(address(CLINIC, stage.widget, script=SCRIPT))
    before = grown(page)
    assert before < 720, "the height of the code would leave this page half empty"
    widget = page.frames[1]
    choose(widget)
    assert grown(page, above=before) == widget.evaluate("document.documentElement.scrollHeight")
    frame = page.locator("iframe")
    assert frame.get_attribute("scrolling") == "no"
    assert frame.bounding_box()["height"] == page.evaluate(HEIGHT, 0)


@pytest.mark.parametrize(
    ("domain", "site"),
    [
        ("*.clinique.test", CLINIC),
        (parse("clinique-vétérinaire.test"), "https://clinique-vétérinaire.test"),
        (f"www.clinique.test:{OTHER_PORT}", f"{CLINIC}:{OTHER_PORT}"),
    ],
)
def test_a_site_is_answered_however_it_is_listed(
    booker: Stage, page: Page, domain: str, site: str
) -> None:
    booker.save("autre.test", domain)
    page.goto(address(site, booker.widget, script=SCRIPT))
    assert grown(page) > 320
    assert steps(page) == [["1", {"step": "choose", "lang": "en"}]]


def test_without_the_script_the_iframe_keeps_the_height_of_its_code(
    stage: Stage, page: Page
) -> None:
    page.goto(address(CLINIC, stage.widget))
    choose(page.frames[1])
    assert page.locator("iframe").bounding_box()["height"] == 720
    assert page.evaluate("[messages, steps]") == [[], []]


def test_a_day_brings_its_times_into_view(stage: Stage, page: Page) -> None:
    page.goto(address(CLINIC, stage.widget, script=SCRIPT))
    grown(page)
    widget = page.frames[1]
    choose(widget)
    page.evaluate("scrollTo(0, 0)")
    widget.locator("button[name=day]").nth(1).focus()
    page.evaluate("scrollTo(0, 0)")
    page.keyboard.press("Enter")
    widget.wait_for_selector("[name=start]:focus")
    page.wait_for_function("scrollY > 0")
    slot = widget.locator(".rdv-slot").first.bounding_box()
    assert 0 <= slot["y"] <= 700 - slot["height"]


def test_the_next_step_is_read_from_its_beginning(stage: Stage, page: Page) -> None:
    page.goto(address(CLINIC, stage.widget, script=SCRIPT))
    grown(page)
    widget = page.frames[1]
    choose(widget)
    widget.click(".rdv-slot >> nth=0")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert page.locator("iframe").bounding_box()["y"] < 0
    widget.click(".rdv-go .rdv-btn")
    widget.wait_for_selector("[name=email]")
    page.wait_for_function("document.querySelector('iframe').getBoundingClientRect().top > -1")


def test_two_widgets_on_one_page_do_not_meet(stage: Stage, page: Page) -> None:
    """Each code was pasted with its line of script, as people do."""
    french = stage.widget.replace("lang=en", "lang=fr")
    page.goto(address(CLINIC, stage.widget, french, script=SCRIPT))
    first, second = grown(page, 0), grown(page, 1)
    choose(page.frames[1])
    assert grown(page, 0, above=first) > first
    assert page.evaluate(HEIGHT, 1) == second
    told = [[title, detail["lang"], detail.get("category")] for title, detail in steps(page)]
    assert sorted(told, key=str) == [
        ["1", "en", "Exam"],
        ["1", "en", None],
        ["1", "en", None],
        ["2", "fr", None],
    ]


@pytest.mark.parametrize(
    ("sent", "height"),
    [(99_999, 6000), (1, 320), (-5, 320), (500.4, 500), ("800", 800), (None, 320)],
)
def test_a_height_has_its_limits(stage: Stage, page: Page, sent: Any, height: int) -> None:
    page.goto(address(CLINIC, stage.widget, script=SCRIPT))
    grown(page)
    page.frames[1].evaluate("(h) => parent.postMessage({ rdv: 'height', h }, '*')", sent)
    page.wait_for_function(f"({HEIGHT})(0) === {height}")


@pytest.mark.parametrize(
    "message",
    [
        {"rdv": "height", "h": 5000},
        {"rdv": "step", "step": "booked"},
        {"rdv": "constructor"},
        {"rdv": "__proto__"},
        "height",
        None,
    ],
)
def test_nobody_else_speaks_for_the_widget(stage: Stage, page: Page, message: Any) -> None:
    """Another site in an iframe of the page, the page itself, and a frame of ours that is none."""
    lying = address(EVIL, stage.widget)
    page.goto(address(CLINIC, stage.widget, lying, f"{WIDGET}/confirmation/x", script=SCRIPT))
    before, told = grown(page), steps(page)
    evil = next(frame for frame in page.frames if frame.url.startswith(EVIL))
    other = next(frame for frame in page.frames if frame.url.endswith("confirmation/x"))
    for liar in (evil, other):
        liar.evaluate("(m) => parent.postMessage(m, '*')", message)
    page.evaluate("(m) => window.postMessage(m, '*')", message)
    page.evaluate("new Promise((done) => setTimeout(done, 200))")
    assert page.evaluate(HEIGHT, 0) == before
    assert steps(page) == told


def test_a_page_that_opens_the_widget_in_a_window_is_told_nothing(stage: Stage, page: Page) -> None:
    page.goto(address(EVIL))
    with page.expect_popup() as popup:
        page.evaluate("(url) => { window.theirs = open(url) }", stage.widget)
    popup.value.wait_for_selector("select[name=species]")
    page.evaluate("theirs.postMessage({ rdv: 'hello' }, '*')")
    page.evaluate("new Promise((done) => setTimeout(done, 300))")
    assert page.evaluate("messages") == []


def test_a_deep_link_opens_with_the_choices_made(stage: Stage, page: Page) -> None:
    ids = stage.clinic
    link = (
        f"{stage.widget}&species={ids.species['Canin']}&category={ids.categories['Examen']}"
        f"&resource={ids.resources[DOLITTLE]}&day=2026-03-19"
    )
    page.goto(address(CLINIC, link, script=SCRIPT))
    grown(page)
    assert page.frames[1].locator(".is-chosen").inner_text() == "19"
    assert steps(page) == [["1", {"step": "choose", **EXAM}]]
