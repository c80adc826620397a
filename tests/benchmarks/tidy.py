"""How long `flask rdv tidy` takes on old rows, and how long bookings wait meanwhile.

    RDV_TEST_POSTGRESQL=postgresql://… python -m tests.benchmarks.tidy --rows 1000000
    python -m tests.benchmarks.tidy --rows 100000 --databases sqlite,postgresql,mariadb

The old rows are all of one clinic, where one thread books and cancels without a pause; `tidy` runs
in a process of its own, as the worker does, and stands still for a second after every 3: what
bookings wait without it, on the same machine in the same minutes, is what it is compared with. A
wait is the time of one transaction of a booking.
"""

import argparse
import multiprocessing
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import (
    Base,
    Booking,
    Busy,
    CancelLink,
    ClinicAccount,
    Event,
    Outbox,
    Reply,
    SyncKey,
)
from flask_logivet_rdv.services import upkeep
from host_example.models import db
from tests.benchmarks.crowd import starts
from tests.benchmarks.long_polls import percentile
from tests.benchmarks.snapshot import _booking
from tests.support.clinics import TestClinic, make_clinic
from tests.support.databases import database
from tests.support.portal import make_portal, migrate

LONG_AGO_S = 200 * 86_400
PUT_AT_ONCE = 5_000
GOES_S, STANDS_S = 3, 1
"""How long upkeep goes on, and then stands still."""
SHARES = {
    "bookings": 0.15,
    "links": 0.15,
    "events": 0.2,
    "mails": 0.2,
    "busy": 0.1,
    "tombstones": 0.1,
    "replies": 0.1,
}
"""What the old rows are."""


def fill(clinic: TestClinic, rows: int) -> None:
    """Put that many old rows into a clinic; LogiVet has read them all."""
    clinic.book(starts(2)[1])
    counts = {name: int(rows * share) for name, share in SHARES.items()}
    with clinic.app.app_context():
        last = counts["events"] + 1
        db.session.execute(sa.update(Event).values(seq=last))
        for kind, (model, row) in kinds(clinic).items():
            put(model, map(row, range(1, counts[kind] + 1)))
        db.session.execute(sa.update(ClinicAccount).values(event_seq=last))
        db.session.execute(sa.update(SyncKey).values(acked_seq=last))
        db.session.commit()
        analyze()
        db.session.remove()


def kinds(clinic: TestClinic) -> dict[str, tuple[Any, Callable[[int], dict[str, Any]]]]:
    """Return of each kind its model, and what makes its n-th row."""
    account, space = {"account_id": clinic.account_id}, uuid.uuid4()
    then = int(time.time()) - LONG_AGO_S
    moment = datetime.now(UTC) - timedelta(seconds=LONG_AGO_S)
    booking, event, mail = (a_row(model) for model in (Booking, Event, Outbox))

    def the(kind: str, n: int) -> uuid.UUID:
        return uuid.uuid5(space, f"{kind}{n}")

    def a_booking(n: int) -> dict[str, Any]:
        begins = booking["starts_at"] - LONG_AGO_S - n * 300
        tokens = {"booking_key": f"k{n}", "confirmation_token_sha256": f"c{n}"}
        ends = {"starts_at": begins, "ends_at": begins + 1800}
        return booking | tokens | ends | {"id": the("booking", n)}

    def of_booking(n: int) -> dict[str, Any]:
        return {"booking_id": the("booking", n)}

    def a_mail(n: int) -> dict[str, Any]:
        told = {"dedupe_key": f"o{n}", "state": "sent", "not_before": then}
        return mail | told | {"id": the("mail", n), "booking_id": the("booking", n)}

    def a_range(n: int) -> dict[str, Any]:
        row = {"logivet_id": f"A-{n}", "version": 1, "kind": "note"}
        return account | row | {"starts_at": then - n * 60, "ends_at": then}

    def a_tombstone(n: int) -> dict[str, Any]:
        row = {"logivet_id": f"D-{n}", "version": 1, "kind": "note"}
        return account | row | {"deleted_at": moment}

    def a_reply(n: int) -> dict[str, Any]:
        row = {"idempotency_key": f"r{n}", "body_sha256": "", "lease_until": 0}
        return account | row | {"created_at": then, "answer": {}}

    def an_event(n: int) -> dict[str, Any]:
        return event | of_booking(n) | {"seq": n, "id": the("event", n), "at": then}

    def a_link(n: int) -> dict[str, Any]:
        return account | of_booking(n) | {"token_sha256": f"l{n}", "created_at": moment}

    return {
        "bookings": (Booking, a_booking),
        "links": (CancelLink, a_link),
        "events": (Event, an_event),
        "mails": (Outbox, a_mail),
        "busy": (Busy, a_range),
        "tombstones": (Busy, a_tombstone),
        "replies": (Reply, a_reply),
    }


