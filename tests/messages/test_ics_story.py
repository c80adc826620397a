"""A booking, its move and its cancellation are one entry of a calendar, read by a strict parser."""

import pytest
from ical.calendar_stream import CalendarStream
from ical.event import EventStatus

from flask_logivet_rdv import jobs
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.services.by_clinic import Placement, cancel_by_clinic, move_by_clinic
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import state
from tests.support.clinics import DOLITTLE, at

START, MOVED = at("2026-03-18", "10:00"), at("2026-03-18", "13:30")


def attached(message):
    """Return the one calendar of a mail, as a strict reader of RFC 5545 has it."""
    (part,) = message.attachments
    stream = CalendarStream.from_ics(part.data.decode())
    (calendar,) = stream.calendars
    (event,) = calendar.events
    return calendar.method, event


@pytest.fixture
def story(clinic, post):
    """Return the mails of a booking that the clinic moves, then cancels."""

    def written(verb):
        with clinic.app.app_context():
            transact(jobs.desk(), clinic.account_id, verb)

    def told(**typed):
        booking_id = clinic.book(START, **typed)
        mails = [post(booking_id)]
        place = Placement(clinic.logivet[f"resource:{DOLITTLE}"], Range(MOVED, MOVED + 1800))
        written(lambda tx: move_by_clinic(tx, booking_id, place, notify_client=True))
        mails.append(post(booking_id, "moved_by_clinic"))
        written(lambda tx: cancel_by_clinic(tx, booking_id, "", notify_client=True))
        mails.append(post(booking_id, "cancelled_by_clinic"))
        return [attached(mail) for mail in mails]

    return told


def test_the_same_entry_is_made_moved_and_taken_away(story):
    methods, events = zip(*story(), strict=True)
    assert methods == ("PUBLISH", "PUBLISH", "CANCEL")
    assert len({event.uid for event in events}) == 1
    assert [event.sequence for event in events] == [0, 1, 2]
    confirmed, cancelled = EventStatus.CONFIRMED, EventStatus.CANCELLED
    assert [event.status for event in events] == [confirmed, confirmed, cancelled]
    assert [int(event.dtstart.timestamp()) for event in events] == [START, MOVED, MOVED]


def test_it_is_the_clinics(story, clinic, portal):
    with portal.app_context():
        email = state().facts(clinic.clinic_id).email
    for _, event in story():
        assert str(event.organizer.uri) == f"mailto:{email}"
        assert event.organizer.common_name == "Clinique P&C"


@pytest.mark.parametrize(
    "pet_name", ["Zoé; O'Malley, « Rex »\\n", 'Le "Chat"', "🐈 Éléonore-Gwendoline", "BEGIN:VEVENT"]
)
def test_whatever_was_typed_a_strict_parser_reads_it_back(story, pet_name):
    for _, event in story(pet_name=pet_name):
        assert pet_name in event.summary
