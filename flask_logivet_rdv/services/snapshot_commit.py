"""The commit of a snapshot: it wins over what is stored, some rows at a time."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import APPLYING, DONE, Snapshot, SnapshotPart

from . import snapshots, upload_agenda
from .changes import next_token, write_rows
from .conflicts import standing_conflicts
from .differences import Counts, compare
from .retrying import alone
from .snapshots import Missing
from .transaction import Desk, Tx, transact
from .uploads import Change, Kind

ANSWERS_FOR_S = 48 * 3600
LEASE_S = 60
ROWS_PER_LOCK = 200


@dataclass(frozen=True, slots=True)
class Committed:
    """The snapshot was applied. `counts` says of each kind what was added, changed, removed."""

    token: str
    counts: Counts
    conflicts: tuple[tuple[uuid.UUID, str], ...]


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Some of the parts did not arrive."""


@dataclass(frozen=True, slots=True)
class InProgress:
    """A snapshot is being applied, this one or another."""


@dataclass(frozen=True, slots=True)
class _Run:
    """One attempt at applying a snapshot; its lease is what proves that it still may."""

    snapshot_id: uuid.UUID
    kinds: tuple[Kind, ...]
    busy_from: int | None
    busy_to: int | None
    parts: int
    lease_until: int


class _OvertakenError(RuntimeError):
    """The lease ran out and another commit goes on with the snapshot, or with a newer one."""


def commit_snapshot(
    desk: Desk, account_id: uuid.UUID, snapshot_id: uuid.UUID, parts: int
) -> Committed | Missing | Incomplete | InProgress:
    """Apply a snapshot of parts 1 to `parts`; repeated, it gives the same answer.

    It takes the clinic's lock for at most 200 rows at a time: a booking waits for that long. What a
    crash left is finished by the next call, or by a snapshot that tells as much.
    """
    run = transact(desk, account_id, lambda tx: _begin(tx, snapshot_id, parts))
    if not isinstance(run, _Run):
        return run
    try:
        return _apply(desk, account_id, run)
    except _OvertakenError:
        return InProgress()


def forsaken(session: Session, now: int) -> list[tuple[uuid.UUID, uuid.UUID, int]]:
    """Return the snapshots that a crash left half applied, at `now` (UTC seconds).

    Each as its account, its id and its number of parts, for `commit_snapshot` to finish. Of one
    that is older than the column of parts the number is unknown: LogiVet's own commit finishes it.
    """
    left = session.execute(
        sa.select(Snapshot.account_id, Snapshot.id, Snapshot.parts).where(
            Snapshot.state == APPLYING,
            Snapshot.lease_until <= now,
            Snapshot.parts.is_not(None),
        )
    )
    return [(account_id, snapshot_id, parts or 0) for account_id, snapshot_id, parts in left]


def _begin(
    tx: Tx, snapshot_id: uuid.UUID, parts: int
) -> _Run | Committed | Missing | Incomplete | InProgress:
    snapshot = snapshots.found(tx, snapshot_id)
    if snapshot is None:
        return Missing()
    if snapshot.reply is not None:
        return _committed(snapshot.reply)
    if _must_wait(tx, snapshot):
        return InProgress()
    if _parts(tx, snapshot_id, parts) < parts:
        return Incomplete()
    snapshots.delete(tx, Snapshot.id != snapshot_id, Snapshot.state != DONE)
    snapshot.state, snapshot.lease_until = APPLYING, tx.instant + LEASE_S
    snapshot.parts = parts
    tx.account.upload_seq += 1
    kinds: list[Any] = snapshot.kinds
    return _Run(
        snapshot_id,
        tuple(kinds),
        snapshot.busy_from,
        snapshot.busy_to,
        parts,
        snapshot.lease_until,
    )


def _apply(desk: Desk, account_id: uuid.UUID, run: _Run) -> Committed:
    found = compare(
        desk.session,
        account_id,
        run.kinds,
        (run.busy_from, run.busy_to),
        _sent(desk, account_id, run),
    )
    for rows in found.chunks(ROWS_PER_LOCK):
        run = transact(desk, account_id, partial(_write, run=run, counts=found.counts, rows=rows))
    done = transact(desk, account_id, lambda tx: _finish(tx, run, found.counts))
    alone(
        desk.session,
        sa.delete(SnapshotPart).where(
            SnapshotPart.account_id == account_id, SnapshotPart.snapshot_id == run.snapshot_id
        ),
    )
    return done


