"""LogiVet itself, as clinics run it: its own agenda and its own exchange, stepped by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import ClinicAccount
from flask_logivet_rdv.scheduling.interval import Range
from flask_logivet_rdv.scheduling.offer import Triple
from flask_logivet_rdv.services.availability import bookable_slots
from host_example.desktop import agenda, catalogue, outgoing
from host_example.desktop.agenda import Entry
from host_example.desktop.catalogue import Item
from host_example.desktop.client import OfflineError, Portal, Reply, Request, Transport
from host_example.desktop.store import Store
from host_example.desktop.sync import Sync
from host_example.models import db
from tests.support.clinics import CATEGORIES, DOLITTLE, RESOURCES, SPECIES, TestClinic

HALF_HOUR = 1800


class Line(Transport):
    """The clinic's connection: notes what crosses it, loses a reply on request.

    `skew` is how far the machine's clock is ahead.
    """

    def __init__(self, base_url: str, key: str, skew: timedelta = timedelta()) -> None:
        super().__init__(base_url, key)
        self.sent: list[tuple[str, str]] = []
        self.lose: str | None = None
        self._skew = skew

    def send(self, request: Request) -> Reply:
        self.sent.append((request.method, request.path))
        reply = super().send(request)
        if self.lose is not None and request.path.startswith(self.lose):
            self.lose = None
            raise OfflineError("the line was cut")
        return reply

    def _headers(self, request: Request) -> dict[str, str]:
        told = format_datetime(datetime.now(UTC) + self._skew, usegmt=True)
        return super()._headers(request) | {"X-Client-Time": told}


@dataclass
class LogiVet:
    """A desktop with the clinic's catalogue, in a file or in memory."""

    sync_url: str
    clinic: TestClinic
    path: Path | str = ":memory:"
    skew: timedelta = timedelta()
    store: Store = field(init=False)
    line: Line = field(init=False)
    sync: Sync = field(init=False)

    def __post_init__(self) -> None:
        self.store = Store(self.path)
        self.line = Line(self.sync_url, self.clinic.key, self.skew)
        self.sync = Sync(self.store, Portal(self.line), wait=0)

    def keep_catalogue(self) -> None:
        """Enter what the clinic has, so that a snapshot tells it."""
        kinds = (("category", CATEGORIES), ("species", SPECIES), ("resource", RESOURCES))
        with self.store.write() as own:
            for kind, names in kinds:
                for n, (fr, en) in enumerate(names.items(), start=1):
                    catalogue.save(own, Item(kind, f"{kind[0]}{n}", fr, en, position=n))

    def note(self, key: str, start: int, minutes: int = 30) -> None:
        """Enter a note of Dr Dolittle's."""
        with self.store.write() as own:
            end = start + minutes * 60
            agenda.save(own, Entry(key, "note", "r2", start, end, "Rappeler le laboratoire"))

    def receive(self) -> None:
        """Read the feed until nothing is new."""
        before = None
        while before != (before := self.store.state("cursor")) or not before:
            self.sync.download()

    def send(self) -> None:
        """Upload until all is sent."""
        while self.sync.upload() is not None:
            pass
        assert outgoing.pending(self.store) == 0

    def mirrors(self) -> Mapping[str, Entry]:
        """Return the entries of online bookings, by booking."""
        with self.store.read() as own:
            return {e.booking_id: e for e in agenda.entries(own) if e.booking_id is not None}

    def messages(self) -> list[str]:
        """Return the subjects of the message centre, in order."""
        with self.store.read() as own:
            return [row["subject"] for row in own.execute("SELECT subject FROM message")]


def slots(clinic: TestClinic, resource: str = DOLITTLE) -> list[Range]:
    """Return when an exam of a dog can be booked now."""
    triple = Triple(
        clinic.species["Canin"], clinic.categories["Examen"], clinic.resources[resource], 30
    )
    with clinic.app.app_context():
        account = db.session.get(ClinicAccount, clinic.account_id)
        desk = jobs.desk()
        return bookable_slots(db.session(), account, triple, desk.clock(), desk.rules)


def rows(clinic: TestClinic, *columns: sa.orm.InstrumentedAttribute) -> list[tuple]:
    """Return these columns of the clinic's rows."""
    query = sa.select(*columns).where(columns[0].class_.account_id == clinic.account_id)
    with clinic.app.app_context():
        return [tuple(row) for row in db.session.execute(query)]
