"""The mail outbox: claimed by compare-and-set under a lease, so that many drains may run."""

import random
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.host import Actor
from flask_logivet_rdv.models import Outbox

from .retrying import alone
from .saving import UnknownRowError
from .transaction import Tx

LEASE_S = 300
TRIES = 12
LONGEST_WAIT_S = 3600
WINDOW = 20
WAITS_TOO_LONG_S = 60
"""How long a mail may be due: the sweep has passed by then."""
OF_ONE_ADDRESS = ("SMTPRecipientsRefused", "SMTPDataError")
"""Errors that say nothing of the other mails."""


class State(StrEnum):
    """The states of an outbox row."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail that is ours to send until its lease ends; `attempt` counts from 1."""

    account_id: uuid.UUID
    id: uuid.UUID
    kind: str
    locale: str
    booking_id: uuid.UUID
    dedupe_key: str
    attempt: int


def claim_mail(session: Session, now: int) -> Claim | None:
    """Claim one due mail and commit, or return None. `now` in UTC seconds.

    A random one of the oldest is tried, so that drains do not all race for the same row.
    """
    due = sa.or_(
        sa.and_(Outbox.state == State.PENDING, Outbox.not_before <= now),
        sa.and_(Outbox.state == State.SENDING, Outbox.lease_until <= now),
    )
    session.rollback()
    rows = session.scalars(
        sa.select(Outbox).where(due).order_by(Outbox.not_before).limit(WINDOW)
    ).all()
    candidates = [
        (
            Claim(r.account_id, r.id, r.kind, r.locale, r.booking_id, r.dedupe_key, r.attempts + 1),
            r.state,
        )
        for r in rows
    ]
    for claim, state in random.sample(candidates, len(candidates)):
        taken = alone(
            session,
            sa.update(Outbox)
            .where(
                Outbox.account_id == claim.account_id,
                Outbox.id == claim.id,
                Outbox.state == state,
                Outbox.attempts == claim.attempt - 1,
            )
            .values(state=State.SENDING, attempts=claim.attempt, lease_until=now + LEASE_S)
            .execution_options(synchronize_session=False),
        )
        if taken:
            return claim
    return None


def mark_sent(session: Session, claim: Claim, now: int, *, skipped: bool = False) -> None:
    """Record that a claimed mail left (or need not leave), and commit."""
    _settle(
        session,
        claim,
        state=State.SKIPPED if skipped else State.SENT,
        sent_at=None if skipped else now,
        lease_until=None,
        last_error=None,
    )


def mark_failed(session: Session, claim: Claim, now: int, error: str) -> None:
    """Record a failed attempt, to be tried again after a growing wait with jitter; commits."""
    wait = min(3**claim.attempt, LONGEST_WAIT_S)
    _settle(
        session,
        claim,
        state=State.PENDING,
        not_before=now + random.randint(wait // 2, wait),  # noqa: S311 jitter
        lease_until=None,
        last_error=error[:500],
    )


def has_left(session: Session, account_id: uuid.UUID, booking_id: uuid.UUID, kind: str) -> bool:
    """Tell whether no mail of a kind has still to leave for a booking."""
    return not session.scalar(sa.select(_to_leave(account_id, booking_id, kind).exists()))


def is_stuck(
    session: Session, account_id: uuid.UUID, booking_id: uuid.UUID, kind: str, now: int
) -> bool:
    """Tell whether a booking's mail was tried in vain, or would be: see the clinic's others.

    They wait too long, or meet what is not theirs alone. `now` in UTC seconds.
    """
    failed = _to_leave(account_id, booking_id, kind).where(Outbox.last_error.is_not(None))
    others = sa.select(Outbox.id).where(
        Outbox.account_id == account_id,
        Outbox.state == State.PENDING,
        sa.or_(
            Outbox.not_before <= now - WAITS_TOO_LONG_S,
            Outbox.last_error.not_in(OF_ONE_ADDRESS),
        ),
    )
    return bool(session.scalar(sa.select(sa.or_(failed.exists(), others.exists()))))


def _to_leave(account_id: uuid.UUID, booking_id: uuid.UUID, kind: str) -> sa.Select[Any]:
    """Return the mails of a kind that have not left, among the clinic's few that have not."""
    return sa.select(Outbox.id).where(
        Outbox.account_id == account_id,
        Outbox.state.in_((State.PENDING, State.SENDING, State.DEAD)),
        Outbox.booking_id == booking_id,
        Outbox.kind == kind,
    )


def bury(tx: Tx, claim: Claim, error: str) -> None:
    """Give a mail up, and tell the clinic in LogiVet's message centre."""
    row = tx.session.get(Outbox, (tx.account_id, claim.id))
    if row is None or row.attempts != claim.attempt:
        return
    row.state, row.lease_until, row.last_error = State.DEAD, None, error[:500]
    row.not_before = tx.instant  # when it was given up
    tx.event("notice", claim.booking_id, about="undelivered", mail=claim.kind)


def retry(tx: Tx, mail_id: uuid.UUID, actor: Actor | None = None) -> bool:
    """Put a mail that was given up back, due now and as if never tried; return whether it was.

    `actor` None is an operator. Raises UnknownRowError when the clinic has no such mail.
    """
    row = tx.session.get(Outbox, (tx.account_id, mail_id))
    if row is None:
        raise UnknownRowError(str(mail_id))
    if row.state != State.DEAD:
        return False
    row.state, row.attempts, row.last_error = State.PENDING, 0, None
    row.not_before = tx.instant
    tx.mails += 1  # wakes the worker
    tx.audit("mails", actor, None, {"retried": row.kind})
    return True


def _settle(session: Session, claim: Claim, **values: object) -> None:
    """Write the outcome, unless another drain took the mail over meanwhile.

    Were it lost to a lock, a mail that has left would be sent again.
    """
    alone(
        session,
        sa.update(Outbox)
        .where(
            Outbox.account_id == claim.account_id,
            Outbox.id == claim.id,
            Outbox.attempts == claim.attempt,
        )
        .values(**values)
        .execution_options(synchronize_session=False),
    )
