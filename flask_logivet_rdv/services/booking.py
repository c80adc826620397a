"""Taking an appointment online: `book`, the verb that must never double."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from flask_logivet_rdv.models import CONFIRMED, Booking, BookingCell, ConsentText
from flask_logivet_rdv.scheduling import interval
from flask_logivet_rdv.scheduling import rules as limits
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.opening import zone
from flask_logivet_rdv.scheduling.rules import Refusal

from .availability import Agenda, free_within
from .booking_form import BookingForm, Known, day_of, read
from .offering import Offer
from .reminding import remind
from .transaction import Tx

CONFIRMATION = "confirmation"


class Unbookable(StrEnum):
    """Why a form is refused although it is well filled, beside the slot's own `Refusal`."""

    OFF = "off"
    GONE = "gone"
    MANY_AHEAD = "many_ahead"
    MANY_TODAY = "many_today"
    MANY_BY_PHONE = "many_by_phone"


@dataclass(frozen=True, slots=True)
class Booked:
    """The booking was made."""

    booking_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class AlreadyBooked:
    """This form made a booking before; `same` tells whether with the same content."""

    booking_id: uuid.UUID
    same: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """The booking was not made, and nothing was written."""

    reason: Refusal | Unbookable


@dataclass(frozen=True, slots=True)
class _Made:
    """A booking before its row is there, for the mails that tell of it."""

    id: uuid.UUID
    version: int
    language: str
    starts_at: int


def book(tx: Tx, form: BookingForm) -> Booked | AlreadyBooked | Refused:
    """Take the appointment of a form, or say why not. The slot is checked under the lock.

    What is listed and what is accepted end in the same function, `rules.bookable` (S79, S80).
    """
    known, agenda = read(tx, form)
    if known.booking is not None:
        return AlreadyBooked(known.booking, known.form_sha256 == form.form_sha256)
    if not tx.account.subscribed(tx.instant):
        return Refused(Unbookable.OFF)
    offer = _offer(tx, form)
    if offer is None:
        return Refused(Unbookable.GONE)
    slot = Range(form.start, form.start + offer.triple.minutes * 60)
    refusal = _slot_refusal(tx, offer, slot, agenda)
    if refusal is not None:
        return Refused(refusal)
    cap = _cap_reached(tx, known)
    if cap is not None:
        return Refused(cap)
    return Booked(_write(tx, form, offer, slot, consented=known.consent is not None))


def _offer(tx: Tx, form: BookingForm) -> Offer | None:
    wanted = (form.species, form.category, form.resource)
    offers = tx.offers.of(tx.account, lambda: tx.session)
    return next((offer for offer in offers if offer.triple[:3] == wanted), None)


def _slot_refusal(tx: Tx, offer: Offer, slot: Range, agenda: Agenda) -> Refusal | None:
    day = day_of(tx, slot.start)
    free = free_within(agenda, tx.account, offer.triple, day, day, tx.rules)
    window = limits.window(tx.now, zone(tx.account.time_zone), tx.rules)
    return limits.bookable(slot, free=free, window=window)


def _cap_reached(tx: Tx, known: Known) -> Unbookable | None:
    """Return the cap that leaves no room for another booking of this person."""
    caps = (
        (Unbookable.MANY_AHEAD, known.ahead, tx.caps.live),
        (Unbookable.MANY_TODAY, known.today, tx.caps.confirmations),
        (Unbookable.MANY_BY_PHONE, known.ahead_by_phone, tx.caps.live_by_phone),
    )
    reached = (cap for cap, count, most in caps if most is not None and count >= most)
    return next(reached, None)


def _write(tx: Tx, form: BookingForm, offer: Offer, slot: Range, *, consented: bool) -> uuid.UUID:
    """Write the booking and all that comes of it; `consented`: somebody did, to the same text."""
    made = _Made(uuid.uuid4(), 1, form.language, slot.start)
    local_start = datetime.fromtimestamp(slot.start, zone(tx.account.time_zone))
    with tx.together():
        if not consented:
            tx.insert(
                ConsentText,
                sha256=form.consent.sha256,
                version=form.consent.version,
                locale=form.consent.locale,
                body=form.consent.body,
            )
        tx.insert(
            Booking,
            account_id=tx.account_id,
            id=made.id,
            booking_key=form.booking_key,
            form_sha256=form.form_sha256,
            confirmation_token_sha256=form.confirmation_sha256,
            status=CONFIRMED,
            version=made.version,
            resource_id=form.resource,
            species_id=form.species,
            category_id=form.category,
            starts_at=slot.start,
            ends_at=slot.end,
            time_zone=tx.account.time_zone,
            local_start=local_start.strftime("%Y-%m-%dT%H:%M"),
            labels={
                "category": offer.category,
                "species": offer.species,
                "resource": offer.resource,
            },
            language=form.language,
            client_name=form.name,
            email=form.email,
            phone=form.phone,
            pet_name=form.pet_name,
            reason=form.reason,
            email_key=form.email_key,
            consent_at=tx.now,
            consent_sha256=form.consent.sha256,
            booked_at=tx.now,
        )
        for cell in _cells(tx, made.id, form.resource, slot):
            tx.insert(BookingCell, **cell)
        tx.event("booking.created", made.id)
        tx.mail(CONFIRMATION, made)
        remind(tx, made)
    return made.id


def hold(tx: Tx, booking: Booking) -> None:
    """Write the cells of a booking: the database's own proof that nothing overlaps it."""
    slot = Range(booking.starts_at, booking.ends_at)
    cells = _cells(tx, booking.id, booking.resource_id, slot)
    tx.session.execute(sa.insert(BookingCell), cells)


def _cells(
    tx: Tx, booking_id: uuid.UUID, resource_id: uuid.UUID, slot: Range
) -> list[dict[str, Any]]:
    mine = {
        "account_id": tx.account_id,
        "resource_id": resource_id,
        "booking_id": booking_id,
    }
    return [mine | {"cell": cell} for cell in interval.cells(slot)]


def release(tx: Tx, booking: Booking) -> None:
    """Delete the cells of a booking: its time can be taken again."""
    tx.session.execute(
        sa.delete(BookingCell).where(
            BookingCell.account_id == tx.account_id, BookingCell.booking_id == booking.id
        )
    )
