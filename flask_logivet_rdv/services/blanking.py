"""Letting go of what a client typed (Law 25): the booking stays, for the counts, without them."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import Booking, CancelLink, Event, Outbox, SyncKey

from .connection import unhurried
from .outbox import State
from .retrying import retried

PERSONAL = (
    "client_name",
    "email",
    "phone",
    "pet_name",
    "reason",
    "email_key",
    "cancel_reason",
)
"""The columns of a booking that tell who its client is, or hold what one typed."""
BLANK: dict[str, Any] = dict.fromkeys(PERSONAL) | {"form_sha256": ""}
"""What they are set to; the hash of what was typed would confirm a guess of it."""


def fetched() -> sa.ColumnElement[bool]:
    """Return the condition that LogiVet has all the events of a booking, by any of its keys."""
    acknowledged = (
        sa.select(sa.func.coalesce(sa.func.max(SyncKey.acked_seq), 0))
        .where(SyncKey.account_id == Booking.account_id)
        .correlate(Booking)
        .scalar_subquery()
    )
    return ~(
        sa.exists()
        .where(
            Event.account_id == Booking.account_id,
            Event.booking_id == Booking.id,
            Event.seq > acknowledged,
        )
        .correlate(Booking)
    )


def kept_long_enough(now: int, kept_s: int) -> sa.ColumnElement[bool]:
    """Return the condition that a booking is to be blanked at `now`, `kept_s` after its end.

    In UTC seconds. Never before LogiVet has fetched it.
    """
    return sa.and_(Booking.blanked_at.is_(None), Booking.ends_at <= now - kept_s, fetched())


def blank_some(
    session: Session, account_id: uuid.UUID, now: datetime, kept_s: int, limit: int
) -> int:
    """Blank at most `limit` old bookings of a clinic, commit, and return how many.

    The clinic's lock is not needed, nor taken: nothing that is offered changes.
    """
    old = sa.and_(Booking.account_id == account_id, kept_long_enough(int(now.timestamp()), kept_s))
    # in the order of their index: without it PostgreSQL would read those blanked before each time
    by_index = (Booking.account_id, Booking.blanked_at, Booking.ends_at)
    some = sa.select(Booking.id).where(old).order_by(*by_index).limit(limit)

    def unit() -> int:
        unhurried(session)
        ids = session.scalars(some).all()
        blanked = blank(session, account_id, ids, now, old) if ids else 0
        session.commit()
        return blanked

    return retried(session, unit)


def blank(
    session: Session,
    account_id: uuid.UUID,
    ids: Sequence[uuid.UUID],
    now: datetime,
    *only: sa.ColumnElement[bool],
) -> int:
    """Blank bookings of a clinic that are still `only` so, without a commit; return how many.

    Their cancellation links go, and their mails that wait or were given up are not sent.
    """
    of_ids = (Booking.account_id == account_id, Booking.id.in_(ids))
    blanked: int = session.execute(  # type: ignore[attr-defined]
        sa.update(Booking)
        .where(*of_ids, Booking.blanked_at.is_(None), *only)
        .values(**BLANK, blanked_at=now)
        .execution_options(synchronize_session=False)
    ).rowcount
    now_blank = session.execute(sa.select(Booking.id, Booking.blanked_at).where(*of_ids))
    done = [booking_id for booking_id, blanked_at in now_blank if blanked_at is not None]
    session.execute(
        sa.delete(CancelLink)
        .where(CancelLink.account_id == account_id, CancelLink.booking_id.in_(done))
        .execution_options(synchronize_session=False)
    )
    _send_no_more(session, account_id, done)
    return blanked


def _send_no_more(session: Session, account_id: uuid.UUID, ids: Sequence[uuid.UUID]) -> None:
    """Settle the mails of bookings that wait, or were given up: few of a clinic's, by its index.

    Read first: MariaDB's update would lock all that wait.
    """
    unsettled = sa.select(Outbox.id).where(
        Outbox.account_id == account_id,
        Outbox.state.in_((State.PENDING, State.DEAD)),
        Outbox.booking_id.in_(ids),
    )
    if mails := session.scalars(unsettled).all():
        session.execute(
            sa.update(Outbox)
            .where(
                Outbox.account_id == account_id,
                Outbox.id.in_(mails),
                Outbox.state.in_((State.PENDING, State.DEAD)),
            )
            .values(state=State.SKIPPED, last_error=None)
            .execution_options(synchronize_session=False)
        )
