"""Snapshots: the full truth, sent in parts; see `snapshot_commit` for what then becomes of it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from flask_logivet_rdv.models import APPLYING, OPEN, Snapshot, SnapshotPart

from .transaction import Tx
from .uploads import BusyData, CatalogueData, Change, Data, Kind

EXPIRES_S = 3600


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


def open_snapshot(
    tx: Tx, kinds: Sequence[Kind], busy_from: int | None = None, busy_to: int | None = None
) -> uuid.UUID:
    """Begin a snapshot of some kinds of rows, and return its id.

    Of the agenda, it tells the ranges that touch ``[busy_from, busy_to)`` (UTC seconds, None is
    no bound). Nothing is visible before its commit; left alone, it expires after an hour.
    """
    forget_snapshots(tx)
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
    snapshot = found(tx, snapshot_id)
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


def forget_snapshots(tx: Tx) -> int:
    """Delete the snapshots that were left open for an hour or answered for 48; return how many."""
    return delete(tx, Snapshot.expires_at <= tx.instant, Snapshot.state != APPLYING)


def found(tx: Tx, snapshot_id: uuid.UUID) -> Snapshot | None:
    """Return a snapshot that has not expired; one that is half applied never does."""
    snapshot = tx.session.get(Snapshot, (tx.account_id, snapshot_id), populate_existing=True)
    if snapshot and snapshot.state != APPLYING and snapshot.expires_at <= tx.instant:
        return None
    return snapshot


def delete(tx: Tx, *which: sa.ColumnElement[bool]) -> int:
    """Delete snapshots of the clinic with their parts, whether or not the database cascades.

    Return how many there were.
    """
    of_clinic = sa.select(Snapshot.id).where(Snapshot.account_id == tx.account_id, *which)
    ids = tx.session.scalars(of_clinic).all()
    for model, column in ((SnapshotPart, SnapshotPart.snapshot_id), (Snapshot, Snapshot.id)):
        if ids:
            tx.session.execute(
                sa.delete(model).where(model.account_id == tx.account_id, column.in_(ids))
            )
    return len(ids)


def _packed(row: Change) -> dict[str, Any]:
    """Return a row as JSON."""
    given: Any = row.data
    data = {name: getattr(given, name) for name in given.__slots__}
    if data.get("booking_id"):
        data["booking_id"] = str(data["booking_id"])
    return {"kind": row.kind, "id": row.id, "version": row.version, "data": data}


def unpacked(item: dict[str, Any]) -> Change:
    """Return a row of a part."""
    data: dict[str, Any] = item["data"]
    made: Data
    if item["kind"] == "busy":
        booking_id = data["booking_id"]
        made = BusyData(**data | {"booking_id": uuid.UUID(booking_id) if booking_id else None})
    else:
        made = CatalogueData(**data)
    return Change(item["kind"], item["id"], item["version"], made)
