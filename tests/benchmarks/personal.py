"""How many rows the example portal has, and how much of its clients, before and after each upkeep.

    python -m tests.benchmarks.personal

The example's own data, as `python -m host_example --prepare` makes them, on SQLite in a temporary
folder. Three clients book twice each, and one of them cancels; mails leave and LogiVet reads. Then,
each at its time: `flask rdv export` and `erase` of one client, what a client typed is blanked
(`retention`), and `flask rdv tidy` a year later. The last line is how many fields of
docs/privacy.md's kind « client » hold something.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import (
    Base,
    Booking,
    CancelLink,
    Category,
    ClinicAccount,
    Resource,
    Species,
    SyncKey,
)
from flask_logivet_rdv.services import events
from flask_logivet_rdv.services.blanking import BLANK, blank_some
from flask_logivet_rdv.services.booking import AlreadyBooked, Booked, Refused, book
from flask_logivet_rdv.services.cancelling import cancel_by_client
from flask_logivet_rdv.services.catalogue import living
from flask_logivet_rdv.services.transaction import transact
from host_example.models import Clinic, db
from tests.benchmarks.crowd import starts
from tests.support.clinics import TestClinic
from tests.support.portal import Clock, make_portal
from tests.support.served import ROOT

Counts = dict[str, int]
CLIENTS = ("marie@exemple.ca", "luc@exemple.ca", "jeanne@exemple.ca")
RETENTION_S = 90 * 86_400
PERSONAL = "fields of clients"


def count() -> Counts:
    """Return the rows of each of our tables that has any, and the fields that tell of clients."""
    tables = sorted(table for table in Base.metadata.tables if table.startswith("rdv_"))
    rows = {
        name: db.session.scalar(sa.select(sa.func.count()).select_from(Base.metadata.tables[name]))
        for name in tables
    }
    filled = (
        db.session.scalar(sa.select(sa.func.count()).where(getattr(Booking, column) > ""))
        for column in BLANK
    )
    links = len(CancelLink.__table__.columns) * rows["rdv_cancel_link"]
    db.session.rollback()
    return rows | {PERSONAL: sum(filled) + links}


def first_clinic(app: Flask) -> TestClinic:
    """Return the example's configured clinic, to be booked in."""
    clinic = db.session.scalars(sa.select(Clinic).order_by(Clinic.id)).first()
    of_clinic = ClinicAccount.clinic_id == clinic.id
    account_id = db.session.scalar(sa.select(ClinicAccount.id).where(of_clinic))
    ids = (
        {row.name_fr: row.id for row in living(db.session(), model, account_id)}
        for model in (Category, Species, Resource)
    )
    return TestClinic(app, account_id, clinic.id, None, "", *ids)


def appointments(clinic: TestClinic, clock: Clock) -> None:
    """Have each client book twice, mails leave, the first of them cancel, and LogiVet read."""
    free, booked = iter(starts(40)), []
    for email in CLIENTS + CLIENTS:
        while isinstance(made := _book(clinic, next(free), email), Refused):
            pass  # the example's agenda is taken there
        booked.append(made.booking_id)
    jobs.drain()
    why = "Partie en voyage"
    transact(jobs.desk(), clinic.account_id, lambda tx: cancel_by_client(tx, booked[0], why))
    jobs.drain()
    of_clinic = SyncKey.account_id == clinic.account_id
    key_id = db.session.scalar(sa.select(SyncKey.key_id).where(of_clinic))
    events.acknowledge(db.session(), key_id, 1_000, clock.now)


def _book(clinic: TestClinic, start: int, email: str) -> Booked | AlreadyBooked | Refused:
    form = clinic.form(start, email=email, email_key=email)
    return transact(jobs.desk(), clinic.account_id, lambda tx: book(tx, form))


def main() -> None:
    """Print a row for each table, with a column for each moment."""
    with tempfile.TemporaryDirectory() as name:
        folder, clock = Path(name), Clock(datetime.now(UTC))
        prepare = [sys.executable, "-m", "host_example", "--prepare", "--data", name]
        subprocess.run(prepare, check=True, cwd=ROOT)
        app = make_portal(folder, clock=clock)
        with app.app_context():
            clinic = first_clinic(app)
            seen: dict[str, Counts] = {"prepared": count()}

            def after(what: str, days: float, done: Callable[[], object]) -> None:
                clock.now += timedelta(days=days)
                done()
                seen[what] = count()

            def told(*command: str) -> None:
                result = app.test_cli_runner().invoke(args=["rdv", *command])
                assert result.exit_code == 0, result.output

            def blanked() -> None:
                blank_some(db.session(), clinic.account_id, clock.now, RETENTION_S, 100)

            after("booked", 0, lambda: appointments(clinic, clock))
            after("export", 60, lambda: told("export", "--email", CLIENTS[0]))
            after("erase", 0, lambda: told("erase", "--yes", "--email", CLIENTS[0]))
            after("retention", 90, blanked)
            after("tidy", 365, lambda: told("tidy"))
            db.session.remove()
            db.engine.dispose()
    show(seen)


def show(seen: dict[str, Counts]) -> None:
    """Print the counts, a column for each moment; tables that are always empty are left out."""
    print(f"{'':<22}" + "".join(f"{what:>11}" for what in seen))  # noqa: T201 what it is for
    for name in next(iter(seen.values())):
        numbers = [counts[name] for counts in seen.values()]
        if any(numbers):
            print(f"{name:<22}" + "".join(f"{n:>11}" for n in numbers))  # noqa: T201


if __name__ == "__main__":
    main()
