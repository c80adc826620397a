"""A server is killed while it applies a snapshot: nothing is offered early, and the rest follows.

Slow, as the server starts twice.
"""

import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from flask_logivet_rdv.models import Busy, Snapshot
from flask_logivet_rdv.services.snapshot_commit import ROWS_PER_LOCK
from host_example.desktop.client import OfflineError, RefusedError
from host_example.desktop.dates import rfc3339
from host_example.models import db
from tests.acceptance.logivet import HALF_HOUR, LogiVet, rows, slots
from tests.acceptance.restarted import portal
from tests.support.clinics import make_clinic

LONG_AGO = "2000-01-01T00:00:00Z"
NOTES = 4000
DAY = 86_400


@pytest.fixture(params=["sqlite", "postgresql"])
def killable(request, tmp_path):
    with portal(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def clinic(killable):
    return make_clinic(killable.app, configured=True)


def part(n, free):
    """Return 500 notes of the days after the last free time."""
    items = [
        {
            "kind": "busy",
            "id": f"A-{number}",
            "version": 1,
            "data": {
                "resource_id": "r2",
                "type": "note",
                "start": rfc3339(free + DAY),
                "end": rfc3339(free + DAY + HALF_HOUR),
                "booking_id": None,
            },
        }
        for number in range((n - 1) * 500, n * 500)
    ]
    return json.dumps({"items": items})


def ranges(clinic):
    return {key for (key,) in rows(clinic, Busy.logivet_id)}


def until_it_is_begun(clinic):
    deadline = time.monotonic() + 60
    while len(ranges(clinic)) < 500:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def let_the_lease_run_out(clinic):
    with clinic.app.app_context():
        of = Snapshot.account_id == clinic.account_id
        begun = sa.update(Snapshot).where(of, Snapshot.state == "applying")
        db.session.execute(begun.values(lease_until=1))
        db.session.commit()


def test_a_snapshot_cut_short_by_the_servers_death_is_finished_by_its_commit(killable, clinic):
    free = slots(clinic)[-1].start
    with killable.serving() as (sync_url, process), ThreadPoolExecutor(1) as pool:
        desktop = LogiVet(sync_url, clinic)
        desktop.note("old", free)
        desktop.send()
        opened = desktop.sync.portal.open_snapshot(["busy"], LONG_AGO)["id"]
        for n in range(1, NOTES // 500 + 1):
            desktop.sync.portal.put_part(opened, n, part(n, free))
        commit = pool.submit(desktop.sync.portal.commit_snapshot, opened, NOTES // 500)
        until_it_is_begun(clinic)
        process.send_signal(signal.SIGKILL)
        with pytest.raises(OfflineError):
            commit.result()
    begun = ranges(clinic)
    assert "old" in begun
    assert ROWS_PER_LOCK <= len(begun) - 1 < NOTES
    assert free not in {slot.start for slot in slots(clinic)}

    with killable.serving() as (sync_url, _):
        again = LogiVet(sync_url, clinic)
        again.sync.upload()
        with pytest.raises(RefusedError, match="snapshot_in_progress"):
            again.sync.portal.commit_snapshot(opened, NOTES // 500)
        let_the_lease_run_out(clinic)
        done = again.sync.portal.commit_snapshot(opened, NOTES // 500)
        assert done["token"] == again.sync.portal.hello()["token"]
    assert done["counts"]["busy"] == {
        "added": NOTES, "changed": 0, "removed": 1, "unchanged": 0,
    }  # fmt: skip
    assert ranges(clinic) == {f"A-{n}" for n in range(NOTES)}
    assert free in {slot.start for slot in slots(clinic)}
