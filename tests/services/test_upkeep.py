import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import (
    Busy,
    ClinicAccount,
    Conflict,
    Event,
    Outbox,
    Reply,
    Snapshot,
    SyncKey,
)
from flask_logivet_rdv.services import events, keys, replies, snapshots, upkeep
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.services.upkeep import Tidied
from tests.support.clinics import at, make_clinic

RETENTION_S = 90 * 86_400
START = at("2026-03-18", "10:00")


def now(clock):
    return int(clock.now.timestamp())


def tidy(clinic):
    return upkeep.tidy(jobs.desk(), clinic.account_id, RETENTION_S)


@pytest.fixture
def full(clinic, session, clock):
    """A clinic with an event that is acknowledged, a kept answer and a snapshot left open."""
    clinic.book(at("2026-03-18", "10:00"))
    events.acknowledge(session, clinic.key.split("_")[1], 1, clock.now)
    held = replies.claim(session, clinic.account_id, "a key", "hash", now(clock))
    transact(jobs.desk(), clinic.account_id, lambda tx: replies.keep(tx, held, {}))
    transact(jobs.desk(), clinic.account_id, lambda tx: snapshots.open_snapshot(tx, ["busy"]))
    return clinic


def counts(session, clinic):
    session.rollback()
    return tuple(
        session.scalar(sa.select(sa.func.count()).where(m.account_id == clinic.account_id))
        for m in (Event, Reply, Snapshot)
    )


@pytest.mark.parametrize(
    ("age", "gone"),
    [
        ({"minutes": 59}, Tidied()),
        ({"hours": 1}, Tidied(snapshots=1)),
        ({"hours": 48}, Tidied(replies=1, snapshots=1)),
        ({"days": 60}, Tidied(events=1, replies=1, snapshots=1)),
    ],
)
def test_each_kind_goes_at_its_own_age(full, session, clock, age, gone):
    clock.advance(**age)
    overdue = upkeep.overdue(session, now(clock), RETENTION_S)
    assert (full.account_id in overdue) is any(gone)
    assert tidy(full) == gone
    assert counts(session, full) == (1 - gone.events, 1 - gone.replies, 1 - gone.snapshots)
    assert full.account_id not in upkeep.overdue(session, now(clock), RETENTION_S)


def test_a_clinic_whose_events_nobody_reads_is_left_alone(clinic, session, clock):
    clinic.book(at("2026-03-18", "10:00"))
    clock.advance(days=61)
    assert clinic.account_id not in upkeep.overdue(session, now(clock), RETENTION_S)


def test_old_events_go_some_at_a_time_under_one_lock_of_the_clinic(
    clinic, session, clock, monkeypatch
):
    monkeypatch.setattr(upkeep, "ROWS_AT_ONCE", 2)
    for hour in ("10:00", "10:30", "11:00"):
        clinic.book(at("2026-03-18", hour))
    events.acknowledge(session, clinic.key.split("_")[1], 3, clock.now)
    clock.advance(days=60)
    account = session.get(ClinicAccount, clinic.account_id, populate_existing=True)
    before = account.revision
    assert tidy(clinic).events == 3
    session.refresh(account)
    assert (account.revision, account.events_kept_from) == (before + 1, 3)


def test_what_a_crash_left_of_forgotten_events_goes_the_next_time(full, session, clock, portal):
    full.book(at("2026-03-18", "11:00"))
    clock.advance(days=60)
    last = events.last_old(session, full.account_id, now(clock))
    transact(jobs.desk(), full.account_id, lambda tx: events.forget_events(tx, last))
    assert counts(session, full)[0] == 2
    assert full.account_id in upkeep.overdue(session, now(clock), RETENTION_S)
    assert tidy(full).events == 1, "the second is not acknowledged"
    assert counts(session, full)[0] == 1


def test_another_clinics_rows_stay(full, portal, session, clock):
    other = make_clinic(portal, configured=True)
    other.book(at("2026-03-18", "10:00"))
    events.acknowledge(session, other.key.split("_")[1], 1, clock.now)
    clock.advance(days=60)
    tidy(full)
    assert counts(session, other)[0] == 1
    account = session.get(ClinicAccount, other.account_id, populate_existing=True)
    assert account.events_kept_from == 0


