"""LogiVet's own SQLite file: schema, transactions, small values, and the version of every row.

Moments are integer UTC epoch seconds, ranges half-open. Verbs of the other modules take the
connection that ``Store.write`` yields, so that several of them make one transaction.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

Kind = Literal["category", "species", "resource", "busy"]
CATALOGUE: tuple[Kind, ...] = ("category", "species", "resource")
KINDS: tuple[Kind, ...] = (*CATALOGUE, "busy")
SNAPSHOT_DUE = "snapshot_due"
"""The value that says that the portal is to be told everything."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS catalogue (
    kind TEXT NOT NULL, id TEXT NOT NULL, fr TEXT NOT NULL, en TEXT NOT NULL,
    short_fr TEXT NOT NULL, short_en TEXT NOT NULL, active INTEGER NOT NULL,
    position INTEGER NOT NULL, deleted INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (kind, id));
CREATE TABLE IF NOT EXISTS entry (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, resource_id TEXT, starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL CHECK (ends_at > starts_at), title TEXT NOT NULL,
    language TEXT NOT NULL, cancelled INTEGER NOT NULL, description TEXT NOT NULL,
    booking_id TEXT UNIQUE, booking_version INTEGER NOT NULL, listed_version INTEGER NOT NULL,
    facts TEXT NOT NULL, deleted INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS entry_time ON entry (starts_at);
CREATE TABLE IF NOT EXISTS message (
    event_id TEXT PRIMARY KEY, subject TEXT NOT NULL, body TEXT NOT NULL, at TEXT NOT NULL,
    read INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS applied_event (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS row_version (
    kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0, refused TEXT, PRIMARY KEY (kind, id));
CREATE TABLE IF NOT EXISTS batch (key TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS conflict (
    booking_id TEXT NOT NULL, entry_id TEXT NOT NULL, PRIMARY KEY (booking_id, entry_id));
"""


class Store:
    """One SQLite file, shared by the threads of one process.

    ``changed`` is called after every committed write, outside the lock.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(SCHEMA)
        self.changed: Callable[[], None] = lambda: None

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection inside one transaction: all of it is kept, or nothing."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute(
                    "INSERT INTO state VALUES ('revision', '1') ON CONFLICT (name)"
                    " DO UPDATE SET value = CAST(value AS INTEGER) + 1"
                )
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        self.changed()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection for reading; no other thread writes meanwhile."""
        with self._lock:
            yield self._db

    def state(self, name: str, default: str = "") -> str:
        """Return the value kept under ``name``, or ``default``."""
        with self.read() as db:
            return get_state(db, name, default)

    def backup(self, path: Path) -> None:
        """Copy all that the file holds to ``path``, whatever is there."""
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as copy, self._lock:
            self._db.backup(copy)

    def restore(self, path: Path) -> None:
        """Go back to what ``backup`` copied to ``path``. Raises FileNotFoundError without it."""
        if not path.exists():
            raise FileNotFoundError(path)
        with closing(sqlite3.connect(path)) as copy, self._lock:
            copy.backup(self._db)
        self.changed()

    def close(self) -> None:
        """Close the file; the store is of no use afterwards."""
        with self._lock:
            self._db.close()


def get_state(db: sqlite3.Connection, name: str, default: str = "") -> str:
    """Return the value kept under ``name``, or ``default``."""
    row = db.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
    return default if row is None else str(row["value"])


def set_state(db: sqlite3.Connection, name: str, value: str) -> None:
    """Keep ``value`` under ``name``."""
    db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))


def touch(db: sqlite3.Connection, kind: Kind, row_id: str) -> None:
    """Raise the version of a row that has changed: it is to be sent to the portal."""
    db.execute(
        "INSERT INTO row_version (kind, id, version) VALUES (?, ?, 1) ON CONFLICT (kind, id)"
        " DO UPDATE SET version = version + 1, refused = NULL",
        (kind, row_id),
    )
