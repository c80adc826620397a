"""The clinic and its clients act on the same bookings at once, on every database."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Booking, BookingCell, Event, Outbox
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.services.booking import Booked, book
from flask_logivet_rdv.services.by_clinic import (
    Acted,
    CannotMove,
    Hindrance,
    Placement,
    cancel_by_clinic,
    move_by_clinic,
)
from flask_logivet_rdv.services.cancelling import Cancelled, cancel_by_client
from flask_logivet_rdv.services.transaction import transact
from host_example.models import db
from tests.support.clinics import DOLITTLE, at, make_clinic
from tests.support.portal import MONDAY_MORNING

pytestmark = pytest.mark.xdist_group("races")
TEN, HALF_PAST_TEN, ELEVEN = (at("2026-03-18", t) for t in ("10:00", "10:30", "11:00"))
HALF_HOUR = 1800
ROUNDS = 5


@pytest.fixture
def clinic(any_portal, session_clock):
    session_clock.now = MONDAY_MORNING
    return make_clinic(any_portal, configured=True)


def at_once(clinic, *verbs):
    barrier = threading.Barrier(len(verbs))

    def run(verb):
        with clinic.app.app_context():
            barrier.wait()
            return transact(jobs.desk(), clinic.account_id, verb)

    with ThreadPoolExecutor(len(verbs)) as pool:
        return [one.result() for one in [pool.submit(run, verb) for verb in verbs]]


def moving(clinic, booking_id, start):
    to = Placement(clinic.logivet[f"resource:{DOLITTLE}"], Range(start, start + HALF_HOUR))
    return lambda tx: move_by_clinic(tx, booking_id, to, notify_client=True)


def rows(clinic, *columns):
    model = columns[0].class_
    query = sa.select(*columns).where(model.account_id == clinic.account_id)
    with clinic.app.app_context():
        return [tuple(row) for row in db.session.execute(query)]


def held(clinic):
    """Return the cells of each booking, which must be those of its range while it stands."""
    wanted = {
        (booking_id, cell)
        for booking_id, start, end, status in rows(
            clinic, Booking.id, Booking.starts_at, Booking.ends_at, Booking.status
        )
        if status == "confirmed"
        for cell in range(start // 300, end // 300)
    }
    found = rows(clinic, BookingCell.booking_id, BookingCell.cell)
    assert sorted(found) == sorted(wanted)
    return wanted


def test_a_client_cancels_while_the_clinic_moves(clinic):
    for _ in range(ROUNDS):
        booking_id = clinic.book(TEN)
        cancelled, moved = at_once(
            clinic,
            lambda tx, one=booking_id: cancel_by_client(tx, one, "Voyage"),
            moving(clinic, booking_id, ELEVEN),
        )
        assert cancelled == Cancelled(now=True)
        assert moved in (Acted(now=True), CannotMove(Hindrance.CANCELLED))
        assert held(clinic) == set()
        (booking,) = [
            row for row in rows(clinic, Booking.id, Booking.version) if row[0] == booking_id
        ]
        assert booking[1] == (3 if moved == Acted(now=True) else 2)


def test_two_bookings_are_moved_to_the_same_time(clinic):
    day = 86_400 * 7
    for number in range(ROUNDS):
        first = clinic.book(TEN + day * number)
        second = clinic.book(ELEVEN + day * number)
        there = HALF_PAST_TEN + day * number
        done = at_once(clinic, moving(clinic, first, there), moving(clinic, second, there))
        assert sorted(done, key=str) == [Acted(now=True), CannotMove(Hindrance.TAKEN)]
        assert len(held(clinic)) == 12 * (number + 1)
    events = [kind for (kind,) in rows(clinic, Event.type)]
    mails = [kind for (kind,) in rows(clinic, Outbox.kind)]
    assert events.count("booking.moved") == mails.count("moved_by_clinic") == ROUNDS


def test_the_same_move_sent_ten_times_at_once_is_one_move(clinic):
    booking_id = clinic.book(TEN)
    done = at_once(clinic, *[moving(clinic, booking_id, ELEVEN)] * 10)
    assert done.count(Acted(now=True)) == 1
    assert done.count(Acted(now=False)) == 9
    assert [kind for (kind,) in rows(clinic, Event.type)].count("booking.moved") == 1
    held(clinic)


def test_a_client_books_the_time_to_which_the_clinic_moves(clinic):
    day = 86_400 * 7
    for number in range(ROUNDS):
        booking_id = clinic.book(TEN + day * number)
        there = ELEVEN + day * number
        form = clinic.form(there)
        moved, booked = at_once(
            clinic, moving(clinic, booking_id, there), lambda tx, form=form: book(tx, form)
        )
        assert (moved == Acted(now=True)) is not isinstance(booked, Booked)
        held(clinic)


def test_the_clinic_cancels_on_one_desktop_and_moves_on_another(clinic):
    for _ in range(ROUNDS):
        booking_id = clinic.book(TEN)
        cancelled, moved = at_once(
            clinic,
            lambda tx, one=booking_id: cancel_by_clinic(tx, one, "Absence", notify_client=True),
            moving(clinic, booking_id, ELEVEN),
        )
        assert cancelled == Acted(now=True)
        assert moved in (Acted(now=True), CannotMove(Hindrance.CANCELLED))
        assert held(clinic) == set()
