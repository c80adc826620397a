"""The ways in which a session meets its database, where the usual one costs more than it needs."""

from contextlib import suppress
from functools import lru_cache
from typing import Any, Protocol

import sqlalchemy as sa
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy.orm import Session, scoped_session
from sqlalchemy.pool import PoolProxiedConnection

Query = sa.Select[Any] | sa.CompoundSelect[Any]
_CURSOR = "logivet_rdv.cursor"
"""Where a connection keeps its cursor: one that is new asks anew how each type is written."""


def on_postgresql(session: Session) -> bool:
    """Tell whether a session's database is PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


def each_for_itself(session: Session) -> None:
    """Have each statement of a session be its own transaction until the next commit or rollback.

    What is committed is what is read, and nothing is exchanged with the server to begin and to
    end: a third of the cost of one query. Nor is anything rolled back, after which psycopg has all
    statements of the connection prepared anew. Only on PostgreSQL, as elsewhere the switch costs
    more than it saves. A transaction that goes on already is left alone.
    """
    if on_postgresql(session) and not session.in_transaction():
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})


def unhurried(session: Session) -> None:
    """Have no one wait for the disk because of this transaction, which upkeep can do again.

    A crash within the second after its commit undoes it. Only on PostgreSQL, where the commit of a
    booking would await that of much upkeep.
    """
    if on_postgresql(session):
        session.execute(sa.text("SET LOCAL synchronous_commit TO OFF"))


def rows(session: Session, query: Query, asked: Any) -> Any:
    """Return the rows of a query of columns, straight through the session's connection.

    That is half of what the same costs through the ORM; what the session holds is flushed first,
    as there.
    """
    session.flush()
    return session.connection().execute(query, asked).all()


class Database(Protocol):
    """What the host's Flask-SQLAlchemy has."""

    @property
    def engine(self) -> sa.Engine:
        """Return the engine of the default bind."""

    @property
    def session(self) -> scoped_session[Any]:
        """Return the sessions of requests."""


def rows_apart(db: Database, query: Query, asked: Any) -> Any:
    """Return the rows of a query of columns as committed, for a page that asks nothing else.

    Where each statement can be its own transaction, see `each_for_itself`, it has a connection of
    its own: a session that is not begun costs nothing to end.
    """
    if db.engine.dialect.name != "postgresql" or not _may_pass_by(db.session):
        return rows(db.session(), query, asked)
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        return connection.execute(query, asked).all()


def plain_rows(source: Session | Database, query: Query, asked: dict[str, Any]) -> Any:
    """Return the rows of a query of integers, asked for by plain values.

    Of a session they are as in its transaction. Of a database they are as committed, for what
    every page asks: psycopg is asked without SQLAlchemy, whose part of so small a query is the
    larger one. So no type converts anything, and no event of the engine tells of it. Where it
    fails SQLAlchemy asks again: it knows which errors mean that the connection is lost.
    """
    if isinstance(source, Session):
        return rows(source, query, asked)
    engine, driver = source.engine, source.engine.dialect.dbapi
    if driver and engine.dialect.driver == "psycopg" and _may_pass_by(source.session):
        try:
            pooled = engine.raw_connection()
        except driver.Error as error:
            raise sa.exc.OperationalError(None, None, error) from error
        with suppress(driver.Error):
            return _by_psycopg(pooled, *_compiled(query, engine.dialect), asked)
    return rows_apart(source, query, asked)


def _may_pass_by(sessions: scoped_session[Any]) -> bool:
    """Tell whether a query may be asked beside the host's session.

    Not once that is begun, nor where it chooses the engine itself, as to read from a replica.
    """
    chooses = sessions.session_factory.class_.get_bind is not FlaskSession.get_bind
    begun = sessions.registry.has() and sessions().in_transaction()
    return not (begun or chooses)


def _by_psycopg(
    pooled: PoolProxiedConnection, query: str, given: dict[str, Any], asked: dict[str, Any]
) -> Any:
    connection: Any = pooled.driver_connection
    cursor = pooled.info.get(_CURSOR) or pooled.info.setdefault(_CURSOR, connection.cursor())
    try:
        before, connection.autocommit = connection.autocommit, True
        found = cursor.execute(query, given | asked).fetchall()
        connection.autocommit = before
    except BaseException:
        pooled.invalidate()
        raise
    pooled.close()
    return found


@lru_cache(maxsize=64)
def _compiled(query: Query, dialect: sa.Dialect) -> tuple[str, dict[str, Any]]:
    """Return the text of a query for psycopg, and the values that it has of its own."""
    made = query.compile(dialect=dialect)
    return str(made), dict(made.params)
