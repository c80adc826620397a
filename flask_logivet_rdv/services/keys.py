"""Sync keys: ``rdv_<key id>_<secret>``; the secret has 256 random bits and is kept hashed."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import ClinicAccount, SyncKey

from .transaction import Tx, alone

EVENTS_READ, AGENDA_WRITE = "events:read", "agenda:write"
SCOPES = (EVENTS_READ, AGENDA_WRITE)
USE_IS_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who a valid key speaks for, and what it may do."""

    key_id: str
    account: ClinicAccount
    scopes: frozenset[str]


def create_key(tx: Tx, scopes: Sequence[str] = SCOPES) -> str:
    """Return a new key of the clinic, in clear for the only time."""
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    tx.session.add(
        SyncKey(
            key_id=key_id,
            account_id=tx.account_id,
            secret_sha256=_hash(secret),
            scopes=list(scopes),
            created_at=tx.now,
        )
    )
    tx.audit("keys", None, None, {"created": key_id})
    return f"rdv_{key_id}_{secret}"


def revoke_key(tx: Tx, key_id: str) -> bool:
    """Revoke a key of the clinic, at once; tell whether it was there."""
    key = tx.session.get(SyncKey, key_id)
    if key is None or key.account_id != tx.account_id:
        return False
    key.revoked_at = key.revoked_at or tx.now
    tx.audit("keys", None, None, {"revoked": key_id})
    return True


def authenticate(session: Session, presented: str, now: datetime) -> KeyHolder | None:
    """Return whom a presented key speaks for, or None when it is unknown, expired or revoked."""
    marker, _, rest = presented.partition("_")
    key_id, _, secret = rest.partition("_")
    if marker != "rdv" or not secret:
        return None
    found = session.execute(
        sa.select(SyncKey, ClinicAccount)
        .join(ClinicAccount, ClinicAccount.id == SyncKey.account_id)
        .where(SyncKey.key_id == key_id)
    ).first()
    stored = found[0].secret_sha256 if found else _hash("")
    if not hmac.compare_digest(stored, _hash(secret)) or found is None:
        return None
    key, account = found
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return None
    return KeyHolder(key.key_id, account, frozenset(key.scopes))


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
