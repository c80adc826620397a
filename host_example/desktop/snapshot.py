"""Everything at once: what goes up when the portal does not know our last word."""

from collections.abc import Iterator
from typing import Any

from .client import Portal, RefusedError
from .outgoing import ENVELOPE_BYTES, change, dump, set_aside
from .store import KINDS, Store, set_state

Row = dict[str, Any]


def send(store: Store, portal: Portal, max_bytes: int) -> None:
    """Tell the portal every row that we have, which is from then on the truth.

    Rows that the portal calls invalid are set aside, and nothing is told: try again. Raises
    OfflineError and RefusedError as the portal's calls do.
    """
    rows = _gather(store)
    opened = portal.open_snapshot(KINDS)
    living = [_item(row) for row in rows if row["op"] == "upsert"]
    n = 0
    for n, items in enumerate(_parts(living, opened["part_size"], max_bytes), start=1):
        try:
            portal.put_part(opened["id"], n, dump({"items": items}))
        except RefusedError as error:
            if error.status != 422 or not error.errors:
                raise
            set_aside(store, items, error.errors)
            return
    _confirm(store, rows, portal.commit_snapshot(opened["id"], n)["token"])


def _gather(store: Store) -> list[Row]:
    """Return every row and tombstone that the portal did not refuse, as one moment has them."""
    with store.read() as db:
        versions = db.execute(
            "SELECT kind, id, version FROM row_version WHERE refused IS NULL"
            " ORDER BY kind = 'busy', kind, rowid"
        ).fetchall()
        return [change(db, row["kind"], row["id"], row["version"]) for row in versions]


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


def _confirm(store: Store, rows: list[Row], token: str) -> None:
    """Note that the portal has ``rows``, and stands at ``token``."""
    with store.write() as db:
        db.execute("DELETE FROM batch")
        db.executemany(
            "UPDATE row_version SET sent = :version WHERE kind = :kind AND id = :id",
            [{name: row[name] for name in ("kind", "id", "version")} for row in rows],
        )
        set_state(db, "token", token)
