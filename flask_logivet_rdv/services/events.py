"""LogiVet's feed: what happened, in the clinic's own order, and how far LogiVet has read."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import ClinicAccount, Event, SyncKey

from .bookings import BookingFacts, read_bookings
from .connection import each_for_itself
from .retrying import alone
from .transaction import Tx

KEPT_S = 60 * 86_400


@dataclass(frozen=True, slots=True)
class Reader:
    """A clinic's feed as it is now, and how far the holder of a key has acknowledged it."""

    id: uuid.UUID
    clinic_id: Any
    locale: str
    epoch: int
    event_seq: int
    events_kept_from: int
    acknowledged: int


Feed = ClinicAccount | Reader
"""What knows how far a clinic's feed goes."""


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


def reader(session: Session, key_id: str) -> Reader | None:
    """Return what a key's holder may read now, in one query of plain columns.

    None when the key is no more. What the session has read before is forgotten, with its snapshot.
    """
    session.rollback()
    each_for_itself(session)
    found = session.execute(_reader(), {"key_id": key_id}).first()
    return Reader(*found) if found else None


@cache
def _reader() -> sa.Executable:
    """Return the query of `reader`, made once: a thousand desktops run it as they wait."""
    account = ClinicAccount
    columns = (account.id, account.clinic_id, account.locale, account.epoch, account.event_seq)
    return (
        sa.select(*columns, account.events_kept_from, SyncKey.acked_seq)
        .join(SyncKey, SyncKey.account_id == account.id)
        .where(SyncKey.key_id == sa.bindparam("key_id"))
    )


def oldest_cursor(account: Feed) -> str:
    """Return the cursor from which everything that is kept is read again."""
    return event_cursor(account.epoch, account.events_kept_from)


def position(account: Feed, cursor: str) -> int | Resync:
    """Return the sequence number a cursor stands at."""
    epoch, _, seq = cursor.partition(":")
    if not (epoch.isdecimal() and seq.isdecimal() and len(cursor) <= 40):
        return Resync()
    at = int(seq)
    right_epoch = int(epoch) == account.epoch
    return at if right_epoch and account.events_kept_from <= at <= account.event_seq else Resync()


def read_events(session: Session, account: Feed, after: int, limit: int) -> Page:
    """Return at most `limit` events after sequence number `after`, in two queries at most.

    `account` is read after the moment from which nothing may be missed: its own count of events
    says without a query that there are none.
    """
    if after >= account.event_seq:
        return Page((), event_cursor(account.epoch, after), has_more=False)
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


def acknowledge(session: Session, key_id: str, seq: int, now: datetime) -> None:
    """Remember that a key's holder has everything up to `seq`; written only when it grows.

    Commits.
    """
    alone(
        session,
        sa.update(SyncKey)
        .where(SyncKey.key_id == key_id, SyncKey.acked_seq < seq)
        .values(acked_seq=seq, acked_at=now),
    )


def acknowledged(session: Session, key_id: str) -> int:
    """Return the last sequence number that a key's holder has acknowledged, 0 for none."""
    return session.scalar(sa.select(SyncKey.acked_seq).where(SyncKey.key_id == key_id)) or 0


def last_acknowledgement(session: Session, account_id: uuid.UUID) -> tuple[int, datetime | None]:
    """Return how far the desktop of a clinic that has read most has read, and since when.

    0 and None where nothing was ever read.
    """
    of_clinic = sa.select(SyncKey.acked_seq, SyncKey.acked_at).where(
        SyncKey.account_id == account_id
    )
    newest = session.execute(of_clinic.order_by(SyncKey.acked_seq.desc(), SyncKey.acked_at))
    row = newest.first()
    return (row.acked_seq, row.acked_at) if row else (0, None)


def last_old(session: Session, account_id: uuid.UUID, now: int) -> int:
    """Return the last of a clinic's events that are all 60 days old at `now` (UTC seconds).

    Without a lock: the old ones that wait are all read.
    """
    of_clinic = sa.select(ClinicAccount.events_kept_from, ClinicAccount.event_seq).where(
        ClinicAccount.id == account_id
    )
    kept_from, last = session.execute(of_clinic).one()
    first_young = session.scalar(
        sa.select(Event.seq)
        .where(Event.account_id == account_id, Event.seq > kept_from, Event.at > now - KEPT_S)
        .order_by(Event.seq)
        .limit(1)
    )
    return last if first_young is None else first_young - 1


def forget_events(tx: Tx, last: int) -> int:
    """Have the feed begin after event `last`, or the last acknowledged one; return after which.

    What nobody is known to have is never forgotten. The rows are to be deleted afterwards.
    """
    acked, _at = last_acknowledgement(tx.session, tx.account_id)
    begins = min(last, acked, tx.account.event_seq)
    if begins > tx.account.events_kept_from:
        tx.account.events_kept_from = begins
    return tx.account.events_kept_from
