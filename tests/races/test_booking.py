"""Fifty owners at once, on every database: F1, F2 and F4. The longest tests of the suite."""

import random
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from flask_logivet_rdv import jobs
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.rules import Refusal
from flask_logivet_rdv.services.booking import AlreadyBooked, Booked, Refused, book
from flask_logivet_rdv.services.transaction import transact
from host_example.models import User, db
from tests.races.outcome import nothing_is_lost, overlapping, overlaps, wednesdays
from tests.support.clinics import at, make_clinic
from tests.support.portal import MONDAY_MORNING

pytestmark = pytest.mark.xdist_group("races")
RACERS, ROUNDS = 50, 20
STARTS = ("10:00", "10:30", "11:00", "11:30")
LONG_STARTS = ("10:00", "10:45")


def attempt(clinic, form, barrier, host_reads):
    with clinic.app.app_context():
        barrier.wait()
        if host_reads:
            db.session.get(User, clinic.user_id)
        return transact(jobs.desk(), clinic.account_id, lambda tx: book(tx, form))


def race(clinic, forms, host_reads):
    barrier = threading.Barrier(len(forms))
    with ThreadPoolExecutor(len(forms)) as pool:
        tries = [pool.submit(attempt, clinic, form, barrier, host_reads) for form in forms]
        return [one.result() for one in tries]


def overlapping_forms(clinic, day):
    exams = [("Examen", clock) for clock in STARTS]
    long_ones = [("Consultation comportementale", clock) for clock in LONG_STARTS]
    choices = random.choices(exams + long_ones, k=RACERS)
    return [
        clinic.form(at(day, clock), category=clinic.categories[category])
        for category, clock in choices
    ]


@pytest.mark.parametrize("host_reads", [False, True], ids=["", "the host reads first"])
def test_fifty_racers_never_overlap(any_portal, session_clock, host_reads):
    session_clock.now = MONDAY_MORNING
    booked = 0
    for number in range(ROUNDS):
        if number % 8 == 0:
            clinic = make_clinic(any_portal, configured=True)
        forms = overlapping_forms(clinic, wednesdays()[number % 8])
        results = race(clinic, forms, host_reads)
        winners = [
            Range(form.start, form.start + minutes(clinic, form) * 60)
            for form, result in zip(forms, results, strict=True)
            if isinstance(result, Booked)
        ]
        booked += len(winners)
        assert not overlapping(winners)
        for form, result in zip(forms, results, strict=True):
            if not isinstance(result, Booked):
                assert result == Refused(Refusal.TAKEN)
                tried = Range(form.start, form.start + minutes(clinic, form) * 60)
                assert any(overlaps(tried, winner) for winner in winners)
        nothing_is_lost(clinic)
    assert booked >= ROUNDS


def minutes(clinic, form):
    return 30 if form.category == clinic.categories["Examen"] else 45


def test_a_form_sent_twenty_times_at_once_is_one_booking(any_portal, session_clock):
    session_clock.now = MONDAY_MORNING
    clinic = make_clinic(any_portal, configured=True)
    form = clinic.form(at("2026-03-18", "10:00"))
    results = race(clinic, [form] * 20, host_reads=True)
    assert sum(isinstance(result, Booked) for result in results) == 1
    first: uuid.UUID = next(r.booking_id for r in results if isinstance(r, Booked))
    again = AlreadyBooked(first, same=True)
    assert [r for r in results if not isinstance(r, Booked)] == [again] * 19
    nothing_is_lost(clinic)
