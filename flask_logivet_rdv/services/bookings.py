"""Bookings as plain facts, for pages, mails, calendars and the sync API."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import (
    CANCELLED,
    Booking,
    CancelLink,
    Category,
    ConsentText,
    Resource,
    Species,
)

Labels = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """A booking as it is now. `starts_at`, `ends_at` are UTC seconds; texts None once blanked.

    `labels` maps ``category``, ``species`` and ``resource`` to names by language; the three
    ``*_ref`` are LogiVet's own keys.
    """

    account_id: uuid.UUID
    id: uuid.UUID
    version: int
    status: str
    resource_id: uuid.UUID
    species_id: uuid.UUID
    category_id: uuid.UUID
    resource_ref: str
    category_ref: str
    species_ref: str
    starts_at: int
    ends_at: int
    time_zone: str
    language: str
    labels: Labels
    client_name: str | None
    email: str | None
    phone: str | None
    pet_name: str | None
    reason: str | None
    booked_at: datetime
    consent_at: datetime
    consent_version: str
    consent_locale: str
    cancelled_at: datetime | None
    cancelled_by: str | None
    cancel_reason: str | None

    @property
    def minutes(self) -> int:
        """Return the duration in minutes."""
        return (self.ends_at - self.starts_at) // 60

    @property
    def cancelled(self) -> bool:
        """Tell whether it is cancelled."""
        return self.status == CANCELLED

    def label(self, part: str, lang: str) -> str:
        """Return the name of its category, species or resource, in the other language if need be."""
        names = self.labels[part]
        return names.get(lang) or next((name for name in names.values() if name), "")


_COLUMNS = (
    Booking.account_id, Booking.id, Booking.version, Booking.status, Booking.resource_id,
    Booking.species_id, Booking.category_id, Resource.logivet_id, Category.logivet_id,
    Species.logivet_id, Booking.starts_at, Booking.ends_at, Booking.time_zone, Booking.language,
    Booking.labels, Booking.client_name, Booking.email, Booking.phone, Booking.pet_name,
    Booking.reason, Booking.booked_at, Booking.consent_at, ConsentText.version, ConsentText.locale,
    Booking.cancelled_at, Booking.cancelled_by, Booking.cancel_reason,
)  # fmt: skip


def _select(*where: sa.ColumnElement[bool]) -> sa.Select[tuple[object, ...]]:
    def same(model: type[Resource] | type[Category] | type[Species], column: object) -> object:
        return (model.account_id == Booking.account_id) & (model.id == column)

    return (
        sa.select(*_COLUMNS)
        .join(Resource, same(Resource, Booking.resource_id))
        .join(Category, same(Category, Booking.category_id))
        .join(Species, same(Species, Booking.species_id))
        .join(ConsentText, ConsentText.sha256 == Booking.consent_sha256)
        .where(*where)
    )


def read_bookings(
    session: Session, account_id: uuid.UUID, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, BookingFacts]:
    """Return bookings of an account by id, in one query; unknown ids are left out."""
    if not ids:
        return {}
    rows = session.execute(_select(Booking.account_id == account_id, Booking.id.in_(ids)))
    return {facts.id: facts for facts in (BookingFacts(*row) for row in rows)}


def token_hash(token: str) -> str:
    """Return the hash under which a link's token is kept; text of any kind is accepted."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def booking_for_confirmation(session: Session, token: str) -> BookingFacts | None:
    """Return the booking of a confirmation page's token."""
    wanted = Booking.confirmation_token_sha256 == token_hash(token)
    row = session.execute(_select(wanted)).first()
    return BookingFacts(*row) if row else None


def booking_for_link(session: Session, token: str) -> BookingFacts | None:
    """Return the booking of a mailed cancellation link's token."""
    link = session.get(CancelLink, token_hash(token))
    if link is None:
        return None
    return read_bookings(session, link.account_id, [link.booking_id]).get(link.booking_id)
