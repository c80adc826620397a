"""When LogiVet was last heard, and which news it has not read yet."""

from datetime import UTC, datetime, timedelta

from flask_logivet_rdv import jobs
from flask_logivet_rdv.services import keys
from flask_logivet_rdv.services.contact import Heard, contact, last_heard
from flask_logivet_rdv.services.transaction import transact
from host_example.models import db
from tests.support.clinics import at, make_clinic
from tests.support.portal import MONDAY_MORNING

START = at("2026-03-18", "10:00")
EVENTS = "/api/logivet/v1/events"


def ask(clinic, cursor=None):
    """Have LogiVet ask for events, which acknowledges those before the cursor."""
    answer = clinic.app.test_client().get(
        EVENTS,
        query_string={"cursor": cursor} if cursor else None,
        headers={"Authorization": f"Bearer {clinic.key}", "User-Agent": "LogiVet/5.2"},
    )
    assert answer.status_code == 200, answer.text
    return answer.json["cursor"]


def first_cursor(clinic):
    hello = clinic.app.test_client().get(
        "/api/logivet/v1/hello", headers={"Authorization": f"Bearer {clinic.key}"}
    )
    return hello.json["cursor"]


def test_a_clinic_that_nobody_connected_was_never_heard(clinic, session):
    found = contact(session, clinic.account_id)
    assert (found.heard, found.read_at, found.unread) == (None, None, 0)
    assert found.uploaded_at == MONDAY_MORNING


def test_the_last_call_is_remembered_with_its_version_and_address(clinic, session, clock):
    ask(clinic, first_cursor(clinic))
    clock.advance(minutes=2)
    ask(clinic, first_cursor(clinic))
    heard = contact(session, clinic.account_id).heard
    assert heard.at == MONDAY_MORNING + timedelta(minutes=2)
    assert heard.address == "127.0.0.1"


def test_of_several_keys_the_last_one_used_speaks(clinic, bare_clinic, session):
    second = another_key(bare_clinic)
    for key_id, minutes in ((second, 5), (bare_clinic.key.split("_")[1], 3)):
        moment = MONDAY_MORNING + timedelta(minutes=minutes)
        keys.note_use(session, key_id, moment, f"10.0.0.{minutes}", f"LogiVet/{minutes}")
    heard = last_heard(session, clinic.account_id, bare_clinic.account_id)
    expected = Heard(MONDAY_MORNING + timedelta(minutes=5), "10.0.0.5", "LogiVet/5")
    assert heard == {bare_clinic.account_id: expected}


def another_key(clinic):
    return transact(jobs.desk(), clinic.account_id, keys.create_key).split("_")[1]


def test_a_booking_is_unread_until_it_is_acknowledged(any_portal, clock):
    clinic = make_clinic(any_portal, configured=True)
    cursor = first_cursor(clinic)
    clinic.book(START)
    with any_portal.app_context():
        found = contact(db.session(), clinic.account_id)
        assert (found.unread, found.read_at) == (1, None)
        assert datetime.fromtimestamp(found.unread_since, UTC) == MONDAY_MORNING
    fetched = ask(clinic, cursor)
    clock.advance(minutes=4)
    with any_portal.app_context():
        assert contact(db.session(), clinic.account_id).unread == 1
    ask(clinic, fetched)
    with any_portal.app_context():
        found = contact(db.session(), clinic.account_id)
    assert (found.unread, found.unread_since) == (0, None)
    assert found.read_at == MONDAY_MORNING + timedelta(minutes=4)
