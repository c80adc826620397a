import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Booking, ClinicAccount, SyncKey
from flask_logivet_rdv.services.cancelling import cancel_by_client
from flask_logivet_rdv.services.transaction import transact
from tests.blueprints.sync.calls import assert_problem
from tests.support.clinics import at, make_clinic

TEN = at("2026-03-18", "10:00")


def cancel(clinic, booking):
    with clinic.app.app_context():
        verb = transact(
            jobs.desk(), clinic.account_id, lambda tx: cancel_by_client(tx, booking, "Voyage")
        )
    assert verb.now


def test_an_event_carries_all_that_is_to_be_done_for_it(desktop, clinic):
    booking = clinic.book(TEN)
    page = desktop.events().json
    (event,) = page["events"]
    assert event.keys() == {"seq", "id", "type", "at", "booking", "agenda", "message"}
    assert (event["seq"], event["type"]) == (1, "booking.created")
    assert event["at"] == "2026-03-16T14:00:00Z"
    assert event["booking"] == {
        "id": str(booking),
        "version": 1,
        "status": "confirmed",
        "resource_id": "r2",
        "category_id": "c5",
        "species_id": "s3",
        "start": "2026-03-18T14:00:00Z",
        "end": "2026-03-18T14:30:00Z",
        "time_zone": "America/Toronto",
        "language": "fr",
        "labels": {
            "category": {"fr": "Examen", "en": "Exam"},
            "species": {"fr": "Canin", "en": "Canine"},
            "resource": {"fr": "Dr John Dolittle", "en": "Dr John Dolittle"},
        },
        "client": {
            "name": "Solutions Vet",
            "email": "solutions@exemple.ca",
            "phone": "+15145550134",
        },
        "pet_name": "Tom",
        "reason": "Vaccin",
        "booked_at": "2026-03-16T14:00:00Z",
        "consent": {"at": "2026-03-16T14:00:00Z", "text_version": "2026-01", "language": "fr"},
        "cancelled_at": None,
        "cancelled_by": None,
        "cancel_reason": None,
    }
    assert event["agenda"].keys() == {"status", "status_code", "description"}
    assert event["agenda"]["status_code"] == "confirmed"
    assert event["message"].keys() == {"language", "subject", "body"}
    assert event["message"]["language"] == "fr"
    assert "Solutions Vet" in event["message"]["body"]
    assert page["has_more"] is False
    assert page["poll_after_s"] == 0
    assert page["server_time"] == "2026-03-16T14:00:00Z"


def test_the_booking_of_an_event_is_as_it_is_now(desktop, clinic):
    cancel(clinic, clinic.book(TEN))
    created, cancelled = desktop.events().json["events"]
    assert [created["type"], cancelled["type"]] == ["booking.created", "booking.cancelled"]
    assert created["booking"] == cancelled["booking"]
    assert cancelled["booking"]["version"] == 2
    assert cancelled["booking"]["cancelled_at"] == "2026-03-16T14:00:00Z"
    assert cancelled["booking"]["cancelled_by"] == "client"
    assert cancelled["booking"]["cancel_reason"] == "Voyage"
    assert cancelled["agenda"]["status_code"] == "cancelled"


def test_blanked_personal_fields_are_null(desktop, clinic, session):
    clinic.book(TEN)
    personal = ("client_name", "email", "phone", "pet_name", "reason")
    session.execute(
        sa.update(Booking)
        .where(Booking.account_id == clinic.account_id)
        .values(dict.fromkeys(personal))
    )
    session.commit()
    (event,) = desktop.events().json["events"]
    assert event["booking"]["client"] == {"name": None, "email": None, "phone": None}
    assert event["booking"]["pet_name"] is event["booking"]["reason"] is None


def test_a_message_is_in_the_clinics_language_whatever_its_owner_speaks(portal, desktop_of):
    clinic = make_clinic(portal, configured=True, locale="en")
    clinic.book(TEN, language="fr")
    (event,) = desktop_of(clinic).events().json["events"]
    assert event["booking"]["language"] == "fr"
    assert event["message"]["language"] == "en"
    assert event["message"]["subject"] == "New online appointment"
    assert event["agenda"]["status"] == "Confirmed"


def test_pages_follow_one_another_by_the_cursor(desktop, clinic):
    for clock in ("10:00", "10:30", "11:00"):
        clinic.book(at("2026-03-18", clock))
    seen, cursor, more = [], None, True
    while more:
        page = desktop.events(cursor, limit=2).json
        seen += [event["seq"] for event in page["events"]]
        cursor, more = page["cursor"], page["has_more"]
    assert seen == [1, 2, 3]
    assert desktop.events(cursor).json["events"] == []


def test_asking_acknowledges_all_up_to_the_cursor(desktop, clinic, clock, session):
    acked = sa.select(SyncKey.acked_seq, SyncKey.acked_at).where(
        SyncKey.account_id == clinic.account_id
    )
    clinic.book(TEN)
    start = desktop.hello()["cursor"]
    cursor = desktop.events(start).json["cursor"]
    assert session.execute(acked).one() == (0, None)
    desktop.events(cursor)
    session.rollback()
    assert session.execute(acked).one() == (1, clock.now)


def test_an_older_cursor_still_works_and_takes_nothing_back(desktop, clinic):
    clinic.book(TEN)
    start = desktop.hello()["cursor"]
    desktop.events(desktop.events(start).json["cursor"])
    assert len(desktop.events(start).json["events"]) == 1
    assert desktop.hello()["acknowledged"].endswith(":1")


@pytest.mark.parametrize("cursor", ["x", "7:0", "{epoch}:2", "{epoch}:-1", "{epoch}:", "9" * 500])
def test_a_cursor_of_no_use_asks_for_a_full_reading(desktop, clinic, cursor):
    clinic.book(TEN)
    epoch = desktop.hello()["cursor"].split(":")[0]
    assert_problem(desktop.events(cursor.format(epoch=epoch)), 410, "resync")


def test_a_cursor_older_than_what_is_kept_asks_for_a_full_reading(desktop, clinic, session):
    clinic.book(TEN)
    start = desktop.hello()["cursor"]
    account = session.get(ClinicAccount, clinic.account_id)
    account.events_kept_from = 1
    session.commit()
    assert_problem(desktop.events(start), 410, "resync")
    assert desktop.events().json["events"] == []


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"wait": "-1"}, "wait"),
        ({"wait": "soon"}, "wait"),
        ({"wait": "1.5"}, "wait"),
        ({"wait": "١"}, "wait"),
        ({"wait": ["1", "2"]}, "wait"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1e3"}, "limit"),
        ({"limit": " 5"}, "limit"),
    ],
)
def test_a_malformed_parameter_is_told(desktop, asked, parameter):
    problem = assert_problem(desktop.events(**asked), 422, "invalid")
    assert [error["parameter"] for error in problem["errors"]] == [parameter]


def test_a_cursor_is_required(desktop):
    problem = assert_problem(desktop.get("/events"), 422, "invalid")
    assert problem["errors"][0]["parameter"] == "cursor"


def test_a_limit_above_200_and_a_wait_above_25_are_clamped(desktop, clinic):
    clinic.book(TEN)
    answer = desktop.events(limit="9" * 30, wait="9" * 30)
    assert answer.status_code == 200
    assert len(answer.json["events"]) == 1
