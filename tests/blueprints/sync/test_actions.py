"""The clinic acts on an online booking over the interface: `cancel`, `move`; and `keys/rotate`."""

import secrets
from datetime import timedelta
from hashlib import sha256

import pytest

from flask_logivet_rdv import jobs
from flask_logivet_rdv.services.accounts import set_subscription
from flask_logivet_rdv.services.keys import AGENDA_WRITE, EVENTS_READ, create_key
from flask_logivet_rdv.services.transaction import transact
from tests.blueprints.sync.calls import PREFIX, Desktop, assert_problem, busy
from tests.support.clinics import at, make_clinic
from tests.support.links import Link, said

TEN, ELEVEN = at("2026-03-18", "10:00"), at("2026-03-18", "11:00")
NOBODY = "00000000-0000-4000-8000-000000000000"


def write(clinic, verb):
    with clinic.app.app_context():
        return transact(jobs.desk(), clinic.account_id, verb)


def act(desktop, booking_id, action, body):
    headers = {"Authorization": f"Bearer {desktop.key}"}
    path = f"{PREFIX}/bookings/{booking_id}/{action}"
    return desktop.client.post(path, json=body, headers=headers)


def cancel(desktop, booking_id, **body):
    given = {"reason": "Dr Dolittle est absent", "notify_client": True} | body
    return act(desktop, booking_id, "cancel", given)


def move(desktop, booking_id, begins="11:00", ends="11:30", **body):
    given = {
        "resource_id": "r2",
        "start": f"2026-03-18T{begins}:00-04:00",
        "end": f"2026-03-18T{ends}:00-04:00",
        "notify_client": True,
    }
    return act(desktop, booking_id, "move", given | body)


def rotate(desktop):
    headers = {"Authorization": f"Bearer {desktop.key}"}
    return desktop.client.post(f"{PREFIX}/keys/rotate", headers=headers)


def test_a_cancellation_is_answered_and_told_to_every_desktop(desktop, clinic):
    booking_id = clinic.book(TEN)
    booking = cancel(desktop, booking_id).json["booking"]
    assert booking["id"] == str(booking_id)
    assert (booking["status"], booking["version"]) == ("cancelled", 2)
    assert (booking["cancelled_by"], booking["cancelled_at"]) == ("clinic", "2026-03-16T14:00:00Z")
    assert booking["cancel_reason"] == "Dr Dolittle est absent"
    event = desktop.events().json["events"][-1]
    assert (event["type"], event["booking"]) == ("booking.cancelled", booking)
    assert event["agenda"]["status_code"] == "cancelled"


def test_a_move_is_answered_and_told_to_every_desktop(desktop, clinic):
    booking_id = clinic.book(TEN)
    booking = move(desktop, booking_id, resource_id="r1").json["booking"]
    assert (booking["start"], booking["end"]) == ("2026-03-18T15:00:00Z", "2026-03-18T15:30:00Z")
    assert (booking["resource_id"], booking["version"]) == ("r1", 2)
    assert booking["labels"]["resource"]["fr"] == "Dr Gregory House"
    event = desktop.events().json["events"][-1]
    assert (event["type"], event["booking"]) == ("booking.moved", booking)
    assert event["agenda"]["status_code"] == "confirmed"


@pytest.mark.parametrize("act_on", [cancel, move])
def test_repeated_it_is_the_same_answer_and_nothing_new(desktop, clinic, act_on):
    booking_id = clinic.book(TEN)
    first = act_on(desktop, booking_id)
    events = desktop.events().json["events"]
    again = act_on(desktop, booking_id)
    assert (again.status_code, again.json) == (200, first.json)
    assert desktop.events().json["events"] == events


@pytest.mark.parametrize("act_on", [cancel, move])
def test_neither_twelve_nor_twenty_four_hours_bind_the_clinic(desktop, clinic, clock, act_on):
    booking_id = clinic.book(TEN)
    clock.advance(hours=47, minutes=59)
    assert act_on(desktop, booking_id).status_code == 200


