"""The categories, species and resources of the clinic, as LogiVet's settings hold them."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from .store import Kind, touch


@dataclass(frozen=True, slots=True)
class Item:
    """One category, species or resource; ``id`` is LogiVet's own key. Only species are short."""

    kind: Kind
    id: str
    fr: str
    en: str
    short_fr: str = ""
    short_en: str = ""
    active: bool = True
    position: int = 0
    deleted: bool = False

    @property
    def data(self) -> dict[str, Any]:
        """The whole row as the protocol carries it."""
        data: dict[str, Any] = {"name": _names(self.fr, self.en), "active": self.active}
        if self.kind == "species" and (self.short_fr or self.short_en):
            data["short_name"] = _names(self.short_fr, self.short_en)
        if self.kind == "resource":
            data["position"] = self.position
        return data


def _names(fr: str, en: str) -> dict[str, str]:
    return {language: name for language, name in (("fr", fr), ("en", en)) if name}


def _item(row: sqlite3.Row) -> Item:
    values = dict(row)
    return Item(**values | {"active": bool(row["active"]), "deleted": bool(row["deleted"])})


def items(db: sqlite3.Connection, kind: Kind, *, deleted: bool = False) -> list[Item]:
    """Return the rows of ``kind`` in the order people see them; ``deleted`` adds tombstones."""
    rows = db.execute(
        "SELECT * FROM catalogue WHERE kind = ? AND deleted <= ? ORDER BY position, fr, id",
        (kind, deleted),
    )
    return [_item(row) for row in rows]


def item(db: sqlite3.Connection, kind: Kind, item_id: str) -> Item | None:
    """Return one row, deleted or not, or None."""
    row = db.execute(
        "SELECT * FROM catalogue WHERE kind = ? AND id = ?", (kind, item_id)
    ).fetchone()
    return None if row is None else _item(row)


def new_id(db: sqlite3.Connection, kind: Kind) -> str:
    """Return a key that no row of ``kind`` has had; tombstones keep theirs."""
    row = db.execute(
        "SELECT COALESCE(MAX(CAST(id AS INTEGER)), 0) + 1 FROM catalogue WHERE kind = ?", (kind,)
    ).fetchone()
    return str(row[0])


def save(db: sqlite3.Connection, row: Item) -> None:
    """Insert or replace ``row`` and queue it for the portal; a row left as it was stays quiet."""
    if item(db, row.kind, row.id) == row:
        return
    db.execute(
        "INSERT OR REPLACE INTO catalogue (kind, id, fr, en, short_fr, short_en, active, position,"
        " deleted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row.kind, row.id, row.fr, row.en, row.short_fr, row.short_en,
            row.active, row.position, row.deleted,
        ),
    )  # fmt: skip
    touch(db, row.kind, row.id)
