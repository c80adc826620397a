"""Column types that mean the same on SQLite, PostgreSQL and MariaDB."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect

MARIADB = ("mysql", "mariadb")


def key(length: int) -> sa.types.TypeEngine[str]:
    """Return a string type compared byte for byte.

    MariaDB's default collation says that ``Ab-1`` equals ``áb-1 ``; the other two do not.
    """
    exact = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_nopad_bin")
    return sa.String(length).with_variant(exact, *MARIADB)


def uid() -> sa.types.TypeEngine[Any]:
    """Return the UUID type, CHAR(32) where the database has none of its own."""
    return sa.Uuid().with_variant(sa.Uuid(native_uuid=False), *MARIADB)


class Moment(sa.types.TypeDecorator[datetime]):
    """An instant: aware datetimes in and out, kept in UTC to the microsecond."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Ask MariaDB for microseconds, which its DATETIME drops unless told."""
        if dialect.name in MARIADB:
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive value, which would be read as another instant elsewhere."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone.")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the UTC back that SQLite and MariaDB forget."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class HostKey(sa.types.UserDefinedType[Any]):
    """Stands for the type of a key of the host until `bind_host` puts the real one in."""

    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        """Raise: a table cannot be made before the host's models are known."""
        raise RuntimeError("LogivetRdv.init_app() has not run: the host's models are unknown.")


JSON = sa.JSON(none_as_null=True)
"""A value read and written whole, never queried."""
