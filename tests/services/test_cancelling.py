from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Booking, BookingCell, Event, Outbox
from flask_logivet_rdv.scheduling.rules import Refusal
from flask_logivet_rdv.services.bookings import booking_for_link
from flask_logivet_rdv.services.cancelling import (
    Cancelled,
    CannotCancel,
    cancel_by_client,
    mint_cancel_link,
)
from flask_logivet_rdv.services.transaction import transact
from tests.support.clinics import at, make_clinic

START = at("2026-03-18", "10:00")


def cancel(clinic, booking_id, reason="Il va mieux"):
    with clinic.app.app_context():
        return transact(
            jobs.desk(), clinic.account_id, lambda tx: cancel_by_client(tx, booking_id, reason)
        )


def test_a_cancelled_slot_is_offered_again(clinic):
    assert cancel(clinic, clinic.book(START)) == Cancelled(now=True)
    assert clinic.book(START)


def test_it_frees_the_cells_raises_the_version_and_tells_both_sides(clinic, session):
    booking_id = clinic.book(START)
    cancel(clinic, booking_id)
    of = clinic.account_id
    booking = session.get(Booking, (of, booking_id))
    assert (booking.status, booking.version) == ("cancelled", 2)
    assert (booking.cancelled_by, booking.cancel_reason) == ("client", "Il va mieux")
    count = sa.select(sa.func.count()).select_from(BookingCell).where(BookingCell.account_id == of)
    assert session.scalar(count) == 0
    events = sa.select(Event.type).where(Event.account_id == of).order_by(Event.seq)
    assert list(session.scalars(events)) == ["booking.created", "booking.cancelled"]
    kinds = session.scalars(sa.select(Outbox.kind).where(Outbox.account_id == of))
    assert set(kinds) == {"confirmation", "cancellation"}


def test_a_second_cancel_is_calm_and_sends_nothing(clinic, session):
    booking_id = clinic.book(START)
    cancel(clinic, booking_id)
    assert cancel(clinic, booking_id, "encore") == Cancelled(now=False)
    of = clinic.account_id
    assert session.get(Booking, (of, booking_id)).cancel_reason == "Il va mieux"
    assert session.scalar(sa.select(sa.func.count()).where(Outbox.account_id == of)) == 2


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-17T14:00:00", Cancelled(now=True)),
        ("2026-03-17T14:00:01", CannotCancel(Refusal.TOO_LATE)),
        ("2026-03-18T14:00:01", CannotCancel(Refusal.PAST)),
    ],
)
def test_the_limit_is_twenty_four_elapsed_hours_bound_included(clinic, clock, now, expected):
    booking_id = clinic.book(START)
    clock.now = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert cancel(clinic, booking_id) == expected


def test_a_booking_of_another_clinic_is_unknown(portal, clinic):
    other = make_clinic(portal, configured=True)
    booking_id = other.book(START)
    with pytest.raises(LookupError):
        cancel(clinic, booking_id)


def test_every_mailed_link_stays_valid_and_only_its_hash_is_kept(clinic, session):
    booking_id = clinic.book(START)
    with clinic.app.app_context():
        links = [mint_cancel_link(jobs.desk(), clinic.account_id, booking_id) for _ in range(2)]
    for token in links:
        assert booking_for_link(session, token).id == booking_id
    dump = session.execute(sa.text("SELECT token_sha256 FROM rdv_cancel_link")).scalars().all()
    assert not set(links) & set(dump)


@pytest.mark.parametrize("token", ["", "nope", "é" * 43, "a" * 10_000, "\ud800"])
def test_an_unknown_link_is_nobodys(session, token):
    assert booking_for_link(session, token) is None
