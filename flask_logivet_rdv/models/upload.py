"""What makes LogiVet's uploads safe to repeat: replies that are kept, and snapshots in parts."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, OfAccount, of_account
from .types import JSON, key, uid

OPEN, APPLYING, DONE = "open", "applying", "done"


class Reply(OfAccount, Base):
    """The answer to an upload, by its idempotency key; None while the first request runs.

    `lease_until` (UTC seconds) is the claim of that request: past it, another may take over.
    """

    __tablename__ = "rdv_reply"
    __table_args__ = (sa.Index(None, "account_id", "created_at"),)

    idempotency_key: Mapped[str] = mapped_column(key(200), primary_key=True)
    body_sha256: Mapped[str] = mapped_column(key(64))
    lease_until: Mapped[int] = mapped_column(sa.BigInteger)
    created_at: Mapped[int] = mapped_column(sa.BigInteger)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Snapshot(OfAccount, Base):
    """The full truth of some kinds of rows, sent in parts and applied at its commit.

    Of the agenda, it tells the ranges that touch ``[busy_from, busy_to)`` (UTC seconds, None is
    no bound). `parts` is how many it has, known at its commit; `counts` what it changes, known once
    it is compared; `reply` the final answer.
    """

    __tablename__ = "rdv_snapshot"
    __table_args__ = (
        sa.CheckConstraint("state IN ('open', 'applying', 'done')", "state"),
        sa.Index(None, "account_id", "expires_at"),
        sa.Index(None, "state", "lease_until"),
    )

    id: Mapped[uuid.UUID] = mapped_column(uid(), primary_key=True, default=uuid.uuid4)
    kinds: Mapped[list[str]] = mapped_column(JSON)
    busy_from: Mapped[int | None] = mapped_column(sa.BigInteger)
    busy_to: Mapped[int | None] = mapped_column(sa.BigInteger)
    state: Mapped[str] = mapped_column(sa.String(10), default=OPEN)
    lease_until: Mapped[int | None] = mapped_column(sa.BigInteger)
    expires_at: Mapped[int] = mapped_column(sa.BigInteger)
    parts: Mapped[int | None]
    counts: Mapped[dict[str, dict[str, int]] | None] = mapped_column(JSON)
    reply: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class SnapshotPart(OfAccount, Base):
    """One part of a snapshot, numbered from 1: rows as LogiVet sent them."""

    __tablename__ = "rdv_snapshot_part"
    __table_args__ = (of_account("snapshot_id", to="rdv_snapshot", ondelete="CASCADE"),)

    snapshot_id: Mapped[uuid.UUID] = mapped_column(uid(), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
