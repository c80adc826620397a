"""Public pages in the process that serves them, and what they take from the host."""

import pytest
from bs4 import BeautifulSoup
from flask.sessions import SecureCookieSessionInterface

from tests.blueprints.widget.owner import DETAILS, WIDGET, Owner
from tests.support.links import Link
from tests.support.portal import make_portal


@pytest.fixture
def process(portal, clock, tmp_path):
    """Return a function that makes another process on the same database."""

    def make(*faces):
        app = make_portal(
            tmp_path,
            portal.config["SQLALCHEMY_DATABASE_URI"],
            clock,
            LOGIVET_RDV_BLUEPRINTS=faces,
        )
        # the portal's own hooks read the session: its login wall, Flask-Login
        app.before_request_funcs.pop(None)
        app.after_request_funcs.pop(None)
        return app

    return make


def files(answer):
    soup = BeautifulSoup(answer.text, "html.parser")
    return [
        tag.get("href") or tag["src"] for tag in soup.select("link[rel=stylesheet], script[src]")
    ]


def test_cancellation_pages_stand_alone(process, clinic):
    alone, link = process("cancellation").test_client(), Link(clinic)
    answer = alone.get(link.path)
    assert answer.status_code == 200
    sheet, colours = files(answer)
    assert alone.get(sheet, buffered=True).status_code == 200
    assert clinic.app.test_client().get(colours).status_code == 200


def test_a_mailed_link_leads_to_the_widget_of_another_process(process, clinic):
    alone, link = process("cancellation").test_client(), Link(clinic)
    link.post()
    answer = alone.get(link.path)
    assert (
        f"https://widget.exemple.ca{WIDGET}?widgetId={clinic.account_id}&amp;lang=fr" in answer.text
    )


def test_the_public_faces_share_their_files(clinic):
    widget = clinic.app.test_client().get(WIDGET, query_string={"widgetId": clinic.account_id})
    assert files(Link(clinic).get())[0] == files(widget)[0]


def test_no_public_page_opens_a_session(process, clinic, monkeypatch):
    app, opened = process("widget", "cancellation"), []
    keep = SecureCookieSessionInterface.save_session

    def save(self, app, session, response):
        opened.append(session.accessed)
        keep(self, app, session, response)

    monkeypatch.setattr(SecureCookieSessionInterface, "save_session", save)
    browser, link = app.test_client(), Link(clinic)
    owner = Owner(clinic, browser)
    done = owner.book().answer.location
    for path in (WIDGET, DETAILS, done, f"{WIDGET}/annuler/unknown", f"{WIDGET}/embed.js"):
        browser.get(path, query_string=owner.widget, buffered=True)
    browser.get(link.path)
    assert opened == [False] * 8


@pytest.mark.parametrize("path", [f"{WIDGET}?widgetId=zz", f"{WIDGET}/annuler/zz"])
@pytest.mark.parametrize(
    ("asked", "spoken"), [("en-CA,en", "en-CA"), ("fr", "fr-CA"), ("de", "fr-CA")]
)
def test_a_page_about_no_clinic_speaks_the_browsers_language(portal, path, asked, spoken):
    answer = portal.test_client().get(path, headers={"Accept-Language": asked})
    assert BeautifulSoup(answer.text, "html.parser").html["lang"] == spoken
