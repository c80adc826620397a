"""A key that is used elsewhere, or asks for what is not its clinic's, is told to the clinic."""

import uuid

import pytest
import sqlalchemy as sa

from flask_logivet_rdv.models import Audit
from flask_logivet_rdv.services import history, incidents
from flask_logivet_rdv.web import incidents as noting
from host_example.models import db
from tests.blueprints.sync.calls import Desktop
from tests.support.clinics import at, make_clinic

HOME, WORK = "203.0.113.1", "203.0.113.2"


@pytest.fixture
def log(clinic, session):
    def read():
        session.rollback()
        return [one.after for one in history.history(session, clinic.account_id, ["incident:*"])[0]]

    return read


def use(desktop, address):
    return desktop.get("/hello", environ_overrides={"REMOTE_ADDR": address}).status_code


def key_id(desktop):
    return desktop.key.split("_")[1]


def refusal(desktop, booking_id=None):
    path = f"/bookings/{booking_id or uuid.uuid4()}/cancel"
    return desktop.send("POST", path, {"notify_client": False}).status_code


def test_the_first_address_is_no_incident_the_next_one_is(desktop, log, clock):
    assert use(desktop, HOME) == 200
    assert log() == []
    assert use(desktop, WORK) == 200, "at once, however lately the key was used"
    assert log() == [{"key": key_id(desktop), "address": WORK}]


def test_two_addresses_that_take_turns_are_one_incident(desktop, log, clock):
    for _ in range(3):
        for address in (HOME, WORK):
            use(desktop, address)
            use(desktop, address)
            clock.advance(minutes=2)
    assert len(log()) == 1


def test_an_address_of_the_same_household_is_no_new_one(desktop, log, clock):
    for address in ("2001:db8:1:2::a", "2001:db8:1:2::b"):
        use(desktop, address)
        clock.advance(minutes=2)
    assert log() == []
    use(desktop, "2001:db8:1:3::a")
    assert [one["address"] for one in log()] == ["2001:db8:1:3::/64"]


def test_the_key_that_takes_anothers_place_begins_where_that_one_was(desktop, log, portal, clock):
    use(desktop, HOME)
    new = Desktop(portal.test_client(), desktop.send("POST", "/keys/rotate", None).json["key"])
    clock.advance(minutes=2)
    assert [use(new, HOME), use(new, WORK)] == [200, 200]
    assert [one["key"] for one in log() if one["address"] == WORK] == [key_id(new)]


def test_a_use_from_the_same_address_asks_nothing_more_of_the_database(
    desktop, session, monkeypatch
):
    use(desktop, HOME)
    monkeypatch.setattr(incidents, "address_is_new", None)
    assert use(desktop, HOME) == 200


def test_a_log_that_cannot_be_written_keeps_nobody_from_anything(
    desktop, log, monkeypatch, caplog, clock
):
    def fail(*_):
        raise sa.exc.OperationalError("", {}, Exception("away"))

    use(desktop, HOME)
    monkeypatch.setattr(incidents, "note_address", fail)
    assert use(desktop, WORK) == 200
    assert "could not be written down" in caplog.text
    assert log() == []


def test_many_refused_ids_are_one_incident_of_that_key(desktop, desktop_of, portal, log):
    other = make_clinic(portal, configured=True)
    theirs = other.book(at("2026-03-18", "10:00"))
    assert {refusal(desktop, theirs) for _ in range(10)} == {404}
    assert {refusal(desktop) for _ in range(10)} == {404}
    assert log() == []
    assert {refusal(desktop) for _ in range(3)} == {404}
    assert log() == [{"key": key_id(desktop), "more_than": 20}]
    of_other = sa.select(Audit.subject).where(Audit.account_id == other.account_id)
    with portal.app_context():
        assert not {subject for subject in db.session.scalars(of_other) if "incident" in subject}


def test_unknown_snapshots_and_resources_count_as_well(desktop, log, clinic, monkeypatch):
    counted = []
    monkeypatch.setattr(noting, "hit", lambda *bucket: counted.append(bucket))
    booking = clinic.book(at("2026-03-18", "10:00"))
    nowhere = {
        "resource_id": "nobody",
        "start": "2026-03-18T11:00:00-04:00",
        "end": "2026-03-18T11:30:00-04:00",
        "notify_client": False,
    }
    moved = desktop.send("POST", f"/bookings/{booking}/move", nowhere)
    assert moved.json["errors"][0]["code"] == "unknown"
    gone = desktop.send("POST", f"/snapshots/{uuid.uuid4()}/commit", {"parts": 1})
    assert gone.status_code == 404
    assert len(counted) == 2
    assert desktop.send("POST", f"/bookings/{booking}/move", {}).status_code == 422
    assert len(counted) == 2, "what is only malformed names nobody's row"
