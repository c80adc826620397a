"""Whatever the network and the machines do, the desktop's agenda ends as the portal's (S1).

Random histories against the running portal, over HTTP, with the example's own LogiVet: lost and
late requests, lost replies, duplicates, restored backups, expired cursors and new epochs between
the bookings, cancellations, moves and edits of a clinic. 200 of them, shared by the databases; with
RDV_TEST_LONG=1 in the environment, 200 longer ones on each. The number in a test's name is the seed
that makes its history again.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from flask_logivet_rdv.models import (
    CANCELLED,
    CONFIRMED,
    Booking,
    BookingCell,
    Busy,
    Event,
    Outbox,
    Resource,
)
from flask_logivet_rdv.services.accounts import VERSIONS_LOST
from flask_logivet_rdv.services.bookings import BookingFacts, read_bookings
from flask_logivet_rdv.services.catalogue import living
from flask_logivet_rdv.services.upload_catalogue import CATALOGUE
from host_example.desktop import agenda, catalogue
from host_example.models import db
from tests.acceptance.histories import History
from tests.support.clinics import make_clinic

LONG = bool(os.environ.get("RDV_TEST_LONG"))
STEPS = 120 if LONG else 24
CANCELLATIONS = ("cancellation", "cancelled_by_clinic")


@pytest.fixture
def history(example, seed: int, tmp_path) -> Iterator[History]:
    made = History(
        make_clinic(example.app, configured=True), example.sync_url, tmp_path, Random(seed)
    )
    yield made
    made.store.close()


@contextmanager
def telling(history: History) -> Iterator[None]:
    """Have a failure tell what led to it."""
    try:
        yield
    except Exception as error:
        error.add_note("\n".join(history.log))
        raise


@pytest.mark.parametrize("seed", range(200 if LONG else 100))
def test_the_desktop_ends_as_the_portal_is(history: History, seed: int) -> None:
    with telling(history), history.clinic.app.app_context():
        history.live(STEPS)
        history.settle()
        seen = Seen(history, db.session())
        seen.no_booking_is_lost_or_doubled()
        seen.each_booking_has_its_entry()
        seen.the_agendas_are_the_same()
        seen.the_catalogues_are_the_same()
        seen.each_message_arrived_once()
        seen.each_mail_is_written_once()


class Seen:
    """Both sides of a settled history, compared."""

    def __init__(self, history: History, session: Session) -> None:
        self.history, self.session = history, session
        self.account_id = history.clinic.account_id
        rows = session.scalars(sa.select(Booking.id).where(Booking.account_id == self.account_id))
        self.bookings: dict[str, BookingFacts] = {
            str(key): facts
            for key, facts in read_bookings(session, self.account_id, rows.all()).items()
        }
        with history.store.read() as store:
            self.entries = {
                row["id"]: entry
                for row in store.execute("SELECT id FROM entry")
                if (entry := agenda.entry(store, row["id"])) is not None
            }
            self.versions = {
                (row["kind"], row["id"]): row["version"]
                for row in store.execute("SELECT kind, id, version FROM row_version")
            }

    def no_booking_is_lost_or_doubled(self) -> None:
        assert set(self.bookings) == {str(one) for one in self.history.made}
        for one in self.history.cancelled:
            assert self.bookings[str(one)].status == CANCELLED
        cells = Counter(
            str(one)
            for one in self.session.scalars(
                sa.select(BookingCell.booking_id).where(BookingCell.account_id == self.account_id)
            )
        )
        held = {key: b.minutes // 5 for key, b in self.bookings.items() if b.status == CONFIRMED}
        assert cells == held

    def each_booking_has_its_entry(self) -> None:
        mirrors = {e.booking_id: e for e in self.entries.values() if e.booking_id}
        assert mirrors.keys() == self.bookings.keys()
        for key, booking in self.bookings.items():
            mirror = mirrors[key]
            assert mirror.booking_version == booking.version
            assert mirror.cancelled == (booking.status == CANCELLED)
            if key not in self.history.edited:
                place = (mirror.resource_id, mirror.starts_at, mirror.ends_at)
                assert place == (booking.resource_ref, booking.starts_at, booking.ends_at)
                assert not mirror.deleted

    def the_agendas_are_the_same(self) -> None:
        query = (
            sa.select(Busy, Resource.logivet_id)
            .outerjoin(
                Resource,
                (Resource.account_id == Busy.account_id) & (Resource.id == Busy.resource_id),
            )
            .where(Busy.account_id == self.account_id, Busy.deleted_at.is_(None))
        )
        there = {
            row.logivet_id: (
                row.version, row.kind, resource, row.starts_at, row.ends_at,
                str(row.booking_id) if row.booking_id else None,
            )
            for row, resource in self.session.execute(query)
        }  # fmt: skip
        here = {
            e.id: (
                self.versions["busy", e.id], e.type, e.resource_id, e.starts_at, e.ends_at,
                e.booking_id,
            )
            for e in self.entries.values()
            if e.occupies
        }  # fmt: skip
        assert here == there

    def the_catalogues_are_the_same(self) -> None:
        for kind, model in CATALOGUE.items():
            rows: list[Any] = living(self.session, model, self.account_id)
            there = {row.logivet_id: (row.version, row.name_fr, row.name_en) for row in rows}
            with self.history.store.read() as store:
                here = {
                    item.id: (self.versions[kind, item.id], item.fr or item.en, item.en or item.fr)
                    for item in catalogue.items(store, kind)
                    if item.active
                }
            assert here == there

    def each_message_arrived_once(self) -> None:
        """Of the events that a list took the place of there is none, of the others there is one."""
        with self.history.store.read() as store:
            received = [row["event_id"] for row in store.execute("SELECT event_id FROM message")]
        query = sa.select(Event.id).where(Event.account_id == self.account_id)
        sent = self.history.events | {str(one) for one in self.session.scalars(query)}
        assert len(received) == len(set(received))
        assert set(received) <= sent
        assert self.history.expired or set(received) == sent
        for entry in self.entries.values():
            assert entry.description.count("annulé") <= 1

    def each_mail_is_written_once(self) -> None:
        query = sa.select(Outbox.booking_id, Outbox.kind).where(
            Outbox.account_id == self.account_id, Outbox.booking_id.is_not(None)
        )
        rows = Counter((str(one), kind) for one, kind in self.session.execute(query))
        for key, booking in self.bookings.items():
            cancelled = booking.status == CANCELLED
            assert rows[key, "confirmation"] == 1
            assert sum(rows[key, kind] for kind in CANCELLATIONS) == cancelled
            # a new epoch makes the versions leap, and mails nobody
            changes = (booking.version - 1) % VERSIONS_LOST
            assert rows[key, "moved_by_clinic"] == changes - cancelled
