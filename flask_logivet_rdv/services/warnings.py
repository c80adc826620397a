"""What LogiVet's people should know of an upload or a clock: notices, which refuse nothing.

Their facts hold ids, counts and instants only; the words are made when they are read.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from flask_logivet_rdv.models import CONFIRMED, Booking, Busy, Event
from flask_logivet_rdv.models.catalogue import FromLogivet

from .transaction import Tx
from .upload_catalogue import CATALOGUE

NOTICE = "notice"
MISPLACED, UNKNOWN, GONE, CLOCK = "misplaced", "unknown", "gone", "clock"
LISTED = 20
"""Bookings that one notice lists at most."""
CLOCK_IS_TOLD_EVERY_S = 3600


def warn(tx: Tx, applied: Iterable[tuple[str, str]]) -> None:
    """Tell what rows that were just written, as (kind, LogiVet's key), leave for a person to do.

    A mirror that differs from its booking, or whose booking is unknown, is told once for each
    place it is put at; a category, species or resource that goes away with visits to come, each
    time it goes.
    """
    keys: dict[str, list[str]] = {}
    for kind, key in applied:
        keys.setdefault(kind, []).append(key)
    for kind, model in CATALOGUE.items():
        _tell_bookings_left(tx, kind, _just_hidden(tx, model, keys.get(kind, [])))
    _tell_mirrors(tx, keys.get("busy", []))


def warn_of_clock(tx: Tx, skew_s: int) -> bool:
    """Tell that LogiVet's clock is `skew_s` seconds ahead, or behind; return whether it was told.

    It is told once an hour at most.
    """
    told = sa.select(Event.facts).where(
        Event.account_id == tx.account_id,
        Event.type == NOTICE,
        Event.at > tx.instant - CLOCK_IS_TOLD_EVERY_S,
    )
    if any(facts.get("about") == CLOCK for facts in tx.session.scalars(told)):
        return False
    tx.event(NOTICE, about=CLOCK, skew_s=skew_s)
    return True


def _just_hidden(tx: Tx, model: type[FromLogivet], keys: Collection[str]) -> list[FromLogivet]:
    if not keys:
        return []
    rows = tx.session.scalars(
        sa.select(model)
        .where(model.account_id == tx.account_id, model.logivet_id.in_(keys))
        .order_by(model.logivet_id)
    )
    return [row for row in rows if row.deleted_at == tx.now]


def _tell_bookings_left(tx: Tx, kind: str, hidden: Sequence[FromLogivet]) -> None:
    if not hidden:
        return
    column = {
        "category": Booking.category_id,
        "species": Booking.species_id,
        "resource": Booking.resource_id,
    }[kind]
    left: dict[uuid.UUID, list[str]] = defaultdict(list)
    for row_id, booking_id in tx.session.execute(
        sa.select(column, Booking.id)
        .where(
            Booking.account_id == tx.account_id,
            column.in_([row.id for row in hidden]),
            Booking.status == CONFIRMED,
            Booking.ends_at > tx.instant,
        )
        .order_by(Booking.starts_at, Booking.id)
    ):
        left[row_id].append(str(booking_id))
    for row in hidden:
        if ids := left.get(row.id):
            listed = ids[:LISTED]
            tx.event(NOTICE, about=GONE, of=kind, row=str(row.id), bookings=listed, count=len(ids))


def _tell_mirrors(tx: Tx, keys: Collection[str]) -> None:
    if not keys:
        return
    mirrors = tx.session.scalars(
        sa.select(Busy)
        .where(
            Busy.account_id == tx.account_id,
            Busy.logivet_id.in_(keys),
            Busy.booking_id.is_not(None),
        )
        .order_by(Busy.logivet_id)
    ).all()
    ids = {mirror.booking_id for mirror in mirrors}
    bookings = _bookings(tx, ids)
    told = _told(tx, ids)
    for mirror in mirrors:
        facts = _fault(tx, mirror, bookings.get(mirror.booking_id))
        if facts and told.get((mirror.booking_id, mirror.logivet_id)) != facts:
            tx.event(NOTICE, mirror.booking_id, **facts)


def _bookings(tx: Tx, ids: Collection[uuid.UUID | None]) -> dict[uuid.UUID | None, Booking]:
    found = tx.session.scalars(
        sa.select(Booking).where(Booking.account_id == tx.account_id, Booking.id.in_(ids))
    )
    return {booking.id: booking for booking in found}


def _fault(tx: Tx, mirror: Busy, booking: Booking | None) -> dict[str, Any] | None:
    facts = {
        "busy_id": mirror.logivet_id,
        "start": mirror.starts_at,
        "end": mirror.ends_at,
        "resource": str(mirror.resource_id) if mirror.resource_id else None,
    }
    if booking is None:
        return {"about": UNKNOWN} | facts
    if booking.status != CONFIRMED or booking.ends_at <= tx.instant:
        return None
    place = (booking.resource_id, booking.starts_at, booking.ends_at)
    if place == (mirror.resource_id, mirror.starts_at, mirror.ends_at):
        return None
    return {"about": MISPLACED} | facts


def _told(
    tx: Tx, booking_ids: Collection[uuid.UUID | None]
) -> dict[tuple[uuid.UUID | None, str], dict[str, Any]]:
    """Return what was last told of the mirrors of bookings, by booking and LogiVet's key."""
    events = tx.session.execute(
        sa.select(Event.booking_id, Event.facts)
        .where(
            Event.account_id == tx.account_id,
            Event.booking_id.in_(booking_ids),
            Event.type == NOTICE,
        )
        .order_by(Event.seq)
    )
    return {
        (booking_id, facts["busy_id"]): facts for booking_id, facts in events if "busy_id" in facts
    }
