"""Entries of the agenda that lie on an online booking: the portal tells, a person decides."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from . import agenda
from .agenda import Entry
from .store import Store

Told = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Conflict:
    """An entry, and the one that mirrors the booking under it; None until the booking arrives."""

    entry: Entry
    mirror: Entry | None


def note(db: sqlite3.Connection, told: Told, sent: Collection[str]) -> None:
    """Keep the conflicts of the entries just ``sent``: ``told`` is all that the portal says."""
    db.executemany("DELETE FROM conflict WHERE entry_id = ?", [(one,) for one in sent])
    _add(db, told)


def note_all(db: sqlite3.Connection, told: Told) -> None:
    """Keep what the portal says after it was told everything: all the conflicts that stand."""
    db.execute("DELETE FROM conflict")
    _add(db, told)


def standing(store: Store) -> list[Conflict]:
    """Return the conflicts that are not settled yet, by the entry's start."""
    with store.read() as db:
        rows = db.execute("SELECT booking_id, entry_id FROM conflict").fetchall()
        pairs = [
            Conflict(entry, agenda.mirror(db, row["booking_id"]))
            for row in rows
            if (entry := agenda.entry(db, row["entry_id"])) is not None
        ]
    return sorted(filter(_stands, pairs), key=lambda pair: (pair.entry.starts_at, pair.entry.id))


def _add(db: sqlite3.Connection, told: Told) -> None:
    db.executemany(
        "INSERT OR IGNORE INTO conflict VALUES (?, ?)",
        [(pair["booking_id"], pair["busy_id"]) for pair in told],
    )


def _stands(pair: Conflict) -> bool:
    entry, mirror = pair.entry, pair.mirror
    return entry.occupies and (mirror is None or mirror.overlaps(entry))
