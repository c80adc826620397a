"""What is held about an e-mail address, and its erasure at its owner's request (Law 25)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.host import Actor
from flask_logivet_rdv.models import (
    CONFIRMED,
    Booking,
    CancelLink,
    ConsentText,
    Event,
    Outbox,
)

from .blanking import blank, fetched
from .bookings import BookingFacts, read_bookings
from .transaction import Tx

PERSONAL_DATA = "personal"
"""The subject of what is written down of an access or an erasure; never whose."""


@dataclass(frozen=True, slots=True)
class HeldMail:
    """A mail of a booking, by its kind; instants in UTC seconds, `sent_at` None when it was not."""

    kind: str
    state: str
    due_at: int
    sent_at: int | None


@dataclass(frozen=True, slots=True)
class Holding:
    """All that is held of one booking: itself, the consent as it was shown, mails, events, links.

    `events` are what LogiVet was told, each as its type and UTC seconds.
    """

    booking: BookingFacts
    consent_text: str
    mails: tuple[HeldMail, ...]
    events: tuple[tuple[str, int], ...]
    links: int


@dataclass(frozen=True, slots=True)
class Needed:
    """A booking that cannot be erased yet: it is not over, or LogiVet has not fetched it."""

    account_id: uuid.UUID
    starts_at: int
    time_zone: str
    ahead: bool


@dataclass(frozen=True, slots=True)
class Erased:
    """So many bookings were blanked."""

    bookings: int


@dataclass(frozen=True, slots=True)
class StillNeeded:
    """Nothing was erased, because of these."""

    visits: tuple[Needed, ...]


def held(session: Session, address: str, account_id: uuid.UUID | None = None) -> list[Holding]:
    """Return what is held about an address, in a clinic or all of them, in the order of visits.

    The very address, capitals apart: what `email_key` counts as one person may be two.
    """
    found = session.execute(
        sa.select(Booking.account_id, Booking.id, ConsentText.body)
        .join(ConsentText, ConsentText.sha256 == Booking.consent_sha256)
        .where(_of(address, account_id))
        .order_by(Booking.account_id, Booking.starts_at, Booking.id)
    ).all()
    texts: dict[uuid.UUID, dict[uuid.UUID, str]] = {}
    for account, booking_id, text in found:
        texts.setdefault(account, {})[booking_id] = text
    return [one for account, of in texts.items() for one in _holdings(session, account, of)]


def needed(
    session: Session, address: str, now: int, account_id: uuid.UUID | None = None
) -> list[Needed]:
    """Return the bookings of an address that keep it from being erased at `now` (UTC seconds).

    One that is confirmed and not over has to be cancelled first; one that LogiVet has not fetched
    would never be known there.
    """
    ahead = sa.and_(Booking.status == CONFIRMED, Booking.ends_at > now)
    rows = session.execute(
        sa.select(
            Booking.account_id, Booking.starts_at, Booking.time_zone, sa.case((ahead, 1), else_=0)
        )
        .where(_of(address, account_id), sa.or_(ahead, ~fetched()))
        .order_by(Booking.starts_at, Booking.account_id)
    )
    return [
        Needed(account, starts, zone, bool(is_ahead)) for account, starts, zone, is_ahead in rows
    ]


def erase(tx: Tx, address: str, actor: Actor | None = None) -> Erased | StillNeeded:
    """Blank the bookings of an address in a clinic, or say which of them are in the way.

    `actor` None is an operator. What is written down says who, when and how many, never whose.
    """
    still = needed(tx.session, address, tx.instant, tx.account_id)
    if still:
        return StillNeeded(tuple(still))
    of_address = sa.select(Booking.id).where(_of(address, tx.account_id))
    ids = tx.session.scalars(of_address).all()
    if ids:
        blank(tx.session, tx.account_id, ids, tx.now)
        tx.audit(PERSONAL_DATA, actor, None, {"erased": len(ids)})
    return Erased(len(ids))


def note_access(tx: Tx, bookings: int, actor: Actor | None = None) -> None:
    """Write down that what is held of somebody, so many bookings, was given out."""
    tx.audit(PERSONAL_DATA, actor, None, {"given": bookings})


def as_json(holding: Holding) -> dict[str, Any]:
    """Return a holding as it is given to the person: moments in UTC, texts as they were typed."""
    booking = holding.booking
    return {
        "id": str(booking.id),
        "status": booking.status,
        "starts_at": _moment(booking.starts_at),
        "ends_at": _moment(booking.ends_at),
        "time_zone": booking.time_zone,
        "category": booking.labels["category"],
        "species": booking.labels["species"],
        "resource": booking.labels["resource"],
        "language": booking.language,
        "name": booking.client_name,
        "email": booking.email,
        "phone": booking.phone,
        "pet_name": booking.pet_name,
        "reason": booking.reason,
        "booked_at": _text(booking.booked_at),
        "cancelled_at": booking.cancelled_at and _text(booking.cancelled_at),
        "cancelled_by": booking.cancelled_by,
        "cancel_reason": booking.cancel_reason,
        "cancellation_links": holding.links,
        "consent": {
            "at": _text(booking.consent_at),
            "version": booking.consent_version,
            "language": booking.consent_locale,
            "text": holding.consent_text,
        },
        "mails": [
            {
                "kind": mail.kind,
                "state": mail.state,
                "due_at": _moment(mail.due_at),
                "sent_at": None if mail.sent_at is None else _moment(mail.sent_at),
            }
            for mail in holding.mails
        ],
        "told_to_logivet": [{"type": type_, "at": _moment(at)} for type_, at in holding.events],
    }


def _of(address: str, account_id: uuid.UUID | None) -> sa.ColumnElement[bool]:
    same = sa.func.lower(Booking.email) == address.lower()
    return same if account_id is None else sa.and_(Booking.account_id == account_id, same)


def _holdings(
    session: Session, account_id: uuid.UUID, texts: Mapping[uuid.UUID, str]
) -> list[Holding]:
    """Return the holdings of bookings of a clinic, in four queries."""
    ids = list(texts)
    facts = read_bookings(session, account_id, ids)
    mails = _by_booking(
        session,
        sa.select(Outbox.booking_id, Outbox.kind, Outbox.state, Outbox.not_before, Outbox.sent_at)
        .where(Outbox.account_id == account_id, Outbox.booking_id.in_(ids))
        .order_by(Outbox.not_before, Outbox.dedupe_key),
    )
    events = _by_booking(
        session,
        sa.select(Event.booking_id, Event.type, Event.at)
        .where(Event.account_id == account_id, Event.booking_id.in_(ids))
        .order_by(Event.seq),
    )
    links = _by_booking(
        session,
        sa.select(CancelLink.booking_id).where(
            CancelLink.account_id == account_id, CancelLink.booking_id.in_(ids)
        ),
    )
    return [
        Holding(
            booking=facts[key],
            consent_text=text,
            mails=tuple(HeldMail(*mail) for mail in mails.get(key, ())),
            events=tuple((type_, at) for type_, at in events.get(key, ())),
            links=len(links.get(key, ())),
        )
        for key, text in texts.items()
    ]


def _by_booking(session: Session, query: sa.Executable) -> dict[uuid.UUID, list[Sequence[Any]]]:
    """Return the rows of a query, without their first column, by it."""
    found: dict[uuid.UUID, list[Sequence[Any]]] = {}
    for row in session.execute(query):
        found.setdefault(row[0], []).append(row[1:])
    return found


def _moment(instant: int) -> str:
    return _text(datetime.fromtimestamp(instant, UTC))


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
