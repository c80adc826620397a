"""Clinic accounts: opening one, its subscription, what is copied from the host."""

import uuid
from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.host import Actor, ClinicFacts
from flask_logivet_rdv.models import Booking, ClinicAccount, SyncState
from flask_logivet_rdv.models.account import in_force
from flask_logivet_rdv.scheduling.opening import zone, zone_names
from flask_logivet_rdv.shelf import Shelf

from .bookings import of_confirmation, token_hash
from .connection import Database, plain_rows, rows_apart
from .retrying import retried
from .transaction import Tx

VERSIONS_LOST = 1000
"""More changes than any booking has between a backup and its restoration."""


def account_row(session: Session, widget_id: uuid.UUID) -> ClinicAccount | None:
    """Return the account of a widget as the database has it now, or None."""
    return session.get(ClinicAccount, widget_id, populate_existing=True)


class Tenant(NamedTuple):
    """What the public pages need of an account, as the database had it: plain, and quick to read.

    The names are those of `ClinicAccount`.
    """

    id: uuid.UUID
    clinic_id: Any
    active: bool
    active_from: int | None
    active_until: int | None
    time_zone: str
    locale: str
    domains: list[str]
    epoch: int
    revision: int
    settings_revision: int

    def subscribed(self, now: int) -> bool:
        """Tell whether the subscription is in force at `now` (UTC seconds; S3)."""
        return in_force(self.active, self.active_from, self.active_until, now)


class Found(NamedTuple):
    """A widget's account, and whether the form that was sent to it has booked before."""

    account: Tenant
    booked: bool


def tenant(
    db: Database, kept: Shelf[Tenant], widget_id: uuid.UUID, confirmation: str | None = None
) -> Found | None:
    """Return what a widget's pages need of its account as committed, or None.

    `confirmation` is the token of the page to which the form that was sent leads, if one was. Only
    counters are asked for where a process has `kept` what they say has not changed.
    """
    asked = {"widget": widget_id}
    sent = {"form": token_hash(confirmation)} if confirmation else {}
    now = plain_rows(db, _counters(bool(sent)), asked | sent)
    if not now:
        return None
    epoch, settings_revision, revision, booked = now[0]
    known = kept.find(widget_id)
    if known and (known.epoch, known.settings_revision) == (epoch, settings_revision):
        return Found(known._replace(revision=revision), bool(booked))
    found = rows_apart(db, _tenant(), asked)
    if not found:
        return None
    kept.keep(widget_id, Tenant(*found[0]))
    return Found(Tenant(*found[0]), bool(booked))


@cache
def _counters(of_form: bool) -> Any:
    table = ClinicAccount.__table__
    columns: list[Any] = [table.c.epoch, table.c.settings_revision, table.c.revision]
    form: sa.BindParameter[str] = sa.bindparam("form")
    booked = sa.exists(sa.select(Booking.id).where(of_confirmation(form)))
    return sa.select(*columns, booked if of_form else sa.false()).where(
        table.c.id == sa.bindparam("widget")
    )


@cache
def _tenant() -> Any:
    table = ClinicAccount.__table__
    columns = [table.c[name] for name in Tenant._fields]
    return sa.select(*columns).where(table.c.id == sa.bindparam("widget"))


def account_of_clinic(session: Session, clinic_id: Any) -> ClinicAccount | None:
    """Return the account of a clinic of the host, or None."""
    return session.scalar(sa.select(ClinicAccount).where(ClinicAccount.clinic_id == clinic_id))


def accounts_of_clinics(session: Session, clinic_ids: Collection[Any]) -> dict[Any, uuid.UUID]:
    """Return the accounts that clinics of the host have, by the clinic's id."""
    query = sa.select(ClinicAccount.clinic_id, ClinicAccount.id)
    rows = session.execute(query.where(ClinicAccount.clinic_id.in_(clinic_ids)))
    return {row[0]: row[1] for row in rows}


def account_ids(session: Session) -> list[uuid.UUID]:
    """Return the ids of all accounts."""
    return list(session.scalars(sa.select(ClinicAccount.id).order_by(ClinicAccount.id)))


def last_upload(session: Session, account_id: uuid.UUID) -> datetime | None:
    """Return when LogiVet's last upload was applied, or None."""
    query = sa.select(SyncState.uploaded_at).where(SyncState.account_id == account_id)
    return session.scalar(query)


def open_account(session: Session, clinic_id: Any, facts: ClinicFacts, now: datetime) -> uuid.UUID:
    """Return the account of a clinic, made and committed, not yet active, if there is none (S5).

    Raises ValueError when the clinic's time zone is none.
    """
    zone(facts.time_zone)

    def unit() -> uuid.UUID:
        found = account_of_clinic(session, clinic_id)
        if found is not None:
            return found.id
        account = ClinicAccount(
            clinic_id=clinic_id,
            time_zone=facts.time_zone,
            locale=facts.locale,
            epoch=int(now.timestamp()),
        )
        session.add(account)
        session.flush()
        session.add(SyncState(account_id=account.id))
        session.commit()
        return account.id

    return retried(session, unit)


def set_subscription(
    tx: Tx,
    active: bool,
    actor: Actor | None = None,
    *,
    starts: int | None = None,
    ends: int | None = None,
) -> None:
    """Switch the clinic's subscription on or off (S5).

    On, it is in force from `starts` until `ends` (UTC seconds, the last excluded), None for no
    bound, whatever bounds it had before.
    """
    account = tx.account
    before, account.active = account.active, active
    if before != active:
        tx.audit("subscription", actor, before, active)
    bounds = [account.active_from, account.active_until]
    if active and bounds != [starts, ends]:
        account.active_from, account.active_until = starts, ends
        tx.audit("subscription:bounds", actor, bounds, [starts, ends])


def new_epoch(tx: Tx) -> int:
    """Begin another epoch, after the database was restored, and return it (UTC seconds).

    Each cursor and upload token given before is refused from now on: LogiVet reads the bookings
    in full and uploads a snapshot. Their versions leap ahead of those that LogiVet may have seen
    since the backup, or it would take the bookings as they are now for old ones.
    """
    tx.account.epoch = max(tx.instant, tx.account.epoch + 1)
    tx.session.execute(
        sa.update(Booking)
        .where(Booking.account_id == tx.account_id)
        .values(version=Booking.version + VERSIONS_LOST)
        .execution_options(synchronize_session=False)
    )
    tx.audit("epoch", None, None, tx.account.epoch)
    return tx.account.epoch


def copy_facts(tx: Tx, facts: ClinicFacts) -> None:
    """Take over the clinic's zone and language from the host, but no zone that does not exist."""
    tx.account.locale = facts.locale
    if facts.time_zone in zone_names():
        tx.account.time_zone = facts.time_zone
