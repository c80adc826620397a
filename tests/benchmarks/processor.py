"""The processor that a served portal and its database have had."""

from collections.abc import Iterable

import psutil
import sqlalchemy as sa

from tests.support.served import Served

MARIADB = frozenset({"mariadbd", "mysqld"})
BACKENDS = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def spent(served: Served) -> tuple[float, float]:
    """Return the seconds of the server's processes, and of those that serve its database now.

    PostgreSQL's are the connections of this database, MariaDB's all that it does; SQLite has none.
    """
    server = psutil.Process(served.pid)
    return (
        _seconds([server, *server.children(recursive=True)]),
        _seconds(_of_database(served.database_url)),
    )


def _of_database(url: str) -> Iterable[psutil.Process]:
    if url.startswith("postgresql"):
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            pids = connection.scalars(sa.text(BACKENDS)).all()
        return [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    names = MARIADB if url.startswith("mysql") else ()
    return [one for one in psutil.process_iter(["name"]) if one.info["name"] in names]


def _seconds(processes: Iterable[psutil.Process]) -> float:
    """Return the seconds of processes and of their children that have ended."""
    total = 0.0
    for one in processes:
        try:
            total += sum(one.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return total
