"""Taking an appointment online: `book`, the verb that must never double."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from flask_logivet_rdv.models import CONFIRMED, Booking, BookingCell, ConsentText
from flask_logivet_rdv.scheduling import interval
from flask_logivet_rdv.scheduling import rules as limits
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.opening import zone
from flask_logivet_rdv.scheduling.rules import Refusal

from .availability import free_slots
from .offering import Offer
from .reminding import remind
from .transaction import Tx

CONFIRMATION = "confirmation"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Consent:
    """The consent text that was ticked, as shown (Law 25)."""

    version: str
    locale: str
    body: str

    @property
    def sha256(self) -> str:
        """Return the hash under which the text is kept."""
        return sha256(f"{self.version}\n{self.locale}\n{self.body}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class BookingForm:
    """A valid form. `start` is the instant in UTC seconds; `booking_key` names the form itself."""

    booking_key: str
    confirmation_sha256: str
    species: uuid.UUID
    category: uuid.UUID
    resource: uuid.UUID
    start: int
    name: str
    email: str
    email_key: str
    pet_name: str
    phone: str
    reason: str
    language: str
    consent: Consent

    @property
    def form_sha256(self) -> str:
        """Return the hash of what was chosen and typed, to tell a re-sent form from another."""
        typed = (
            self.species, self.category, self.resource, self.start,
            self.name, self.email, self.pet_name, self.phone, self.reason,
        )  # fmt: skip
        return sha256("\x1f".join(map(str, typed)).encode()).hexdigest()


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


def book(tx: Tx, form: BookingForm) -> Booked | AlreadyBooked | Refused:
    """Take the appointment of a form, or say why not. The slot is checked under the lock.

    What is listed and what is accepted end in the same function, `rules.bookable` (S79, S80).
    """
    before = tx.session.execute(
        sa.select(Booking.id, Booking.form_sha256).where(
            Booking.account_id == tx.account_id, Booking.booking_key == form.booking_key
        )
    ).first()
    if before:
        return AlreadyBooked(before.id, before.form_sha256 == form.form_sha256)
    if not tx.account.subscribed(tx.instant):
        return Refused(Unbookable.OFF)
    offer = _offer(tx, form)
    if offer is None:
        return Refused(Unbookable.GONE)
    slot = Range(form.start, form.start + offer.triple.minutes * 60)
    refusal = _slot_refusal(tx, offer, slot)
    if refusal is not None:
        return Refused(refusal)
    cap = _cap_reached(tx, form)
    if cap is not None:
        return Refused(cap)
    return Booked(_write(tx, form, offer, slot))


def _offer(tx: Tx, form: BookingForm) -> Offer | None:
    wanted = (form.species, form.category, form.resource)
    offers = tx.offers.of(tx.account, lambda: tx.session)
    return next((offer for offer in offers if offer.triple[:3] == wanted), None)


def _slot_refusal(tx: Tx, offer: Offer, slot: Range) -> Refusal | None:
    clinic_zone = zone(tx.account.time_zone)
    day = datetime.fromtimestamp(slot.start, clinic_zone).date()
    free = free_slots(tx.session, tx.account, offer.triple, day, day, tx.rules)
    window = limits.window(tx.now, clinic_zone, tx.rules)
    return limits.bookable(slot, free=free, window=window)


def _cap_reached(tx: Tx, form: BookingForm) -> Unbookable | None:
    """Return the cap that leaves no room for another booking of this person.

    An address is counted across clinics, the one deliberate exception to tenancy: it is hashed. A
    telephone number is not, and is counted in this clinic alone. Each booking mails one
    confirmation, whether or not it was cancelled since.
    """
    caps = (
        (Unbookable.MANY_AHEAD, tx.caps.live),
        (Unbookable.MANY_TODAY, tx.caps.confirmations),
        (Unbookable.MANY_BY_PHONE, tx.caps.live_by_phone),
    )
    asked = {
        "account": tx.account_id,
        "email": form.email_key,
        "phone": form.phone,
        "now": tx.instant,
        "since": tx.now - DAY,
    }
    counts = tx.session.execute(_counted(), asked).one()
    return next(
        (
            cap
            for (cap, most), count in zip(caps, counts, strict=True)
            if most is not None and count >= most
        ),
        None,
    )


@cache
def _counted() -> Any:
    """Return the query of what is capped, in the order of `_cap_reached`."""
    ahead = sa.and_(Booking.status == CONFIRMED, Booking.starts_at > sa.bindparam("now"))
    today = Booking.booked_at > sa.bindparam("since")
    address = Booking.email_key == sa.bindparam("email")
    number = sa.and_(
        Booking.account_id == sa.bindparam("account"), Booking.phone == sa.bindparam("phone")
    )
    return sa.select(
        *(
            sa.select(sa.func.count()).select_from(Booking).where(which).scalar_subquery()
            for which in (address & ahead, address & today, number & ahead)
        )
    )


def _write(tx: Tx, form: BookingForm, offer: Offer, slot: Range) -> uuid.UUID:
    local_start = datetime.fromtimestamp(slot.start, zone(tx.account.time_zone))
    if tx.session.get(ConsentText, form.consent.sha256) is None:
        tx.session.add(
            ConsentText(
                sha256=form.consent.sha256,
                version=form.consent.version,
                locale=form.consent.locale,
                body=form.consent.body,
            )
        )
        tx.session.flush()
    booking = Booking(
        account_id=tx.account_id,
        id=uuid.uuid4(),
        booking_key=form.booking_key,
        form_sha256=form.form_sha256,
        confirmation_token_sha256=form.confirmation_sha256,
        status=CONFIRMED,
        version=1,
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
    tx.session.add(booking)
    tx.session.flush()
    hold(tx, booking)
    tx.event("booking.created", booking.id)
    tx.mail(CONFIRMATION, booking)
    remind(tx, booking)
    return booking.id


def hold(tx: Tx, booking: Booking) -> None:
    """Write the cells of a booking: the database's own proof that nothing overlaps it."""
    slot = Range(booking.starts_at, booking.ends_at)
    tx.session.execute(
        sa.insert(BookingCell),
        [
            {
                "account_id": tx.account_id,
                "resource_id": booking.resource_id,
                "cell": cell,
                "booking_id": booking.id,
            }
            for cell in interval.cells(slot)
        ],
    )


def release(tx: Tx, booking: Booking) -> None:
    """Delete the cells of a booking: its time can be taken again."""
    tx.session.execute(
        sa.delete(BookingCell).where(
            BookingCell.account_id == tx.account_id, BookingCell.booking_id == booking.id
        )
    )
