"""The pages and bookings of the portal beside a bare Flask route; see README.md.

python -m tests.benchmarks
python -m tests.benchmarks --databases sqlite,mariadb --rounds 3 --seconds 1
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import sqlalchemy as sa

from host_example.models import db
from tests.benchmarks import cases, load, report
from tests.benchmarks.application import COLD, NOTHING
from tests.benchmarks.cases import Case, Goal, always
from tests.benchmarks.crowd import copies_of
from tests.benchmarks.long_polls import GUNICORN
from tests.benchmarks.report import Row
from tests.benchmarks.world import make_world
from tests.support.redis import any_redis
from tests.support.served import Served, served

CALENDAR = Goal(rps=0.12, cpu=10)
KEPT = Goal(rps=0.35, cpu=3.5)
BOOKING = Goal(rps=0.05, cpu=15)
PAGE = Goal(p50_ms=60)
CROWDS = (1, 10, 100)
PASTS = (8_000, 80_000)


def measured(running: Served, asked: Sequence[Case], rounds: int, seconds: int) -> list[Row]:
    """Ask each case once a round, the bare route before each.

    A first round only warms, and leaves rows of all that is written for the planner to know.
    """
    rows = [Row(case) for case in asked]
    bare = cases.bare(running.url)
    for row in rows:
        load.ask(row.case.ask(0), 1, running)
    _analyze(running)
    for number in range(1, rounds + 1):
        for row in rows:
            row.bare.append(load.ask(bare, seconds, running))
            row.loads.append(load.ask(row.case.ask(number), seconds, running))
    return rows


def of_database(running: Served, rounds: int, seconds: int) -> Iterator[Row]:
    """Yield what one database showed: growing crowds, then growing pasts, then the rest."""
    app, url = running.app, running.url
    clinic, clinics = make_world(app), 1
    computed, kept = cases.calendar(url, clinic, COLD), cases.calendar(url, clinic)
    for crowd in CROWDS:
        copies_of(clinic, crowd - clinics)
        clinics = crowd
        two = [
            Case(f"W1 computed, {crowd} clinics", always(computed), CALENDAR),
            Case(f"W1 kept, {crowd} clinics", always(kept), KEPT),
        ]
        yield from measured(running, two, rounds, seconds)
    worlds = {past: cases.calendar(url, make_world(app, past), COLD) for past in PASTS}
    with tempfile.TemporaryDirectory() as folder:
        rest = [Case("W1 of nothing kept", always(cases.calendar(url, clinic, NOTHING)))]
        rest += [
            Case(f"W1 computed, {past} past", always(world), CALENDAR)
            for past, world in worlds.items()
        ]
        rest += [
            Case(f"booking, {n} clinics", cases.bookings(url, app, Path(folder), n), BOOKING)
            for n in CROWDS[:2]
        ]
        rest += [
            Case(f"account, 300 {name}", always(one), PAGE)
            for name, one in cases.account_pages(url, app).items()
        ]
        yield from measured(running, rest, rounds, seconds)


def _analyze(running: Served) -> None:
    """Give the planner its statistics, as a database has them that has run for a day."""
    statement = {"postgresql": "ANALYZE", "sqlite": "ANALYZE"}
    with running.app.app_context(), db.engine.connect() as connection:
        if name := statement.get(connection.dialect.name):
            connection.execute(sa.text(name))
            connection.commit()


def main() -> None:
    """Print a table for each database, and write all of it."""
    read = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    read.add_argument("--databases", default="postgresql,sqlite,mariadb")
    read.add_argument("--rounds", type=int, default=5)
    read.add_argument("--seconds", type=int, default=2)
    read.add_argument("--json", type=Path, default=Path("benchmarks.json"))
    given = read.parse_args()
    load.needed()
    results = {}
    for kind in given.databases.split(","):
        with any_redis() as redis, tempfile.TemporaryDirectory() as folder:
            environment = {"REDIS_URL": redis}
            with served(
                kind, Path(folder), server=GUNICORN, environment=environment,
                application="tests.benchmarks.application:application",
            ) as running:  # fmt: skip
                results[kind] = list(of_database(running, given.rounds, given.seconds))
        print(f"\n{kind}\n\n" + "\n".join(report.lines(results[kind])), flush=True)  # noqa: T201
    report.written(given.json, results)


if __name__ == "__main__":
    main()
