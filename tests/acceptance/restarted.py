"""A portal whose server ends and begins again on the same database, which may be put back."""

import contextlib
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from host_example.models import db
from tests.support.databases import database
from tests.support.portal import make_portal, migrate
from tests.support.served import SYNC, WAITRESS, running


@dataclass(frozen=True)
class Portal:
    """`app` is the portal in this process, to set scenes with; its clock is the real one."""

    app: Flask
    url: str
    folder: Path

    @contextmanager
    def serving(self) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
        """Give the address of the sync interface, and the process that answers there."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
        here = f"http://127.0.0.1:{port}"
        environment = {
            "DATABASE_URL": self.url,
            "RDV_DEMO_DATA": str(self.folder),
            "RDV_DEMO_PUBLIC_URL": here,
        }
        with running(WAITRESS, port, environment, self.folder / "portal.log") as process:
            yield here + SYNC, process

    def back_up(self) -> None:
        """Keep the database as it is; nobody uses it meanwhile."""
        self._copy("portal", "backup")

    def restore(self) -> None:
        """Put the database back as it was kept."""
        self._copy("backup", "portal")

    def _copy(self, source: str, target: str) -> None:
        self.close()
        if self.url.startswith("sqlite"):
            here, there = (self.folder / f"{name}.sqlite3" for name in (source, target))
            with closing(sqlite3.connect(here)) as old, closing(sqlite3.connect(there)) as new:
                old.backup(new)
            return
        own = sa.make_url(self.url).database
        names = {"portal": own, "backup": f"{own}_backup"}
        self._on_server(
            f"DROP DATABASE IF EXISTS {names[target]}",
            f"CREATE DATABASE {names[target]} TEMPLATE {names[source]}",
        )

    def _on_server(self, *statements: str) -> None:
        server = sa.make_url(self.url).set(database="postgres")
        engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))

    def close(self) -> None:
        """Let go of the database."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def forget_backup(self) -> None:
        """Drop the copy that a server keeps."""
        if not self.url.startswith("sqlite"):
            self._on_server(f"DROP DATABASE IF EXISTS {sa.make_url(self.url).database}_backup")


@contextmanager
def portal(kind: str, folder: Path) -> Iterator[Portal]:
    """Give a portal on an empty database of that kind, its tables made."""
    with database(kind, folder) as url, contextlib.ExitStack() as stack:
        made = Portal(make_portal(folder, url), url, folder)
        stack.callback(made.forget_backup)
        stack.callback(made.close)
        migrate(made.app)
        yield made
