from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from host_example.desktop import agenda
from host_example.desktop.agenda import Entry
from host_example.desktop.client import OfflineError
from host_example.desktop.dates import epoch, rfc3339
from host_example.desktop.store import Store
from host_example.desktop.sync import Sync


def only_entry(store: Store) -> Entry:
    with store.read() as db:
        (entry,) = agenda.entries(db)
    return entry


def messages(store: Store) -> list[str]:
    with store.read() as db:
        return [row["subject"] for row in db.execute("SELECT subject FROM message ORDER BY rowid")]


def send_all(sync: Sync) -> None:
    while sync.upload() is not None:
        pass


def test_a_booking_becomes_an_entry_of_its_resource(
    store: Store, sync: Sync, told: Callable[..., None]
) -> None:
    told()
    sync.download()
    entry = only_entry(store)
    assert (entry.label, entry.resource_id, entry.status) == ("Solutions Vet (Fr)", "2", "Confirmé")
    assert rfc3339(entry.starts_at) == "2026-03-18T17:30:00Z"
    assert entry.description == "Rendez-vous en ligne."
    assert messages(store) == ["created"]


def test_its_mirror_goes_up_with_its_booking(
    portal: Any, store: Store, sync: Sync, told: Callable[..., None]
) -> None:
    told()
    sync.download()
    send_all(sync)
    (mirror,) = portal.live("busy").values()
    assert mirror == {
        "resource_id": "2", "type": "appointment", "booking_id": "5b0c",
        "start": "2026-03-18T17:30:00Z", "end": "2026-03-18T18:00:00Z",
    }  # fmt: skip


def test_a_cancelled_booking_is_annule_and_its_mirror_goes(
    portal: Any, store: Store, sync: Sync, told: Callable[..., None]
) -> None:
    told()
    sync.download()
    send_all(sync)
    told(cancelled=True, version=2)
    sync.download()
    send_all(sync)
    entry = only_entry(store)
    assert entry.status == "Annulé"
    assert entry.description == "Rendez-vous en ligne.\nRendez-vous annulé en ligne."
    assert messages(store) == ["created", "cancelled"]
    assert portal.live("busy") == {}


def test_an_event_delivered_twice_is_applied_once(
    portal: Any, store: Store, sync: Sync, told: Callable[..., None]
) -> None:
    told()
    told(cancelled=True, version=2)
    sync.download()
    with store.write() as db:
        db.execute("UPDATE state SET value = '7:0' WHERE name = 'cursor'")
    sync.download()
    assert only_entry(store).description.count("annulé") == 1
    assert messages(store) == ["created", "cancelled"]


def test_an_older_version_changes_nothing(
    portal: Any, store: Store, sync: Sync, told: Callable[..., None]
) -> None:
    told(cancelled=True, version=2)
    told(version=1)
    sync.download()
    assert only_entry(store).status == "Annulé"


def test_a_move_moves_the_entry(
    portal: Any, store: Store, sync: Sync, told: Callable[..., None], booking: Callable[..., Any]
) -> None:
    told()
    to = {"start": "2026-03-19T14:00:00Z", "end": "2026-03-19T14:30:00Z", "resource_id": "1"}
    portal.tell(type="booking.moved", booking=booking(2, **to), agenda=None, message=None)
    sync.download()
    send_all(sync)
    (mirror,) = portal.live("busy").values()
    assert mirror == {"type": "appointment", "booking_id": "5b0c"} | to


def test_a_notice_is_a_message_only(portal: Any, store: Store, sync: Sync) -> None:
    portal.tell(type="notice", message={"language": "fr", "subject": "Avis", "body": "Texte"})
    sync.download()
    assert messages(store) == ["Avis"]


def test_a_lost_reply_is_read_again(
    portal: Any, store: Store, sync: Sync, told: Callable[..., None]
) -> None:
    sync.download()
    told()
    portal.faults = ["lost"]
    with pytest.raises(OfflineError):
        sync.download()
    sync.download()
    assert messages(store) == ["created"]


def test_a_page_that_cannot_be_applied_leaves_no_trace(
    portal: Any, store: Store, sync: Sync, told: Callable[..., None], booking: Callable[..., Any]
) -> None:
    told()
    portal.tell(type="booking.moved", booking=booking(2, start="never"))
    with pytest.raises(ValueError, match="never"):
        sync.download()
    assert messages(store) == []
    assert store.state("cursor") == "7:0"


def test_a_cursor_too_old_reads_the_full_list(
    portal: Any, store: Store, sync: Sync, told: Callable[..., None], booking: Callable[..., Any]
) -> None:
    told()
    sync.download()
    told(cancelled=True, version=2)
    portal.kept_from, portal.epoch = 2, 8
    portal.bookings = [booking(2, "cancelled", cancel_reason="Malade")]
    sync.download()
    entry = only_entry(store)
    assert entry.status == "Annulé"
    assert entry.description.splitlines()[1:] == ["Rendez-vous annulé. Raison : Malade"]
    assert store.state("cursor") == "8:2"


def test_what_the_list_told_is_not_told_again_by_its_event(
    portal: Any, store: Store, sync: Sync, told: Callable[..., None], booking: Callable[..., Any]
) -> None:
    portal.epoch, portal.bookings = 8, [booking(2, "cancelled", cancel_reason="Malade")]
    with store.write() as db:
        db.execute("INSERT INTO state VALUES ('cursor', '7:0')")
    sync.download()
    told(cancelled=True, version=2)
    sync.download()
    assert only_entry(store).description == "Rendez-vous annulé. Raison : Malade"
    assert messages(store) == ["cancelled"]


def test_without_a_list_everything_kept_is_read(
    portal: Any, store: Store, sync: Sync, told: Callable[..., None]
) -> None:
    sync.download()
    told()
    portal.epoch, portal.lists_bookings = 8, False
    sync.download()
    sync.download()
    assert messages(store) == ["created"]


def test_an_entry_removed_by_hand_stays_away_when_its_booking_is_cancelled(
    portal: Any, store: Store, sync: Sync, told: Callable[..., None]
) -> None:
    told()
    sync.download()
    with store.write() as db:
        agenda.save(db, replace(agenda.entries(db)[0], deleted=True))
    told(cancelled=True, version=2)
    sync.download()
    with store.read() as db:
        assert agenda.entries(db) == []


def test_a_booking_reaches_the_agenda_while_the_loops_run(
    portal: Any,
    store: Store,
    eventually: Callable[..., bool],
    told: Callable[..., None],
    sync: Sync,
) -> None:
    sync.start()
    try:
        assert eventually(lambda: sync.status.connected)
        told()
        assert eventually(lambda: len(portal.live("busy")) == 1)
    finally:
        sync.stop()


def test_an_instant_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="no offset"):
        epoch("2026-03-18T17:30:00")
