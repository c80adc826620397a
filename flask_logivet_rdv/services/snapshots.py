"""Snapshots: the full truth, sent in parts, that wins over what is stored."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import sqlalchemy as sa

from flask_logivet_rdv.models import APPLYING, DONE, OPEN, Snapshot, SnapshotPart

from . import upload_agenda
from .changes import next_token, write_rows
from .differences import Counts, compare
from .transaction import Desk, Tx, alone, transact
from .uploads import BusyData, CatalogueData, Change, Data, Kind

EXPIRES_S = 3600
ANSWERS_FOR_S = 48 * 3600
LEASE_S = 60
ROWS_PER_LOCK = 500


@dataclass(frozen=True, slots=True)
class Committed:
    """The snapshot was applied. `counts` says of each kind what was added, changed, removed."""

    token: str
    counts: Counts
    conflicts: tuple[tuple[uuid.UUID, str], ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no such snapshot: unknown, another clinic's, or expired."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The snapshot was committed: its parts stay as they are."""


@dataclass(frozen=True, slots=True)
class OtherKinds:
    """Items, by their place, are of kinds that the snapshot does not tell."""

    items: tuple[int, ...]


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


def open_snapshot(
    tx: Tx, kinds: Sequence[Kind], busy_from: int | None = None, busy_to: int | None = None
) -> uuid.UUID:
    """Begin a snapshot of some kinds of rows, and return its id.

    Of the agenda, it tells the ranges that touch ``[busy_from, busy_to)`` (UTC seconds, None is
    no bound). Nothing is visible before its commit; left alone, it expires after an hour.
    """
    _delete(tx, Snapshot.expires_at <= tx.instant, Snapshot.state != APPLYING)
    made = Snapshot(
        account_id=tx.account_id,
        id=uuid.uuid4(),
        kinds=list(dict.fromkeys(kinds)),
        busy_from=busy_from,
        busy_to=busy_to,
        expires_at=tx.instant + EXPIRES_S,
    )
    tx.session.add(made)
    return made.id


def put_part(
    tx: Tx, snapshot_id: uuid.UUID, n: int, rows: Sequence[Change]
) -> Missing | Closed | OtherKinds | None:
    """Keep part `n`, from 1, in the place of one that came before it."""
    snapshot = _found(tx, snapshot_id)
    if snapshot is None:
        return Missing()
    if snapshot.state != OPEN:
        return Closed()
    if others := tuple(i for i, row in enumerate(rows) if row.kind not in snapshot.kinds):
        return OtherKinds(others)
    items = [_packed(row) for row in rows]
    part = tx.session.get(SnapshotPart, (tx.account_id, snapshot_id, n))
    if part is None:
        part = SnapshotPart(account_id=tx.account_id, snapshot_id=snapshot_id, n=n)
        tx.session.add(part)
    part.items = items
    return None


def commit_snapshot(
    desk: Desk, account_id: uuid.UUID, snapshot_id: uuid.UUID, parts: int
) -> Committed | Missing | Incomplete | InProgress:
    """Apply a snapshot of parts 1 to `parts`; repeated, it gives the same answer.

    It takes the clinic's lock for at most 500 rows at a time. What a crash left is finished by
    the next call.
    """
    run = transact(desk, account_id, lambda tx: _begin(tx, snapshot_id, parts))
    if not isinstance(run, _Run):
        return run
    try:
        return _apply(desk, account_id, run)
    except _OvertakenError:
        return InProgress()


def _begin(
    tx: Tx, snapshot_id: uuid.UUID, parts: int
) -> _Run | Committed | Missing | Incomplete | InProgress:
    snapshot = _found(tx, snapshot_id)
    if snapshot is None:
        return Missing()
    if snapshot.reply is not None:
        return _committed(snapshot.reply)
    if _is_applied(tx):
        return InProgress()
    if _parts(tx, snapshot_id, parts) < parts:
        return Incomplete()
    _delete(tx, Snapshot.id != snapshot_id, Snapshot.state != DONE)
    snapshot.state, snapshot.lease_until = APPLYING, tx.instant + LEASE_S
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
        yield from map(_unpacked, items)


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
    conflicts = upload_agenda.standing_conflicts(tx) if "busy" in run.kinds else []
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


def _found(tx: Tx, snapshot_id: uuid.UUID) -> Snapshot | None:
    """Return a snapshot that has not expired; one that is half applied never does."""
    found = tx.session.get(Snapshot, (tx.account_id, snapshot_id), populate_existing=True)
    if found is not None and found.state != APPLYING and found.expires_at <= tx.instant:
        return None
    return found


def _is_applied(tx: Tx) -> bool:
    """Tell whether a snapshot of the clinic is worked at."""
    at_work = sa.exists().where(
        Snapshot.account_id == tx.account_id,
        Snapshot.state == APPLYING,
        Snapshot.lease_until > tx.instant,
    )
    return bool(tx.session.scalar(sa.select(at_work)))


def _parts(tx: Tx, snapshot_id: uuid.UUID, upto: int) -> int:
    """Return how many of the parts 1 to `upto` are there."""
    there = sa.select(sa.func.count()).where(
        SnapshotPart.account_id == tx.account_id,
        SnapshotPart.snapshot_id == snapshot_id,
        SnapshotPart.n <= upto,
    )
    return tx.session.scalar(there) or 0


def _delete(tx: Tx, *which: sa.ColumnElement[bool]) -> None:
    """Delete snapshots of the clinic with their parts, whether or not the database cascades."""
    of_clinic = sa.select(Snapshot.id).where(Snapshot.account_id == tx.account_id, *which)
    ids = tx.session.scalars(of_clinic).all()
    for model, column in ((SnapshotPart, SnapshotPart.snapshot_id), (Snapshot, Snapshot.id)):
        if ids:
            tx.session.execute(
                sa.delete(model).where(model.account_id == tx.account_id, column.in_(ids))
            )


def _packed(row: Change) -> dict[str, Any]:
    """Return a row as JSON."""
    packed = asdict(row)
    if isinstance(row.data, BusyData) and row.data.booking_id is not None:
        packed["data"]["booking_id"] = str(row.data.booking_id)
    return packed


def _unpacked(item: dict[str, Any]) -> Change:
    data: dict[str, Any] = item["data"]
    made: Data
    if item["kind"] == "busy":
        booking_id = data["booking_id"]
        made = BusyData(**data | {"booking_id": uuid.UUID(booking_id) if booking_id else None})
    else:
        made = CatalogueData(**data)
    return Change(item["kind"], item["id"], item["version"], made)


def _committed(reply: dict[str, Any]) -> Committed:
    pairs = tuple((uuid.UUID(booking_id), busy_id) for booking_id, busy_id in reply["conflicts"])
    return Committed(reply["token"], reply["counts"], pairs)
