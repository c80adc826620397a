"""A filled form, and what is known of it when it is to become a booking."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple

import sqlalchemy as sa

from flask_logivet_rdv.models import CONFIRMED, Booking, ConsentText
from flask_logivet_rdv.scheduling.opening import zone

from .availability import Agenda, agenda_and, days
from .transaction import Tx

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


class Known(NamedTuple):
    """What the database knows of a form.

    The booking it made, if any, and the hash of what was typed then; whether its consent's text is
    kept; the bookings of its address that are ahead, and of a day; those ahead of its number.
    """

    booking: uuid.UUID | None
    form_sha256: str | None
    consent: str | None
    ahead: int
    today: int
    ahead_by_phone: int


def read(tx: Tx, form: BookingForm) -> tuple[Known, Agenda]:
    """Return what the database knows of a form, and the agenda of its resource on its day."""
    day = day_of(tx, form.start)
    asked = {
        "account": tx.account_id,
        "resource": form.resource,
        "form": form.booking_key,
        "consent": form.consent.sha256,
        "email": form.email_key,
        "phone": form.phone,
        "now": tx.instant,
        "since": tx.now - DAY,
    }
    known, agenda = agenda_and(tx.session, _knowledge(), asked, days(tx.account, day, day))
    return Known(*known), agenda


def day_of(tx: Tx, start: int) -> date:
    """Return the clinic's day on which a start (UTC seconds) falls."""
    return datetime.fromtimestamp(start, zone(tx.account.time_zone)).date()


@cache
def _knowledge() -> Any:
    """Return the query of `Known`: one for all, as each would cost more than what it asks.

    An address is counted across clinics, the one deliberate exception to tenancy: it is hashed. A
    telephone number is not, and is counted in this clinic alone. Each booking mails one
    confirmation, whether or not it was cancelled since.
    """
    ours, text = Booking.account_id == sa.bindparam("account"), ConsentText.sha256
    form = sa.and_(ours, Booking.booking_key == sa.bindparam("form"))
    ahead = sa.and_(Booking.status == CONFIRMED, Booking.starts_at > sa.bindparam("now"))
    today = Booking.booked_at > sa.bindparam("since")
    address = Booking.email_key == sa.bindparam("email")
    number = sa.and_(ours, Booking.phone == sa.bindparam("phone"))
    found = (
        sa.select(Booking.id).where(form),
        sa.select(Booking.form_sha256).where(form),
        sa.select(text).where(text == sa.bindparam("consent")),
        *(
            sa.select(sa.func.count()).select_from(Booking).where(which)
            for which in (address & ahead, address & today, number & ahead)
        ),
    )
    named = zip(found, Known._fields, strict=True)
    return sa.select(*(one.scalar_subquery().label(name) for one, name in named))
