"""Sync keys: ``rdv_<key id>_<secret>``; the secret has 256 random bits and is kept hashed."""

import hmac
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.host import Actor
from flask_logivet_rdv.models import ClinicAccount, SyncKey

from .retrying import alone
from .transaction import Tx

EVENTS_READ, AGENDA_WRITE = "events:read", "agenda:write"
SCOPES = (EVENTS_READ, AGENDA_WRITE)
USE_IS_NOTED_EVERY = timedelta(minutes=1)
REPLACED_KEY_LASTS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who a valid key speaks for, and what it may do."""

    key_id: str
    account: ClinicAccount
    scopes: frozenset[str]
    last_used_at: datetime | None
    last_used_ip: str | None


@dataclass(frozen=True, slots=True)
class Rotated:
    """The new key, in clear for the only time, and when the one it replaces ends."""

    key: str
    old_ends_at: datetime


@dataclass(frozen=True, slots=True)
class AlreadyReplaced:
    """The key that takes this one's place is in use: nothing was written."""


def create_key(
    tx: Tx,
    scopes: Sequence[str] = SCOPES,
    replaces: SyncKey | None = None,
    actor: Actor | None = None,
) -> str:
    """Return a new key of the clinic, in clear for the only time.

    `replaces` is the key whose place it takes: its holder goes on reading where it was, and from
    the address it has. `actor` None is LogiVet or an operator.
    """
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    tx.session.add(
        SyncKey(
            key_id=key_id,
            account_id=tx.account_id,
            secret_sha256=_hash(secret),
            scopes=list(scopes),
            created_at=tx.now,
            replaces=replaces.key_id if replaces else None,
            acked_seq=replaces.acked_seq if replaces else 0,
            acked_at=replaces.acked_at if replaces else None,
            last_used_ip=replaces.last_used_ip if replaces else None,
        )
    )
    tx.audit("keys", actor, None, {"created": key_id})
    return f"rdv_{key_id}_{secret}"


def rotate_key(tx: Tx, key_id: str) -> Rotated | AlreadyReplaced:
    """Replace a key by one of the same scopes; it goes on for 24 hours at most.

    Of a key, what it replaced and what replaces it, two at most are valid. Asked again with the
    old key, because the answer was lost: the new one, as long as nobody has used it, is revoked
    for another, and the old one's end stays what it was. Raises LookupError for a key that is not
    the clinic's.
    """
    key = tx.session.get(SyncKey, key_id, populate_existing=True)
    if key is None or key.account_id != tx.account_id:
        raise LookupError(key_id)
    kin = tx.session.scalars(
        sa.select(SyncKey).where(
            SyncKey.account_id == tx.account_id,
            sa.or_(SyncKey.replaces == key_id, SyncKey.key_id == key.replaces),
            SyncKey.revoked_at.is_(None),
        )
    ).all()
    if any(other.replaces == key_id and other.last_used_at for other in kin):
        return AlreadyReplaced()
    for other in kin:
        revoke_key(tx, other.key_id)
    ends = tx.now + REPLACED_KEY_LASTS
    key.expires_at = min(key.expires_at or ends, ends)
    return Rotated(create_key(tx, key.scopes, replaces=key), key.expires_at)


def list_keys(session: Session, account_id: uuid.UUID) -> list[SyncKey]:
    """Return the keys of a clinic, revoked and expired ones too, the oldest first."""
    return list(
        session.scalars(
            sa.select(SyncKey)
            .where(SyncKey.account_id == account_id)
            .order_by(SyncKey.created_at, SyncKey.key_id)
        )
    )


def revoke_key(tx: Tx, key_id: str, actor: Actor | None = None) -> bool:
    """Revoke a key of the clinic, at once; tell whether it was there.

    `actor` None is LogiVet or an operator. A key that was revoked before keeps that time.
    """
    key = tx.session.get(SyncKey, key_id)
    if key is None or key.account_id != tx.account_id:
        return False
    if key.revoked_at is None:
        key.revoked_at = tx.now
        tx.audit("keys", actor, None, {"revoked": key_id})
    return True


def authenticate(session: Session, presented: str, now: datetime) -> KeyHolder | None:
    """Return whom a presented key speaks for, or None when it is unknown, expired or revoked."""
    marker, _, rest = presented.partition("_")
    key_id, _, secret = rest.partition("_")
    if marker != "rdv" or not secret:
        return None
    found = session.execute(_holder(), {"key_id": key_id}).first()
    stored = found[0].secret_sha256 if found else _hash("")
    if not hmac.compare_digest(stored, _hash(secret)) or found is None:
        return None
    key, account = found
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return None
    scopes = frozenset(key.scopes)
    return KeyHolder(key.key_id, account, scopes, key.last_used_at, key.last_used_ip)


@cache
def _holder() -> sa.Executable:
    """Return the query of `authenticate`, made once: every request of a desktop begins with it."""
    return (
        sa.select(SyncKey, ClinicAccount)
        .join(ClinicAccount, ClinicAccount.id == SyncKey.account_id)
        .where(SyncKey.key_id == sa.bindparam("key_id"))
    )


def note_use(session: Session, key_id: str, now: datetime, address: str, agent: str) -> None:
    """Remember a key's last use, at most once a minute, and commit."""
    long_ago = sa.or_(
        SyncKey.last_used_at.is_(None), SyncKey.last_used_at < now - USE_IS_NOTED_EVERY
    )
    alone(
        session,
        sa.update(SyncKey)
        .where(SyncKey.key_id == key_id, long_ago)
        .values(last_used_at=now, last_used_ip=address[:45], last_used_agent=agent[:200]),
    )


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
