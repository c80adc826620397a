"""The rows of one deed, and the clinic's place in the feed: one statement where that can be."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import Base, ClinicAccount

from .connection import on_postgresql

Row = tuple[type[Base], Mapping[str, Any]]


class _Shape(NamedTuple):
    """What is inserted into a table: which columns, and in which of them its rows differ."""

    model: type[Base]
    columns: tuple[str, ...]
    differing: tuple[str, ...]


def insert_together(
    session: Session, rows: Iterable[Row], account_id: uuid.UUID, event_seq: int
) -> None:
    """Insert rows, those of a table one after the other, and note how far the feed goes.

    A row names all columns that are not to be NULL, for no default is applied, and those of a
    table the same ones. A table comes after those that it refers to.

    PostgreSQL gets a single statement: to send one costs it, and SQLAlchemy, more than its rows.
    """
    groups = [(model, [row for _, row in group]) for model, group in groupby(rows, _model)]
    connection, place = session.connection(), {"account": account_id, "place": event_seq}
    if on_postgresql(session):
        shapes = tuple(_shape(model, of) for model, of in groups)
        asked = {
            _name(n, column): _values(of, column, shape)
            for n, ((_, of), shape) in enumerate(zip(groups, shapes, strict=True))
            for column in shape.columns
        }
        connection.execute(_statement(shapes), asked | place)
        return
    for model, of in groups:
        connection.execute(sa.insert(_table(model)), of)
    connection.execute(_statement(()), place)


def _shape(model: type[Base], of: Sequence[Mapping[str, Any]]) -> _Shape:
    first, *others = of
    columns = tuple(first)
    differing = tuple(name for name in columns if any(row[name] != first[name] for row in others))
    if others and not differing:
        differing = columns[:1]  # the same row twice: for the database to refuse
    return _Shape(model, columns, differing)


def _values(of: Sequence[Mapping[str, Any]], column: str, shape: _Shape) -> Any:
    return [row[column] for row in of] if column in shape.differing else of[0][column]


@lru_cache(maxsize=64)
def _statement(shapes: Sequence[_Shape]) -> sa.Update:
    account = _table(ClinicAccount)
    inserts = [_insert(n, shape).cte(f"rows_{n}") for n, shape in enumerate(shapes)]
    return (
        sa.update(account)
        .where(account.c.id == sa.bindparam("account"))
        .values(event_seq=sa.bindparam("place"))
        .add_cte(*inserts)
    )


def _insert(n: int, shape: _Shape) -> sa.Insert:
    table = _table(shape.model)

    def given(column: str) -> Any:
        kind = table.c[column].type
        if column in shape.differing:
            return sa.func.unnest(sa.bindparam(_name(n, column), type_=ARRAY(kind)))
        return sa.bindparam(_name(n, column), type_=kind)

    values = {column: given(column) for column in shape.columns}
    if not shape.differing:
        return sa.insert(table).values(values)
    return sa.insert(table).from_select(shape.columns, sa.select(*values.values()))


def _model(row: Row) -> type[Base]:
    return row[0]


def _name(n: int, column: str) -> str:
    return f"{column}_{n}"


def _table(model: type[Base]) -> sa.Table:
    return cast("sa.Table", model.__table__)
