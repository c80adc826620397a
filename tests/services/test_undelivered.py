"""The mails that do not leave, of one clinic or of all."""

import pytest
import sqlalchemy as sa

from flask_logivet_rdv.models import Outbox
from flask_logivet_rdv.services.undelivered import given_up_ahead, undelivered
from host_example.models import db
from tests.support.clinics import at, make_clinic

START = at("2026-03-18", "10:00")
LATER = at("2026-03-19", "09:00")
NOW = at("2026-03-16", "10:00")


@pytest.fixture
def put(session):
    """Return how the mail of a new booking is put into a state, in any session."""

    def putting(clinic, start=START, session=session, **values):
        booking_id = clinic.book(start)
        of = Outbox.account_id == clinic.account_id, Outbox.booking_id == booking_id
        session.execute(sa.update(Outbox).where(*of).values(**{"attempts": 0} | values))
        session.commit()
        return booking_id

    return putting


def test_a_mail_given_up_comes_before_one_that_is_tried_again(any_portal, clock, put):
    clinic = make_clinic(any_portal, configured=True)
    with any_portal.app_context():
        session = db.session()
        given_up = {"state": "dead", "attempts": 12, "last_error": "OSError", "not_before": NOW}
        retried = {"attempts": 2, "last_error": "TimeoutError", "not_before": NOW + 60}
        tried = put(clinic, session=session, **retried)
        lost = put(clinic, LATER, session=session, **given_up)
        found = undelivered(session, clinic.account_id)
        first = undelivered(session, clinic.account_id, limit=1)
        assert given_up_ahead(session, clinic.account_id, NOW) == 1
        session.rollback()
    assert [(m.booking_id, m.given_up, m.attempts, m.error, m.at, m.starts_at) for m in found] == [
        (lost, True, 12, "OSError", NOW, LATER),
        (tried, False, 2, "TimeoutError", NOW + 60, START),
    ]
    assert first == found[:1]


def test_a_mail_that_was_not_tried_yet_or_has_left_is_no_such(session, clinic, put):
    put(clinic)
    put(clinic, LATER, state="sent")
    assert undelivered(session, clinic.account_id) == []


def test_each_clinic_has_its_own_and_the_operator_has_all(session, portal, clinic, put):
    other = make_clinic(portal, configured=True)
    mine, theirs = put(clinic, state="dead"), put(other, state="dead")
    assert [m.booking_id for m in undelivered(session, clinic.account_id)] == [mine]
    assert {mine, theirs} <= {m.booking_id for m in undelivered(session)}
    assert given_up_ahead(session, other.account_id, NOW) == 1


def test_a_visit_that_has_begun_is_nobodys_concern(session, clinic, put):
    put(clinic, state="dead")
    assert given_up_ahead(session, clinic.account_id, START - 1) == 1
    assert given_up_ahead(session, clinic.account_id, START) == 0
