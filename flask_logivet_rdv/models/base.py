"""The package's own declarative base, and the bridge to the host's tables."""

import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from .types import uid

CONVENTION = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

_links: list[tuple[str, str, str, str]] = []
_bound: dict[str, type] = {}


class Base(DeclarativeBase):
    """Base of every table of the package, on a metadata that is not the host's."""

    metadata = sa.MetaData(naming_convention=CONVENTION)


class OfAccount:
    """A table of one clinic: its account is the first column of the primary key.

    With composite foreign keys the database itself proves that nothing of one clinic
    refers to another, and a lookup without the tenant cannot be written.
    """

    @declared_attr
    def account_id(self) -> Mapped[uuid.UUID]:
        """Return the tenant's column."""
        return mapped_column(
            uid(),
            sa.ForeignKey("rdv_clinic_account.id", ondelete="CASCADE"),
            primary_key=True,
            sort_order=-1,
        )


def of_account(*columns: str, to: str, key: tuple[str, ...] = ("id",), **kw: Any) -> Any:
    """Return the composite foreign key ``(account_id, *columns)`` to a table of the same account.

    `to` is the table's name, `key` its key columns after the account. Without ``CASCADE``,
    MariaDB lets an account be deleted only if this table's name sorts before `to`: it follows
    the account's cascades one by one, by name.
    """
    return sa.ForeignKeyConstraint(
        ["account_id", *columns], [f"{to}.{name}" for name in ("account_id", *key)], **kw
    )


def host_link(table: str, column: str, role: str, ondelete: str) -> None:
    """Declare that a column refers to the host's model of that role (``clinic`` or ``user``)."""
    _links.append((table, column, role, ondelete))


def host_key(model: type) -> sa.Column[Any]:
    """Return the single primary-key column of a model of the host.

    Raises RuntimeError when the key has several columns.
    """
    columns: tuple[sa.Column[Any], ...] = sa.inspect(model, raiseerr=True).primary_key
    if len(columns) != 1:
        raise RuntimeError(
            f"{model.__name__} needs a single-column primary key, it has {len(columns)}."
        )
    return columns[0]


def bind_host(models: Mapping[str, type]) -> None:
    """Give the bridge columns the types of the host's keys, and real foreign keys to them.

    `models` maps ``clinic`` and ``user`` to the host's classes. Idempotent for the same
    classes; other ones in the same process raise RuntimeError, as mappings are process-wide, and
    so do models that were used before: they would keep a type that is no host's.
    """
    if _bound:
        if _bound != dict(models):
            raise RuntimeError("LogivetRdv is already bound to other host models in this process.")
        return
    if any(mapper.configured for mapper in Base.registry.mappers):
        raise RuntimeError("Models of flask_logivet_rdv were used before LogivetRdv.init_app().")
    for name, column_name, role, ondelete in _links:
        table, target = Base.metadata.tables[name], host_key(models[role])
        column = table.c[column_name]
        column.type = target.type
        table.append_constraint(sa.ForeignKeyConstraint([column], [target], ondelete=ondelete))
    _bound.update(models)
