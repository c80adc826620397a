"""F3: fifty owners book while LogiVet fills the same hours, on every database.

What LogiVet takes first is nobody's; where a booking came first there is a conflict, told, and
both stay. Slow, as fifty threads book at once.
"""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Booking, BookingCell, Busy, Event
from flask_logivet_rdv.scheduling.rules import Refusal
from flask_logivet_rdv.services.booking import Booked, Refused, book
from flask_logivet_rdv.services.transaction import transact
from host_example.desktop.dates import rfc3339
from host_example.models import db
from tests.blueprints.sync.calls import Desktop, upsert
from tests.races.outcome import wednesdays
from tests.support.clinics import at, make_clinic
from tests.support.portal import MONDAY_MORNING

pytestmark = pytest.mark.xdist_group("races")
RACERS, ROUNDS = 50, 2
CLOCKS = ("10:00", "10:30", "11:00", "11:30")
DAYS = wednesdays()[:6]
STARTS = [at(day, clock) for day in DAYS for clock in CLOCKS]
HALF_HOUR, QUARTER = 1800, 900


def note(start):
    """A range over the second half of a visit."""
    data = {"resource_id": "r2", "type": "note", "booking_id": None}
    times = {"start": rfc3339(start + QUARTER), "end": rfc3339(start + HALF_HOUR)}
    return upsert("busy", f"A-{start}", 1, **data, **times)


def race(clinic, starts):
    """Book the starts while LogiVet uploads every range, four at a time.

    Half of the owners begin with it, the others when it is half way.
    """
    barrier = threading.Barrier(len(starts) // 2 + 1)
    half_way = threading.Event()
    told = []

    def attempt(n, start):
        form = clinic.form(start)
        with clinic.app.app_context():
            if n % 2:
                assert half_way.wait(60)
            else:
                barrier.wait()
            return transact(jobs.desk(), clinic.account_id, lambda tx: book(tx, form))

    def push():
        desktop = Desktop(clinic.app.test_client(), clinic.key)
        order = random.sample(STARTS, len(STARTS))
        batches = [order[n : n + 4] for n in range(0, len(order), 4)]
        barrier.wait()
        for n, batch in enumerate(batches):
            if n == len(batches) // 2:
                half_way.set()
            answer = desktop.upload(*map(note, batch))
            assert answer.status_code == 200, answer.text
            told.extend(one["busy_id"] for one in answer.json["conflicts"])

    with ThreadPoolExecutor(len(starts) + 1) as pool:
        pushing = pool.submit(push)
        tries = [pool.submit(attempt, n, start) for n, start in enumerate(starts)]
        results = [one.result() for one in tries]
        pushing.result()
    return results, told


def events(clinic, kind):
    """Return the events of a kind by booking, of which each must have one at most."""
    with clinic.app.app_context():
        query = select(Event).where(Event.account_id == clinic.account_id, Event.type == kind)
        found = db.session.scalars(query).all()
    by_booking = {event.booking_id: event for event in found}
    assert len(by_booking) == len(found)
    return by_booking


def test_f3_no_booking_lands_on_a_range_pushed_before_it(any_portal, session_clock):
    session_clock.now = MONDAY_MORNING
    conflicts = kept_free = 0
    for _ in range(ROUNDS):
        clinic = make_clinic(any_portal, configured=True)
        # who begins first leaves the last two days to who comes late
        starts = [random.choice(STARTS if n % 2 else STARTS[:16]) for n in range(RACERS)]
        results, told = race(clinic, starts)
        booked = {s: r.booking_id for s, r in zip(starts, results, strict=True) if won(r)}
        assert {r for r in results if not won(r)} <= {Refused(Refusal.TAKEN)}
        # a range overlaps the one booking that may be there: it came first, and this was told
        assert sorted(told) == sorted(f"A-{start}" for start in booked)
        created, met = events(clinic, "booking.created"), events(clinic, "booking.conflict")
        assert created.keys() == met.keys() == set(booked.values())
        for start, booking_id in booked.items():
            assert met[booking_id].facts["busy_id"] == f"A-{start}"
            assert created[booking_id].seq < met[booking_id].seq
        both_are_kept(clinic, booked)
        conflicts += len(booked)
        kept_free += len(set(starts) - booked.keys())
    assert conflicts
    assert kept_free


def won(result):
    return isinstance(result, Booked)


def both_are_kept(clinic, booked):
    with clinic.app.app_context():
        of = clinic.account_id
        states = select(Booking.id, Booking.status).where(Booking.account_id == of)
        found = [tuple(row) for row in db.session.execute(states)]
        assert sorted(found) == sorted((one, "confirmed") for one in booked.values())
        cells = db.session.scalars(select(BookingCell.cell).where(BookingCell.account_id == of))
        assert len(cells.all()) == 6 * len(booked)
        ranges = select(Busy.starts_at).where(Busy.account_id == of, Busy.deleted_at.is_(None))
        assert sorted(db.session.scalars(ranges)) == sorted(start + QUARTER for start in STARTS)
