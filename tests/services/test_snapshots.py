"""How a snapshot is applied: in chunks, through a crash, alone."""

from functools import partial

import pytest
import sqlalchemy as sa

from flask_logivet_rdv import jobs
from flask_logivet_rdv.models import Busy, ClinicAccount, Snapshot, SnapshotPart
from flask_logivet_rdv.scheduling.rules import Refusal
from flask_logivet_rdv.services import snapshot_commit, snapshots
from flask_logivet_rdv.services.booking import Refused, book
from flask_logivet_rdv.services.changes import SnapshotInProgress, TokenMismatch, apply_changes
from flask_logivet_rdv.services.snapshot_commit import Committed, InProgress
from flask_logivet_rdv.services.snapshots import Missing
from flask_logivet_rdv.services.transaction import transact
from flask_logivet_rdv.services.uploads import BusyData, Change, upload_token
from tests.support.clinics import at

START = at("2026-03-18", "10:00")


def busy(key, version=1, start=START, resource="r2"):
    return Change("busy", key, version, BusyData(resource, "note", start, start + 1800))


class CrashError(Exception):
    """The process ends."""


@pytest.fixture
def desk(clinic, session):
    return jobs.desk()


@pytest.fixture
def sent(clinic, desk):
    """Send a snapshot of the agenda up to its commit, and return its id."""

    def sent(*rows):
        made = transact(desk, clinic.account_id, lambda tx: snapshots.open_snapshot(tx, ["busy"]))
        for n in range(0, len(rows) or 1, 500):
            part, number = rows[n : n + 500], n // 500 + 1
            transact(
                desk,
                clinic.account_id,
                lambda tx, number=number, part=part: snapshots.put_part(tx, made, number, part),
            )
        return made

    return sent


@pytest.fixture
def commit(clinic, desk):
    return lambda made, parts=1: snapshot_commit.commit_snapshot(
        desk, clinic.account_id, made, parts
    )


@pytest.fixture
def changes(clinic, session, desk):
    """Upload with the token that the portal gives."""

    def changes(*rows):
        account = session.get(ClinicAccount, clinic.account_id, populate_existing=True)
        token = upload_token(account.epoch, account.upload_seq)
        return transact(desk, clinic.account_id, lambda tx: apply_changes(tx, token, rows))

    return changes


@pytest.fixture
def crash_at(monkeypatch):
    """Have the process end at the n-th writing of some rows."""

    def crash_at(number):
        written, write = [], snapshot_commit._write

        def failing(tx, **kw):
            written.append(1)
            if len(written) == number:
                raise CrashError
            return write(tx, **kw)

        monkeypatch.setattr(snapshot_commit, "_write", failing)
        return monkeypatch.undo

    return crash_at


def keys(session, clinic):
    session.rollback()
    rows = sa.select(Busy.logivet_id).where(Busy.account_id == clinic.account_id)
    return set(session.scalars(rows.where(Busy.deleted_at.is_(None))))


@pytest.fixture
def crashed(sent, commit, changes, crash_at):
    """A snapshot of 600 ranges, 3 of them there already, cut short after the first 200."""
    changes(*(busy(f"old-{n}") for n in range(4)), *(busy(f"A-{n}") for n in range(3)))
    made = sent(*(busy(f"A-{n}") for n in range(600)))
    back_to_life = crash_at(2)
    with pytest.raises(CrashError):
        commit(made, 2)
    back_to_life()
    return made


def test_what_is_added_comes_first_and_what_is_removed_last(crashed, session, clinic):
    assert len(keys(session, clinic)) == 4 + 3 + 200


def test_after_a_crash_the_next_commit_goes_on_and_answers_as_if_nothing_had_been(
    crashed, commit, session, clinic, clock
):
    clock.advance(minutes=1)
    done = commit(crashed, 2)
    assert done.counts == {"busy": {"added": 597, "changed": 0, "removed": 4, "unchanged": 3}}
    assert keys(session, clinic) == {f"A-{n}" for n in range(600)}
    assert commit(crashed, 2) == done


def test_while_it_is_applied_nothing_else_is(crashed, commit, changes, sent):
    assert changes(busy("B-1")) == SnapshotInProgress()
    assert commit(crashed, 2) == InProgress()
    assert commit(sent(busy("C-1"))) == InProgress()


def test_left_half_applied_only_a_snapshot_mends_it(
    crashed, commit, changes, sent, clock, session, clinic
):
    clock.advance(minutes=1)
    assert changes(busy("B-1")) == TokenMismatch()
    assert isinstance(commit(sent(busy("C-1"))), Committed)
    assert keys(session, clinic) == {"C-1"}
    assert commit(crashed, 2) == Missing()


