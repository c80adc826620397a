"""S3: a desktop that was offline for 7 days catches up, in pages of 200."""

import re

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Booking, Event
from flask_logivet_rdv.services.booking import Booked, book
from flask_logivet_rdv.services.cancelling import cancel_by_client
from flask_logivet_rdv.services.transaction import transact
from host_example.desktop.client import OfflineError
from host_example.models import db
from tests.acceptance.logivet import LogiVet, rows, slots

BOOKED, CANCELLED = 300, 40
WEEK_S = 7 * 86_400


@pytest.fixture
def absent(example, clinic):
    """A desktop that was there a week ago, and nothing since."""
    desktop = LogiVet(example.sync_url, clinic)
    desktop.receive()
    desktop.line.sent.clear()
    times = [slot.start for slot in slots(clinic)][-(BOOKED - CANCELLED) :]
    with clinic.app.app_context():
        transact(jobs.desk(), clinic.account_id, lambda tx: a_busy_week(tx, clinic, times))
    age(clinic, WEEK_S)
    return desktop


def a_busy_week(tx, clinic, times):
    """Book every time; the last ones are cancelled and booked again by others."""
    booked = [book(tx, clinic.form(start)).booking_id for start in times]
    for booking_id in booked[-CANCELLED:]:
        cancel_by_client(tx, booking_id, "Voyage")
    for start in times[-CANCELLED:]:
        assert isinstance(book(tx, clinic.form(start)), Booked)


def age(clinic, seconds):
    """Make all that happened be that much older, whoever booked a visit of then."""
    with clinic.app.app_context():
        of = Event.account_id == clinic.account_id
        db.session.execute(sa.update(Event).where(of).values(at=Event.at - seconds))
        db.session.commit()


def in_step(desktop, clinic):
    states = rows(clinic, Booking.id, Booking.status, Booking.starts_at)
    mirrors = desktop.mirrors()
    assert mirrors.keys() == {str(booking_id) for booking_id, *_ in states}
    for booking_id, status, starts_at in states:
        entry = mirrors[str(booking_id)]
        assert (entry.cancelled, entry.starts_at) == (status == "cancelled", starts_at)
    return [status for _, status, _ in states]


def test_s3_one_catch_up_brings_every_state_and_no_message_twice(absent, clinic):
    absent.line.lose = "/events"
    with pytest.raises(OfflineError):
        absent.receive()
    absent.receive()
    states = in_step(absent, clinic)
    assert (len(states), states.count("cancelled")) == (BOOKED, CANCELLED)
    assert len(absent.messages()) == BOOKED + CANCELLED
    cursors = [re.findall(r"(?:cursor|limit)=([^&]+)", path) for _, path in absent.line.sent]
    lost, *pages = cursors
    assert lost == pages[0]
    assert [limit for _, limit in pages] == ["200"] * 3
    assert absent.sync.portal.hello()["acknowledged"] == absent.store.state("cursor")
