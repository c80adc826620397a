from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from host_example.desktop import agenda, catalogue, outgoing
from host_example.desktop.agenda import Entry
from host_example.desktop.catalogue import Item
from host_example.desktop.client import OfflineError, RefusedError
from host_example.desktop.store import Store
from host_example.desktop.sync import Sync

EXAM = Item("category", "5", "Examen", "Exam")
DOLITTLE = Item("resource", "2", "Dr John Dolittle", "Dr John Dolittle", position=2)
NOTE = Entry("A-1", "note", "2", 1_773_840_600, 1_773_842_400, "Rappeler le laboratoire")


def put(store: Store, *rows: Item | Entry) -> None:
    with store.write() as db:
        for row in rows:
            if isinstance(row, Item):
                catalogue.save(db, row)
            else:
                agenda.save(db, row)


def send_all(sync: Sync) -> None:
    while sync.upload() is not None:
        pass


def uploads(portal: Any) -> int:
    return sum(path.endswith("/changes") for _, path in portal.requests)


def test_everything_is_sent_once(portal: Any, store: Store, sync: Sync) -> None:
    put(store, EXAM, DOLITTLE, NOTE)
    send_all(sync)
    send_all(sync)
    assert portal.applied == 3
    assert uploads(portal) == 1
    assert outgoing.pending(store) == 0


def test_the_catalogue_goes_before_the_agenda(portal: Any, store: Store, sync: Sync) -> None:
    portal.changes_per_request = 1
    put(store, NOTE, EXAM, DOLITTLE)
    send_all(sync)
    assert list(portal.rows) == [("category", "5"), ("resource", "2"), ("busy", "A-1")]
    assert uploads(portal) == 3


def test_a_row_is_sent_whole(portal: Any, store: Store, sync: Sync) -> None:
    put(store, DOLITTLE, NOTE)
    send_all(sync)
    assert portal.live("resource")["2"] == {
        "name": {"fr": "Dr John Dolittle", "en": "Dr John Dolittle"}, "active": True, "position": 2,
    }  # fmt: skip
    assert portal.live("busy")["A-1"] == {
        "resource_id": "2", "type": "note", "booking_id": None,
        "start": "2026-03-18T13:30:00Z", "end": "2026-03-18T14:00:00Z",
    }  # fmt: skip


@pytest.mark.parametrize("end", [{"deleted": True}, {"cancelled": True}])
def test_an_entry_that_no_longer_occupies_is_deleted_there(
    portal: Any, store: Store, sync: Sync, end: dict[str, bool]
) -> None:
    put(store, NOTE)
    send_all(sync)
    put(store, replace(NOTE, **end))
    send_all(sync)
    assert portal.rows["busy", "A-1"] == (2, None)


def test_what_the_portal_does_not_need_to_know_is_not_sent(
    portal: Any, store: Store, sync: Sync
) -> None:
    put(store, NOTE)
    send_all(sync)
    put(store, replace(NOTE, title="Autre titre", description="Texte"))
    assert outgoing.pending(store) == 0


@pytest.mark.parametrize("fault", ["lost", "cut"])
def test_after_a_lost_request_or_reply_both_sides_agree(
    portal: Any, store: Store, sync: Sync, fault: str
) -> None:
    put(store, EXAM)
    sync.upload()
    put(store, NOTE)
    portal.faults = [fault]
    with pytest.raises(OfflineError):
        sync.upload()
    put(store, replace(NOTE, resource_id=None))
    send_all(sync)
    assert portal.live("busy")["A-1"]["resource_id"] is None
    assert portal.rows["busy", "A-1"][0] == 2
    assert store.state("token") == f"7:{portal.token}"


def test_a_failing_portal_loses_nothing(portal: Any, store: Store, sync: Sync) -> None:
    put(store, EXAM)
    portal.faults = [500, 503]
    for _ in range(2):
        with pytest.raises(RefusedError):
            sync.upload()
    send_all(sync)
    assert portal.live("category").keys() == {"5"}


def test_an_invalid_row_does_not_jam_the_others(portal: Any, store: Store, sync: Sync) -> None:
    portal.invalid = {"A-1"}
    put(store, NOTE, replace(NOTE, id="A-2"))
    send_all(sync)
    assert portal.live("busy").keys() == {"A-2"}
    assert outgoing.refusals(store) == ["busy A-1 : refusée"]


def test_an_invalid_row_is_tried_again_once_edited(portal: Any, store: Store, sync: Sync) -> None:
    portal.invalid = {"A-1"}
    put(store, NOTE)
    send_all(sync)
    portal.invalid = set()
    put(store, replace(NOTE, resource_id=None))
    send_all(sync)
    assert portal.live("busy").keys() == {"A-1"}
    assert outgoing.refusals(store) == []


def test_an_open_batch_survives_a_restart(portal: Any, tmp_path: Any, sync: Sync) -> None:
    path = tmp_path / "agenda.sqlite3"
    before = Store(path)
    put(before, EXAM)
    with before.write() as db:
        db.execute("INSERT INTO state VALUES ('token', '7:0')")
    batch = outgoing.next_batch(before, 500, 524288)
    before.close()
    after = Store(path)
    assert outgoing.next_batch(after, 500, 524288) == batch
    after.close()


def test_a_write_wakes_the_running_loop(
    portal: Any, store: Store, sync: Sync, eventually: Callable[..., bool]
) -> None:
    sync.start()
    try:
        assert eventually(lambda: sync.status.connected)
        put(store, EXAM)
        assert eventually(lambda: "5" in portal.live("category"))
    finally:
        sync.stop()
