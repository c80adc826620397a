"""Forms that another site, or a page without an origin, sends in an owner's browser (A3)."""

import json
from collections.abc import Iterator
from html import escape

import pytest
from flask import Flask, Response, request, request_finished
from playwright.sync_api import Page, expect

from flask_logivet_rdv.models import CONFIRMED, Booking
from host_example.models import db
from tests.blueprints.widget.owner import Owner
from tests.browser.demo import until
from tests.browser.sites import OURS, address
from tests.browser.stage import CLINIC, EVIL, WIDGET, Stage, blocked, opened, portal, tab
from tests.support.clinics import make_clinic
from tests.support.links import Link

pytestmark = pytest.mark.xdist_group("embedding")
SUBMIT = """([action, fields]) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action });
    for (const [name, value] of Object.entries(fields)) {
        form.append(Object.assign(document.createElement("input"), { name, value }));
    }
    document.body.append(form);
    form.submit();
}"""
FETCH = """async ([action, fields]) => {
    const body = new URLSearchParams(fields);
    const sent = { method: "POST", body, credentials: "include" };
    await fetch(action, { ...sent, mode: "no-cors" });
    return fetch(action, sent).then((answer) => answer.status, () => "unreadable");
}"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with opened(portal(tmp_path_factory.mktemp("foreign"))) as running:
        running.save("www.clinique.test")
        yield running


@pytest.fixture
def owner(stage: Stage) -> Owner:
    own = Stage(stage.app, make_clinic(stage.app, configured=True), stage.browser)
    own.save("www.clinique.test")
    return Owner(own.clinic, stage.app.test_client())


@pytest.fixture
def page(stage: Stage) -> Iterator[Page]:
    with tab(stage) as new:
        yield new


@pytest.fixture(params=["booking", "cancellation"])
def attack(request: pytest.FixtureRequest, owner: Owner) -> tuple[str, dict[str, str]]:
    """Where to send which fields: a whole form with its valid token, as its owner would send it."""
    if request.param == "booking":
        action = f"{WIDGET}/details?widgetId={owner.clinic.account_id}&lang=en"
        return action, owner.details().form() | owner.filled
    link = Link(owner.clinic)
    return OURS + link.path, {"reason": "mal", "signature": link.signature()}


@pytest.fixture
def posts(stage: Stage) -> Iterator[list[tuple[str | None, int]]]:
    """The origin that each form claimed in the browser, and how the portal answered it."""
    answered: list[tuple[str | None, int]] = []

    def note(_: Flask, response: Response) -> None:
        if request.method == "POST":
            answered.append((request.headers.get("Origin"), response.status_code))

    with request_finished.connected_to(note, stage.app):
        yield answered


def standing(owner: Owner) -> list[str]:
    with owner.clinic.app.app_context():
        found = db.session.query(Booking).filter_by(account_id=owner.clinic.account_id)
        return [booking.status for booking in found]


def test_another_site_sends_a_form_in_vain(page: Page, owner: Owner, attack) -> None:
    before = standing(owner)
    page.goto(address(EVIL))
    with page.expect_navigation() as answer:
        page.evaluate(SUBMIT, attack)
    assert answer.value.status == 403
    assert answer.value.request.headers["origin"] == EVIL
    assert standing(owner) == before


def test_another_site_fetches_in_vain(page: Page, owner: Owner, attack) -> None:
    before = standing(owner)
    page.goto(address(EVIL))
    assert page.evaluate(FETCH, attack) == "unreadable"
    assert standing(owner) == before


def test_a_listed_site_may_not_post_for_its_owners_either(page: Page, owner: Owner, attack) -> None:
    before = standing(owner)
    page.goto(address(CLINIC))
    with page.expect_navigation() as answer:
        page.evaluate(SUBMIT, attack)
    assert answer.value.status == 403
    assert standing(owner) == before


def test_a_page_without_an_origin_sends_a_form_in_vain(
    page: Page, owner: Owner, attack, posts
) -> None:
    before = standing(owner)
    inside = escape(f"<body><script>({SUBMIT})({json.dumps(attack)})</script>")
    body = f'<iframe sandbox="allow-scripts allow-forms" srcdoc="{inside}"></iframe>'
    page.goto(address(EVIL, extra=body))
    until(lambda: posts, 10)
    assert posts == [("null", 403)]
    assert standing(owner) == before


@pytest.mark.parametrize(
    ("sandbox", "booked"),
    [
        ("allow-scripts allow-forms allow-same-origin allow-popups", [CONFIRMED]),
        ("allow-scripts allow-forms allow-popups", []),
    ],
)
def test_a_sandboxed_iframe_needs_its_origin(
    page: Page, owner: Owner, sandbox: str, booked: list[str]
) -> None:
    choices = "&".join(f"{name}={chosen}" for name, chosen in owner.choices.items())
    widget = f"{WIDGET}/details?widgetId={owner.clinic.account_id}&lang=en&{choices}"
    start = "&start=2026-03-18T14:00:00Z"
    page.goto(address(CLINIC, widget + start, sandbox=sandbox))
    assert not blocked(page)
    frame = page.frames[1]
    for name, value in owner.typed.items():
        frame.fill(f"[name={name}]", value)
    frame.check("[name=consent]")
    frame.click(".rdv-go .rdv-btn >> nth=0")
    told = "Your appointment is booked!" if booked else "This request does not come from our form."
    expect(frame.locator("main")).to_contain_text(told)
    assert standing(owner) == booked
