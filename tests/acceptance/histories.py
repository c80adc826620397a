"""One clinic's life with a bad network: what clients, staff and machines do, by seed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Event
from flask_logivet_rdv.scheduling.opening import zone
from flask_logivet_rdv.services import accounts
from flask_logivet_rdv.services.booking import Booked, book
from flask_logivet_rdv.services.cancelling import cancel_by_client
from flask_logivet_rdv.services.transaction import Tx, transact
from host_example.configure import HOURS
from host_example.desktop import agenda, catalogue, outgoing, snapshot
from host_example.desktop.agenda import Entry
from host_example.desktop.catalogue import Item
from host_example.desktop.client import OfflineError, Portal, RefusedError
from host_example.desktop.dates import rfc3339
from host_example.desktop.faults import Faults, FaultyTransport
from host_example.desktop.store import CATALOGUE, Kind, Store
from host_example.desktop.sync import Sync
from tests.support.clinics import CATEGORIES, RESOURCES, SPECIES, TestClinic

NAMES: dict[Kind, dict[str, str]] = {
    "category": CATEGORIES,
    "species": SPECIES,
    "resource": RESOURCES,
}
BOOKED_WITH = {"c5", "s3", "r2"}
"""LogiVet's keys of what the clients book: without them they are told that it is gone."""
MOST_STEPS_TO_SETTLE = 200


def coming_slots(count: int) -> list[int]:
    """Return the first starts of Dr Dolittle's half hours, from three days ahead (UTC seconds)."""
    here = zone("America/Toronto")
    midnight = datetime.now(here).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    found: list[int] = []
    for ahead in range(3, 30):
        day = midnight + timedelta(days=ahead)
        for weekday, *clocks in HOURS:
            if weekday == day.isoweekday() % 7:
                start, end = (_wall(day, clock, here) for clock in clocks)
                found += range(start, end - 1799, 1800)
    return found[:count]


def _wall(day: datetime, clock: str, here: Any) -> int:
    hour, minute = map(int, clock.split(":"))
    return int(day.replace(hour=hour, minute=minute, tzinfo=here).timestamp())


