"""Busy ranges that land on online bookings: both are kept, LogiVet is told, a person decides."""

import uuid
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import takewhile
from typing import Any

import sqlalchemy as sa

from flask_logivet_rdv.models import CANCELLED, Booking, Conflict

from .disagreements import to_come
from .many import among
from .transaction import Tx
from .uploads import Conflicts, Entry


def note_conflicts(tx: Tx, entries: Mapping[str, Entry]) -> Conflicts:
    """Return the confirmed bookings under entries of the agenda, other than those they mirror.

    The event is written when a pair begins to conflict.
    """
    if not entries:
        return []
    pairs = _on_bookings(tx, entries)
    noted = {
        (row.booking_id, row.busy_id): row
        for row in tx.session.scalars(
            sa.select(Conflict).where(
                Conflict.account_id == tx.account_id, among(tx.session, Conflict.busy_id, entries)
            )
        )
    }
    for ended in noted.keys() - set(pairs):
        tx.session.delete(noted[ended])
    for booking_id, busy_id in pairs:
        if (booking_id, busy_id) not in noted:
            tx.session.add(
                Conflict(
                    account_id=tx.account_id,
                    booking_id=booking_id,
                    busy_id=busy_id,
                    opened_at=tx.now,
                )
            )
            tx.event("booking.conflict", booking_id, busy_id=busy_id)
    return pairs


def standing_conflicts(tx: Tx) -> Conflicts:
    """Return all that was noted of bookings to come, the soonest first."""
    found = tx.session.execute(
        sa.select(Booking.id, Conflict.busy_id)
        .join(
            Conflict,
            (Conflict.account_id == Booking.account_id) & (Conflict.booking_id == Booking.id),
        )
        .where(to_come(tx.account_id, tx.instant))
        .order_by(Booking.starts_at, Conflict.busy_id)
    )
    return [(booking_id, busy_id) for booking_id, busy_id in found]


def _on_bookings(tx: Tx, entries: Mapping[str, Entry]) -> Conflicts:
    """Return the bookings to come and the entries that lie on them unmirrored, the soonest first.

    They are matched here: a database that joins them looks at all of the agenda to come for each
    booking, while the clinic waits.
    """
    ranges = _blocking(tx, entries)
    bookings = _bookings(tx, ranges.values()) if ranges else {}
    met = sorted(
        (booking.starts_at, key, booking.id)
        for key, busy in ranges.items()
        for booking in _under(busy, bookings.get(busy.resource_id, []))
        if booking.id != busy.booking_id
    )
    return [(booking_id, busy_id) for _, busy_id, booking_id in met]


def _blocking(tx: Tx, entries: Mapping[str, Entry]) -> dict[str, Any]:
    """Return the entries that take the time of a resource: see `availability.blocking`."""
    ranges = {key: entry for key, entry in entries.items() if entry.resource_id}
    cancelled = _cancelled(tx, {entry.booking_id for entry in ranges.values() if entry.booking_id})
    return {key: entry for key, entry in ranges.items() if entry.booking_id not in cancelled}


def _cancelled(tx: Tx, booking_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return which bookings are cancelled, of those given."""
    if not booking_ids:
        return set()
    found = sa.select(Booking.id).where(
        Booking.account_id == tx.account_id,
        among(tx.session, Booking.id, booking_ids),
        Booking.status == CANCELLED,
    )
    return set(tx.session.scalars(found))


def _bookings(tx: Tx, ranges: Collection[Any]) -> dict[uuid.UUID, list[Any]]:
    """Return the bookings to come in the time of some ranges, by resource, the soonest first."""
    found: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for booking in tx.session.execute(
        sa.select(Booking.id, Booking.resource_id, Booking.starts_at, Booking.ends_at)
        .where(
            to_come(tx.account_id, tx.instant),
            Booking.resource_id.in_({busy.resource_id for busy in ranges}),
            Booking.ends_at > min(busy.starts_at for busy in ranges),
            Booking.starts_at < max(busy.ends_at for busy in ranges),
        )
        .order_by(Booking.starts_at)
    ):
        found[booking.resource_id].append(booking)
    return found


def _under(busy: Any, bookings: Sequence[Any]) -> list[Any]:
    """Return the bookings in the time of a range, of those of its resource.

    Bookings of a resource never overlap: in the order of their starts, they are in that of their
    ends.
    """
    first = bisect_right(bookings, busy.starts_at, key=lambda booking: booking.ends_at)
    return list(takewhile(lambda booking: booking.starts_at < busy.ends_at, bookings[first:]))