def test_half_applied_it_never_expires(crashed, commit, sent, clock):
    clock.advance(hours=2)
    sent(busy("C-1"))
    assert isinstance(commit(crashed, 2), Committed)


def test_who_is_overtaken_stops(sent, commit, clock, monkeypatch):
    made = sent(*(busy(f"A-{n}") for n in range(501)))
    compare, done = snapshot_commit.compare, []

    def slow_to_compare(*given):
        found = compare(*given)
        monkeypatch.undo()
        clock.advance(minutes=1)
        done.append(commit(made, 2))
        return found

    monkeypatch.setattr(snapshot_commit, "compare", slow_to_compare)
    assert commit(made, 2) == InProgress()
    assert commit(made, 2) == done[0]


def test_a_booking_made_meanwhile_is_safe_and_told(
    sent, commit, clinic, monkeypatch, session, desk
):
    made = sent(busy("A-1"))
    compare, booked = snapshot_commit.compare, []

    def book_meanwhile(*given):
        found = compare(*given)
        booked.append(clinic.book(START))
        return found

    monkeypatch.setattr(snapshot_commit, "compare", book_meanwhile)
    assert commit(made).conflicts == ((booked[0], "A-1"),)


def test_no_chunk_writes_more_than_200_rows(sent, commit, monkeypatch):
    sizes, write = [], snapshot_commit._write

    def noted(tx, **kw):
        sizes.append(len(kw["rows"]))
        return write(tx, **kw)

    monkeypatch.setattr(snapshot_commit, "_write", noted)
    commit(sent(*(busy(f"A-{n}") for n in range(401))), 1)
    commit(sent(), 1)
    assert sizes == [200, 200, 1, 200, 200, 1]


def test_what_is_no_longer_needed_goes(sent, commit, session, clinic, clock):
    def left(model):
        session.rollback()
        of = model.account_id == clinic.account_id
        return session.scalar(sa.select(sa.func.count()).select_from(model).where(of))

    commit(sent(busy("A-1")))
    assert (left(Snapshot), left(SnapshotPart)) == (1, 0)
    clock.advance(hours=48)
    sent(busy("A-1"))
    assert (left(Snapshot), left(SnapshotPart)) == (1, 1)
    clock.advance(hours=1)
    sent(busy("A-1"))
    assert (left(Snapshot), left(SnapshotPart)) == (1, 1)


@pytest.mark.parametrize(
    ("kinds", "start", "end"),
    [(["category"], None, None), (["busy"], START, None), (["busy"], None, START + 86_400)],
)
def test_a_snapshot_that_tells_less_leaves_the_half_applied_one_to_be_finished(
    crashed, commit, changes, clinic, desk, clock, session, kinds, start, end
):
    clock.advance(minutes=1)
    less = transact(
        desk, clinic.account_id, lambda tx: snapshots.open_snapshot(tx, kinds, start, end)
    )
    put = partial(snapshots.put_part, snapshot_id=less, n=1, rows=())
    transact(desk, clinic.account_id, put)
    assert commit(less) == InProgress()
    assert changes(busy("B-1")) == TokenMismatch()
    assert isinstance(commit(crashed, 2), Committed)
    assert keys(session, clinic) == {f"A-{n}" for n in range(600)}


def test_what_is_added_comes_before_what_is_changed(sent, commit, changes, clinic, desk, crash_at):
    """An entry that leaves a time another one takes never leaves it free in between."""
    changes(*(busy(f"A-{n}") for n in range(500)))
    moved = [busy(f"A-{n}", 2, START + 7200) for n in range(500)]
    made = sent(*moved, busy("B-1"))
    crash_at(2)
    with pytest.raises(CrashError):
        commit(made, 2)
    form = clinic.form(START)
    assert transact(desk, clinic.account_id, lambda tx: book(tx, form)) == Refused(Refusal.TAKEN)


def test_without_its_number_of_parts_the_sweep_leaves_it_to_logivet(
    crashed, clinic, session, clock
):
    """No part would be an empty truth, and everything would go."""
    clock.advance(minutes=1)
    now = int(clock.now.timestamp())

    def left():
        session.rollback()
        return [found for found in snapshot_commit.forsaken(session, now) if found[1] == crashed]

    assert left() == [(clinic.account_id, crashed, 2)]
    session.execute(sa.update(Snapshot).where(Snapshot.id == crashed).values(parts=None))
    session.commit()
    assert left() == []
