"""Hundreds of rows in one statement, in the way of each database."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session

from flask_logivet_rdv.models import Base

from .connection import on_postgresql

T = TypeVar("T")


def among(
    session: Session, column: InstrumentedAttribute[T], keys: Collection[Any]
) -> sa.ColumnElement[bool]:
    """Return the condition that a column holds one of many keys.

    PostgreSQL gets them as rows to join with. As hundreds of parameters they end in a plan, made
    once for any keys, that compares each row of the clinic with each of them.
    """
    if on_postgresql(session):
        return column.in_(sa.select(_rows(column.type, keys)))
    return column.in_(keys)


def insert_all(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that name the same columns; at least one.

    PostgreSQL gets each column as an array: row by row, most of the time is the client's.
    """
    table, names = cast("sa.Table", model.__table__), list(rows[0])
    if on_postgresql(session):
        columns = [_rows(table.c[name].type, [row[name] for row in rows]) for name in names]
        session.execute(sa.insert(table).from_select(names, sa.select(*columns)))
    else:
        session.execute(sa.insert(table), rows)


def _rows(kind: sa.types.TypeEngine[Any], values: Collection[Any]) -> sa.ColumnElement[Any]:
    return sa.func.unnest(sa.literal(list(values), ARRAY(kind)))
