"""The mails that do not leave: given up, or tried in vain so far."""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import Booking, Outbox

from .outbox import State


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A mail that was given up, or is tried in vain.

    `error` is the name of what the last attempt met. `at` (UTC seconds) is when the mail was given
    up, or when it is due again; `starts_at` is that of its booking.
    """

    account_id: uuid.UUID
    id: uuid.UUID
    kind: str
    booking_id: uuid.UUID
    starts_at: int
    given_up: bool
    attempts: int
    error: str
    at: int


def undelivered(session: Session, *of: uuid.UUID, limit: int | None = None) -> list[Undelivered]:
    """Return the mails of the accounts `of`, all of them without any, that do not leave.

    Those given up come first, then the latest.
    """
    given_up = Outbox.state == State.DEAD
    tried = Outbox.state.in_((State.PENDING, State.SENDING)) & Outbox.last_error.is_not(None)
    rows = session.execute(
        sa.select(
            Outbox.account_id,
            Outbox.id,
            Outbox.kind,
            Outbox.booking_id,
            Booking.starts_at,
            sa.case((given_up, 1), else_=0),
            Outbox.attempts,
            Outbox.last_error,
            Outbox.not_before,
        )
        .join(Booking, _its_booking())
        .where(Outbox.account_id.in_(of) if of else sa.true(), given_up | tried)
        .order_by(sa.case((given_up, 0), else_=1), Outbox.not_before.desc(), Outbox.id)
        .limit(limit)
    )
    return [
        Undelivered(account_id, key, kind, booking, starts, bool(dead), attempts, error or "", at)
        for account_id, key, kind, booking, starts, dead, attempts, error, at in rows
    ]


def given_up_ahead(session: Session, account_id: uuid.UUID, now: int) -> int:
    """Count the mails given up of visits that lie ahead at `now` (UTC seconds).

    Those of the past are nobody's concern any more.
    """
    query = (
        sa.select(sa.func.count())
        .select_from(Outbox)
        .join(Booking, _its_booking())
        .where(
            Outbox.account_id == account_id,
            Outbox.state == State.DEAD,
            Booking.starts_at > now,
        )
    )
    return session.scalar(query) or 0


def _its_booking() -> sa.ColumnElement[bool]:
    return sa.and_(Booking.account_id == Outbox.account_id, Booking.id == Outbox.booking_id)
