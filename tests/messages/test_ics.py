from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from flask_logivet_rdv.messages import ics
from flask_logivet_rdv.services.bookings import read_bookings
from flask_logivet_rdv.state import EXTENSION
from tests.support.clinics import at

NOW = datetime(2026, 3, 16, 14, 0, tzinfo=UTC)


@pytest.fixture
def raw(portal, clinic, session):
    def make(lang="fr", *, cancelled=False, **typed):
        booking_id = clinic.book(**{"start": at("2026-03-18", "10:00")} | typed)
        booking = read_bookings(session, clinic.account_id, [booking_id])[booking_id]
        here = portal.extensions[EXTENSION]
        facts = here.facts(clinic.clinic_id)
        return ics.calendar(booking, facts, lang, here.settings, now=NOW, cancelled=cancelled)

    return make


@pytest.fixture
def entry(raw):
    def make(*args, **given):
        (event,) = Calendar.from_ical(raw(*args, **given)).events
        return event

    return make


def test_its_times_are_in_utc(raw):
    lines = raw().splitlines()
    assert b"DTSTART:20260318T140000Z" in lines
    assert b"DTEND:20260318T143000Z" in lines
    assert b"DTSTAMP:20260316T140000Z" in lines


def test_lines_are_folded_at_75_octets_and_end_with_crlf(raw):
    made = raw(pet_name="Éléonore-Gwendoline " * 5)
    assert all(len(line) <= 75 for line in made.split(b"\r\n"))
    assert b"\n" not in made.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("lang", "summary", "location"),
    [
        ("fr", "Examen – Tom (Clinique P&C)", "Clinique P&C, 1250, rue Fleury Est, Montréal"),
        ("en", "Exam – Tom (P&C Clinic)", "P&C Clinic, 1250, rue Fleury Est, Montréal"),
    ],
)
def test_it_says_what_and_where_in_the_owners_language(entry, lang, summary, location):
    event = entry(lang)
    assert (event["summary"], event["location"]) == (summary, location)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "fr",
            "Pour annuler, utilisez le lien dans le courriel, au moins 24\xa0heures à l'avance.",
        ),
        ("en", "To cancel, use the link in the email, at least 24 hours in advance."),
    ],
)
def test_it_says_how_to_cancel_and_never_holds_the_link(entry, raw, lang, words):
    assert entry(lang)["description"] == words
    assert b"annuler/" not in raw(lang, start=at("2026-03-18", "10:30"))


def test_it_reminds_exactly_24_hours_ahead(entry, raw):
    (alarm,) = entry().walk("VALARM")
    assert (alarm["action"], alarm["description"]) == ("DISPLAY", "Examen – Tom")
    assert b"TRIGGER:-PT24H" in raw(start=at("2026-03-18", "10:30")).splitlines()


def test_a_cancelled_one_takes_the_entry_away_without_a_reminder(entry):
    event = entry(cancelled=True)
    assert event["status"] == "CANCELLED"
    assert event.walk("VALARM") == []


def test_what_was_typed_stays_text(entry):
    event = entry(pet_name="Tom\r\nATTENDEE:mailto:x@exemple.ca;,\\n")
    assert "attendee" not in event
    assert event["summary"] == "Examen – Tom / ATTENDEE:mailto:x@exemple.ca;,\\n (Clinique P&C)"


def test_an_appointment_whose_owner_was_forgotten_still_has_a_name(entry):
    assert entry(pet_name="")["summary"] == "Examen (Clinique P&C)"


def test_it_lasts_as_long_as_the_visit(entry):
    event = entry()
    assert event.end - event.start == timedelta(minutes=30)
