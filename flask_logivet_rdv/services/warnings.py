"""What LogiVet's people should know of an upload or a clock: notices, which refuse nothing.

Their facts hold ids, counts and instants only; the words are made when they are read.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import CONFIRMED, Booking, Event, SyncState
from flask_logivet_rdv.models.catalogue import FromLogivet

from .many import among
from .transaction import Tx
from .upload_catalogue import CATALOGUE
from .uploads import Entry

NOTICE = "notice"
MISPLACED, UNKNOWN, GONE, CLOCK = "misplaced", "unknown", "gone", "clock"
MAIL_TEXT = "mail_text"
LISTED = 20
"""Bookings that one notice lists at most."""
CLOCK_IS_TOLD_EVERY = timedelta(hours=1)
MAIL_TEXT_IS_TOLD_EVERY = timedelta(days=1)


def warn_of_hidden(tx: Tx, applied: Iterable[tuple[str, str]]) -> None:
    """Tell which categories, species and resources of the rows just written went away.

    Those with visits to come, each time they go. A row is its kind and LogiVet's key.
    """
    keys: dict[str, list[str]] = {}
    for kind, key in applied:
        keys.setdefault(kind, []).append(key)
    for kind, model in CATALOGUE.items():
        _tell_bookings_left(tx, kind, _just_hidden(tx, model, keys.get(kind, [])))


def warn_of_mirrors(tx: Tx, entries: Mapping[str, Entry], moved: Collection[str]) -> None:
    """Tell which entries of the agenda just written mirror a booking elsewhere, or an unknown one.

    It is told each time they are put elsewhere; `moved` are the keys of those that were.
    """
    mirrors = {key: entry for key, entry in sorted(entries.items()) if entry.booking_id}
    if not mirrors:
        return
    ids = {entry.booking_id for entry in mirrors.values()}
    bookings, told = _bookings(tx, ids), _told(tx, ids)
    for key, entry in mirrors.items():
        facts = _fault(tx, key, entry, bookings.get(entry.booking_id))
        if facts and (key in moved or told.get((entry.booking_id, key)) != facts):
            tx.event(NOTICE, entry.booking_id, **facts)


def clock_was_told(session: Session, account_id: uuid.UUID, now: datetime) -> bool:
    """Tell whether a clinic was told within the hour that its clock is off."""
    query = sa.select(SyncState.clock_told_at).where(SyncState.account_id == account_id)
    told_at = session.scalar(query)
    return told_at is not None and told_at > now - CLOCK_IS_TOLD_EVERY


def warn_of_clock(tx: Tx, skew_s: int) -> bool:
    """Tell that LogiVet's clock is `skew_s` seconds ahead, or behind; return whether it was told.

    It is told once an hour at most.
    """
    if clock_was_told(tx.session, tx.account_id, tx.now):
        return False
    of_clinic = sa.update(SyncState).where(SyncState.account_id == tx.account_id)
    tx.session.execute(of_clinic.values(clock_told_at=tx.now))
    tx.event(NOTICE, about=CLOCK, skew_s=skew_s)
    return True


def mail_text_was_told(
    session: Session, account_id: uuid.UUID, message: str, lang: str, now: datetime
) -> bool:
    """Tell whether a clinic was told within the day that its own text of a message is not sent."""
    since = (now - MAIL_TEXT_IS_TOLD_EVERY).timestamp()
    told = session.scalars(
        sa.select(Event.facts).where(
            Event.account_id == account_id, Event.type == NOTICE, Event.at > since
        )
    )
    wanted = {"about": MAIL_TEXT, "message": message, "lang": lang}
    return any(wanted.items() <= facts.items() for facts in told)


def warn_of_mail_text(tx: Tx, message: str, lang: str, problem: dict[str, Any]) -> bool:
    """Tell that a clinic's own text of a message cannot be sent; return whether it was told.

    It is told once a day at most, for each message and language. `problem` is a `field`, a `code`
    and its `arguments`, of the text and of nobody's mail.
    """
    if mail_text_was_told(tx.session, tx.account_id, message, lang, tx.now):
        return False
    tx.event(NOTICE, about=MAIL_TEXT, message=message, lang=lang, problem=problem)
    return True


def _just_hidden(tx: Tx, model: type[FromLogivet], keys: Collection[str]) -> list[FromLogivet]:
    if not keys:
        return []
    rows = tx.session.scalars(
        sa.select(model)
        .where(model.account_id == tx.account_id, among(tx.session, model.logivet_id, keys))
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


def _bookings(tx: Tx, ids: Collection[uuid.UUID | None]) -> dict[uuid.UUID | None, Booking]:
    found = tx.session.scalars(
        sa.select(Booking).where(
            Booking.account_id == tx.account_id, among(tx.session, Booking.id, ids)
        )
    )
    return {booking.id: booking for booking in found}


def _fault(tx: Tx, key: str, mirror: Entry, booking: Booking | None) -> dict[str, Any] | None:
    facts = {
        "busy_id": key,
        "start": mirror.starts_at,
        "end": mirror.ends_at,
        "resource": str(mirror.resource_id) if mirror.resource_id else None,
    }
    if booking is None:
        return {"about": UNKNOWN} | facts
    if booking.status != CONFIRMED or booking.ends_at <= tx.instant:
        return None
    if mirror.place == (booking.resource_id, booking.starts_at, booking.ends_at):
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
            among(tx.session, Event.booking_id, booking_ids),
            Event.type == NOTICE,
        )
        .order_by(Event.seq)
    )
    return {
        (booking_id, facts["busy_id"]): facts for booking_id, facts in events if "busy_id" in facts
    }
