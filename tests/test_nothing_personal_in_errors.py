"""Whatever fails, wherever: an error page and its log hold nothing of a client, nor of our code.

Each request is made again and again, the database failing at its first statement, then at its
second, and so on until it comes through.
"""

import logging
import re
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Booking, Outbox
from flask_logivet_rdv.services.cancelling import mint_cancel_link
from host_example.models import db
from tests.blueprints.account.conftest import PREFIX
from tests.blueprints.sync.calls import Desktop
from tests.blueprints.widget.owner import (
    DETAILS,
    SAME_ORIGIN,
    WEDNESDAY_10H30,
    Owner,
)
from tests.support.clinics import make_clinic
from tests.support.portal import Clock, make_portal, migrate
from tests.test_nothing_personal import MARKS, TYPED, marked

INNARDS = re.compile(
    r"Traceback|\.py\b|line \d+|(?i:sqlalchemy|sqlite)|[A-Za-z]+Error\b|\brdv_\w+|nonsense"
    r"|\b(?:SELECT|INSERT|UPDATE|DELETE)\b"
)
"""What an error page shows of us by mistake."""
LINK = "/services/online-appointment/annuler"


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """A portal as in production: a fault is answered, not raised."""
    app = make_portal(
        tmp_path_factory.mktemp("faults"),
        clock=Clock(),
        PROPAGATE_EXCEPTIONS=False,
        LOGIVET_RDV_FORM_MIN_AGE=0,
        LOGIVET_RDV_MAX_LIVE_PER_EMAIL=1000,
        LOGIVET_RDV_MAX_CONFIRMATIONS_PER_EMAIL=1000,
    )
    migrate(app)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


class Scene:
    """A client's booking, and who asks: its client, somebody else, the staff, LogiVet."""

    def __init__(self, portal):
        self.clinic = make_clinic(portal, configured=True)
        client = Owner(self.clinic, portal.test_client(), lang="fr")
        self.confirmation = urlsplit(client.book(**TYPED).answer.location).path
        self.browser = portal.test_client()
        self.stranger = Owner(self.clinic, self.browser, lang="fr")
        self.desktop = Desktop(self.browser, self.clinic.key)
        self.cursor = self.desktop.hello()["cursor"]
        with portal.app_context():
            of_clinic = (Booking.account_id == self.clinic.account_id,)
            self.booking = db.session.scalar(sa.select(Booking.id).where(*of_clinic))
            token = mint_cancel_link(jobs.desk(), self.clinic.account_id, self.booking)
            db.session.execute(
                sa.update(Outbox)
                .where(Outbox.account_id == self.clinic.account_id)
                .values(state="dead", last_error="SMTPRecipientsRefused")
            )
            db.session.commit()
        self.link = f"{LINK}/{token}"
        self.signature = self.field(self.browser, self.link, "signature")
        self.staff = self.clinic.login()
        self.csrf = self.field(self.staff, f"{PREFIX}/categories", "csrf_token")
        self.form = self.stranger.details(WEDNESDAY_10H30).form() | self.stranger.filled

    def field(self, browser, path, name):
        return re.search(rf'name="{name}"[^>]*value="([^"]+)"', browser.get(path).text)[1]

    def undelivered(self):
        return self.staff.get(f"{PREFIX}/courriels")

    def held(self):
        sent = {"op": "show", "email": TYPED["email"], "csrf_token": self.csrf}
        return self.staff.post(f"{PREFIX}/renseignements", data=sent)

    def events(self):
        return self.desktop.events(self.cursor)

    def bookings(self):
        return self.desktop.get("/bookings")

    def cancelled_by_clinic(self):
        path = f"/bookings/{self.booking}/cancel"
        return self.desktop.send("POST", path, {"notify_client": True, "reason": "Absence"})

    def calendar(self):
        return self.stranger.calendar(day="2026-03-18").answer

    def confirmed(self):
        return self.browser.get(self.confirmation)

    def entry(self):
        return self.browser.get(f"{self.confirmation}.ics")

    def booked(self):
        """Somebody else's form, which an error page gives back: it holds what they typed."""
        query = self.stranger.widget
        return self.browser.post(DETAILS, query_string=query, data=self.form, headers=SAME_ORIGIN)

    def asked_to_cancel(self):
        return self.browser.get(self.link)

    def cancelled(self):
        sent = {"reason": "Empêchement", "signature": self.signature}
        return self.browser.post(self.link, data=sent, headers=SAME_ORIGIN)


@contextmanager
def failing(engine, n, mistake):
    """Have each statement on our tables fail from the n-th on; yield how many did."""
    seen = []

    def run(_connection, _cursor, statement, parameters, *_):
        if "rdv_" in statement:
            seen.append(statement)
            if len(seen) >= n:
                return mistake(statement), parameters
        return statement, parameters

    sa.event.listen(engine, "before_cursor_execute", run, retval=True)
    yield lambda: max(0, len(seen) - n + 1)
    sa.event.remove(engine, "before_cursor_execute", run)


def refused_by_the_database(statement):
    return f"{statement} nonsense"


def our_own(_statement):
    raise ZeroDivisionError


@pytest.mark.parametrize("mistake", [refused_by_the_database, our_own])
@pytest.mark.parametrize(
    "ask",
    [
        Scene.undelivered, Scene.held, Scene.events, Scene.bookings, Scene.cancelled_by_clinic,
        Scene.calendar, Scene.confirmed, Scene.entry, Scene.booked, Scene.asked_to_cancel,
        Scene.cancelled,
    ],
)  # fmt: skip
def test_an_error_page_tells_nothing(portal, caplog, ask, mistake):
    caplog.set_level(logging.DEBUG)
    scene, n, answers = Scene(portal), 0, []
    with portal.app_context():
        engine = db.engine
    caplog.clear()
    failed = True
    while failed:
        n += 1
        with failing(engine, n, mistake) as failures:
            answer = ask(scene)
            failed = failures()
        if answer.status_code >= 500:
            answers.append(answer)
    assert answer.status_code < 400, "it comes through in the end"
    assert answers
    logged = "\n".join(f"{r.getMessage()} {r.exc_text or ''} {vars(r)}" for r in caplog.records)
    assert marked(logged) == []
    for told in answers:
        assert MARKS.findall(told.text) == []
        assert INNARDS.findall(told.text) == []