@pytest.mark.parametrize("act_on", [cancel, move])
def test_without_a_subscription_the_clinic_still_acts(desktop, clinic, act_on):
    booking_id = clinic.book(TEN)
    write(clinic, lambda tx: set_subscription(tx, False))
    assert act_on(desktop, booking_id).status_code == 200


@pytest.mark.parametrize("act_on", [cancel, move])
def test_another_clinics_booking_is_unknown(portal, clinic, desktop, act_on):
    booking_id = make_clinic(portal, configured=True).book(TEN)
    assert_problem(act_on(desktop, booking_id), 404, "unknown_booking")
    assert_problem(act_on(desktop, NOBODY), 404, "unknown_booking")


@pytest.mark.parametrize("booking_id", ["x", "1", f"{NOBODY}0", "%00"])
def test_what_is_no_id_is_no_address(desktop, booking_id):
    assert_problem(cancel(desktop, booking_id), 404, "not_found")


@pytest.mark.parametrize(
    ("call", "status"),
    [(cancel, 403), (move, 403), (lambda desktop, _: rotate(desktop), 403)],
    ids=["cancel", "move", "rotate"],
)
def test_they_ask_for_the_scope_of_writing(desktop, clinic, call, status):
    booking_id = clinic.book(TEN)
    desktop.key = write(clinic, lambda tx: create_key(tx, [EVENTS_READ]))
    assert_problem(call(desktop, booking_id), status, "missing_scope")
    desktop.key = write(clinic, lambda tx: create_key(tx, [AGENDA_WRITE]))
    assert call(desktop, booking_id).status_code == 200


def test_a_range_that_another_online_booking_holds_is_taken(desktop, clinic):
    clinic.book(ELEVEN)
    booking_id = clinic.book(TEN)
    for begins, ends in (("11:00", "11:30"), ("10:35", "11:05"), ("11:25", "11:55")):
        assert_problem(move(desktop, booking_id, begins, ends), 409, "slot_taken")
    assert move(desktop, booking_id, "10:30", "11:00").status_code == 200


def test_over_a_busy_range_a_move_is_allowed(desktop, clinic):
    booking_id = clinic.book(TEN)
    desktop.upload(busy("A-1", "11:00", "11:30"))
    assert move(desktop, booking_id).status_code == 200
    types = [event["type"] for event in desktop.events().json["events"]]
    assert types == ["booking.created", "booking.moved", "booking.conflict"]


def test_a_cancelled_booking_cannot_be_moved(desktop, clinic):
    booking_id = clinic.book(TEN)
    cancel(desktop, booking_id)
    assert_problem(move(desktop, booking_id), 409, "booking_cancelled")


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"start": "2026-03-18T11:01:00-04:00"}, "/start", "multiple_of_5"),
        ({"start": "2026-03-18T11:00:01-04:00"}, "/start", "multiple_of_5"),
        ({"end": "2026-03-18T11:30:00.5-04:00"}, "/end", "multiple_of_5"),
        ({"end": "2026-03-18T11:00:00-04:00"}, "", "order"),
        ({"end": "2026-03-19T11:05:00-04:00"}, "", "range"),
        ({"start": "2026-03-18T11:00:00"}, "/start", "instant"),
        ({"resource_id": None}, "/resource_id", "type"),
        ({"resource_id": "nobody"}, "/resource_id", "unknown"),
        ({"notify_client": "yes"}, "/notify_client", "type"),
        ({"other": 1}, "", "unknown_member"),
    ],
)
def test_a_wrong_place_is_told(desktop, clinic, body, pointer, code):
    booking_id = clinic.book(TEN)
    problem = assert_problem(move(desktop, booking_id, **body), 422, "invalid")
    found = [(error.get("pointer"), error["code"]) for error in problem["errors"]]
    assert found == [(pointer, code)]
    assert desktop.get("/bookings").json["bookings"][0]["version"] == 1


