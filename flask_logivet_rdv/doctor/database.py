"""The database: whether it answers, isolates as our lock needs, and waits."""

from collections.abc import Iterator

import sqlalchemy as sa
from flask import Flask

from flask_logivet_rdv.models.types import MARIADB
from flask_logivet_rdv.state import state

from .finding import Finding, Level

NAME, ISOLATION = "database", "isolation"
POSTGRESQL, SQLITE = "postgresql", "sqlite"
BUSY_MS = 15_000
WELL_ISOLATED = {
    POSTGRESQL: ("READ COMMITTED", "READ UNCOMMITTED"),  # the second one is the first one there
    **dict.fromkeys(MARIADB, ("REPEATABLE READ", "READ COMMITTED")),
}
ADVICE = {
    POSTGRESQL: "Whoever waits for a clinic's lock is refused (40001) and tries again, at most"
    " 5 times. Use READ COMMITTED.",
    **dict.fromkeys(MARIADB, "Use REPEATABLE READ, MariaDB's own default."),
}


def look(app: Flask) -> Iterator[Finding]:
    """Yield what the host's database is, and how its connections are set."""
    connection = state().db.session().connection()
    connection.execute(sa.select(1))
    version = ".".join(str(part) for part in connection.dialect.server_version_info or ())
    if connection.dialect.name == SQLITE:
        told = f"SQLite {version}: for one machine only."
        yield Finding(NAME, Level.OK, told)
        yield from _sqlite(connection)
    else:
        kind = {POSTGRESQL: "PostgreSQL"}.get(connection.dialect.name, "MariaDB")
        yield Finding(NAME, Level.OK, f"{kind} {version} answers.")
        yield _isolation(connection)


def _isolation(connection: sa.Connection) -> Finding:
    kind, level = connection.dialect.name, connection.get_isolation_level()
    if _commits_by_itself(connection):
        told = (
            "AUTOCOMMIT: no lock holds, and two people can book one slot."
            " Take it out of SQLALCHEMY_ENGINE_OPTIONS."
        )
        return Finding(ISOLATION, Level.ERROR, told)
    if level in WELL_ISOLATED.get(kind, (level,)):
        return Finding(ISOLATION, Level.OK, f"{level}.")
    return Finding(ISOLATION, Level.WARNING, f"{level}. {ADVICE[kind]}")


def _commits_by_itself(connection: sa.Connection) -> bool:
    """Tell whether each statement commits; of MariaDB the server tells, whatever the driver."""
    if connection.dialect.name in MARIADB:
        return bool(connection.exec_driver_sql("SELECT @@autocommit").scalar())
    return getattr(connection.connection.dbapi_connection, "autocommit", False) is True


def _sqlite(connection: sa.Connection) -> Iterator[Finding]:
    def pragma(name: str) -> str:
        return str(connection.exec_driver_sql(f"PRAGMA {name}").scalar())

    if pragma("foreign_keys") == "1":
        yield Finding("sqlite: foreign keys", Level.OK, "Kept.")
    else:
        told = "Not kept. Run PRAGMA foreign_keys=ON on each new connection."
        yield Finding("sqlite: foreign keys", Level.ERROR, told)
    waits = int(pragma("busy_timeout"))
    told = f"A writer waits {waits / 1000:g} s for another."
    if waits >= BUSY_MS:
        yield Finding("sqlite: busy timeout", Level.OK, told)
    else:
        told += f" Run PRAGMA busy_timeout={BUSY_MS} or more on each new connection."
        yield Finding("sqlite: busy timeout", Level.WARNING, told)
    journal = pragma("journal_mode")
    if journal == "wal":
        yield Finding("sqlite: journal", Level.OK, "WAL: readers never wait for the writer.")
    else:
        told = f"{journal}: readers wait for the writer. Run PRAGMA journal_mode=WAL."
        yield Finding("sqlite: journal", Level.WARNING, told)
