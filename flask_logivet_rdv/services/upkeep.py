"""Letting go of what is no longer needed, clinic by clinic, each kind at its own age."""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from flask_logivet_rdv.models import (
    APPLYING,
    Booking,
    Busy,
    ClinicAccount,
    Conflict,
    Event,
    Outbox,
    Reply,
    Snapshot,
    SnapshotPart,
    SyncKey,
)

from . import events, replies
from .blanking import blank_some, kept_long_enough
from .connection import each_for_itself, unhurried
from .outbox import State
from .retrying import retried
from .transaction import Desk, transact

ROWS_AT_ONCE = 100
"""How many rows go in one transaction: another one waits for no more of them."""
RESTS = 2
"""How many times as long as it works upkeep rests, so that bookings have the machine."""
LONGEST_PAUSE_S = 0.5
BUSY_KEPT_S = 30 * 86_400
"""A busy range goes that long after its end: it blocks nothing any more."""
TOMBSTONES_KEPT_S = 60 * 86_400
"""A deleted busy range's version is remembered that long; an older upload is refused by its token.

As long as the events: a desktop that was away for longer sends a snapshot anyway.
"""
MAILS_KEPT_S = 90 * 86_400
"""A mail that was sent, or need not be, is remembered that long after it was due."""
KEYS_KEPT_S = 90 * 86_400
"""A key that was revoked, or has expired, is listed that long."""


