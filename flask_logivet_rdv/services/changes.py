"""Applying what LogiVet uploads as it changes: batches, all or nothing."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from flask_logivet_rdv.models import APPLYING, Snapshot, SyncState

from . import upload_agenda, upload_catalogue
from .conflicts import note_conflicts
from .transaction import Tx
from .upload_catalogue import CATALOGUE
from .uploads import Change, Conflicts, Kind, Status, upload_token
from .warnings import warn_of_hidden, warn_of_mirrors


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a change."""

    kind: Kind
    id: str
    status: Status


@dataclass(frozen=True, slots=True)
class Applied:
    """The batch was applied. `conflicts` pairs bookings with the busy rows that landed on them."""

    token: str
    results: tuple[Result, ...]
    conflicts: tuple[tuple[uuid.UUID, str], ...]


@dataclass(frozen=True, slots=True)
class TokenMismatch:
    """The client does not hold the last token: nothing was applied."""


@dataclass(frozen=True, slots=True)
class SnapshotInProgress:
    """A snapshot is being applied: nothing else was."""


def apply_changes(
    tx: Tx, token: str, changes: Sequence[Change]
) -> Applied | TokenMismatch | SnapshotInProgress:
    """Apply a batch, all or nothing, the catalogue before the agenda.

    An older or equal version changes nothing, so that replays and reorderings converge. After a
    snapshot that was left half applied, only another snapshot tells the truth: TokenMismatch.
    """
    lease = _lease_of_snapshot(tx)
    if lease is not None and lease > tx.instant:
        return SnapshotInProgress()
    if lease is not None or token != current_token(tx):
        return TokenMismatch()
    statuses, conflicts = write_rows(tx, changes, wins=False)
    return Applied(
        next_token(tx),
        tuple(Result(c.kind, c.id, statuses[n]) for n, c in enumerate(changes)),
        tuple(conflicts),
    )


def write_rows(
    tx: Tx, changes: Sequence[Change], *, wins: bool
) -> tuple[dict[int, Status], Conflicts]:
    """Write rows, the catalogue before the agenda; return what became of each, and conflicts.

    With `wins`, versions do not matter, as in a snapshot.
    """
    statuses: dict[int, Status] = {}
    for kind in CATALOGUE:
        statuses |= upload_catalogue.apply(tx, kind, _of_kind(changes, kind), wins=wins)
    tx.session.flush()
    agenda, entries, moved = upload_agenda.apply(tx, _of_kind(changes, "busy"), wins=wins)
    statuses |= agenda
    conflicts = note_conflicts(tx, entries)
    warn_of_hidden(tx, [(c.kind, c.id) for n, c in enumerate(changes) if statuses[n] == "applied"])
    warn_of_mirrors(tx, entries, moved)
    return statuses, conflicts


def current_token(tx: Tx) -> str:
    """Return the token that the next upload has to hold."""
    return upload_token(tx.account.epoch, tx.account.upload_seq)


def next_token(tx: Tx) -> str:
    """Note that an upload was applied, and return the token for the next one."""
    tx.account.upload_seq += 1
    tx.session.execute(
        sa.update(SyncState).where(SyncState.account_id == tx.account_id).values(uploaded_at=tx.now)
    )
    return current_token(tx)


def _of_kind(changes: Sequence[Change], kind: str) -> list[tuple[int, Change]]:
    return [(n, change) for n, change in enumerate(changes) if change.kind == kind]


def _lease_of_snapshot(tx: Tx) -> int | None:
    """Return until when (UTC seconds) a snapshot that is half applied is worked at, if any is."""
    return tx.session.scalar(
        sa.select(sa.func.max(Snapshot.lease_until)).where(
            Snapshot.account_id == tx.account_id, Snapshot.state == APPLYING
        )
    )
