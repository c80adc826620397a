"""Everything at once: what goes up when the portal does not know our last word."""

from collections.abc import Iterator, Mapping
from typing import Any

from . import conflicts
from .client import Portal, RefusedError
from .dates import epoch
from .outgoing import ENVELOPE_BYTES, bad_items, change, dump, set_aside
from .store import KINDS, SNAPSHOT_DUE, Store, get_state, set_state

Row = dict[str, Any]
OPENED = "snapshot_opened"


def ask(store: Store) -> None:
    """Note that everything is to be told; it stays noted until the portal has confirmed it."""
    with store.write() as db:
        set_state(db, SNAPSHOT_DUE, "1")


def due(store: Store) -> bool:
    """Return whether everything is to be told."""
    return bool(store.state(SNAPSHOT_DUE))


def send(store: Store, portal: Portal, limits: Mapping[str, Any], busy_from: str) -> None:
    """Tell the portal every row that we have, which is from then on the truth.

    Of the agenda, what ends after ``busy_from`` (RFC 3339): the past takes no slot. Rows that the
    portal calls invalid are set aside, and nothing is told: try again. Raises OfflineError and
    RefusedError as the portal's calls do.
    """
    opened = portal.open_snapshot(KINDS, busy_from)
    rows, since = _begin(store, opened["id"]), epoch(busy_from)
    living = [_item(row) for row in rows if row["op"] == "upsert" and not _is_past(row, since)]
    size = min(opened["part_size"], limits["changes_per_request"])
    n = 0
    for n, items in enumerate(_parts(living, size, limits["bytes_per_request"]), start=1):
        try:
            portal.put_part(opened["id"], n, dump({"items": items}))
        except RefusedError as error:
            if not set_aside(store, items, bad_items(error, len(items))):
                raise
            return
    _confirm(store, opened["id"], rows, portal.commit_snapshot(opened["id"], n))


def _begin(store: Store, snapshot_id: str) -> list[Row]:
    """Return every row and tombstone that the portal did not refuse, as one moment has them."""
    with store.write() as db:
        set_state(db, OPENED, snapshot_id)
        versions = db.execute(
            "SELECT kind, id, version FROM row_version WHERE refused IS NULL"
            " ORDER BY kind = 'busy', kind, rowid"
        ).fetchall()
        return [change(db, row["kind"], row["id"], row["version"]) for row in versions]


def _is_past(row: Row, since: int) -> bool:
    return row["kind"] == "busy" and epoch(row["data"]["end"]) <= since


def _item(row: Row) -> Row:
    return {name: row[name] for name in ("kind", "id", "version", "data")}


def _parts(items: list[Row], size: int, max_bytes: int) -> Iterator[list[Row]]:
    """Yield the rows in parts of at most ``size`` and ``max_bytes``; at least one part."""
    part: list[Row] = []
    room = max_bytes - ENVELOPE_BYTES
    for item in items:
        length = len(dump(item).encode()) + 1
        if part and (len(part) == size or length > room):
            yield part
            part, room = [], max_bytes - ENVELOPE_BYTES
        part.append(item)
        room -= length
    yield part


def _confirm(store: Store, snapshot_id: str, rows: list[Row], reply: Mapping[str, Any]) -> None:
    """Note that the portal has ``rows``, and where it stands.

    If the store was restored meanwhile, they are not its own, and everything is still to be told.
    """
    with store.write() as db:
        if get_state(db, OPENED) != snapshot_id:
            return
        db.execute("DELETE FROM batch")
        db.executemany(
            "UPDATE row_version SET sent = :version WHERE kind = :kind AND id = :id",
            [{name: row[name] for name in ("kind", "id", "version")} for row in rows],
        )
        set_state(db, "token", reply["token"])
        set_state(db, SNAPSHOT_DUE, "")
        conflicts.note_all(db, reply["conflicts"])
