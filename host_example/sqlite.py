"""SQLite as a server for several threads and processes."""

from typing import Any

from sqlalchemy import Engine, event

BUSY_TIMEOUT_S = 20


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    # With a write-ahead log readers never wait for the writer.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
    cursor.close()


def prepare(engine: Engine) -> None:
    """Have each new connection of a SQLite `engine` wait, and keep its foreign keys."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
