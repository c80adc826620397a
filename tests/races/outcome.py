"""What a race must leave behind."""

from datetime import date, timedelta

import sqlalchemy as sa

from flask_logivet_rdv.models import Booking, BookingCell, Event, Outbox
from host_example.models import db


def overlaps(a, b):
    return a.start < b.end and b.start < a.end


def overlapping(ranges):
    """Return the pairs that overlap."""
    return [(a, b) for n, a in enumerate(ranges) for b in ranges[:n] if overlaps(a, b)]


def wednesdays():
    first = date(2026, 3, 18)
    return [str(first + timedelta(days=7 * n)) for n in range(8)]


def nothing_is_lost(clinic):
    """Each booking has exactly its cells, its event and its mail."""
    with clinic.app.app_context():
        of = clinic.account_id
        spans = db.session.execute(
            sa.select(Booking.id, Booking.starts_at, Booking.ends_at).where(
                Booking.account_id == of
            )
        ).all()
        cells = sa.select(sa.func.count()).where(BookingCell.account_id == of)
        assert db.session.scalar(cells) == sum((s.ends_at - s.starts_at) // 300 for s in spans)
        for model in (Event, Outbox):
            rows = db.session.scalars(sa.select(model.booking_id).where(model.account_id == of))
            assert sorted(rows) == sorted(s.id for s in spans)
