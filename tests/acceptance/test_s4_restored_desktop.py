"""S4: LogiVet is restored from yesterday's backup: it tells all it has; nothing online is lost."""

import shutil

import pytest

from flask_logivet_rdv.models import Booking, Busy
from host_example.desktop.client import RefusedError
from host_example.desktop.outgoing import dump
from tests.acceptance.logivet import HALF_HOUR, LogiVet, rows, slots


@pytest.fixture
def yesterday(example, clinic, tmp_path):
    """A desktop with a note of its own, and its backup."""
    desktop = LogiVet(example.sync_url, clinic, tmp_path / "agenda.sqlite3")
    desktop.keep_catalogue()
    desktop.note("A-1", slots(clinic)[0].start)
    desktop.send()
    desktop.receive()
    desktop.store.close()
    shutil.copy(tmp_path / "agenda.sqlite3", tmp_path / "backup.sqlite3")
    return tmp_path


def busy_keys(clinic):
    return {key for key, deleted in rows(clinic, Busy.logivet_id, Busy.deleted_at) if not deleted}


def test_s4_it_sends_a_snapshot_and_no_online_booking_disappears(example, clinic, yesterday):
    free = [slot.start for slot in slots(clinic)]
    today = LogiVet(example.sync_url, clinic, yesterday / "agenda.sqlite3")
    kept, under = clinic.book(free[-1]), clinic.book(free[-2])
    today.receive()
    today.note("A-2", free[1])
    today.send()
    today.store.close()
    assert busy_keys(clinic) == {"A-1", "A-2", f"R-{kept}", f"R-{under}"}

    restored = LogiVet(example.sync_url, clinic, yesterday / "backup.sqlite3")
    restored.note("A-3", free[-2] + HALF_HOUR // 2, minutes=15)
    stale = dump({"token": restored.store.state("token"), "changes": []})
    with pytest.raises(RefusedError) as refused:
        restored.sync.portal.changes("restored", stale)
    assert (refused.value.status, refused.value.code) == (409, "token_mismatch")
    restored.send()
    paths = [path for method, path in restored.line.sent if method in {"POST", "PUT"}]
    last = [path.rpartition("/")[2] for path in paths if path != "/changes"]
    assert last[:3] == ["snapshots", "1", "commit"]
    assert busy_keys(clinic) == {"A-1", "A-3"}
    states = dict(rows(clinic, Booking.id, Booking.status))
    assert states == {kept: "confirmed", under: "confirmed"}

    restored.receive()
    restored.send()
    assert restored.mirrors().keys() == {str(kept), str(under)}
    assert busy_keys(clinic) == {"A-1", "A-3", f"R-{kept}", f"R-{under}"}
    assert restored.messages() == [
        "Nouveau rendez-vous en ligne",
        "Nouveau rendez-vous en ligne",
        "Rendez-vous en ligne en conflit avec le carnet de rendez-vous",
    ]
    assert restored.store.state("token") == restored.sync.portal.hello()["token"]