def test_another_clinics_resource_is_unknown(portal, desktop, clinic):
    other = Desktop(portal.test_client(), make_clinic(portal, configured=False).key)
    data = {"name": {"fr": "Dre Zoé"}}
    row = {"op": "upsert", "kind": "resource", "id": "zoe", "version": 1, "data": data}
    assert other.upload(row).status_code == 200
    problem = assert_problem(move(desktop, clinic.book(TEN), resource_id="zoe"), 422, "invalid")
    assert problem["errors"][0]["pointer"] == "/resource_id"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"reason": "x" * 501}, "/reason"),
        ({"reason": None}, "/reason"),
        ({"reason": "\ud800"}, "/reason"),
        ({"notify_client": 1}, "/notify_client"),
    ],
)
def test_a_wrong_cancellation_is_told(desktop, clinic, body, pointer):
    problem = assert_problem(cancel(desktop, clinic.book(TEN), **body), 422, "invalid")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("typed", "kept"), [("", ""), ("  a\x00\r\nb \x07", "a\nb"), ("é" * 500, "é" * 500)]
)
def test_a_reason_is_plain_text_or_none(desktop, clinic, typed, kept):
    assert cancel(desktop, clinic.book(TEN), reason=typed).json["booking"]["cancel_reason"] == kept


def test_whether_the_client_is_told_must_be_said(desktop, clinic):
    answer = act(desktop, clinic.book(TEN), "cancel", {"reason": "x"})
    problem = assert_problem(answer, 422, "invalid")
    assert problem["errors"][0]["pointer"] == "/notify_client"


def test_the_clients_old_link_shows_and_cancels_the_new_time(clinic, desktop):
    link = Link(clinic, TEN)
    move(desktop, link.booking_id, "11:15", "11:45")
    assert "mercredi 18 mars 2026, 11 h 15 à 11 h 45" in said(link.get()).replace("\xa0", " ")
    assert link.post().status_code == 303
    booking = desktop.get("/bookings").json["bookings"][0]
    assert (booking["status"], booking["cancelled_by"]) == ("cancelled", "client")
    assert booking["start"] == "2026-03-18T15:15:00Z"
    assert clinic.book(ELEVEN)


def test_the_link_of_what_the_clinic_cancelled_says_so(clinic, desktop):
    link = Link(clinic, TEN)
    cancel(desktop, link.booking_id)
    answer = link.get()
    assert answer.status_code == 200
    assert "annulé par la clinique" in said(answer)


def test_the_confirmation_page_shows_the_new_time(portal, clinic, desktop):
    token = secrets.token_urlsafe(32)
    made = clinic.book(TEN, confirmation_sha256=sha256(token.encode()).hexdigest())
    move(desktop, made, "11:15", "11:45")
    path = f"/services/online-appointment/confirmation/{token}"
    page = portal.test_client().get(path)
    assert page.status_code == 200
    assert "11 h 15" in said(page).replace("\xa0", " ")


def test_a_new_key_takes_the_place_of_the_old_one_within_a_day(desktop, clinic, clock):
    answer = rotate(desktop)
    assert answer.status_code == 200
    assert answer.json["expires_at"] == "2026-03-17T14:00:00Z"
    fresh = Desktop(desktop.client, answer.json["key"])
    assert fresh.get("/hello").status_code == desktop.get("/hello").status_code == 200
    clock.now += timedelta(hours=24)
    assert_problem(desktop.get("/hello"), 401, "invalid_key")
    assert fresh.get("/hello").status_code == 200


def test_a_replaced_key_cannot_take_over_once_the_new_one_is_used(desktop):
    fresh = Desktop(desktop.client, rotate(desktop).json["key"])
    assert fresh.get("/hello").status_code == 200
    assert_problem(rotate(desktop), 409, "key_replaced")
