import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import ClinicAccount, SyncKey
from flask_logivet_rdv.services import events, keys
from flask_logivet_rdv.services.transaction import transact
from tests.support.clinics import at
from tests.support.portal import MONDAY_MORNING


@pytest.fixture
def account(portal):
    return ClinicAccount(id=uuid.uuid4(), epoch=7, events_kept_from=10, event_seq=20)


@pytest.mark.parametrize(("cursor", "at"), [("7:10", 10), ("7:15", 15), ("7:20", 20)])
def test_a_cursor_stands_between_the_oldest_kept_and_the_last(account, cursor, at):
    assert events.position(account, cursor) == at


@pytest.mark.parametrize(
    "cursor",
    ["7:9", "7:21", "6:15", "8:15", "", ":", "7:", ":15", "7:-1", "7:1e1", "7:15:1", "²:15",
     "7:" + "9" * 50, "\x00", "7:15\n"],
)  # fmt: skip
def test_any_other_cursor_asks_for_a_full_reading(account, cursor):
    assert events.position(account, cursor) == events.Resync()


@pytest.fixture
def key_id(clinic):
    return clinic.key.split("_")[1]


@pytest.fixture
def second_key(clinic, session):
    return transact(jobs.desk(), clinic.account_id, keys.create_key).split("_")[1]


def test_what_is_acknowledged_only_grows(key_id, session, clock):
    for seq in (5, 8, 3):
        events.acknowledge(session, key_id, seq, clock.now)
        clock.advance(minutes=1)
    assert events.acknowledged(session, key_id) == 8
    at = sa.select(SyncKey.acked_at).where(SyncKey.key_id == key_id)
    assert session.scalar(at) == MONDAY_MORNING + timedelta(minutes=1)


def test_each_key_has_its_own_reading_and_the_clinic_the_most_advanced(
    clinic, key_id, second_key, session
):
    assert events.last_acknowledgement(session, clinic.account_id) == (0, None)
    events.acknowledge(session, second_key, 8, MONDAY_MORNING)
    events.acknowledge(session, key_id, 5, MONDAY_MORNING + timedelta(minutes=1))
    assert events.acknowledged(session, key_id) == 5
    assert events.last_acknowledgement(session, clinic.account_id) == (8, MONDAY_MORNING)


def test_a_key_that_replaces_another_goes_on_reading_where_it_was(clinic, key_id, session):
    events.acknowledge(session, key_id, 5, MONDAY_MORNING)
    rotated = transact(jobs.desk(), clinic.account_id, lambda tx: keys.rotate_key(tx, key_id))
    assert events.acknowledged(session, rotated.key.split("_")[1]) == 5


def test_nobody_has_acknowledged_anything_of_an_unknown_account(session):
    assert events.last_acknowledgement(session, uuid.uuid4()) == (0, None)
    assert events.acknowledged(session, "unknown") == 0


DAYS = ("2026-03-18", "2026-03-25", "2026-04-01")


@pytest.fixture
def told(clinic, clock):
    """Three bookings, their events a day apart."""
    for day in DAYS:
        clinic.book(at(day, "10:00"))
        clock.advance(days=1)


def forget(clinic, session, clock):
    """Return after which event the feed begins."""
    last = events.last_old(session, clinic.account_id, int(clock.now.timestamp()))
    return transact(jobs.desk(), clinic.account_id, lambda tx: events.forget_events(tx, last))


@pytest.mark.parametrize(
    ("acked", "days", "begins"),
    [
        (3, {"days": 59}, 0),
        (3, {"days": 59, "hours": 23, "minutes": 59}, 0),
        (3, {"days": 60}, 1),
        (3, {"days": 61}, 2),
        (3, {"days": 62}, 3),
        (1, {"days": 62}, 1),
        (0, {"days": 400}, 0),
    ],
)
def test_the_feed_begins_after_what_is_sixty_days_old_and_acknowledged(
    told, clinic, key_id, session, clock, acked, days, begins
):
    events.acknowledge(session, key_id, acked, clock.now)
    clock.now = MONDAY_MORNING + timedelta(**days)
    assert forget(clinic, session, clock) == begins
    account = session.get(ClinicAccount, clinic.account_id, populate_existing=True)
    assert account.events_kept_from == begins
    assert isinstance(events.position(account, f"{account.epoch}:{begins - 1}"), events.Resync)


def test_where_nothing_is_old_nothing_is_written(told, clinic, session, clock):
    before = session.get(ClinicAccount, clinic.account_id, populate_existing=True).revision
    session.rollback()
    assert forget(clinic, session, clock) == 0
    assert session.get(ClinicAccount, clinic.account_id).revision == before
