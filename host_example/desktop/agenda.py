"""The agenda: appointments, notes, unavailabilities and reserved time."""

import sqlite3
from dataclasses import asdict, dataclass
from typing import Literal
from uuid import uuid4

from .store import touch

EntryType = Literal["appointment", "note", "unavailability", "reservation"]
TYPES: dict[EntryType, str] = {
    "appointment": "Rendez-vous",
    "note": "Note",
    "unavailability": "Non-disponibilité",
    "reservation": "Réservation de temps",
}
MAX_DAYS = 366


@dataclass(frozen=True, slots=True)
class Entry:
    """One range of the agenda; ``resource_id`` None is the « Non assigné » column.

    ``starts_at`` and ``ends_at`` are UTC epoch seconds, half-open. An entry that mirrors an online
    booking has its ``booking_id``, the ``booking_version`` last applied, the ``listed_version``
    last read from the full list, and its ``facts`` as JSON.
    """

    id: str
    type: EntryType
    resource_id: str | None
    starts_at: int
    ends_at: int
    title: str
    language: str = ""
    cancelled: bool = False
    description: str = ""
    booking_id: str | None = None
    booking_version: int = 0
    listed_version: int = 0
    facts: str = "{}"
    deleted: bool = False

    @property
    def label(self) -> str:
        """The line of the agenda: « Solutions Vet (Fr) »."""
        title = self.title or TYPES[self.type]
        return f"{title} ({self.language.capitalize()})" if self.language else title

    @property
    def status(self) -> str:
        """« Confirmé » or « Annulé »."""
        return "Annulé" if self.cancelled else "Confirmé"

    @property
    def occupies(self) -> bool:
        """Whether its range is taken: neither deleted nor cancelled."""
        return not (self.deleted or self.cancelled)

    def overlaps(self, other: "Entry") -> bool:
        """Whether both take some of the same time of the same resource."""
        return (
            self.occupies
            and other.occupies
            and self.resource_id == other.resource_id
            and self.starts_at < other.ends_at
            and other.starts_at < self.ends_at
        )


def new_id() -> str:
    """Return a fresh key for an entry made by hand."""
    return f"A-{uuid4().hex}"


def _entry(row: sqlite3.Row) -> Entry:
    values = dict(row)
    values |= {"cancelled": bool(row["cancelled"]), "deleted": bool(row["deleted"])}
    return Entry(**values)


def entry(db: sqlite3.Connection, entry_id: str) -> Entry | None:
    """Return one entry, deleted or not, or None."""
    row = db.execute("SELECT * FROM entry WHERE id = ?", (entry_id,)).fetchone()
    return None if row is None else _entry(row)


def mirror(db: sqlite3.Connection, booking_id: str) -> Entry | None:
    """Return the entry that mirrors an online booking, deleted or not, or None."""
    row = db.execute("SELECT * FROM entry WHERE booking_id = ?", (booking_id,)).fetchone()
    return None if row is None else _entry(row)


def entries(db: sqlite3.Connection, start: int = 0, end: int = 2**62) -> list[Entry]:
    """Return the live entries that touch ``[start, end)``, by start."""
    rows = db.execute(
        "SELECT * FROM entry WHERE NOT deleted AND ends_at > ? AND starts_at < ?"
        " ORDER BY starts_at, id",
        (start, end),
    )
    return [_entry(row) for row in rows]


def save(db: sqlite3.Connection, row: Entry) -> None:
    """Insert or replace ``row`` and queue it for the portal when its range or mirror changed."""
    before = entry(db, row.id)
    if before == row:
        return
    values = asdict(row)
    db.execute(
        "INSERT OR REPLACE INTO entry (id, type, resource_id, starts_at, ends_at, title, language,"
        " cancelled, description, booking_id, booking_version, listed_version, facts, deleted)"
        " VALUES (:id, :type, :resource_id, :starts_at, :ends_at, :title, :language, :cancelled,"
        " :description, :booking_id, :booking_version, :listed_version, :facts, :deleted)",
        values,
    )
    if before is None or _range(before) != _range(row):
        touch(db, "busy", row.id)


def _range(row: Entry) -> tuple[object, ...]:
    return row.occupies, row.type, row.resource_id, row.starts_at, row.ends_at, row.booking_id


def entry_type(value: str) -> EntryType | None:
    """Return ``value`` as an entry type, or None when it is none."""
    return next((kind for kind in TYPES if kind == value), None)
