"""Where LogiVet's agenda and the online bookings to come say different things; a person decides."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import CONFIRMED, Booking, Busy, Conflict, Resource

from .bookings import Labels, in_either


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A booking to come, and the entry of LogiVet's agenda that does not agree with it.

    The entry lies on it, or with `mirrors` is its own one at another time or resource. Instants
    are UTC seconds; `entry_resource` has the names (fr, en), None in the column « Non assigné ».
    """

    mirrors: bool
    booking_id: uuid.UUID
    starts_at: int
    ends_at: int
    time_zone: str
    labels: Labels
    pet_name: str | None
    entry_kind: str
    entry_starts_at: int
    entry_ends_at: int
    entry_resource: dict[str, str] | None

    def label(self, part: str, lang: str) -> str:
        """Return the name of the booking's category, species or resource."""
        return in_either(self.labels[part], lang)


def to_come(account_id: uuid.UUID, now: int) -> sa.ColumnElement[bool]:
    """Return the condition that a booking of an account is not over at `now` (UTC seconds)."""
    return sa.and_(
        Booking.account_id == account_id, Booking.status == CONFIRMED, Booking.ends_at > now
    )


def disagreements(
    session: Session, account_id: uuid.UUID, now: datetime, limit: int
) -> list[Disagreement]:
    """Return what an account has to decide, the soonest first, at most `limit`, in one query."""
    instant = int(now.timestamp())
    found = session.execute(
        sa.union_all(
            _pairs(_lying(), account_id, instant, mirrors=False),
            _pairs(_astray(), account_id, instant, mirrors=True),
        )
        .order_by("starts_at", "entry_starts_at", "logivet_id")
        .limit(limit)
    )
    return [
        Disagreement(
            mirrors=bool(row.mirrors),
            booking_id=row.id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            time_zone=row.time_zone,
            labels=row.labels,
            pet_name=row.pet_name,
            entry_kind=row.kind,
            entry_starts_at=row.entry_starts_at,
            entry_ends_at=row.entry_ends_at,
            entry_resource=_names(row.name_fr, row.name_en),
        )
        for row in found
    ]


def conflicts_by_account(
    session: Session, account_ids: Collection[uuid.UUID], now: datetime
) -> dict[uuid.UUID, int]:
    """Return how many bookings of accounts a range lies on, in one query; none is left out."""
    query = (
        sa.select(Booking.account_id, sa.func.count(sa.distinct(Booking.id)))
        .join(Conflict, _noted())
        .where(
            Booking.account_id.in_(account_ids),
            Booking.status == CONFIRMED,
            Booking.ends_at > int(now.timestamp()),
        )
        .group_by(Booking.account_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _noted() -> sa.ColumnElement[bool]:
    return (Conflict.account_id == Booking.account_id) & (Conflict.booking_id == Booking.id)


def _lying() -> sa.FromClause:
    """Return the bookings with the entries that were noted to lie on them."""
    noted = sa.join(Booking, Conflict, _noted())
    return noted.join(
        Busy, (Busy.account_id == Conflict.account_id) & (Busy.logivet_id == Conflict.busy_id)
    )


def _astray() -> sa.FromClause:
    """Return the bookings with their mirrors that stand elsewhere."""
    differs = sa.or_(
        Busy.starts_at != Booking.starts_at,
        Busy.ends_at != Booking.ends_at,
        Busy.resource_id.is_(None),
        Busy.resource_id != Booking.resource_id,
    )
    of_booking = (Busy.account_id == Booking.account_id) & (Busy.booking_id == Booking.id)
    return sa.join(Booking, Busy, of_booking & Busy.deleted_at.is_(None) & differs)


def _pairs(pairs: sa.FromClause, account_id: uuid.UUID, now: int, *, mirrors: bool) -> Any:
    return (
        sa.select(
            sa.literal(int(mirrors)).label("mirrors"),
            Booking.id,
            Booking.starts_at.label("starts_at"),
            Booking.ends_at,
            Booking.time_zone,
            Booking.labels,
            Booking.pet_name,
            Busy.logivet_id.label("logivet_id"),
            Busy.kind,
            Busy.starts_at.label("entry_starts_at"),
            Busy.ends_at.label("entry_ends_at"),
            Resource.name_fr,
            Resource.name_en,
        )
        .select_from(pairs)
        .outerjoin(
            Resource,
            (Resource.account_id == Busy.account_id) & (Resource.id == Busy.resource_id),
        )
        .where(to_come(account_id, now))
    )


def _names(fr: str | None, en: str | None) -> dict[str, str] | None:
    return None if fr is None or en is None else {"fr": fr, "en": en}
