"""How long uploads of LogiVet's agenda take over HTTP, and how long bookings wait meanwhile.

    python -m tests.benchmarks.snapshot --rows 10000 --databases postgresql,sqlite,mariadb

The example portal under gunicorn with 2 sync workers; the clinic has 100 bookings to come. While a
snapshot is sent and committed, one thread books and cancels in the clinic without a pause, by the
package's own verbs: a wait is the time of one such transaction, its own work included. Then each of
many `changes` moves 500 ranges, alone.
"""

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from flask_logivet_rdv.jobs import desk
from flask_logivet_rdv.services.booking import book
from flask_logivet_rdv.services.booking_form import BookingForm
from flask_logivet_rdv.services.by_clinic import cancel_by_clinic
from flask_logivet_rdv.services.transaction import Tx, transact
from tests.benchmarks.crowd import starts
from tests.benchmarks.long_polls import GUNICORN, percentile
from tests.support.clinics import DOLITTLE, TestClinic, make_clinic
from tests.support.served import Served, call, served

PART = 500
BOOKED = 100
BATCHES = 60


@dataclass(frozen=True)
class Result:
    """Seconds: of all parts, of the commit, and of each booking or cancellation before and during.

    `counts` is what the commit says of the agenda.
    """

    parts: float
    commit: float
    before: list[float]
    during: list[float]
    counts: dict[str, int]

    def __str__(self) -> str:
        return (
            f"parts {self.parts:.2f} s, commit {self.commit:.2f} s {self.counts};"
            f" bookings before: {_figures(self.before)}; meanwhile: {_figures(self.during)}"
        )


def _figures(ordered: list[float]) -> str:
    return (
        f"{len(ordered)}, p50 {percentile(ordered, 50) * 1000:.0f} ms,"
        f" p95 {percentile(ordered, 95) * 1000:.0f} ms, max {ordered[-1] * 1000:.0f} ms"
    )


def agenda(clinic: TestClinic, count: int, moved_min: int = 0) -> list[dict[str, Any]]:
    """Return that many busy ranges of 10 minutes, in the nights of the days to come.

    `moved_min` puts each so many minutes later.
    """
    tonight = datetime.now(UTC).replace(hour=3, minute=moved_min, second=0, microsecond=0)
    starts_at = (tonight + timedelta(days=1 + n // 20, minutes=15 * (n % 20)) for n in range(count))
    return [
        {
            "kind": "busy",
            "id": f"A-{n}",
            "version": 1 + moved_min,
            "data": {
                "resource_id": clinic.logivet[f"resource:{DOLITTLE}"],
                "type": "appointment",
                "start": start.isoformat(),
                "end": (start + timedelta(minutes=10)).isoformat(),
            },
        }
        for n, start in enumerate(starts_at)
    ]


def measure(running: Served, clinic: TestClinic, rows: list[dict[str, Any]]) -> Result:
    """Send a snapshot of the agenda and commit it, while bookings are made."""
    before: list[float] = []
    with _booking(clinic, before):
        time.sleep(2)
    during: list[float] = []
    with _booking(clinic, during):
        began = time.monotonic()
        snapshot = send(running, clinic, rows)
        sent = time.monotonic()
        answer = commit(running, clinic, snapshot, len(rows))
        ended = time.monotonic()
    counts = answer["counts"]["busy"]
    return Result(sent - began, ended - sent, sorted(before), sorted(during), counts)


def send(running: Served, clinic: TestClinic, rows: list[dict[str, Any]]) -> str:
    """Send all parts of a snapshot of the agenda, and return its address."""
    opened = _ask(running, clinic, "POST", "/snapshots", {"kinds": ["busy"]})
    address = f"/snapshots/{opened['id']}"
    for n, first in enumerate(range(0, len(rows), PART), start=1):
        _ask(running, clinic, "PUT", f"{address}/parts/{n}", {"items": rows[first : first + PART]})
    return address


def commit(running: Served, clinic: TestClinic, address: str, rows: int) -> Any:
    """Commit a snapshot of so many rows, and return the answer."""
    return _ask(running, clinic, "POST", f"{address}/commit", {"parts": -(-rows // PART)})


def time_changes(running: Served, clinic: TestClinic, rows: list[dict[str, Any]]) -> list[float]:
    """Send batches of 500 ranges that are there, each moved, and return the seconds of each."""
    token, took = _ask(running, clinic, "GET", "/hello")["token"], []
    for n in range(BATCHES):
        first = n * PART % len(rows)
        batch = [row | {"op": "upsert", "version": 1000 + n} for row in rows[first : first + PART]]
        body = json.dumps({"token": token, "changes": batch})
        began = time.monotonic()
        token = _ask(running, clinic, "POST", "/changes", body, {"Idempotency-Key": f"k{n}"})[
            "token"
        ]
        took.append(time.monotonic() - began)
    return sorted(took)


def fill(clinic: TestClinic) -> None:
    """Make the bookings to come of a clinic, each of somebody else."""
    for n, start in enumerate(starts(BOOKED + 1)[1:]):
        clinic.book(start, phone=f"+1514555{n:04}")


def _ask(
    running: Served,
    clinic: TestClinic,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> Any:
    answer = call(
        running.sync_url + path, method, key=clinic.key, body=body, headers=headers, timeout=120
    )
    assert answer.status < 300, answer
    return answer.json


@contextmanager
def _booking(clinic: TestClinic, took: list[float]) -> Iterator[None]:
    """Book and cancel without a pause during the block; `took` gets the seconds of each."""
    over = threading.Event()
    [start] = starts(1)

    def cancel(tx: Tx, booking_id: Any) -> None:
        cancel_by_clinic(tx, booking_id, "", notify_client=False)

    def timed(work: Any) -> Any:
        began = time.monotonic()
        done = transact(desk(), clinic.account_id, work)
        took.append(time.monotonic() - began)
        return done

    def book_and_cancel() -> None:
        with clinic.app.app_context():
            while not over.is_set():
                form: BookingForm = clinic.form(start)
                made = timed(partial(book, form=form))
                timed(partial(cancel, booking_id=made.booking_id))

    thread = threading.Thread(target=book_and_cancel)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def main() -> None:
    """Print the figures of a snapshot, one that moves every row, a repeated one, `changes`."""
    read = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    read.add_argument("--rows", type=int, default=10_000)
    read.add_argument("--databases", default="postgresql,sqlite,mariadb")
    asked = read.parse_args()
    for kind in asked.databases.split(","):
        with (
            tempfile.TemporaryDirectory() as folder,
            served(kind, Path(folder), server=GUNICORN) as running,
        ):
            clinic = make_clinic(running.app, configured=True)
            fill(clinic)
            for what, moved in (("added", 0), ("moved", 5), ("repeated", 5)):
                result = measure(running, clinic, agenda(clinic, asked.rows, moved))
                print(f"{kind}, {asked.rows} {what}: {result}", flush=True)  # noqa: T201
            took = time_changes(running, clinic, agenda(clinic, asked.rows))
            print(f"{kind}, changes of {PART}: {_figures(took)}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
