"""The rows of one deed: the same on each kind of database, and all or none."""

import uuid
from contextlib import suppress

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import (
    Booking,
    BookingCell,
    ClinicAccount,
    ConsentText,
    Event,
    Outbox,
)
from flask_logivet_rdv.services.booking import book
from flask_logivet_rdv.services.transaction import Tx, transact
from host_example.models import db
from tests.support.clinics import at, make_clinic

TEN = at("2026-03-18", "10:00")
WRITTEN = (Booking, BookingCell, Event, Outbox)


@pytest.fixture
def clinic(any_portal):
    with any_portal.app_context():
        yield make_clinic(any_portal, configured=True)
        db.session.rollback()


def count(clinic):
    db.session.rollback()
    of_clinic = [
        sa.select(sa.func.count()).select_from(model).where(model.account_id == clinic.account_id)
        for model in WRITTEN
    ]
    return [db.session.scalar(query) for query in of_clinic]


def feed(clinic):
    db.session.rollback()
    return db.session.get(ClinicAccount, clinic.account_id).event_seq


def cell(tx, booking_id, clinic, n):
    """What a cell of a booking names."""
    resource = next(iter(clinic.resources.values()))
    names = {"account_id": tx.account_id, "resource_id": resource, "booking_id": booking_id}
    return names | {"cell": n}


def test_all_rows_are_there_and_the_feed_goes_so_far(clinic):
    clinic.book(TEN)
    assert count(clinic) == [1, 6, 1, 1]
    assert feed(clinic) == 1
    clinic.book(TEN + 1800)
    assert count(clinic) == [2, 12, 2, 2]
    assert feed(clinic) == 2


def test_what_python_gave_is_what_is_read(clinic):
    form = clinic.form(
        TEN, name="Zoé D'Amours-Côté", reason='Il dit « miaou » : {"a": 1}\\n%s', pet_name="🐈"
    )
    made = transact(jobs.desk(), clinic.account_id, lambda tx: book(tx, form), agenda=True)
    db.session.rollback()
    booking = db.session.get(Booking, (clinic.account_id, made.booking_id))
    assert (booking.client_name, booking.reason) == (form.name, form.reason)
    assert booking.pet_name == "🐈"
    assert booking.labels["species"] == {"fr": "Canin", "en": "Canine"}
    assert booking.consent_at == booking.booked_at == jobs.desk().clock()
    assert booking.cancelled_at is None
    [event] = db.session.scalars(sa.select(Event).where(Event.account_id == clinic.account_id))
    assert (event.facts, event.booking_id) == ({}, made.booking_id)


@pytest.mark.parametrize("alike", [False, True])
def test_one_row_that_cannot_be_leaves_none_of_the_others(clinic, alike):
    booking_id = clinic.book(TEN)
    before, place = count(clinic), feed(clinic)

    def twice(tx: Tx):
        with tx.together():
            tx.event("booking.created", uuid.uuid4())
            for one in (booking_id, booking_id if alike else uuid.uuid4()):
                tx.insert(BookingCell, **cell(tx, one, clinic, 7))

    with pytest.raises(sa.exc.IntegrityError):
        transact(jobs.desk(), clinic.account_id, twice, agenda=True)
    assert (count(clinic), feed(clinic)) == (before, place)


def test_what_the_session_holds_is_written_first(clinic):
    sha = uuid.uuid4().hex * 2

    def work(tx: Tx):
        tx.session.add(ConsentText(sha256=sha, version="x", locale="fr", body="Je consens."))
        with tx.together():
            tx.event("notice", None, about="nothing")
        assert tx.session.get(ConsentText, sha)

    transact(jobs.desk(), clinic.account_id, work)
    db.session.rollback()
    assert db.session.get(ConsentText, sha).body == "Je consens."
    assert feed(clinic) == 1


def test_events_after_the_block_go_on_from_there(clinic):
    def work(tx: Tx):
        tx.event("notice", None, about="before")
        with tx.together():
            tx.event("notice", None, about="within")
        tx.event("notice", None, about="after")

    transact(jobs.desk(), clinic.account_id, work)
    db.session.rollback()
    mine = sa.select(Event.seq, Event.facts).where(Event.account_id == clinic.account_id)
    found = db.session.execute(mine.order_by(Event.seq)).all()
    assert [(seq, facts["about"]) for seq, facts in found] == [
        (1, "before"),
        (2, "within"),
        (3, "after"),
    ]
    assert feed(clinic) == 3


def test_of_a_block_that_raises_nothing_is_written_and_what_follows_is(clinic):
    def work(tx: Tx):
        tx.event("notice", None, about="before")
        with suppress(ZeroDivisionError), tx.together():
            tx.event("notice", None, about="within")
            1 / 0  # noqa: B018
        tx.event("notice", None, about="after")

    transact(jobs.desk(), clinic.account_id, work)
    db.session.rollback()
    mine = sa.select(Event.seq, Event.facts).where(Event.account_id == clinic.account_id)
    found = db.session.execute(mine.order_by(Event.seq)).all()
    assert [(seq, facts["about"]) for seq, facts in found] == [(1, "before"), (2, "after")]
    assert feed(clinic) == 2


def test_blocks_do_not_nest(clinic):
    def work(tx: Tx):
        with tx.together(), tx.together():
            pass

    with pytest.raises(RuntimeError, match="together already"):
        transact(jobs.desk(), clinic.account_id, work)
