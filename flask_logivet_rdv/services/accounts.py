"""Clinic accounts: opening one, its subscription, what is copied from the host."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.host import Actor, ClinicFacts
from flask_logivet_rdv.models import ClinicAccount, SyncState
from flask_logivet_rdv.scheduling.opening import zone, zone_names

from .transaction import Tx, retried


def account_row(session: Session, widget_id: uuid.UUID) -> ClinicAccount | None:
    """Return the account of a widget, or None."""
    return session.get(ClinicAccount, widget_id)


def account_of_clinic(session: Session, clinic_id: Any) -> ClinicAccount | None:
    """Return the account of a clinic of the host, or None."""
    return session.scalar(sa.select(ClinicAccount).where(ClinicAccount.clinic_id == clinic_id))


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


def set_subscription(tx: Tx, active: bool, actor: Actor | None = None) -> None:
    """Switch the clinic's subscription on or off (S5)."""
    before, tx.account.active = tx.account.active, active
    if before != active:
        tx.audit("subscription", actor, before, active)


def new_epoch(tx: Tx) -> int:
    """Begin another epoch, after the database was restored, and return it (UTC seconds).

    Each cursor and upload token given before is refused from now on: LogiVet reads the bookings
    in full and uploads a snapshot.
    """
    tx.account.epoch = max(tx.instant, tx.account.epoch + 1)
    tx.audit("epoch", None, None, tx.account.epoch)
    return tx.account.epoch


def copy_facts(tx: Tx, facts: ClinicFacts) -> None:
    """Take over the clinic's zone and language from the host, but no zone that does not exist."""
    tx.account.locale = facts.locale
    if facts.time_zone in zone_names():
        tx.account.time_zone = facts.time_zone
