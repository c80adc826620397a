"""LogiVet's feed: what happened, in the clinic's own order, and how far LogiVet has read."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import ClinicAccount, Event, SyncState

from .bookings import BookingFacts, read_bookings
from .transaction import alone


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """An event with the booking as it is now. `at` is UTC seconds; `listed` those it lists."""

    seq: int
    id: uuid.UUID
    type: str
    at: int
    facts: dict[str, Any]
    booking: BookingFacts | None
    listed: tuple[BookingFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Events after a cursor, the cursor to ask with next, and whether more wait."""

    events: tuple[FeedEvent, ...]
    cursor: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class Resync:
    """The cursor is too old, from the future, of another epoch, or not a cursor at all."""


def event_cursor(epoch: int, seq: int) -> str:
    """Return the cursor after an event."""
    return f"{epoch}:{seq}"


def oldest_cursor(account: ClinicAccount) -> str:
    """Return the cursor from which everything that is kept is read again."""
    return event_cursor(account.epoch, account.events_kept_from)


def position(account: ClinicAccount, cursor: str) -> int | Resync:
    """Return the sequence number a cursor stands at."""
    epoch, _, seq = cursor.partition(":")
    if not (epoch.isdecimal() and seq.isdecimal() and len(cursor) <= 40):
        return Resync()
    at = int(seq)
    right_epoch = int(epoch) == account.epoch
    return at if right_epoch and account.events_kept_from <= at <= account.event_seq else Resync()


def read_events(session: Session, account: ClinicAccount, after: int, limit: int) -> Page:
    """Return at most `limit` events after sequence number `after`, in two queries."""
    rows = session.scalars(
        sa.select(Event)
        .where(Event.account_id == account.id, Event.seq > after)
        .order_by(Event.seq)
        .limit(limit + 1)
    ).all()
    page = rows[:limit]
    lists = {row.seq: [uuid.UUID(text) for text in row.facts.get("bookings", ())] for row in page}
    ids = {row.booking_id for row in page if row.booking_id is not None}
    bookings = read_bookings(session, account.id, sorted(ids.union(*lists.values())))
    events = tuple(
        FeedEvent(
            row.seq,
            row.id,
            row.type,
            row.at,
            row.facts,
            bookings.get(row.booking_id) if row.booking_id else None,
            tuple(bookings[one] for one in lists[row.seq] if one in bookings),
        )
        for row in page
    )
    last = page[-1].seq if page else after
    return Page(events, event_cursor(account.epoch, last), len(rows) > limit)


def acknowledge(session: Session, account_id: uuid.UUID, seq: int, now: datetime) -> None:
    """Remember that LogiVet has everything up to `seq`; written only when it grows. Commits."""
    alone(
        session,
        sa.update(SyncState)
        .where(SyncState.account_id == account_id, SyncState.acked_seq < seq)
        .values(acked_seq=seq, acked_at=now),
    )


def acknowledged(session: Session, account_id: uuid.UUID) -> int:
    """Return the last sequence number that LogiVet has acknowledged, 0 for none."""
    query = sa.select(SyncState.acked_seq).where(SyncState.account_id == account_id)
    return session.scalar(query) or 0
