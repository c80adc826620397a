"""Cancelling an appointment by the owner's mailed link (S91–S100)."""

import secrets
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from flask_logivet_rdv.models import CANCELLED, Booking, Busy, CancelLink, Conflict
from flask_logivet_rdv.scheduling import rules as limits
from flask_logivet_rdv.scheduling.rules import Refusal

from .booking import release
from .bookings import token_hash
from .retrying import alone
from .transaction import Desk, Tx

CANCELLATION = "cancellation"
BY_CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The booking is cancelled; `now` tells whether by this call."""

    now: bool


@dataclass(frozen=True, slots=True)
class CannotCancel:
    """Too late, or past: nothing was written."""

    reason: Refusal


def cancel_by_client(tx: Tx, booking_id: uuid.UUID, reason: str) -> Cancelled | CannotCancel:
    """Cancel a booking for its owner, at least 24 elapsed hours ahead (S93).

    A second call is calm: it writes and sends nothing. Raises LookupError for an id that is not
    of this clinic.
    """
    booking = own_booking(tx, booking_id)
    if booking.status == CANCELLED:
        return Cancelled(now=False)
    refusal = limits.cancellable(booking.starts_at, tx.now, tx.rules)
    if refusal is not None:
        return CannotCancel(refusal)
    end(tx, booking, BY_CLIENT, reason)
    tx.event("booking.cancelled", booking.id)
    tx.mail(CANCELLATION, booking)
    return Cancelled(now=True)


def own_booking(tx: Tx, booking_id: uuid.UUID) -> Booking:
    """Return a booking of the clinic as it is under the lock. Raises LookupError for any other."""
    booking = tx.session.get(Booking, (tx.account_id, booking_id), populate_existing=True)
    if booking is None:
        raise LookupError(str(booking_id))
    return booking


def end(tx: Tx, booking: Booking, by: str, reason: str) -> None:
    """Make a confirmed booking a cancelled one: its time is free, its conflicts are over."""
    booking.status, booking.version = CANCELLED, booking.version + 1
    booking.cancelled_at, booking.cancelled_by = tx.now, by
    booking.cancel_reason = None if booking.blanked_at else reason  # what was blanked stays so
    release(tx, booking)
    # its mirror blocks nobody any more
    mirrors = sa.select(Busy.logivet_id).where(
        Busy.account_id == tx.account_id, Busy.booking_id == booking.id
    )
    tx.session.execute(
        sa.delete(Conflict).where(
            Conflict.account_id == tx.account_id,
            sa.or_(Conflict.booking_id == booking.id, Conflict.busy_id.in_(mirrors)),
        )
    )


def mint_cancel_link(desk: Desk, account_id: uuid.UUID, booking_id: uuid.UUID) -> str:
    """Return a new, valid token of 256 random bits for a cancellation link; only its hash stays.

    It is committed before the mail leaves: a link that was mailed always works.
    """
    token = secrets.token_urlsafe(32)
    alone(
        desk.session,
        sa.insert(CancelLink).values(
            token_sha256=token_hash(token),
            account_id=account_id,
            booking_id=booking_id,
            created_at=desk.clock(),
        ),
    )
    return token
