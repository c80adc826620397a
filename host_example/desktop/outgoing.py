"""What goes up: the rows that changed, gathered into a batch that survives lost replies."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from . import agenda, catalogue, conflicts
from .client import RefusedError
from .dates import rfc3339
from .store import CATALOGUE, SNAPSHOT_DUE, Kind, Store, get_state, set_state

ENVELOPE_BYTES = 512


@dataclass(frozen=True, slots=True)
class Batch:
    """A request body and its idempotency key: kept until the portal's answer is known."""

    key: str
    body: str

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The changes of the body, in order."""
        changes: list[dict[str, Any]] = json.loads(self.body)["changes"]
        return changes


def pending(store: Store) -> int:
    """Return how many rows the portal does not have yet."""
    with store.read() as db:
        row = db.execute(
            "SELECT COUNT(*) FROM row_version WHERE sent < version AND refused IS NULL"
        ).fetchone()
    return int(row[0])


def refusals(store: Store) -> list[str]:
    """Return what the portal said of the rows that it refused."""
    with store.read() as db:
        rows = db.execute(
            "SELECT kind, id, refused FROM row_version WHERE refused IS NOT NULL"
        ).fetchall()
    return [f"{row['kind']} {row['id']} : {row['refused']}" for row in rows]


def next_batch(store: Store, max_changes: int, max_bytes: int) -> Batch | None:
    """Return the batch whose answer is unknown, else a new one, else None.

    The catalogue goes before the agenda, so that a range never names a resource still to come.
    """
    open_one = unanswered(store)
    if open_one is not None:
        return open_one
    if pending(store) == 0:
        return None
    with store.write() as db:
        body = {"token": get_state(db, "token"), "changes": _changes(db, max_changes, max_bytes)}
        batch = Batch(uuid4().hex, dump(body))
        db.execute("INSERT INTO batch VALUES (?, ?)", (batch.key, batch.body))
    return batch


def unanswered(store: Store) -> Batch | None:
    """Return the batch whose answer is unknown, or None."""
    with store.read() as db:
        row = db.execute("SELECT key, body FROM batch").fetchone()
    return None if row is None else Batch(row["key"], row["body"])


def confirm(store: Store, batch: Batch, reply: Mapping[str, Any]) -> None:
    """Note that the portal applied ``batch``, where it stands now, and what lies on bookings.

    A row that it had already, at that version or a later one, was sent by another desktop or by
    one that this one was restored from: then everything is to be told. A batch that the store
    does not hold any more, because it was restored meanwhile, leaves no trace.
    """
    with store.write() as db:
        if not _forget(db, batch):
            return
        changes = batch.changes
        db.executemany(
            "UPDATE row_version SET sent = :version WHERE kind = :kind AND id = :id", changes
        )
        set_state(db, "token", reply["token"])
        sent = [change["id"] for change in changes if change["kind"] == "busy"]
        conflicts.note(db, reply["conflicts"], sent)
        if any(result["status"] != "applied" for result in reply["results"]):
            set_state(db, SNAPSHOT_DUE, "1")


def bad_items(error: RefusedError, rows: int) -> list[dict[str, Any]]:
    """Return what is wrong with which of so many rows; a single one too large is to blame."""
    if error.status == 413 and rows == 1:
        return [{"pointer": "/changes/0", "detail": error.detail}]
    return error.errors if error.status == 422 else []


def set_aside(
    store: Store, rows: Sequence[dict[str, Any]], errors: Sequence[dict[str, Any]]
) -> int:
    """Keep the rows that the portal calls invalid from being sent, until they are edited.

    Each error has a ``pointer`` such as ``/changes/3/data/end``, where 3 is the place of the row
    in ``rows``, and a ``detail``. Returns how many errors name a row.
    """
    found = [(row, error) for error in errors if (row := _pointed(rows, error)) is not None]
    if found:
        with store.write() as db:
            db.executemany(
                "UPDATE row_version SET refused = ? WHERE kind = ? AND id = ? AND version = ?",
                [
                    (str(error.get("detail", "")), *map(row.get, ("kind", "id", "version")))
                    for row, error in found
                ],
            )
    return len(found)


def _pointed(rows: Sequence[dict[str, Any]], error: Mapping[str, Any]) -> dict[str, Any] | None:
    parts = str(error.get("pointer", "")).split("/")
    if len(parts) < 3 or parts[1] not in {"changes", "items"} or not parts[2].isdecimal():
        return None
    return rows[int(parts[2])] if int(parts[2]) < len(rows) else None


def discard(store: Store, batch: Batch) -> None:
    """Give up ``batch``: its rows are gathered again."""
    with store.write() as db:
        _forget(db, batch)


def _forget(db: sqlite3.Connection, batch: Batch) -> bool:
    return db.execute("DELETE FROM batch WHERE key = ?", (batch.key,)).rowcount > 0


def _changes(db: sqlite3.Connection, max_changes: int, max_bytes: int) -> list[dict[str, Any]]:
    rows = db.execute(
        "SELECT kind, id, version FROM row_version WHERE sent < version AND refused IS NULL"
        " ORDER BY kind = 'busy', kind, rowid LIMIT ?",
        (max_changes,),
    ).fetchall()
    changes: list[dict[str, Any]] = []
    room = max_bytes - ENVELOPE_BYTES
    for row in rows:
        found = change(db, row["kind"], row["id"], row["version"])
        room -= len(dump(found).encode()) + 1
        if changes and room < 0:
            break
        changes.append(found)
    return changes


def change(db: sqlite3.Connection, kind: Kind, row_id: str, version: int) -> dict[str, Any]:
    """Return a row as a change carries it: whole, or its deletion."""
    data = _item_data(db, kind, row_id) if kind in CATALOGUE else _busy_data(db, row_id)
    made: dict[str, Any] = {"op": "delete" if data is None else "upsert"}
    made |= {"kind": kind, "id": row_id, "version": version}
    return made if data is None else made | {"data": data}


def _item_data(db: sqlite3.Connection, kind: Kind, row_id: str) -> dict[str, Any] | None:
    item = catalogue.item(db, kind, row_id)
    return None if item is None or item.deleted else item.data


def _busy_data(db: sqlite3.Connection, row_id: str) -> dict[str, Any] | None:
    entry = agenda.entry(db, row_id)
    if entry is None or not entry.occupies:
        return None
    return {
        "resource_id": entry.resource_id,
        "type": entry.type,
        "start": rfc3339(entry.starts_at),
        "end": rfc3339(entry.ends_at),
        "booking_id": entry.booking_id,
    }


def dump(value: object) -> str:
    """Return ``value`` as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