def _sent(desk: Desk, account_id: uuid.UUID, run: _Run) -> Iterator[Change]:
    """Yield what the parts tell, one part in memory at a time."""
    for n in range(1, run.parts + 1):
        part = sa.select(SnapshotPart.items).where(
            SnapshotPart.account_id == account_id,
            SnapshotPart.snapshot_id == run.snapshot_id,
            SnapshotPart.n == n,
        )
        items = desk.session.scalar(part)
        if items is None:
            raise _OvertakenError
        yield from map(snapshots.unpacked, items)


def _write(tx: Tx, run: _Run, counts: Counts, rows: Sequence[Change]) -> _Run:
    """Write some of the differences, and return the run with its lease renewed.

    The first counts are kept: after a crash, what is left to do would tell less.
    """
    snapshot = _held(tx, run)
    snapshot.counts = snapshot.counts or counts
    snapshot.lease_until = max(run.lease_until, tx.instant + LEASE_S)
    upload_agenda.forget(tx, [row.id for row in rows if _is_gone(row)])
    write_rows(tx, [row for row in rows if not _is_gone(row)], wins=True)
    return replace(run, lease_until=snapshot.lease_until)


def _is_gone(row: Change) -> bool:
    """Tell whether a range is to be deleted; catalogue rows are only ever hidden."""
    return row.kind == "busy" and row.data is None


def _finish(tx: Tx, run: _Run, counts: Counts) -> Committed:
    snapshot = _held(tx, run)
    conflicts = standing_conflicts(tx) if "busy" in run.kinds else []
    snapshot.reply = {
        "token": next_token(tx),
        "counts": snapshot.counts or counts,
        "conflicts": [[str(booking_id), busy_id] for booking_id, busy_id in conflicts],
    }
    snapshot.state, snapshot.lease_until = DONE, None
    snapshot.expires_at = tx.instant + ANSWERS_FOR_S
    return _committed(snapshot.reply)


def _held(tx: Tx, run: _Run) -> Snapshot:
    """Return the snapshot that a run applies. Raises _OvertakenError when it no longer may."""
    snapshot = tx.session.get(Snapshot, (tx.account_id, run.snapshot_id), populate_existing=True)
    if snapshot is None or (snapshot.state, snapshot.lease_until) != (APPLYING, run.lease_until):
        raise _OvertakenError
    return snapshot


def _must_wait(tx: Tx, snapshot: Snapshot) -> bool:
    """Tell whether another snapshot is worked at, or was left half applied and tells more.

    That one has to be finished: without its removals the agenda would stay wrong for ever.
    """
    begun = tx.session.scalar(
        sa.select(Snapshot)
        .where(Snapshot.account_id == tx.account_id, Snapshot.state == APPLYING)
        .execution_options(populate_existing=True)
    )
    if begun is None:
        return False
    return (begun.lease_until or 0) > tx.instant or not _tells_all_of(snapshot, begun)


def _tells_all_of(one: Snapshot, other: Snapshot) -> bool:
    """Tell whether a snapshot has every kind of another, and its window of the agenda."""
    if not set(other.kinds) <= set(one.kinds):
        return False
    starts_first = (one.busy_from or -inf) <= (other.busy_from or -inf)
    ends_last = (one.busy_to or inf) >= (other.busy_to or inf)
    return "busy" not in other.kinds or (starts_first and ends_last)


def _parts(tx: Tx, snapshot_id: uuid.UUID, upto: int) -> int:
    """Return how many of the parts 1 to `upto` are there."""
    there = sa.select(sa.func.count()).where(
        SnapshotPart.account_id == tx.account_id,
        SnapshotPart.snapshot_id == snapshot_id,
        SnapshotPart.n <= upto,
    )
    return tx.session.scalar(there) or 0


def _committed(reply: dict[str, Any]) -> Committed:
    pairs = tuple((uuid.UUID(booking_id), busy_id) for booking_id, busy_id in reply["conflicts"])
    return Committed(reply["token"], reply["counts"], pairs)
