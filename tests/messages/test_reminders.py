"""The reminder (M3): when it is due, for whom, and when it is no longer right."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Outbox
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.services.by_clinic import Placement, cancel_by_clinic, move_by_clinic
from flask_logivet_rdv.services.reminding import REMINDER
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.state import EXTENSION, state
from host_example.models import db
from tests.support.clinics import DOLITTLE, at

MONDAY = at("2026-03-16", "10:00")
VISIT, LATER, SOONER = (
    at("2026-03-25", "10:00"),
    at("2026-03-26", "13:30"),
    at("2026-03-19", "13:30"),
)
SOON = at("2026-03-18", "10:00")
HOUR = 3600


@pytest.fixture
def reminding(portal, monkeypatch):
    """Have the portal remind clients so many hours ahead."""

    def remind(hours):
        here = portal.extensions[EXTENSION]
        settings = replace(here.settings, reminder_hours=hours)
        monkeypatch.setitem(portal.extensions, EXTENSION, replace(here, settings=settings))

    remind(48)
    return remind


@pytest.fixture
def written(clinic):
    """Return what a verb of the clinic did to its bookings."""

    def write(verb):
        with clinic.app.app_context():
            return transact(jobs.desk(), clinic.account_id, verb)

    return write


@pytest.fixture
def move(clinic, written):
    def to(booking_id, start):
        place = Placement(clinic.logivet[f"resource:{DOLITTLE}"], Range(start, start + 1800))
        written(lambda tx: move_by_clinic(tx, booking_id, place, notify_client=False))

    return to


@pytest.fixture
def drained(portal, clinic, clock):
    """Return the subjects of the clinic's mails that leave once the clock is at an instant."""

    def at_instant(instant):
        clock.advance(seconds=instant - clock().timestamp())
        with portal.app_context(), portal.extensions["mail"].record_messages() as sent:
            jobs.drain()
            own = state().facts(clinic.clinic_id).email
            return [message.subject for message in sent if own in message.reply_to]

    return at_instant


def reminders(clinic):
    with clinic.app.app_context():
        rows = db.session.execute(
            sa.select(Outbox.not_before, Outbox.state)
            .where(Outbox.account_id == clinic.account_id, Outbox.kind == REMINDER)
            .order_by(Outbox.dedupe_key)
        )
        return [tuple(row) for row in rows]


def test_nobody_is_reminded_unless_the_portal_wants_it(clinic):
    clinic.book(VISIT)
    assert reminders(clinic) == []


@pytest.mark.parametrize("hours", [48, 72])
def test_a_reminder_is_due_that_many_hours_before_the_visit(clinic, reminding, hours):
    reminding(hours)
    clinic.book(VISIT)
    assert reminders(clinic) == [(VISIT - hours * HOUR, "pending")]


@pytest.mark.parametrize(("ahead_h", "count"), [(71, 0), (72, 1)])
def test_who_has_just_been_told_is_not_reminded_within_a_day(
    clinic, clock, reminding, ahead_h, count
):
    clock.advance(seconds=VISIT - ahead_h * HOUR - clock().timestamp())
    clinic.book(VISIT)
    assert len(reminders(clinic)) == count


def test_it_leaves_when_it_is_due_and_not_before(clinic, reminding, drained):
    clinic.book(VISIT)
    due = VISIT - 48 * HOUR
    (confirmation,) = drained(due - 1)
    assert confirmation.startswith("Confirmation de votre rendez-vous pour Tom, le ")
    assert drained(due) == ["Rappel\xa0: rendez-vous pour Tom, le mercredi 25 mars à 10\xa0h"]
    assert drained(due + 60) == []


def test_a_reminder_does_not_wake_the_worker(clinic, reminding, written, monkeypatch):
    woken = []
    monkeypatch.setattr(jobs, "wake", lambda _id, *, mail, events: woken.append(mail))
    booking_id = clinic.book(VISIT)
    move_to = Placement(clinic.logivet[f"resource:{DOLITTLE}"], Range(LATER, LATER + 1800))
    written(lambda tx: move_by_clinic(tx, booking_id, move_to, notify_client=False))
    assert woken == [True, False]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_it_tells_the_visit_and_how_to_cancel_in_the_clients_language(
    clinic, reminding, post, language
):
    message = post(clinic.book(VISIT, language=language), REMINDER)
    said = {
        "fr": ("Nous vous rappelons votre rendez-vous pour Tom.", "ANNULER CE RENDEZ-VOUS"),
        "en": ("This is a reminder of your appointment for Tom.", "CANCEL THIS APPOINTMENT"),
    }[language]
    for body in (message.body, message.html):
        assert all(sentence in body for sentence in said)
        assert "/annuler/" in body


def test_a_cancelled_visit_is_not_recalled(clinic, reminding, written, drained):
    booking_id = clinic.book(VISIT)
    written(lambda tx: cancel_by_clinic(tx, booking_id, "", notify_client=False))
    assert drained(VISIT - 48 * HOUR) == []
    assert reminders(clinic) == [(VISIT - 48 * HOUR, "skipped")]


def test_nor_a_visit_that_has_begun_when_a_portal_comes_back(clinic, reminding, drained):
    clinic.book(VISIT)
    assert drained(VISIT) == []


def test_a_portal_that_no_longer_reminds_sends_none_of_those_that_wait(clinic, reminding, drained):
    clinic.book(VISIT)
    drained(VISIT - 49 * HOUR)
    reminding(0)
    assert drained(VISIT - 48 * HOUR) == []


@pytest.mark.parametrize("start", [LATER, SOONER])
def test_after_a_move_the_reminder_is_that_of_the_new_time_alone(
    clinic, reminding, move, drained, start
):
    move(clinic.book(VISIT), start)
    drained(MONDAY)
    old = (VISIT - 48 * HOUR, "skipped")
    assert reminders(clinic) == [old, (start - 48 * HOUR, "pending")]
    assert drained(start - 48 * HOUR - 1) == []
    (subject,) = drained(start - 48 * HOUR)
    assert subject.endswith("à 13\xa0h\xa030")
    assert drained(VISIT - 1) == []


def test_a_move_to_tomorrow_leaves_no_reminder(clinic, reminding, move):
    move(clinic.book(VISIT), SOON)
    assert [state for _, state in reminders(clinic)] == ["skipped"]


def test_what_waits_for_its_hour_is_not_a_mail_that_is_late(portal, clinic, reminding, drained):
    clinic.book(VISIT)
    drained(VISIT - 72 * HOUR)
    listed = portal.test_cli_runner().invoke(args=["rdv", "mail", "list", str(clinic.clinic_id)])
    assert (listed.exit_code, listed.stdout) == (0, "")
