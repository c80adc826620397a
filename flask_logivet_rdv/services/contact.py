"""How a clinic and its LogiVet stand: when it was heard, what it sent, what it has not read yet."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import Event, SyncKey

from .accounts import last_upload
from .events import last_acknowledgement


@dataclass(frozen=True, slots=True)
class Heard:
    """When LogiVet last spoke with one of a clinic's keys, from which address, as which version."""

    at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Contact:
    """How a clinic and its LogiVet stand; a moment is None where nothing ever happened.

    `unread` counts the bookings with news that LogiVet has not acknowledged, `unread_since`
    (UTC seconds) is the time of the oldest such news.
    """

    heard: Heard | None
    uploaded_at: datetime | None
    read_at: datetime | None
    unread: int
    unread_since: int | None


def contact(session: Session, account_id: uuid.UUID) -> Contact:
    """Return how a clinic and its LogiVet stand, in four queries."""
    acked, read_at = last_acknowledgement(session, account_id)
    unread, since = session.execute(
        sa.select(sa.func.count(sa.distinct(Event.booking_id)), sa.func.min(Event.at)).where(
            Event.account_id == account_id, Event.seq > acked, Event.type.startswith("booking.")
        )
    ).one()
    return Contact(
        heard=last_heard(session, account_id).get(account_id),
        uploaded_at=last_upload(session, account_id),
        read_at=read_at,
        unread=unread,
        unread_since=since,
    )


def last_heard(session: Session, *account_ids: uuid.UUID) -> Mapping[uuid.UUID, Heard]:
    """Return when LogiVet last spoke for accounts, in one query; where it never did is left out."""
    query = (
        sa.select(
            SyncKey.account_id,
            SyncKey.last_used_at,
            SyncKey.last_used_ip,
            SyncKey.last_used_agent,
        )
        .where(SyncKey.account_id.in_(account_ids))
        .order_by(SyncKey.last_used_at)
    )
    return {
        account_id: Heard(at, address or "", agent or "")
        for account_id, at, address, agent in session.execute(query)
        if at is not None
    }
