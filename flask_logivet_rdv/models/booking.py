"""Online bookings, the cells that prove they do not overlap, and their cancellation links."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, OfAccount, of_account
from .types import JSON, Moment, key, uid

CONFIRMED, CANCELLED = "confirmed", "cancelled"


class Booking(OfAccount, Base):
    """An appointment taken online. `starts_at`, `ends_at` are UTC seconds, half-open.

    `labels` keeps the names (fr, en) of its category, species and resource, so that it survives
    their deletion. `version` only grows; it is also the calendar entry's SEQUENCE (RFC 5545).
    `booking_key` comes from the signed form: a form sent twice is one booking. The personal
    fields are blanked some days after the visit.
    """

    __tablename__ = "rdv_booking"
    __table_args__ = (
        of_account("resource_id", to="rdv_resource"),
        of_account("species_id", to="rdv_species"),
        of_account("category_id", to="rdv_category"),
        sa.UniqueConstraint("account_id", "booking_key"),
        sa.CheckConstraint("ends_at > starts_at", "order"),
        sa.CheckConstraint("starts_at % 300 = 0 AND ends_at % 300 = 0", "five"),
        sa.CheckConstraint("status IN ('confirmed', 'cancelled')", "status"),
        sa.CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", "cancelled"),
        sa.Index(None, "account_id", "resource_id", "status", "ends_at", "starts_at"),
        sa.Index(None, "account_id", "starts_at"),
        sa.Index(None, "account_id", "blanked_at", "ends_at"),
        sa.Index(None, "email_key", "starts_at"),
        sa.Index(None, "account_id", "phone", "starts_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(uid(), primary_key=True, default=uuid.uuid4)
    booking_key: Mapped[str] = mapped_column(key(64))
    form_sha256: Mapped[str] = mapped_column(key(64))
    confirmation_token_sha256: Mapped[str] = mapped_column(key(64), unique=True)
    status: Mapped[str] = mapped_column(sa.String(10), default=CONFIRMED)
    version: Mapped[int] = mapped_column(default=1)
    resource_id: Mapped[uuid.UUID] = mapped_column(uid())
    species_id: Mapped[uuid.UUID] = mapped_column(uid())
    category_id: Mapped[uuid.UUID] = mapped_column(uid())
    starts_at: Mapped[int] = mapped_column(sa.BigInteger)
    ends_at: Mapped[int] = mapped_column(sa.BigInteger)
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    local_start: Mapped[str] = mapped_column(sa.String(16))
    labels: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON)
    language: Mapped[str] = mapped_column(sa.String(8))
    client_name: Mapped[str | None] = mapped_column(sa.String(120))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    phone: Mapped[str | None] = mapped_column(sa.String(32))
    pet_name: Mapped[str | None] = mapped_column(sa.String(80))
    reason: Mapped[str | None] = mapped_column(sa.Text)
    email_key: Mapped[str | None] = mapped_column(key(64))
    consent_at: Mapped[datetime] = mapped_column(Moment)
    consent_sha256: Mapped[str] = mapped_column(key(64), sa.ForeignKey("rdv_consent_text.sha256"))
    booked_at: Mapped[datetime] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_by: Mapped[str | None] = mapped_column(sa.String(10))
    cancel_reason: Mapped[str | None] = mapped_column(sa.Text)
    blanked_at: Mapped[datetime | None] = mapped_column(Moment)


class BookingCell(OfAccount, Base):
    """Five minutes (`cell` = UTC seconds // 300) of a resource, held by one confirmed booking.

    The primary key is the database's own proof that no two bookings overlap.
    """

    __tablename__ = "rdv_booking_cell"
    __table_args__ = (
        of_account("booking_id", to="rdv_booking", ondelete="CASCADE"),
        sa.Index(None, "account_id", "booking_id"),
    )

    resource_id: Mapped[uuid.UUID] = mapped_column(uid(), primary_key=True)
    cell: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    booking_id: Mapped[uuid.UUID] = mapped_column(uid())


class CancelLink(Base):
    """The hash of a cancellation link that was mailed; a booking may have many, all valid."""

    __tablename__ = "rdv_cancel_link"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["account_id", "booking_id"],
            ["rdv_booking.account_id", "rdv_booking.id"],
            ondelete="CASCADE",
        ),
        sa.Index(None, "account_id", "booking_id"),
    )

    token_sha256: Mapped[str] = mapped_column(key(64), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(uid())
    booking_id: Mapped[uuid.UUID] = mapped_column(uid())
    created_at: Mapped[datetime] = mapped_column(Moment)


class ConsentText(Base):
    """A consent text as it was shown (Law 25): kept once, referred to by its hash."""

    __tablename__ = "rdv_consent_text"

    sha256: Mapped[str] = mapped_column(key(64), primary_key=True)
    version: Mapped[str] = mapped_column(sa.String(20))
    locale: Mapped[str] = mapped_column(sa.String(8))
    body: Mapped[str] = mapped_column(sa.Text)


class Event(OfAccount, Base):
    """One thing LogiVet has to do. `seq` is given under the clinic's lock: commit order.

    Nothing personal is stored: the text is rendered from (type, booking, facts) when it is read.
    """

    __tablename__ = "rdv_event"
    __table_args__ = (sa.Index(None, "account_id", "booking_id"),)

    seq: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[uuid.UUID] = mapped_column(uid(), default=uuid.uuid4)
    type: Mapped[str] = mapped_column(sa.String(32))
    booking_id: Mapped[uuid.UUID | None] = mapped_column(uid())
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[int] = mapped_column(sa.BigInteger)


class Outbox(OfAccount, Base):
    """A mail to send, written in the transaction that causes it. Instants are UTC seconds."""

    __tablename__ = "rdv_outbox"
    __table_args__ = (
        sa.UniqueConstraint("account_id", "dedupe_key"),
        sa.CheckConstraint("state IN ('pending', 'sending', 'sent', 'dead', 'skipped')", "state"),
        sa.Index(None, "state", "not_before"),
        sa.Index(None, "state", "lease_until"),
        sa.Index(None, "account_id", "state"),
    )

    id: Mapped[uuid.UUID] = mapped_column(uid(), primary_key=True, default=uuid.uuid4)
    dedupe_key: Mapped[str] = mapped_column(key(120))
    kind: Mapped[str] = mapped_column(sa.String(32))
    locale: Mapped[str] = mapped_column(sa.String(8))
    booking_id: Mapped[uuid.UUID] = mapped_column(uid())
    state: Mapped[str] = mapped_column(sa.String(10), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[int] = mapped_column(sa.BigInteger)
    lease_until: Mapped[int | None] = mapped_column(sa.BigInteger)
    last_error: Mapped[str | None] = mapped_column(sa.String(500))
    sent_at: Mapped[int | None] = mapped_column(sa.BigInteger)
