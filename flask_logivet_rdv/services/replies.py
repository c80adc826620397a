"""Uploads that may be repeated: a key is claimed, its answer kept and given again."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import Reply

from .retrying import alone, retried
from .transaction import Tx

LEASE_S = 60
KEPT_S = 48 * 3600


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to answer a key, held until `lease_until` (UTC seconds)."""

    account_id: uuid.UUID
    key: str
    lease_until: int


@dataclass(frozen=True, slots=True)
class Replay:
    """The answer was given before."""

    answer: dict[str, Any]


@dataclass(frozen=True, slots=True)
class InFlight:
    """The first request with this key still runs."""


@dataclass(frozen=True, slots=True)
class Reused:
    """The key was used with another body."""


class LostClaimError(RuntimeError):
    """The claim ran out and another request took it over."""


def digest(body: bytes) -> str:
    """Return what tells one body from another."""
    return hashlib.sha256(body).hexdigest()


def claim(
    session: Session, account_id: uuid.UUID, key: str, body_sha256: str, now: int
) -> Claim | Replay | InFlight | Reused:
    """Claim a key in a transaction of its own, or say what became of it; `now` in UTC seconds."""
    row = {"body_sha256": body_sha256, "lease_until": now + LEASE_S, "created_at": now}
    claimed = Claim(account_id, key, now + LEASE_S)

    def unit() -> Claim | Replay | InFlight | Reused:
        held = session.execute(
            sa.select(Reply.body_sha256, Reply.lease_until, Reply.created_at, Reply.answer).where(
                Reply.account_id == account_id, Reply.idempotency_key == key
            )
        ).one_or_none()
        if held is None:
            session.execute(
                sa.insert(Reply).values(account_id=account_id, idempotency_key=key, **row)
            )
        elif held.created_at > now - KEPT_S and held.body_sha256 != body_sha256:
            return Reused()
        elif held.created_at > now - KEPT_S and held.answer is not None:
            return Replay(held.answer)
        elif held.answer is None and held.lease_until > now:
            return InFlight()
        elif not _taken_over(session, Claim(account_id, key, held.lease_until), row):
            session.rollback()
            return InFlight()
        session.commit()
        return claimed

    return retried(session, unit)


def _taken_over(session: Session, old: Claim, row: dict[str, Any]) -> bool:
    met: int = session.execute(  # type: ignore[attr-defined]
        sa.update(Reply).where(*_held(old)).values(answer=None, **row)
    ).rowcount
    return met == 1


def keep(tx: Tx, held: Claim, answer: dict[str, Any]) -> None:
    """Keep the answer to a key in the transaction that makes it true; old answers go.

    Raises LostClaimError when the claim was taken over: what `tx` did must not be.
    """
    kept: int = tx.session.execute(  # type: ignore[attr-defined]
        sa.update(Reply).where(*_held(held), Reply.answer.is_(None)).values(answer=answer)
    ).rowcount
    if kept != 1:
        raise LostClaimError(held.key)
    forget_replies(tx)


def forget_replies(tx: Tx) -> int:
    """Delete the clinic's answers that are 48 hours old, and return how many."""
    old = (Reply.account_id == tx.account_id, Reply.created_at <= tx.instant - KEPT_S)
    gone: int = tx.session.execute(sa.delete(Reply).where(*old)).rowcount  # type: ignore[attr-defined]
    return gone


def release(session: Session, held: Claim) -> None:
    """Give up a claim without an answer, so that the key may be sent again."""
    alone(session, sa.delete(Reply).where(*_held(held), Reply.answer.is_(None)))


def _held(held: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Reply.account_id == held.account_id,
        Reply.idempotency_key == held.key,
        Reply.lease_until == held.lease_until,
    )
