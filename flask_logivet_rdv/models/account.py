"""The clinic's account: the bridge to the host, the clinic's lock, its counters and its keys."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, OfAccount, host_link
from .types import JSON, HostKey, Moment, key, uid


class ClinicAccount(Base):
    """One clinic of the host that uses online booking. Its id is the public ``widgetId``.

    The row is the clinic's lock: `flask_logivet_rdv.services.transaction.transact` alone
    updates it. `revision` grows with every write, `settings_revision` with those that touch more
    than the agenda, `event_seq` with every event, `upload_seq` with every applied upload of
    LogiVet; `epoch` (UTC seconds) starts the feed anew.
    """

    __tablename__ = "rdv_clinic_account"

    id: Mapped[uuid.UUID] = mapped_column(uid(), primary_key=True, default=uuid.uuid4)
    clinic_id: Mapped[Any] = mapped_column(HostKey(), unique=True)
    active: Mapped[bool] = mapped_column(default=False)
    active_from: Mapped[int | None] = mapped_column(sa.BigInteger)
    active_until: Mapped[int | None] = mapped_column(sa.BigInteger)
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    locale: Mapped[str] = mapped_column(sa.String(8))
    domains: Mapped[list[str]] = mapped_column(JSON, default=list)
    epoch: Mapped[int] = mapped_column(sa.BigInteger)
    revision: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    settings_revision: Mapped[int] = mapped_column(
        sa.BigInteger, default=0, server_default=sa.text("0")
    )
    event_seq: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    upload_seq: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    events_kept_from: Mapped[int] = mapped_column(sa.BigInteger, default=0)

    def subscribed(self, now: int) -> bool:
        """Tell whether the subscription is in force at `now` (UTC seconds; S3)."""
        return in_force(self.active, self.active_from, self.active_until, now)


def in_force(active: bool, first: int | None, until: int | None, now: int) -> bool:
    """Tell whether a subscription that is on, from `first` to before `until`, is so at `now`."""
    return active and (first is None or first <= now) and (until is None or now < until)


class SyncKey(Base):
    """A key with which LogiVet speaks for one clinic; only its hash is kept.

    `replaces` is the key whose place it took in a rotation; it has no foreign key, as either may
    be tidied away first. `acked_seq` is the last event that its holder is known to have: two
    desktops of one clinic each have a key, and each its own reading.
    """

    __tablename__ = "rdv_sync_key"
    __table_args__ = (sa.Index(None, "account_id"),)

    key_id: Mapped[str] = mapped_column(key(16), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(
        uid(), sa.ForeignKey("rdv_clinic_account.id", ondelete="CASCADE")
    )
    secret_sha256: Mapped[str] = mapped_column(key(64))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    replaces: Mapped[str | None] = mapped_column(key(16))
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    last_used_ip: Mapped[str | None] = mapped_column(sa.String(45))
    last_used_agent: Mapped[str | None] = mapped_column(sa.String(200))
    acked_seq: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    acked_at: Mapped[datetime | None] = mapped_column(Moment)


class SyncState(OfAccount, Base):
    """When LogiVet last sent something, and when it was last told that its clock is off.

    Apart from the account, whose lock it must not await.
    """

    __tablename__ = "rdv_sync_state"

    uploaded_at: Mapped[datetime | None] = mapped_column(Moment)
    clock_told_at: Mapped[datetime | None] = mapped_column(Moment)


class Audit(OfAccount, Base):
    """Who changed which settings, when, from what to what; and the incidents of the clinic."""

    __tablename__ = "rdv_audit"
    __table_args__ = (
        sa.Index(None, "account_id", "subject", "revision"),
        sa.Index(None, "user_id"),
    )

    revision: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    subject: Mapped[str] = mapped_column(key(80))
    actor_kind: Mapped[str] = mapped_column(sa.String(16))
    user_id: Mapped[Any | None] = mapped_column(HostKey())
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    before: Mapped[Any | None] = mapped_column(JSON)
    after: Mapped[Any | None] = mapped_column(JSON)


host_link("rdv_clinic_account", "clinic_id", "clinic", "CASCADE")
host_link("rdv_audit", "user_id", "user", "SET NULL")
