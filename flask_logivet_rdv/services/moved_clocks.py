"""Visits whose time on the clock is no longer what their client was told: zone data have changed.

The instant is kept, and so is what was told: a person decides (RELIABILITY.md, T2).
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import CONFIRMED, Booking, Event
from flask_logivet_rdv.scheduling.opening import zone

from .transaction import Tx
from .warnings import LISTED, NOTICE

ZONE = "zone"
WALL = "%Y-%m-%dT%H:%M"
AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Moved:
    """A confirmed visit to come: what its client was told, and what the clock will show then."""

    account_id: uuid.UUID
    booking_id: uuid.UUID
    told: str
    now: str


def moved(session: Session, now: int, *of: uuid.UUID) -> list[Moved]:
    """Return the visits after `now` (UTC seconds) whose clock has moved, of accounts or of all."""
    to_come = (Booking.status == CONFIRMED, Booking.starts_at > now)
    rows = session.execute(
        sa.select(
            Booking.account_id,
            Booking.id,
            Booking.local_start,
            Booking.starts_at,
            Booking.time_zone,
        )
        .where(*to_come, Booking.account_id.in_(of) if of else sa.true())
        .order_by(Booking.account_id, Booking.starts_at, Booking.id)
        .execution_options(yield_per=AT_ONCE)
    )
    found = (
        Moved(account_id, booking_id, told, f"{datetime.fromtimestamp(start, zone(name)):{WALL}}")
        for account_id, booking_id, told, start, name in rows
    )
    return [one for one in found if one.told != one.now]


def untold(session: Session, now: int, account_id: uuid.UUID) -> list[Moved]:
    """Return those of a clinic that it was not told of at `now` (UTC seconds)."""
    told = _told(session, account_id)
    return [one for one in moved(session, now, account_id) if _key(one) not in told]


def tell_moved(tx: Tx) -> int:
    """Tell a clinic of those that it was not told of, in one notice; return how many there were.

    Nothing is changed by itself.
    """
    new = untold(tx.session, tx.instant, tx.account_id)
    if new:
        tx.event(NOTICE, about=ZONE, **_facts(new))
    return len(new)


def _facts(new: Sequence[Moved]) -> dict[str, Any]:
    """Return what the notice says: all ids, so that none is told twice, and the first times."""
    return {
        "bookings": [str(one.booking_id) for one in new[:LISTED]],
        "times": [[one.told, one.now] for one in new[:LISTED]],
        "told": [[str(one.booking_id), one.now] for one in new],
        "count": len(new),
    }


def _told(session: Session, account_id: uuid.UUID) -> Collection[tuple[str, str]]:
    notices = session.scalars(
        sa.select(Event.facts).where(Event.account_id == account_id, Event.type == NOTICE)
    )
    return {
        (booking_id, now)
        for facts in notices
        if facts.get("about") == ZONE
        for booking_id, now in facts["told"]
    }


def _key(one: Moved) -> tuple[str, str]:
    return str(one.booking_id), one.now
