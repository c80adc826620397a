"""What goes up: the rows that changed, gathered into a batch that survives lost replies."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from . import agenda, catalogue
from .dates import rfc3339
from .store import CATALOGUE, Kind, Store, set_state

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
    with store.read() as db:
        row = db.execute("SELECT key, body FROM batch").fetchone()
    if row is not None:
        return Batch(row["key"], row["body"])
    if pending(store) == 0:
        return None
    with store.write() as db:
        body = {"token": _token(db), "changes": _changes(db, max_changes, max_bytes)}
        batch = Batch(uuid4().hex, dump(body))
        db.execute("INSERT INTO batch VALUES (?, ?)", (batch.key, batch.body))
    return batch


def confirm(store: Store, batch: Batch, token: str) -> None:
    """Note that the portal applied ``batch`` and now stands at ``token``."""
    with store.write() as db:
        db.executemany(
            "UPDATE row_version SET sent = :version WHERE kind = :kind AND id = :id",
            batch.changes,
        )
        set_state(db, "token", token)
        _forget(db, batch)


def set_aside(
    store: Store, rows: Sequence[dict[str, Any]], errors: Sequence[dict[str, Any]]
) -> None:
    """Keep the rows that the portal calls invalid from being sent, until they are edited.

    Each error has a ``pointer`` such as ``/changes/3/data/end``, where 3 is the place of the row
    in ``rows``, and a ``detail``.
    """
    with store.write() as db:
        for error in errors:
            parts = str(error.get("pointer", "")).split("/")
            if len(parts) > 2 and parts[1] in {"changes", "items"} and parts[2].isdecimal():
                row = rows[int(parts[2])]
                db.execute(
                    "UPDATE row_version SET refused = ? WHERE kind = ? AND id = ? AND version = ?",
                    (str(error.get("detail", "")), *map(row.get, ("kind", "id", "version"))),
                )


def discard(store: Store, batch: Batch) -> None:
    """Give up ``batch``: its rows are gathered again."""
    with store.write() as db:
        _forget(db, batch)


def _forget(db: sqlite3.Connection, batch: Batch) -> None:
    db.execute("DELETE FROM batch WHERE key = ?", (batch.key,))


def _token(db: sqlite3.Connection) -> str:
    return str(db.execute("SELECT value FROM state WHERE name = 'token'").fetchone()["value"])


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
