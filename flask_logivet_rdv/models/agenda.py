"""What takes a resource's time: LogiVet's busy ranges, and where they meet online bookings."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, OfAccount, of_account
from .types import Moment, key, uid


class Busy(OfAccount, Base):
    """A range ``[starts_at, ends_at)`` (UTC seconds) of LogiVet's agenda.

    Without a resource it stands in « Non assigné » and blocks nobody. `booking_id` marks the
    mirror of an online booking; it has no foreign key, as LogiVet may know what we no longer do.
    `deleted_at` leaves a tombstone that remembers the version.
    """

    __tablename__ = "rdv_busy"
    __table_args__ = (
        of_account("resource_id", to="rdv_resource"),
        sa.CheckConstraint("ends_at > starts_at", "order"),
        sa.CheckConstraint(
            "deleted_at IS NOT NULL OR (starts_at IS NOT NULL AND ends_at IS NOT NULL)", "range"
        ),
        sa.Index(None, "account_id", "resource_id", "ends_at", "starts_at"),
        sa.Index(None, "account_id", "booking_id"),
    )

    logivet_id: Mapped[str] = mapped_column(key(64), primary_key=True)
    version: Mapped[int] = mapped_column(sa.BigInteger)
    kind: Mapped[str] = mapped_column(sa.String(16))
    resource_id: Mapped[uuid.UUID | None] = mapped_column(uid())
    starts_at: Mapped[int | None] = mapped_column(sa.BigInteger)
    ends_at: Mapped[int | None] = mapped_column(sa.BigInteger)
    booking_id: Mapped[uuid.UUID | None] = mapped_column(uid())
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class Conflict(OfAccount, Base):
    """A busy range that lies on a booking it does not mirror, as long as it does.

    A person decides; the row keeps LogiVet from being told again at each upload.
    """

    __tablename__ = "rdv_conflict"
    __table_args__ = (of_account("booking_id", to="rdv_booking", ondelete="CASCADE"),)

    booking_id: Mapped[uuid.UUID] = mapped_column(uid(), primary_key=True)
    busy_id: Mapped[str] = mapped_column(key(64), primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(Moment)
