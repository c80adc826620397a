from uuid import UUID

import pytest

from flask_logivet_rdv import jobs
from flask_logivet_rdv.blueprints.sync import views
from flask_logivet_rdv.services.cancelling import cancel_by_client
from flask_logivet_rdv.services.transaction import transact
from tests.blueprints.sync.calls import assert_problem
from tests.support.clinics import at


@pytest.fixture
def booked(clinic, clock):
    """Three bookings of Wednesday morning, taken a minute apart."""
    made = []
    for time in ("11:00", "10:00", "10:30"):
        made.append(str(clinic.book(at("2026-03-18", time))))
        clock.advance(minutes=1)
    return made


def cancel(clinic, booking):
    with clinic.app.app_context():
        transact(jobs.desk(), clinic.account_id, lambda tx: cancel_by_client(tx, booking, "Voyage"))


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [booking["id"] for booking in answer.json["bookings"]]


def test_all_bookings_are_read_as_in_an_event(desktop, booked):
    page = desktop.get("/bookings").json
    events = desktop.events().json
    assert page["bookings"] == [event["booking"] for event in events["events"]]
    assert (page["page"], page["has_more"]) == (1, False)
    assert page["as_of"] == events["cursor"]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("from=&to=&status=&page=1", [0, 1, 2]),
        ("from=2026-03-18T10:30:00-04:00", [0, 2]),
        ("from=2026-03-18T10:29:59-04:00", [0, 1, 2]),
        ("to=2026-03-18T10:30:00-04:00", [1]),
        ("to=2026-03-18T14:30:00.5Z", [1, 2]),
        ("from=2026-03-18T14:30:00Z&to=2026-03-18T15:00:00Z", [2]),
        ("status=confirmed", [0, 1, 2]),
        ("status=cancelled", []),
    ],
)
def test_a_window_and_a_status_choose(desktop, booked, query, wanted):
    assert ids(desktop.get(f"/bookings?{query}")) == [booked[n] for n in wanted]


def test_pages_share_the_as_of_of_the_first(desktop, clinic, booked, monkeypatch):
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    first = desktop.get("/bookings")
    assert (ids(first), first.json["has_more"]) == (booked[:2], True)
    late = clinic.book(at("2026-03-18", "11:30"), email_key="another")
    second = desktop.get(f"/bookings?page=2&as_of={first.json['as_of']}")
    assert ids(second) == [booked[2], str(late)]
    assert second.json["as_of"] == first.json["as_of"]
    follow = desktop.events(first.json["as_of"]).json["events"]
    assert [event["booking"]["id"] for event in follow] == [str(late)]


def test_a_booking_cancelled_between_two_pages_hides_no_other(desktop, clinic, booked, monkeypatch):
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    first = desktop.get("/bookings?status=confirmed").json
    cancel(clinic, UUID(booked[0]))
    second = desktop.get(f"/bookings?status=confirmed&page=2&as_of={first['as_of']}")
    assert ids(second) == [booked[2]]
    assert ids(desktop.get("/bookings?status=confirmed")) == booked[1:]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=x", "page"),
        ("page=1000001", "page"),
        ("status=late", "status"),
        ("from=yesterday", "from"),
        ("to=2026-03-18", "to"),
        ("page=2", "as_of"),
    ],
)
def test_a_malformed_parameter_is_told(desktop, query, parameter):
    problem = assert_problem(desktop.get(f"/bookings?{query}"), 422, "invalid")
    assert [error["parameter"] for error in problem["errors"]] == [parameter]


@pytest.mark.parametrize("as_of", ["7:1", "x"])
def test_a_reading_of_another_feed_begins_again(desktop, as_of):
    assert_problem(desktop.get(f"/bookings?page=2&as_of={as_of}"), 410, "resync")
