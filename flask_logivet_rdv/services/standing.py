"""How every clinic stands with LogiVet and its mails, in as many queries for one as for all."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import ClinicAccount, Event, Outbox, SyncKey, SyncState

from .outbox import State

Accounts = tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """What LogiVet has not fetched: all events, those of bookings, since when (UTC seconds)."""

    events: int = 0
    bookings: int = 0
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Mails:
    """A clinic's mails: those still to leave, those of them tried in vain so far, those given up.

    `due_since` (UTC seconds) is when the oldest that could leave now came due, `errors` the names
    of what the mails tried in vain met.
    """

    waiting: int = 0
    retried: int = 0
    dead: int = 0
    due_since: int | None = None
    errors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """A clinic's account: whether its subscription is in force, and what LogiVet did last.

    `valid_keys` counts the keys that LogiVet may use now; `seen_at` is any key's last use.
    """

    account_id: uuid.UUID
    clinic_id: Any
    time_zone: str
    active: bool
    uploaded_at: datetime | None
    seen_at: datetime | None
    valid_keys: int
    unfetched: Feed
    mails: Mails


def standings(session: Session, now: datetime, *of: uuid.UUID) -> list[Standing]:
    """Return how the accounts `of` stand at `now`, all of them without any, by the clinic's id.

    Four queries, however many there are.
    """
    instant = int(now.timestamp())
    rows = session.execute(
        sa.select(ClinicAccount, SyncState.uploaded_at)
        .outerjoin(SyncState, SyncState.account_id == ClinicAccount.id)
        .where(_among(ClinicAccount.id, of))
        .order_by(ClinicAccount.clinic_id)
    ).all()
    keys = _keys(session, now, of)
    feeds = _feeds(session, of)
    mails = _mails(session, instant, of)
    return [
        Standing(
            account.id,
            account.clinic_id,
            account.time_zone,
            account.subscribed(instant),
            uploaded_at,
            *keys.get(account.id, (None, 0)),
            feeds.get(account.id, Feed()),
            mails.get(account.id, Mails()),
        )
        for account, uploaded_at in rows
    ]


def mails_of(parts: Iterable[Mails]) -> Mails:
    """Return the mails of several clinics, or several parts of one's, as one."""
    all_parts = list(parts)
    return Mails(
        sum(part.waiting for part in all_parts),
        sum(part.retried for part in all_parts),
        sum(part.dead for part in all_parts),
        min((part.due_since for part in all_parts if part.due_since is not None), default=None),
        frozenset(error for part in all_parts for error in part.errors),
    )


def _keys(
    session: Session, now: datetime, of: Accounts
) -> dict[uuid.UUID, tuple[datetime | None, int]]:
    valid = SyncKey.revoked_at.is_(None) & (
        SyncKey.expires_at.is_(None) | (SyncKey.expires_at > now)
    )
    found = session.execute(
        sa.select(
            SyncKey.account_id,
            sa.func.max(SyncKey.last_used_at),
            sa.func.sum(sa.case((valid, 1), else_=0)),
        )
        .where(_among(SyncKey.account_id, of))
        .group_by(SyncKey.account_id)
    )
    return {account_id: (seen_at, int(count)) for account_id, seen_at, count in found}


def _acknowledged() -> sa.Subquery:
    """Return the last event that each account's desktop which read most has: `account_id`, `seq`.

    As `events.last_acknowledgement` has it for one.
    """
    return (
        sa.select(SyncKey.account_id, sa.func.max(SyncKey.acked_seq).label("seq"))
        .group_by(SyncKey.account_id)
        .subquery()
    )


def _feeds(session: Session, of: Accounts) -> dict[uuid.UUID, Feed]:
    acked = _acknowledged()
    seq = sa.func.coalesce(acked.c.seq, 0)
    # from the account, so that of its events only the range after `seq` is read
    found = session.execute(
        sa.select(
            ClinicAccount.id,
            sa.func.count(),
            sa.func.sum(sa.case((Event.type.startswith("booking."), 1), else_=0)),
            sa.func.min(Event.at),
        )
        .select_from(ClinicAccount)
        .outerjoin(acked, acked.c.account_id == ClinicAccount.id)
        .join(Event, (Event.account_id == ClinicAccount.id) & (Event.seq > seq))
        .where(_among(ClinicAccount.id, of), ClinicAccount.event_seq > seq)
        .group_by(ClinicAccount.id)
    )
    return {
        account_id: Feed(events, int(bookings), since)
        for account_id, events, bookings, since in found
    }


def _mails(session: Session, now: int, of: Accounts) -> dict[uuid.UUID, Mails]:
    due = sa.case(
        ((Outbox.state == State.PENDING) & (Outbox.not_before <= now), Outbox.not_before),
        ((Outbox.state == State.SENDING) & (Outbox.lease_until <= now), Outbox.lease_until),
    )
    found = session.execute(
        sa.select(
            Outbox.account_id, Outbox.state, Outbox.last_error, sa.func.count(), sa.func.min(due)
        )
        .where(
            _among(Outbox.account_id, of),
            Outbox.state.in_((State.PENDING, State.SENDING, State.DEAD)),
        )
        .group_by(Outbox.account_id, Outbox.state, Outbox.last_error)
    )
    parts: dict[uuid.UUID, list[Mails]] = {}
    for account_id, state, error, count, since in found:
        parts.setdefault(account_id, []).append(_part(state, error, count, since))
    return {account_id: mails_of(some) for account_id, some in parts.items()}


def _part(state: str, error: str | None, count: int, since: int | None) -> Mails:
    if state == State.DEAD:
        return Mails(dead=count)
    if error is None:
        return Mails(waiting=count, due_since=since)
    return Mails(waiting=count, retried=count, due_since=since, errors=frozenset({error}))


def _among(column: Any, of: Accounts) -> sa.ColumnElement[bool]:
    return column.in_(of) if of else sa.true()