class Tidied(NamedTuple):
    """How many rows of each kind went; of `bookings`, how many were blanked."""

    events: int = 0
    replies: int = 0
    snapshots: int = 0
    bookings: int = 0
    busy: int = 0
    tombstones: int = 0
    mails: int = 0
    keys: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of a table of clinics that go once `old` (at UTC seconds), with what points to them.

    `key` is what names one in its clinic; `pointer`, of the table of what goes along, the same.
    """

    key: Any
    old: Callable[[int], sa.ColumnElement[bool]]
    pointer: Any = None


def _ended(now: int) -> sa.ColumnElement[bool]:
    """Return the condition that a key is long dead, and one that is not has read as far."""
    then, other = _moment(now - KEYS_KEPT_S), aliased(SyncKey)
    stays = sa.and_(
        sa.or_(other.revoked_at.is_(None), other.revoked_at > then),
        sa.or_(other.expires_at.is_(None), other.expires_at > then),
    )
    return sa.and_(
        sa.or_(SyncKey.revoked_at <= then, SyncKey.expires_at <= then),
        sa.exists()
        .where(other.account_id == SyncKey.account_id, other.acked_seq >= SyncKey.acked_seq, stays)
        .correlate(SyncKey),
    )


KINDS: Mapping[str, Kind] = {
    "replies": Kind(Reply.idempotency_key, lambda now: Reply.created_at <= now - replies.KEPT_S),
    "snapshots": Kind(
        Snapshot.id,
        lambda now: sa.and_(Snapshot.expires_at <= now, Snapshot.state != APPLYING),
        SnapshotPart.snapshot_id,
    ),
    "busy": Kind(Busy.logivet_id, lambda now: Busy.ends_at <= now - BUSY_KEPT_S, Conflict.busy_id),
    "tombstones": Kind(
        Busy.logivet_id, lambda now: Busy.deleted_at <= _moment(now - TOMBSTONES_KEPT_S)
    ),
    "mails": Kind(
        Outbox.id,
        lambda now: sa.and_(
            Outbox.state.in_((State.SENT, State.SKIPPED)), Outbox.not_before <= now - MAILS_KEPT_S
        ),
    ),
    "keys": Kind(SyncKey.key_id, _ended),
}


def overdue(session: Session, now: int, retention_s: int) -> list[uuid.UUID]:
    """Return the clinics that hold something old at `now` (UTC seconds), without a lock.

    `retention_s` is how long what a client typed is kept after the visit.
    """
    account = ClinicAccount.id
    oldest_event = sa.exists().where(
        Event.account_id == account,
        Event.seq == ClinicAccount.events_kept_from + 1,
        Event.at <= now - events.KEPT_S,
    )
    forgotten = sa.exists().where(
        Event.account_id == account, Event.seq <= ClinicAccount.events_kept_from
    )
    acknowledged = sa.exists().where(
        SyncKey.account_id == account, SyncKey.acked_seq > ClinicAccount.events_kept_from
    )
    typed = sa.exists().where(Booking.account_id == account, kept_long_enough(now, retention_s))
    some = (_of(kind, account, now).exists() for kind in KINDS.values())
    holds = sa.or_(sa.and_(oldest_event, acknowledged), forgotten, typed, *some)
    return list(session.scalars(sa.select(account).where(holds).order_by(account)))


def tidy(desk: Desk, account_id: uuid.UUID, retention_s: int) -> Tidied:
    """Let go of what is old of a clinic, and return how much of each kind went.

    At most 100 rows at a time, each time in a transaction of its own. The clinic's lock is taken
    once, to write from where events are kept. It may run twice, and side by side.
    """
    now, session = desk.clock(), desk.session
    instant = int(now.timestamp())
    return Tidied(
        events=_events_gone(desk, account_id, instant),
        bookings=_added(lambda: blank_some(session, account_id, now, retention_s, ROWS_AT_ONCE)),
        **{name: _gone(session, account_id, kind, instant) for name, kind in KINDS.items()},
    )


def _events_gone(desk: Desk, account_id: uuid.UUID, now: int) -> int:
    last = events.last_old(desk.session, account_id, now)
    begins = transact(desk, account_id, lambda tx: events.forget_events(tx, last))
    forgotten = Kind(Event.seq, lambda _now: Event.seq <= begins)
    return _gone(desk.session, account_id, forgotten, now)


def _added(some: Callable[[], int]) -> int:
    """Return how many went in all, by calling until none goes."""
    gone, began = 0, time.monotonic()
    while went := some():
        gone += went
        began = _rested(began)
    return gone


def _rested(began: float) -> float:
    """Rest in proportion to the time since `began`, and return the time after it."""
    time.sleep(min(RESTS * (time.monotonic() - began), LONGEST_PAUSE_S))
    return time.monotonic()


def _gone(session: Session, account_id: uuid.UUID, kind: Kind, now: int) -> int:
    """Delete the old rows of a kind in the order of their keys, which is read through once."""
    gone, last, began = 0, None, time.monotonic()
    old = _of(kind, account_id, now).order_by(kind.key).limit(ROWS_AT_ONCE)
    while True:
        session.rollback()  # no transaction stays open from one to the next
        each_for_itself(session)
        keys = session.scalars(old if last is None else old.where(kind.key > last)).all()
        if not keys:
            return gone
        gone += retried(session, partial(_delete, session, account_id, kind, now, keys))
        last, began = keys[-1], _rested(began)


def _delete(
    session: Session, account_id: uuid.UUID, kind: Kind, now: int, keys: Sequence[Any]
) -> int:
    """Delete rows that are still old, and what points to those that are gone; commit."""
    of_keys = (_account_of(kind.key) == account_id, kind.key.between(keys[0], keys[-1]))
    unhurried(session)
    gone: int = session.execute(  # type: ignore[attr-defined]
        sa.delete(kind.key.class_)
        .where(*of_keys, kind.old(now))
        .execution_options(synchronize_session=False)
    ).rowcount
    if kind.pointer is not None:
        left = sa.select(kind.key).where(*of_keys)
        session.execute(
            sa.delete(kind.pointer.class_)
            .where(
                _account_of(kind.pointer) == account_id,
                kind.pointer.between(keys[0], keys[-1]),
                kind.pointer.not_in(left),
            )
            .execution_options(synchronize_session=False)
        )
    session.commit()
    return gone


def _of(kind: Kind, account: Any, now: int) -> sa.Select[Any]:
    return sa.select(kind.key).where(_account_of(kind.key) == account, kind.old(now))


def _account_of(column: Any) -> Any:
    return column.class_.account_id


def _moment(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