@dataclass
class History:
    """A clinic, its desktop with an unreliable network, and what happened to them.

    `made` are the bookings that clients were told of; `events` all that was ever written to the
    feed and deleted since; `expired` tells whether the desktop may have had to read a list;
    `edited` are bookings whose mirror a person changed by hand.
    """

    clinic: TestClinic
    sync_url: str
    folder: Path
    random: Random
    made: set[UUID] = field(default_factory=set)
    cancelled: set[UUID] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    edited: set[str] = field(default_factory=set)
    expired: bool = False
    backups: list[Path] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start the desktop, with the catalogue that the portal knows and faults of its own."""
        self.slots = coming_slots(14)
        chances = {name: self.random.uniform(0, 0.25) for name in
                   ("drop_requests", "drop_replies", "duplicate", "reorder")}  # fmt: skip
        self.faults = Faults(**chances, random=self.random)
        self.store = Store(":memory:")
        self.transport = FaultyTransport(self.sync_url, self.clinic.key, self.faults)
        self.sync = Sync(self.store, Portal(self.transport), wait=0)
        with self.store.write() as db:
            for kind, names in NAMES.items():
                for n, (fr, en) in enumerate(names.items(), start=1):
                    catalogue.save(db, Item(kind, f"{kind[0]}{n}", fr, en, position=n))

    def live(self, steps: int) -> None:
        """Let `steps` things happen, each drawn by its weight."""
        weights: dict[Callable[[], object], int] = {
            self.book: 16, self.cancel_by_client: 6, self.cancel_by_clinic: 5, self.move: 6,
            self.add_entry: 9, self.change_entry: 8, self.edit_mirror: 1, self.edit_catalogue: 6,
            self.upload: 28, self.download: 26, self.back_up: 4, self.restore: 4,
            self.expire: 2, self.begin_epoch: 1, self.rotate: 1, self.lose_network: 2,
        }  # fmt: skip
        for act in self.random.choices(list(weights), list(weights.values()), k=steps):
            self.log.append(f"{act.__name__}: {act()}")

    def settle(self) -> None:
        """End all faults, deliver what was held back, and exchange until nothing is left to say."""
        self.faults.stop()
        self.transport.deliver()
        self.sync.go_on()
        for _ in range(MOST_STEPS_TO_SETTLE):
            cursor = self.store.state("cursor")
            quiet = self._surely(self.sync.upload) is None
            self._surely(self.sync.download)
            if quiet and self.store.state("cursor") == cursor and self._nothing_is_left():
                return
        raise AssertionError("the desktop and the portal never fall quiet")

    def _nothing_is_left(self) -> bool:
        return not (
            outgoing.pending(self.store)
            or outgoing.unanswered(self.store)
            or snapshot.due(self.store)
        )

    def _surely(self, step: Callable[[], object]) -> object:
        """Step; the one refusal that may come is of a key that is given up for the one before."""
        key = self.sync.portal.key()
        try:
            return step()
        except RefusedError as error:
            if error.status != 401 or self.sync.portal.key() == key:
                raise
            return 0.0

    def _perhaps(self, step: Callable[..., object], *given: object) -> object:
        try:
            return step(*given)
        except (OfflineError, RefusedError) as error:
            return error

    # What clients do, on the portal.

    def book(self) -> object:
        form = self.clinic.form(self.random.choice(self.slots))
        done = self._transact(lambda tx: book(tx, form))
        if isinstance(done, Booked):
            self.made.add(done.booking_id)
        return done

    def cancel_by_client(self) -> object:
        if not (held := sorted(self.made - self.cancelled)):
            return None
        booking_id = self.random.choice(held)
        self.cancelled.add(booking_id)
        return self._transact(lambda tx: cancel_by_client(tx, booking_id, "Tom va mieux"))

    # What people do at the desktop.

    def cancel_by_clinic(self) -> object:
        if (entry := self._any_entry(mirrors=True)) is None:
            return None
        return self._act(entry, "cancel", {"reason": "Urgence"})

    def move(self) -> object:
        if (entry := self._any_entry(mirrors=True)) is None:
            return None
        start = self.random.choice(self.slots)
        place = {"start": rfc3339(start), "end": rfc3339(start + 1800)}
        return self._act(entry, "move", place | {"resource_id": self.random.choice(("r1", "r2"))})

    def _act(self, entry: Entry, action: str, data: dict[str, Any]) -> object:
        told = data | {"notify_client": True}
        return self._perhaps(self.sync.act, entry.booking_id, action, told)

    def add_entry(self) -> object:
        """Add an entry; LogiVet counts, so that a restored one gives the same keys again."""
        with self.store.write() as db:
            number = db.execute("SELECT COUNT(*) FROM entry").fetchone()[0]
            entry = self._placed(Entry(f"A-{number}", "appointment", None, 0, 1, "Luc Gagnon"))
            agenda.save(db, entry)
        return entry.id

    def change_entry(self) -> object:
        if (entry := self._any_entry(mirrors=False)) is None:
            return None
        change = self.random.choice(("move", "move", "delete", "cancel"))
        changed = self._placed(entry)
        if change != "move":
            changed = replace(entry, deleted=change == "delete", cancelled=change == "cancel")
        self._save(changed)
        return entry.id, change

    def edit_mirror(self) -> object:
        """Move the mirror of a booking by hand, or delete it: the booking stays what it is."""
        if (entry := self._any_entry(mirrors=True)) is None:
            return None
        self.edited.add(str(entry.booking_id))
        gone = self.random.random() < 0.5
        self._save(replace(entry, deleted=True) if gone else self._placed(entry))
        return entry.id

    def edit_catalogue(self) -> object:
        """Add, rename, hide, show or delete; seldom what the clients book with."""
        kind = self.random.choice(CATALOGUE)
        change = self.random.choice(("add", "rename", "rename", "hide", "delete"))
        with self.store.write() as db:
            rows = catalogue.items(db, kind, deleted=True)
            safe = [row for row in rows if row.id not in BOOKED_WITH]
            row = self.random.choice(rows if self.random.random() < 0.1 else safe)
            if change == "add":
                row = Item(kind, f"{kind[0]}{len(rows) + 1}", "", "")
            name = f"Nom {self.random.randrange(1000)}"
            hidden = change == "hide" and row.active
            catalogue.save(db, replace(row, fr=name, active=not hidden, deleted=change == "delete"))
        return kind, row.id, change

    def rotate(self) -> object:
        """Ask for another key, once: a desktop restored from before the second is locked out."""
        if "rotate: asked" in self.log:
            return None
        self.sync.keys.wish()
        return "asked"

    # What the machines do.

    def upload(self) -> object:
        return self._perhaps(self.sync.upload)

    def download(self) -> object:
        return self._perhaps(self.sync.download)

    def lose_network(self) -> object:
        self.faults.offline = not self.faults.offline
        return self.faults.offline

    def back_up(self) -> object:
        path = self.folder / f"backup-{len(self.backups)}.sqlite3"
        self.store.backup(path)
        self.backups.append(path)
        return path.name

    def restore(self) -> object:
        if not self.backups:
            return None
        path = self.random.choice(self.backups)
        self.store.restore(path)
        self.sync.go_on()
        return path.name

    def expire(self) -> object:
        """Delete the older events, which an idle desktop has not read."""

        def work(tx: Tx) -> int:
            account = tx.account
            kept_from = self.random.randint(account.events_kept_from, account.event_seq)
            old = sa.and_(Event.account_id == tx.account_id, Event.seq <= kept_from)
            self.events |= {str(one) for one in tx.session.scalars(sa.select(Event.id).where(old))}
            tx.session.execute(sa.delete(Event).where(old))
            account.events_kept_from = kept_from
            return kept_from

        self.expired = True
        return self._transact(work)

    def begin_epoch(self) -> object:
        self.expired = True
        return self._transact(accounts.new_epoch)

    def _transact(self, work: Callable[[Tx], Any]) -> Any:
        with self.clinic.app.app_context():
            return transact(jobs.desk(), self.clinic.account_id, work)

    def _any_entry(self, *, mirrors: bool) -> Entry | None:
        with self.store.read() as db:
            live = [e for e in agenda.entries(db) if e.occupies and bool(e.booking_id) == mirrors]
        return self.random.choice(live) if live else None

    def _placed(self, entry: Entry) -> Entry:
        start = self.random.choice(self.slots) + 300 * self.random.randrange(-3, 4)
        end = start + 300 * self.random.randint(1, 12)
        resource = self.random.choice(("r1", "r2", "r2", "r3", None))
        return replace(entry, resource_id=resource, starts_at=start, ends_at=end)

    def _save(self, entry: Entry) -> None:
        with self.store.write() as db:
            agenda.save(db, entry)
