"""What the sweep does beside mailing: it finishes what a crash left, and lets go of what is old."""

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Busy, Event, Snapshot
from flask_logivet_rdv.services import events, snapshot_commit, snapshots, upkeep
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.services.uploads import BusyData, Change
from tests.support.clinics import at, make_clinic

START = at("2026-03-18", "10:00")


class CrashError(Exception):
    """The process ends."""


@pytest.fixture
def half_applied(clinic, session, monkeypatch):
    """A snapshot of 600 ranges, cut short after the first 200."""
    rows = [
        Change("busy", f"A-{n}", 1, BusyData("r2", "note", START + n, START + n + 60))
        for n in range(600)
    ]
    made = transact(
        jobs.desk(), clinic.account_id, lambda tx: snapshots.open_snapshot(tx, ["busy"])
    )
    for n, part in enumerate((rows[:500], rows[500:]), start=1):
        transact(
            jobs.desk(),
            clinic.account_id,
            lambda tx, n=n, part=part: snapshots.put_part(tx, made, n, part),
        )
    write, written = snapshot_commit._write, []

    def dying(tx, **kw):
        if written:
            raise CrashError
        written.append(1)
        return write(tx, **kw)

    monkeypatch.setattr(snapshot_commit, "_write", dying)
    with pytest.raises(CrashError):
        snapshot_commit.commit_snapshot(jobs.desk(), clinic.account_id, made, 2)
    monkeypatch.undo()
    return made


def ranges(session, clinic):
    session.rollback()
    count = sa.select(sa.func.count()).select_from(Busy)
    return session.scalar(count.where(Busy.account_id == clinic.account_id))


def test_a_snapshot_that_a_crash_left_is_finished_by_the_sweep(
    half_applied, clinic, session, clock
):
    jobs.finish_snapshots()
    assert ranges(session, clinic) == 200, "whoever applies it has a minute to go on"
    clock.advance(minutes=1)
    jobs.finish_snapshots()
    assert ranges(session, clinic) == 600
    done = snapshot_commit.commit_snapshot(jobs.desk(), clinic.account_id, half_applied, 2)
    assert done.counts["busy"]["added"] == 600


def test_a_clinic_that_fails_does_not_keep_the_others_from_it(
    half_applied, clinic, portal, session, clock, monkeypatch, caplog
):
    other = make_clinic(portal, configured=True)
    other.book(START)
    events.acknowledge(session, other.key.split("_")[1], 1, clock.now)
    clock.advance(days=60)
    tidy = upkeep.tidy

    def failing(desk, account_id, retention_s):
        if account_id == clinic.account_id:
            raise CrashError
        return tidy(desk, account_id, retention_s)

    monkeypatch.setattr(upkeep, "overdue", lambda *_: [clinic.account_id, other.account_id])
    monkeypatch.setattr(upkeep, "tidy", failing)
    assert jobs.tidy() == upkeep.Tidied(events=1)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert str(clinic.account_id) in caplog.text


def test_the_command_prints_how_much_went(clinic, portal, session, clock):
    clinic.book(START)
    events.acknowledge(session, clinic.key.split("_")[1], 1, clock.now)
    clock.advance(days=60)
    result = portal.test_cli_runner().invoke(args=["rdv", "tidy"])
    assert result.exit_code == 0
    # other clinics of this database may have visits that were moved by hand
    told = [line for line in result.output.splitlines() if "clock has moved" not in line]
    assert [line.split(":")[0] for line in told] == [
        "events",
        "replies",
        "snapshots",
        "bookings blanked",
        "busy ranges",
        "tombstones",
        "mails",
        "keys",
    ]
    session.rollback()
    for model in (Event, Snapshot):
        left = sa.select(sa.func.count()).where(model.account_id == clinic.account_id)
        assert session.scalar(left) == 0