@pytest.fixture
def put(clinic, session, clock):
    """Return how a row of a kind is put there, whose age counts from now."""

    def putting(kind):
        of_clinic, instant = {"account_id": clinic.account_id, "logivet_id": "A-1"}, now(clock)
        if kind == "past range":
            ends = {"starts_at": instant - 60, "ends_at": instant}
            session.add(Busy(**of_clinic, version=1, kind="note", **ends))
        elif kind == "tombstone":
            session.add(Busy(**of_clinic, version=1, kind="note", deleted_at=clock.now))
        elif kind == "revoked key":
            revoke(session, clinic, clock.now)
        else:
            of_booking = Outbox.booking_id == clinic.book(START)
            told = {"state": kind, "not_before": instant}
            session.execute(sa.update(Outbox).where(of_booking).values(**told))
        session.commit()

    return putting


def revoke(session, clinic, moment, read_to=0):
    """Revoke the clinic's key, which has read so far, and return the id of another."""
    old = session.get(SyncKey, clinic.key.split("_")[1])
    old.revoked_at, old.acked_seq = moment, read_to
    session.commit()
    return transact(jobs.desk(), clinic.account_id, keys.create_key).split("_")[1]


@pytest.mark.parametrize(
    ("kind", "kept_s", "gone"),
    [
        ("past range", upkeep.BUSY_KEPT_S, Tidied(busy=1)),
        ("tombstone", upkeep.TOMBSTONES_KEPT_S, Tidied(tombstones=1)),
        ("sent", upkeep.MAILS_KEPT_S, Tidied(mails=1)),
        ("skipped", upkeep.MAILS_KEPT_S, Tidied(mails=1)),
        ("revoked key", upkeep.KEYS_KEPT_S, Tidied(keys=1)),
    ],
)
def test_a_row_goes_at_its_age_and_not_before(clinic, session, clock, put, kind, kept_s, gone):
    put(kind)
    clock.advance(seconds=kept_s - 1)
    assert clinic.account_id not in upkeep.overdue(session, now(clock), RETENTION_S)
    assert tidy(clinic) == Tidied()
    clock.advance(seconds=1)
    assert clinic.account_id in upkeep.overdue(session, now(clock), RETENTION_S)
    assert tidy(clinic) == gone
    assert tidy(clinic) == Tidied(), "a second time, nothing is left to do"


@pytest.mark.parametrize("state", ["pending", "sending", "dead"])
def test_a_mail_that_has_not_left_stays(clinic, clock, put, state):
    put(state)
    clock.advance(days=365)
    assert tidy(clinic) == Tidied()


def test_a_dead_key_stays_until_another_has_read_as_far(clinic, session, clock):
    clinic.book(START)
    new = revoke(session, clinic, clock.now, read_to=1)
    clock.advance(seconds=upkeep.KEYS_KEPT_S)
    assert tidy(clinic).keys == 0
    events.acknowledge(session, new, 1, clock.now)
    assert tidy(clinic).keys == 1
    assert events.last_acknowledgement(session, clinic.account_id)[0] == 1


def test_the_conflicts_of_a_range_go_with_it_and_no_others(clinic, session, clock, put):
    put("past range")
    booking_id = clinic.book(START)
    clash = {"account_id": clinic.account_id, "booking_id": booking_id, "opened_at": clock.now}
    session.add_all([Conflict(**clash, busy_id="A-1"), Conflict(**clash, busy_id="A-2")])
    session.commit()
    clock.advance(seconds=upkeep.BUSY_KEPT_S)
    tidy(clinic)
    of_clinic = Conflict.account_id == clinic.account_id
    assert session.scalars(sa.select(Conflict.busy_id).where(of_clinic)).all() == ["A-2"]


def test_many_rows_go_some_at_a_time(clinic, session, clock, monkeypatch):
    monkeypatch.setattr(upkeep, "ROWS_AT_ONCE", 3)
    ends = now(clock)
    for n in range(8):
        span = {"starts_at": ends - 60, "ends_at": ends + 60 * (n == 7)}
        row = {"logivet_id": f"A-{n}", "version": 1, "kind": "note"}
        session.add(Busy(account_id=clinic.account_id, **row, **span))
    session.commit()
    clock.advance(seconds=upkeep.BUSY_KEPT_S)
    assert tidy(clinic).busy == 7