def a_row(model: Any) -> dict[str, Any]:
    """Return a row of a table, to be copied."""
    return dict(db.session.execute(sa.select(model.__table__)).first()._mapping)


def put(model: Any, rows: Iterator[dict[str, Any]]) -> None:
    """Insert rows, some thousands at a time."""
    while some := list(islice(rows, PUT_AT_ONCE)):
        db.session.execute(sa.insert(model.__table__), some)
        db.session.commit()


def analyze() -> None:
    """Have the database count its rows, as a server does by itself."""
    tables = ", ".join(Base.metadata.tables)
    of_mariadb = db.engine.dialect.name == "mysql"
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"ANALYZE TABLE {tables}" if of_mariadb else "ANALYZE"))


def tidy(url: str, folder: str, told: Any, goes: Any) -> None:
    """Run it in this process, and tell what went and how many seconds it took.

    It begins, and goes on after each batch, while the event `goes` is set.
    """
    app, rested = make_portal(Path(folder), url), upkeep._rested
    upkeep._rested = lambda began: rested(began) if goes.wait() else began
    with app.app_context():
        told.send("ready")
        goes.wait()
        began = time.monotonic()
        gone = jobs.tidy()
        told.send((gone._asdict(), time.monotonic() - began))


def figures(took: list[float]) -> str:
    """Return seconds as the figures of them that matter."""
    if not took:
        return "none: it was over too soon"
    ordered = sorted(took)
    late = sum(one > 0.1 for one in ordered)
    return (
        f"{len(ordered)}: p50 {percentile(ordered, 50) * 1000:.0f} ms,"
        f" p95 {percentile(ordered, 95) * 1000:.0f} ms,"
        f" p99 {percentile(ordered, 99) * 1000:.0f} ms,"
        f" max {ordered[-1] * 1000:.0f} ms, {late} over 100 ms"
    )


def measure(clinic: TestClinic, url: str, folder: str) -> None:
    """Print what went, how long it took, and the bookings' waits with and without it."""
    spawn = multiprocessing.get_context("spawn")
    (mine, theirs), goes = spawn.Pipe(), spawn.Event()
    run = spawn.Process(target=tidy, args=(url, folder, theirs, goes))
    run.start()
    mine.recv()
    waits: list[float] = []
    ends: list[int] = []
    with _booking(clinic, waits):
        goes.set()
        while not mine.poll(GOES_S):
            ends.append(len(waits))
            goes.clear()
            time.sleep(STANDS_S)
            ends.append(len(waits))
            goes.set()
        gone, seconds = mine.recv()
        ends.append(len(waits))
    run.join()
    turns = [waits[first:end] for first, end in pairwise([0, *ends])]
    stopped = len(ends) // 2 * STANDS_S
    print(f"{gone} in {seconds - stopped:.1f} s")  # noqa: T201 what it is for
    for beside, its in (("with", turns[::2]), ("without", turns[1::2])):
        print(f"bookings {beside:<7} {figures(list(chain(*its)))}", flush=True)  # noqa: T201


def main() -> None:
    """Measure on each database that was asked for."""
    read = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    read.add_argument("--rows", type=int, default=1_000_000)
    read.add_argument("--databases", default="postgresql")
    asked = read.parse_args()
    for kind in asked.databases.split(","):
        with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as url:
            app = make_portal(Path(folder), url)
            migrate(app)
            clinic = make_clinic(app, configured=True)
            fill(clinic, asked.rows)
            print(f"{kind}, {asked.rows} rows", flush=True)  # noqa: T201
            measure(clinic, url, folder)
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


if __name__ == "__main__":
    main()
