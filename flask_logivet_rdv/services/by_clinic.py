"""The clinic acts on an online booking from LogiVet: it cancels or moves it, bound by no delay."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import (
    CANCELLED,
    Booking,
    BookingCell,
    Busy,
    Conflict,
    Event,
    Resource,
)
from flask_logivet_rdv.scheduling import interval
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.opening import zone

from .booking import hold, release
from .cancelling import end, own_booking
from .conflicts import note_conflicts
from .reminding import remind_anew
from .transaction import Tx
from .upload_agenda import entries

BY_CLINIC = "clinic"
CANCELLED_BY_CLINIC = "cancelled_by_clinic"
MOVED_BY_CLINIC = "moved_by_clinic"
MOVED = "booking.moved"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a booking goes: LogiVet's key of a resource, and a range in UTC seconds on 5 minutes.

    A range that is not on 5 minutes, or that ends before it starts, is the caller's fault.
    """

    resource: str
    span: Range


@dataclass(frozen=True, slots=True)
class Acted:
    """The booking is as the clinic wants it; `now` tells whether by this call."""

    now: bool


class Hindrance(StrEnum):
    """Why a booking is not moved."""

    CANCELLED = "cancelled"
    UNKNOWN_RESOURCE = "unknown_resource"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class CannotMove:
    """The booking was not moved, and nothing was written."""

    reason: Hindrance


@dataclass(frozen=True, slots=True)
class Move:
    """A move that the client is told of: the booking's version by it, and the range it left."""

    version: int
    was: Range


def cancel_by_clinic(tx: Tx, booking_id: uuid.UUID, reason: str, *, notify_client: bool) -> Acted:
    """Cancel a booking for the clinic; `reason` may be empty.

    One that is cancelled already, by whomever, stays as it is, and nothing is sent. Raises
    LookupError for an id that is not of this clinic.
    """
    booking = own_booking(tx, booking_id)
    if booking.status == CANCELLED:
        return Acted(now=False)
    end(tx, booking, BY_CLINIC, reason)
    tx.event("booking.cancelled", booking.id, by=BY_CLINIC)
    if notify_client:
        tx.mail(CANCELLED_BY_CLINIC, booking)
    return Acted(now=True)


def move_by_clinic(
    tx: Tx, booking_id: uuid.UUID, to: Placement, *, notify_client: bool
) -> Acted | CannotMove:
    """Move a booking, over a busy range if need be, but never over another online booking.

    One that is there already stays as it is, and nothing is sent. Raises LookupError for an id
    that is not of this clinic.
    """
    booking = own_booking(tx, booking_id)
    if booking.status == CANCELLED:
        return CannotMove(Hindrance.CANCELLED)
    resource = _resource(tx, to.resource, booking)
    if resource is None:
        return CannotMove(Hindrance.UNKNOWN_RESOURCE)
    was = Range(booking.starts_at, booking.ends_at)
    if (booking.resource_id, was) == (resource.id, to.span):
        return Acted(now=False)
    if _taken(tx, booking, resource, to.span):
        return CannotMove(Hindrance.TAKEN)
    _place(tx, booking, resource, to.span)
    tx.event(MOVED, booking.id, version=booking.version, was=list(was), told=notify_client)
    _reconsider(tx, booking)
    remind_anew(tx, booking)
    if notify_client:
        tx.mail(MOVED_BY_CLINIC, booking)
    return Acted(now=True)


def last_told_move(session: Session, account_id: uuid.UUID, booking_id: uuid.UUID) -> Move | None:
    """Return the last move of a booking that its client is to be told of, or None."""
    found = session.scalars(
        sa.select(Event.facts)
        .where(Event.account_id == account_id, Event.booking_id == booking_id, Event.type == MOVED)
        .order_by(Event.seq.desc())
    )
    told = next((facts for facts in found if facts["told"]), None)
    return Move(told["version"], Range(*told["was"])) if told else None


def _resource(tx: Tx, logivet_id: str, booking: Booking) -> Resource | None:
    """Return a resource that LogiVet still has, or the booking's own even if it no longer does."""
    found = tx.session.scalar(
        sa.select(Resource).where(
            Resource.account_id == tx.account_id, Resource.logivet_id == logivet_id
        )
    )
    if found is None or (found.deleted_at is not None and found.id != booking.resource_id):
        return None
    return found


def _taken(tx: Tx, booking: Booking, resource: Resource, span: Range) -> bool:
    cells = interval.cells(span)
    held = sa.select(BookingCell.cell).where(
        BookingCell.account_id == tx.account_id,
        BookingCell.resource_id == resource.id,
        BookingCell.cell.between(cells[0], cells[-1]),
        BookingCell.booking_id != booking.id,
    )
    return tx.session.scalar(held.limit(1)) is not None


def _place(tx: Tx, booking: Booking, resource: Resource, span: Range) -> None:
    # the unit of work would insert first, and a move that overlaps itself would fail
    release(tx, booking)
    if resource.id != booking.resource_id:
        names = {"fr": resource.name_fr, "en": resource.name_en}
        booking.resource_id, booking.labels = resource.id, booking.labels | {"resource": names}
    booking.starts_at, booking.ends_at = span
    local_start = datetime.fromtimestamp(span.start, zone(booking.time_zone))
    booking.local_start = local_start.strftime("%Y-%m-%dT%H:%M")
    booking.version += 1
    tx.session.flush()
    hold(tx, booking)


def _reconsider(tx: Tx, booking: Booking) -> None:
    """Begin and end the conflicts of a booking for its new place."""
    noted = tx.session.scalars(
        sa.select(Conflict.busy_id).where(
            Conflict.account_id == tx.account_id, Conflict.booking_id == booking.id
        )
    )
    met = tx.session.scalars(
        sa.select(Busy.logivet_id).where(
            Busy.account_id == tx.account_id,
            Busy.resource_id == booking.resource_id,
            Busy.ends_at > booking.starts_at,
            Busy.starts_at < booking.ends_at,
        )
    )
    note_conflicts(tx, entries(tx, {*noted, *met}))
