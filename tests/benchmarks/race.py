"""Fifty owners send their forms for one time at once, again and again, over HTTP.

    python -m tests.benchmarks.race --databases postgresql,mariadb,sqlite --rounds 20

gunicorn with 2 sync workers, then with 2 workers of 8 threads. One of the fifty must be booked
(303), all others be shown other times (409); the database must hold one booking a round.
"""

import argparse
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from flask_logivet_rdv.models import Booking, BookingCell
from host_example.models import db
from tests.benchmarks.cases import DETAILS, form
from tests.benchmarks.long_polls import GUNICORN, THREADS
from tests.benchmarks.world import free_starts
from tests.support.clinics import TestClinic, make_clinic
from tests.support.served import Served, call, served

RACERS = 50
HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Sec-Fetch-Site": "same-origin",
}


def race(running: Served, rounds: int) -> tuple[Counter[int], int, int]:
    """Return how many answers of each status came, and how many bookings and doubles there are."""
    clinic = make_clinic(running.app, configured=True)
    with running.app.app_context():
        starts = free_starts(clinic)[:rounds]
        sent = [
            [form(clinic, RACERS * n + racer, start) for racer in range(RACERS)]
            for n, start in enumerate(starts)
        ]
    post = partial(_post, f"{running.url}{DETAILS}?widgetId={clinic.account_id}&lang=fr")
    with ThreadPoolExecutor(RACERS) as racers:
        statuses = Counter(status for forms in sent for status in racers.map(post, forms))
    return statuses, *_held(running, clinic)


def _post(address: str, body: str) -> int:
    return call(address, "POST", body=body, headers=HEADERS, timeout=120).status


def _held(running: Served, clinic: TestClinic) -> tuple[int, int]:
    """Return how many bookings a clinic has, and how many cells they lack, each held once only."""
    with running.app.app_context():
        lengths = db.session.scalars(
            sa.select(Booking.ends_at - Booking.starts_at).where(
                Booking.account_id == clinic.account_id
            )
        ).all()
        cells = db.session.scalar(
            sa.select(sa.func.count())
            .select_from(BookingCell)
            .where(BookingCell.account_id == clinic.account_id)
        )
        return len(lengths), sum(lengths) // 300 - cells


def main() -> None:
    """Print a line for each database and server."""
    read = argparse.ArgumentParser(prog="python -m tests.benchmarks.race", description=__doc__)
    read.add_argument("--databases", default="postgresql,mariadb,sqlite")
    read.add_argument("--rounds", type=int, default=20)
    given = read.parse_args()
    for kind in given.databases.split(","):
        for name, server in (("sync", GUNICORN), ("threads", THREADS)):
            with tempfile.TemporaryDirectory() as folder, served(
                kind, Path(folder), server=server,
                application="tests.benchmarks.application:application",
            ) as running:  # fmt: skip
                statuses, bookings, doubles = race(running, given.rounds)
            print(  # noqa: T201 what it is for
                f"{kind}, {name}: {dict(statuses)}, {bookings} bookings, {doubles} doubles",
                flush=True,
            )


if __name__ == "__main__":
    main()
