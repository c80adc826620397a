"""Bookings as plain facts, for pages, mails, calendars and the sync API."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import (
    CANCELLED,
    Booking,
    CancelLink,
    Category,
    ConsentText,
    Event,
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
        """Return the name of its category, species or resource, in either language if need be."""
        return in_either(self.labels[part], lang)


def in_either(names: dict[str, str], lang: str) -> str:
    """Return the name in a language, or in the other one where it is missing."""
    return names.get(lang) or next((name for name in names.values() if name), "")


_COLUMNS: tuple[Any, ...] = (
    Booking.account_id, Booking.id, Booking.version, Booking.status, Booking.resource_id,
    Booking.species_id, Booking.category_id, Resource.logivet_id, Category.logivet_id,
    Species.logivet_id, Booking.starts_at, Booking.ends_at, Booking.time_zone, Booking.language,
    Booking.labels, Booking.client_name, Booking.email, Booking.phone, Booking.pet_name,
    Booking.reason, Booking.booked_at, Booking.consent_at, ConsentText.version, ConsentText.locale,
    Booking.cancelled_at, Booking.cancelled_by, Booking.cancel_reason,
)  # fmt: skip


@cache
def _everything() -> sa.Select[Any]:
    """Return the query of all bookings' facts, made once."""

    def same(
        model: type[Resource] | type[Category] | type[Species], column: Any
    ) -> sa.ColumnElement[bool]:
        return sa.and_(model.account_id == Booking.account_id, model.id == column)

    return (
        sa.select(*_COLUMNS)
        .join(Resource, same(Resource, Booking.resource_id))
        .join(Category, same(Category, Booking.category_id))
        .join(Species, same(Species, Booking.species_id))
        .join(ConsentText, ConsentText.sha256 == Booking.consent_sha256)
    )


def _select(*where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return _everything().where(*where)


def read_bookings(
    session: Session, account_id: uuid.UUID, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, BookingFacts]:
    """Return bookings of an account by id, in one query; unknown ids are left out."""
    if not ids:
        return {}
    rows = session.execute(_select(Booking.account_id == account_id, Booking.id.in_(ids)))
    return {facts.id: facts for facts in (BookingFacts(*row) for row in rows)}


@dataclass(frozen=True, slots=True)
class Listing:
    """Which bookings to list: those that touch ``[since, until)`` (UTC seconds), of a status.

    None sets no bound.
    """

    since: int | None = None
    until: int | None = None
    status: str | None = None


def list_bookings(
    session: Session,
    account_id: uuid.UUID,
    listing: Listing,
    *,
    changed_after: int,
    page: int,
    size: int,
) -> tuple[list[BookingFacts], bool]:
    """Return page `page` (from 1) of a listing, in the order of booking, and whether more follows.

    What changed after the event `changed_after` stays listed though it no longer fits: a row that
    left between two pages would pull another one from the second into the first, unread.
    """
    fits: list[sa.ColumnElement[bool]] = []
    if listing.since is not None:
        fits.append(Booking.ends_at > listing.since)
    if listing.until is not None:
        fits.append(Booking.starts_at < listing.until)
    if listing.status is not None:
        fits.append(Booking.status == listing.status)
    changed = (
        sa.select(Event.seq)
        .where(
            Event.account_id == account_id,
            Event.booking_id == Booking.id,
            Event.seq > changed_after,
        )
        .exists()
    )
    rows = session.execute(
        _select(Booking.account_id == account_id, sa.or_(sa.and_(sa.true(), *fits), changed))
        .order_by(Booking.booked_at, Booking.id)
        .offset((page - 1) * size)
        .limit(size + 1)
    ).all()
    return [BookingFacts(*row) for row in rows[:size]], len(rows) > size


def token_hash(token: str) -> str:
    """Return the hash under which a link's token is kept; text of any kind is accepted."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def booking_for_confirmation(session: Session, token: str) -> BookingFacts | None:
    """Return the booking of a confirmation page's token, unless its owner was forgotten."""
    row = session.execute(_select(of_confirmation(sa.literal(token_hash(token))))).first()
    return BookingFacts(*row) if row else None


def of_confirmation(token_sha256: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Return the condition that a booking is that of a confirmation page's token.

    One whose owner was forgotten is nobody's.
    """
    same = Booking.confirmation_token_sha256 == token_sha256
    return sa.and_(same, Booking.pet_name.is_not(None))


def booking_for_link(session: Session, token: str) -> BookingFacts | None:
    """Return the booking of a mailed cancellation link's token, unless its owner was forgotten.

    The database itself looks at both: what was forgotten takes no longer to refuse than a guess.
    """
    of_link = sa.and_(
        CancelLink.account_id == Booking.account_id, CancelLink.booking_id == Booking.id
    )
    wanted = (CancelLink.token_sha256 == token_hash(token), Booking.pet_name.is_not(None))
    row = session.execute(_select(*wanted).join(CancelLink, of_link)).first()
    return BookingFacts(*row) if row else None
